"""robots.txt: RFC 9309, read by Protego, remembered in Redis for all fetchers.

Nothing is asked here: a robots.txt takes a request and a turn like any page, and so does each redirect on the way
to it. The fetcher asks ask_at(), shows learn() the answer, and goes on when rules() has some.
"""

import functools
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import NamedTuple
from urllib.parse import urlsplit

from prometheus_client import Counter
from protego import Protego
from redis import Redis
from requests import Response

from services.fetcher.settings import FetcherSettings
from services.fetcher.wire.web import Failure, body
from shared.contracts import Reason
from shared.errors import Drop
from shared.urls import join

KEY = "newsmill:robots:"
# RFC 9309 §2.5 and §2.3.1.2.
LIMIT = 500 * 1024
REDIRECTS = 5
# A robots.txt that cannot be had is asked for again after this long, and forbids everything until it answers.
DOWN_SECONDS = 60
# A Crawl-delay beyond this is a mistake or a refusal in disguise; a slot an hour obeys enough.
LONGEST_DELAY = 3600.0
# What a process knows it need not ask Redis for, for this long.
RECENT_SECONDS = 30.0
RECENT_ORIGINS = 5_000
FOUND, DOWN, MOVED = "+", "-", ">"
# Every spelling that Protego takes for it.
_AGENT_LINE = re.compile(r"user(?:-|\s+)?agent(?:\s*:|\s)([^#]*)", re.IGNORECASE)
# No product begins so, hence nothing under this name is for us.
_OTHER_AGENT = "-"

DECISIONS = Counter("newsmill_robots_decisions_total", "What robots.txt said of pages.", ["decision"])


class Verdict(NamedTuple):
    """What robots.txt says of a URL; `delay` is its Crawl-delay in seconds, 0 where there is none."""

    delay: float
    sitemaps: tuple[str, ...]


class Robots:
    """What robots.txt files say.

    Args:
        settings: of the fetcher.
        redis: where they are remembered.
    """

    def __init__(self, settings: FetcherSettings, redis: "Redis") -> None:
        self._agent = settings.product()
        self._ttl = settings.robots_ttl
        self._obey = settings.obey_robots
        self._redis = redis
        self._recent: dict[str, tuple[float, str]] = {}
        # Pages of one host come together; one of them asks for its robots.txt and the others wait for that.
        self._asking: set[str] = set()

    def said(self, verdict: Verdict) -> str:
        """A verdict that lets a URL pass, in words."""
        if not self._obey:
            return "not asked (NEWSMILL_OBEY_ROBOTS=false)"
        return f"allowed, Crawl-delay {verdict.delay:g} s" if verdict.delay else "allowed"

    def verdict(self, url: str) -> Verdict | None:
        """What the robots.txt of a URL says of it; None if it has to be asked for first.

        Raises:
            Drop: ROBOTS: it forbids the URL.
            Failure: ROBOTS_UNREACHABLE: it cannot be had and so forbids everything.
        """
        if not self._obey:
            return Verdict(0.0, ())
        known = self.known(url)
        if known is None or known.startswith(MOVED):
            return None
        if known.startswith(DOWN):
            DECISIONS.labels("unreachable").inc()
            raise Failure(Reason.ROBOTS_UNREACHABLE, f"{origin_of(url)}/robots.txt: {known[1:]}", DOWN_SECONDS)
        if known == FOUND:
            DECISIONS.labels("allowed").inc()
            return Verdict(0.0, ())
        rules = parse(known[1:], self._agent)
        if not rules.can_fetch(url, self._agent):
            DECISIONS.labels("forbidden").inc()
            raise Drop(Reason.ROBOTS, f"robots.txt forbids {url} to {self._agent}")
        DECISIONS.labels("allowed").inc()
        return Verdict(min(float(rules.crawl_delay(self._agent) or 0), LONGEST_DELAY), tuple(rules.sitemaps))

    def known(self, url: str) -> str | None:
        """What is remembered of the robots.txt of a URL: its text after FOUND, or DOWN, or MOVED; None if nothing."""
        origin = origin_of(url)
        expires, value = self._recent.get(origin, (0.0, ""))
        if monotonic() < expires:
            return value
        found = self._redis.get(KEY + origin)
        if not isinstance(found, bytes):
            return None
        value = found.decode()
        if value.startswith(FOUND):
            self._remember_here(origin, value)
        return value

    def _remember_here(self, origin: str, value: str) -> None:
        if len(self._recent) >= RECENT_ORIGINS:
            self._recent.clear()
        self._recent[origin] = monotonic() + RECENT_SECONDS, value

    @contextmanager
    def asking(self, url: str) -> Iterator[bool]:
        """Whether nobody else here asks for the robots.txt of a URL already; until the end nobody else does."""
        origin = origin_of(url)
        alone = origin not in self._asking
        self._asking.add(origin)
        try:
            yield alone
        finally:
            if alone:
                self._asking.discard(origin)

    def ask_at(self, url: str) -> str:
        """Where the robots.txt of a URL is to be asked for: at its origin, or where a redirect has led."""
        known = self.known(url) or ""
        return str(json.loads(known[1:])[0]) if known.startswith(MOVED) else f"{origin_of(url)}/robots.txt"

    def learn(self, url: str, asked: str, answer: Response) -> None:
        """Remembers what a server answered at `asked` for the robots.txt of `url`: RFC 9309 §2.3.1.

        A 4xx is no rules, a 5xx is everything forbidden, and so is 429, which is no answer.
        """
        DECISIONS.labels("asked").inc()
        target = join(asked, answer.headers["Location"]) if answer.is_redirect else None
        hops = self._hops(url)
        if target is not None and hops < REDIRECTS:
            self._remember(url, MOVED + json.dumps([target, hops + 1]))
        elif answer.ok and not answer.is_redirect:
            self._remember(url, FOUND + body(answer, LIMIT)[:LIMIT].decode("utf-8-sig", "replace"))
        elif answer.status_code >= 500 or answer.status_code == 429:
            self.unreachable(url, f"HTTP {answer.status_code}")
        else:
            self._remember(url, FOUND)

    def unreachable(self, url: str, detail: str) -> None:
        """Remembers for a while that the robots.txt of a URL cannot be had."""
        self._remember(url, DOWN + detail)

    def _hops(self, url: str) -> int:
        known = self.known(url) or ""
        return int(json.loads(known[1:])[1]) if known.startswith(MOVED) else 0

    def _remember(self, url: str, value: str) -> None:
        self._redis.set(KEY + origin_of(url), value, ex=self._ttl if value.startswith(FOUND) else DOWN_SECONDS)


@functools.lru_cache(maxsize=2048)
def parse(text: str, agent: str) -> Protego:
    """Returns the rules of a robots.txt as far as they can concern `agent`, a product name."""
    return Protego.parse("\n".join(_for_agent(line, agent.lower()) for line in text.splitlines()))


def _for_agent(line: str, agent: str) -> str:
    """Returns a line with the name of any other crawler replaced by one name.

    Protego keeps every rule of a group once for each crawler that the group names: 100 KB of as many names as rules
    would cost it 20 seconds.
    """
    match = _AGENT_LINE.match(line.lstrip())
    if match is None:
        return line
    name = match[1].strip().lower()
    stem = name.replace("*", "")
    concerned = name == "*" or (stem and agent.startswith(stem))
    return f"User-agent: {stem or name if concerned else _OTHER_AGENT}"


def origin_of(url: str) -> str:
    """Scheme, host and port: what a robots.txt stands for."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
