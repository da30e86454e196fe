"""robots.txt (RFC 9309), remembered in Redis for all fetchers.

Nothing is downloaded here. A robots.txt takes a request and a turn like any page, and so does each redirect on the way
to it: the fetcher asks for the file at location(), gives the answer to learn(), and goes on when verdict() has one.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import NamedTuple
from urllib.parse import urlsplit

from prometheus_client import Counter
from redis import Redis
from requests import Response

from services.fetcher.politeness.robots_rules import Rules, parse
from services.fetcher.politeness.weighted_cache import WeightedCache
from services.fetcher.settings import FetcherSettings
from services.fetcher.wire.decoding import body
from services.fetcher.wire.web import Failure
from shared.contracts import Reason
from shared.errors import Drop
from shared.urls import join

KEY = "newsmill:robots:"
# RFC 9309 §2.5 and §2.3.1.2.
MAX_BYTES = 500 * 1024
MAX_REDIRECTS = 5
# A robots.txt that cannot be had is asked for again after so long, and forbids everything until it answers.
UNREACHABLE_SECONDS = 60
# A Crawl-delay beyond this is a mistake or a refusal in disguise; a request an hour obeys enough.
MAX_DELAY = 3600.0
# A process does not ask Redis again for so long.
LOCAL_SECONDS = 30.0
# Characters of the files that a process remembers, and of those whose rules it remembers: a character of rules takes up
# to 12 bytes (6 MB for the largest file). A file has at least so many characters of cost, however short it is.
LOCAL_CHARACTERS = 16_000_000
PARSED_CHARACTERS = 2_000_000
LEAST_CHARACTERS = 500
# A record in Redis begins with its kind: the file's text, why it cannot be had, or where a redirect leads.
TEXT, UNREACHABLE, REDIRECT = "+", "-", ">"
DECISIONS = Counter("newsmill_robots_decisions_total", "What robots.txt said of pages.", ["decision"])


class Verdict(NamedTuple):
    """What robots.txt says of a URL that it allows; `delay` is its Crawl-delay in seconds, 0 where there is none."""

    delay: float
    sitemaps: tuple[str, ...]


class Robots:
    """The robots.txt files of all hosts.

    Args:
        settings: of the fetcher.
        redis: where the files are remembered.
    """

    def __init__(self, settings: FetcherSettings, redis: "Redis") -> None:
        self._agent = settings.product()
        self._ttl = settings.robots_ttl
        self._obey = settings.obey_robots
        self._redis = redis
        self._local_records = WeightedCache[tuple[float, str]](LOCAL_CHARACTERS)
        self._rules = WeightedCache[Rules](PARSED_CHARACTERS)
        self._inquiries: set[str] = set()

    def describe(self, verdict: Verdict) -> str:
        """Returns a verdict in words."""
        if not self._obey:
            return "not asked (NEWSMILL_OBEY_ROBOTS=false)"
        return f"allowed, Crawl-delay {verdict.delay:g} s" if verdict.delay else "allowed"

    def verdict(self, url: str) -> Verdict | None:
        """Returns what the robots.txt of a URL says of it; None if the file has to be downloaded first.

        Raises:
            Drop: ROBOTS: it forbids the URL.
            Failure: ROBOTS_UNREACHABLE: it cannot be had and so forbids everything.
        """
        if not self._obey:
            return Verdict(0.0, ())
        record = self.record(url)
        if record is None or record.startswith(REDIRECT):
            return None
        if record.startswith(UNREACHABLE):
            DECISIONS.labels("unreachable").inc()
            raise Failure(Reason.ROBOTS_UNREACHABLE, f"{origin_of(url)}/robots.txt: {record[1:]}", UNREACHABLE_SECONDS)
        if record == TEXT:
            DECISIONS.labels("allowed").inc()
            return Verdict(0.0, ())
        rules = self._parsed(record[1:])
        if not rules.allows(url):
            DECISIONS.labels("forbidden").inc()
            raise Drop(Reason.ROBOTS, f"robots.txt forbids {url} to {self._agent}")
        DECISIONS.labels("allowed").inc()
        return Verdict(min(rules.delay, MAX_DELAY), rules.sitemaps)

    def _parsed(self, text: str) -> Rules:
        rules = self._rules.get(text)
        if rules is None:
            rules = parse(text, self._agent)
            self._rules.put(text, rules, max(len(text), LEAST_CHARACTERS))
        return rules

    def record(self, url: str) -> str | None:
        """Returns the record of the robots.txt of a URL: TEXT, UNREACHABLE or REDIRECT, and its value; None without one."""
        origin = origin_of(url)
        expires, record = self._local_records.get(origin) or (0.0, "")
        if monotonic() < expires:
            return record
        packed = self._redis.get(KEY + origin)
        record = _readable(packed) if isinstance(packed, bytes) else ""
        if not record:
            return None
        if record.startswith(TEXT):
            self._keep_locally(origin, record)
        return record

    def _keep_locally(self, origin: str, record: str) -> None:
        weight = max(len(origin) + len(record), LEAST_CHARACTERS)
        self._local_records.put(origin, (monotonic() + LOCAL_SECONDS, record), weight)

    @contextmanager
    def inquiry(self, url: str) -> Iterator[bool]:
        """Yields whether this is the process's only inquiry for the robots.txt of a URL; it stays the only one to the end.

        Pages of one host come together: one of them asks for its robots.txt and the others wait.
        """
        origin = origin_of(url)
        is_only = origin not in self._inquiries
        self._inquiries.add(origin)
        try:
            yield is_only
        finally:
            if is_only:
                self._inquiries.discard(origin)

    def location(self, url: str) -> str:
        """Returns where to ask for the robots.txt of a URL: at its origin, or where a redirect has led."""
        record = self.record(url) or ""
        return str(json.loads(record[1:])[0]) if record.startswith(REDIRECT) else f"{origin_of(url)}/robots.txt"

    def learn(self, url: str, location: str, answer: Response) -> None:
        """Remembers the answer that came from `location` for the robots.txt of `url` (RFC 9309 §2.3.1).

        A 4xx means no rules; a 5xx means that everything is forbidden, and so does 429, which is no answer.
        """
        DECISIONS.labels("asked").inc()
        target = join(location, answer.headers["Location"]) if answer.is_redirect else None
        if target is not None and (hops := self._hops(url)) < MAX_REDIRECTS:
            self._store(url, REDIRECT + json.dumps([target, hops + 1]))
        elif answer.ok and not answer.is_redirect:
            self._store(url, TEXT + body(answer, MAX_BYTES)[:MAX_BYTES].decode("utf-8-sig", "replace"))
        elif answer.status_code >= 500 or answer.status_code == 429:
            self.mark_unreachable(url, f"HTTP {answer.status_code}")
        else:
            self._store(url, TEXT)

    def mark_unreachable(self, url: str, detail: str) -> None:
        """Remembers for UNREACHABLE_SECONDS that the robots.txt of a URL cannot be had, and why."""
        self._store(url, UNREACHABLE + detail)

    def _hops(self, url: str) -> int:
        record = self.record(url) or ""
        return int(json.loads(record[1:])[1]) if record.startswith(REDIRECT) else 0

    def _store(self, url: str, record: str) -> None:
        seconds = self._ttl if record.startswith(TEXT) else UNREACHABLE_SECONDS
        origin = origin_of(url)
        self._redis.set(KEY + origin, record, ex=seconds)
        if record.startswith(TEXT):
            self._keep_locally(origin, record)


def _readable(stored: bytes) -> str:
    """Returns a record of Redis as text; empty if it is none of ours, so that the file is asked for again."""
    record = stored.decode(errors="replace")
    if record.startswith(REDIRECT):
        try:
            target, hops = json.loads(record[1:])
        except ValueError:
            return ""
        return record if isinstance(target, str) and isinstance(hops, int) else ""
    return record if record.startswith((TEXT, UNREACHABLE)) else ""


def origin_of(url: str) -> str:
    """Returns scheme, host and port: what a robots.txt stands for."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
