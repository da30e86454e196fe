"""robots.txt: RFC 9309, read by Protego, remembered in Redis for all fetchers."""

import functools
from threading import Lock
from time import monotonic
from urllib.parse import urlsplit

from protego import Protego
from redis import Redis
from requests import Response

from services.fetcher.settings import FetcherSettings
from services.fetcher.web import Failure, Web, body
from shared.contracts import Reason
from shared.errors import Drop
from shared.urls import join

KEY = "newsmill:robots:"
# RFC 9309 §2.5 and §2.3.1.2.
LIMIT = 500 * 1024
REDIRECTS = 5
# A robots.txt that cannot be had is asked for again after this long, and may take this long.
DOWN_SECONDS = 60
FETCH_SECONDS = 20.0
# A Crawl-delay beyond this is a mistake or a refusal in disguise; a slot an hour obeys enough.
LONGEST_DELAY = 3600.0
FOUND, DOWN = "+", "-"


class Robots:
    """What robots.txt files say.

    Args:
        settings: of the fetcher.
        redis: where they are remembered.
        web: how they are fetched.
    """

    def __init__(self, settings: FetcherSettings, redis: "Redis", web: Web) -> None:
        self._agent = settings.product()
        self._ttl = settings.robots_ttl
        self._obey = settings.obey_robots
        self._redis = redis
        self._web = web
        # Pages of one host come together; one of them asks for its robots.txt and the others wait for that.
        self._locks = [Lock() for _ in range(64)]

    def delay(self, url: str, ends: float) -> float:
        """The Crawl-delay that a page which may be fetched stands under, in seconds; 0 where there is none.

        Raises:
            Drop: ROBOTS, or what else ends the download of robots.txt for good.
            Failure: ROBOTS_UNREACHABLE: it cannot be had and so forbids everything; DNS.
        """
        if not self._obey:
            return 0.0
        rules = parse(self._text(_origin(url), ends))
        if not rules.can_fetch(url, self._agent):
            raise Drop(Reason.ROBOTS, f"robots.txt forbids {url} to {self._agent}")
        return min(float(rules.crawl_delay(self._agent) or 0), LONGEST_DELAY)

    def _text(self, origin: str, ends: float) -> str:
        known = self._known(origin)
        if known is None:
            with self._locks[hash(origin) % len(self._locks)]:
                known = self._known(origin) or self._fetch(origin, ends)
        if known.startswith(DOWN):
            raise Failure(Reason.ROBOTS_UNREACHABLE, f"{origin}/robots.txt: {known[1:]}")
        return known[1:]

    def _known(self, origin: str) -> str | None:
        value = self._redis.get(KEY + origin)
        return value.decode() if isinstance(value, bytes) else value if isinstance(value, str) else None

    def _fetch(self, origin: str, ends: float) -> str:
        try:
            known = self._download(f"{origin}/robots.txt", min(ends, monotonic() + FETCH_SECONDS))
        except Failure as error:
            if error.reason is Reason.DNS:
                raise
            known = DOWN + str(error)
        self._redis.set(KEY + origin, known, ex=DOWN_SECONDS if known.startswith(DOWN) else self._ttl)
        return known

    def _download(self, url: str, ends: float) -> str:
        for _ in range(REDIRECTS + 1):
            with self._web.get(url, ends) as answer:
                target = join(url, answer.headers["Location"]) if answer.is_redirect else None
                if target is None:
                    return _verdict(answer)
            url = target
        return FOUND


@functools.lru_cache(maxsize=512)
def parse(text: str) -> Protego:
    """The rules of a robots.txt."""
    return Protego.parse(text)


def _verdict(answer: Response) -> str:
    """What an answer means by RFC 9309 §2.3.1: 4xx is no rules, 5xx is everything forbidden. 429 is no answer."""
    if answer.ok and not answer.is_redirect:
        return FOUND + body(answer, LIMIT)[:LIMIT].decode("utf-8-sig", "replace")
    if answer.status_code >= 500 or answer.status_code == 429:
        return f"{DOWN}HTTP {answer.status_code}"
    return FOUND


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
