"""Fetches for a person who waits for them: in their hosts' turns as all fetches, and nothing is stored."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Any

from redis import Redis
from requests import Response

from services.fetcher.fetch import Fetcher
from services.fetcher.listed_sitemaps import ListedSitemaps
from services.fetcher.observation import Step
from services.fetcher.politeness.robots import Robots
from services.fetcher.politeness.turns import Politeness, site_of
from services.fetcher.settings import FetcherSettings
from services.fetcher.wire.guard import Guard
from services.fetcher.wire.resolver import Resolver
from services.fetcher.wire.web import Web
from shared.contracts import Access, FetchRequested, Page, PageFetched, Reason
from shared.errors import BadUrl, Drop, TryLater
from shared.pages import MemoryPages, Raw
from shared.urls import fetchable

# Seconds to wait for turns on the way to one page.
MAX_WAIT = 120.0
FETCHED, TRY_LATER = "fetched", "try-later"


@dataclass(frozen=True)
class Visit:
    """How a fetch ended: `fetched` with the page and its bytes, `try-later` with the wait, or the value of a Reason."""

    end: str
    detail: str = ""
    page: Page | None = None
    raw: Raw | None = None
    wait: TryLater | None = None


class CountedWeb(Web):
    """GET over guarded connections, at most so many times a host; None is without limit."""

    def __init__(self, settings: FetcherSettings, most: int | None) -> None:
        super().__init__(settings, Guard(settings.networks(), settings.ports(), Resolver(settings.fetch_dns_timeout)))
        self._most = most
        self._requests: Counter[str] = Counter()
        self._lock = Lock()

    @contextmanager
    def get(self, url: str, *arguments: Any, **options: Any) -> Iterator[Response]:
        """As Web.get().

        Raises:
            Drop: HOST_BUSY, the host was asked as often as it may be.
        """
        host = site_of(url)
        with self._lock:
            if self._most is not None and self._requests[host] >= self._most:
                raise Drop(Reason.HOST_BUSY, f"{host} was asked {self._most} times, and is not asked again for this")
            self._requests[host] += 1
        with super().get(url, *arguments, **options) as answer:
            yield answer

    def requests(self, url: str) -> int:
        """Returns how many requests the host of a URL has had."""
        return self._requests[site_of(url)]


class Visitor:
    """Fetches pages as the fetcher does, in the turns of their hosts. Threads may share it.

    Args:
        settings: of the fetcher.
        redis: where the cluster's turns and robots.txt files are.
        most: requests that a host gets at most, robots.txt and redirects included; None is without limit.
        patience: seconds to wait for turns on the way to one page.
        watch: is called with each request.
        watch_wait: is called with each wait for a turn, before it.

    Raises:
        SettingsError: the access file or the CA file cannot be read.
    """

    def __init__(
        self,
        settings: FetcherSettings,
        redis: "Redis",
        *,
        most: int | None = None,
        patience: float = MAX_WAIT,
        watch: Callable[[Step], None] = lambda _: None,
        watch_wait: Callable[[TryLater], None] = lambda _: None,
    ) -> None:
        self._patience, self._watch_wait = patience, watch_wait
        self._pages, self._politeness = MemoryPages(), Politeness(redis, settings)
        self._robots, self.web = Robots(settings, redis), CountedWeb(settings, most)
        self._fetcher = Fetcher(
            settings, web=self.web, robots=self._robots, politeness=self._politeness, pages=self._pages,
            listed_sitemaps=ListedSitemaps(redis), watch=watch,
        )  # fmt: skip

    def visit(self, url: str, access: Access | None = None) -> Visit:
        """Returns how a fetch ended.

        Raises:
            BadUrl: the URL is none that can be fetched.
        """
        request = FetchRequested(url=fetchable(url), access=access, priority=9)
        ends = time.monotonic() + self._patience
        while True:
            try:
                [page] = [fetched.page for fetched in self._fetcher.fetch(request) if isinstance(fetched, PageFetched)]
            except Drop as end:
                return Visit(end.reason.value, end.detail)
            except TryLater as wait:
                if wait.host is None or time.monotonic() + wait.seconds > ends:
                    return Visit(TRY_LATER, wait.detail, wait=wait)
                self._watch_wait(wait)
                time.sleep(wait.seconds)
                request = request.model_copy(update={"trail": wait.trail})
            else:
                raw = self._pages.raw([page.key])[page.key]
                self._pages.discard(page.key)
                return Visit(FETCHED, page=page, raw=raw)

    def sitemaps(self, url: str) -> list[str]:
        """Returns the `Sitemap` lines of the robots.txt of a URL, as far as it is remembered."""
        try:
            verdict = self._robots.verdict(fetchable(url))
        except (BadUrl, Drop, TryLater):
            return []
        return list(verdict.sitemaps) if verdict else []

    def close(self) -> None:
        """Reports the last turns' ends, which nobody else would, and closes the connections."""
        self._politeness.flush()
        self.web.close()
