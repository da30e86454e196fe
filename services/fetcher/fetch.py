"""The handler of FetchRequested: one URL, politely, to one page in the page store."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from time import monotonic

from prometheus_client import Counter
from requests import Response

from services.fetcher.answers import OVERLOADED, charset, judge, media_type, retry_after
from services.fetcher.politeness import PATIENCE, Politeness, site_of
from services.fetcher.robots import Robots
from services.fetcher.settings import FetcherSettings
from services.fetcher.web import Failure, Web, body
from shared.contracts import FetchRequested, Page, PageFetched, Reason
from shared.errors import BadUrl, Drop, TryLater
from shared.pages import Pages
from shared.urls import fetchable, join

RESPONSES = Counter("newsmill_fetch_responses_total", "Answers of servers, by class of status.", ["class"])
BYTES = Counter("newsmill_fetch_bytes_total", "Bytes of pages downloaded, after decompression.")

LONGEST_BACKOFF = 3600.0
# What may be a host's trouble rather than a page's.
HOST_TROUBLE = frozenset({Reason.TIMEOUT, Reason.CONNECTION})


class Fetcher:
    """Downloads pages.

    Args:
        settings: of the fetcher.
        web: the way out.
        robots: who may go there.
        politeness: and when.
        pages: where the bytes go.
    """

    def __init__(
        self, settings: FetcherSettings, *, web: Web, robots: Robots, politeness: Politeness, pages: Pages
    ) -> None:
        self._settings = settings
        self._web = web
        self._robots = robots
        self._politeness = politeness
        self._pages = pages

    def fetch(self, request: FetchRequested) -> list[PageFetched]:
        """The page that a URL leads to.

        Raises:
            Drop: the page's named end.
            TryLater: the host's turn has not come, or it may do better later.
        """
        try:
            return [self._follow(request)]
        except BadUrl as error:
            raise Drop(Reason.BAD_URL, str(error)) from None
        except Failure as error:
            raise TryLater(error.reason, self._backoff(request.attempt, error.seconds), str(error)) from None

    def _backoff(self, attempt: int, told: float | None) -> float:
        """Seconds until the next attempt: doubling, or what the server said if that is longer."""
        doubled: float = self._settings.fetch_retry_seconds * 2 ** min(attempt - 1, 30)
        return max(min(doubled, LONGEST_BACKOFF), told or 0)

    def _follow(self, request: FetchRequested) -> PageFetched:
        """Hop by hop to the page. A site that has given its turn answers the redirects it makes itself, too."""
        ends = monotonic() + self._settings.fetch_total_timeout
        trail = self._politeness.take_trail(request.trace_id) or [fetchable(request.url)]
        granted: set[str] = set()
        while True:
            delay = self._robots.delay(trail[-1], ends)
            if (site := site_of(trail[-1])) not in granted:
                self._wait(site, request.trace_id, delay, trail)
                granted.add(site)
            with self._answer(site, trail[-1], request, ends) as answer:
                if not answer.is_redirect:
                    return self._page(request, trail, answer)
                trail.append(self._target(trail, answer))

    def _wait(self, site: str, trace_id: str, delay: float, trail: list[str]) -> None:
        """Waits for a turn here if it is near, else parks the trace until it comes."""
        seconds = self._politeness.reserve(site, trace_id, delay)
        if seconds > PATIENCE:
            if len(trail) > 1:
                self._politeness.keep_trail(trace_id, trail, seconds)
            raise TryLater(Reason.HOST_BUSY, seconds, f"the turn at {site} comes in {seconds:.1f} s", counts=False)
        time.sleep(seconds)

    @contextmanager
    def _answer(self, site: str, url: str, request: FetchRequested, ends: float) -> Iterator[Response]:
        """An answer, counted, and its host's trouble or health remembered."""
        outcome = "error"
        try:
            with self._web.get(url, ends, _validators(request)) as answer:
                outcome = f"{answer.status_code // 100}xx"
                self._remember(site, answer)
                yield answer
        except Failure as error:
            if error.reason in HOST_TROUBLE:
                self._politeness.complained(site)
            raise
        finally:
            RESPONSES.labels(outcome).inc()

    def _remember(self, site: str, answer: Response) -> None:
        if answer.status_code in OVERLOADED:
            self._politeness.complained(site, retry_after(answer))
        elif answer.ok:
            self._politeness.answered(site, answer.elapsed.total_seconds())

    def _target(self, trail: list[str], answer: Response) -> str:
        """Where a redirect leads."""
        location = answer.headers["Location"].encode("latin-1", "replace").decode("utf-8", "replace")
        target = join(trail[-1], location)
        if target is None:
            raise Drop(Reason.REDIRECTS, f"{trail[-1]} leads to {location[:200]!r}, which is no page")
        if target in trail:
            raise Drop(Reason.REDIRECTS, f"{target} leads back to itself")
        if len(trail) > self._settings.fetch_max_redirects:
            raise Drop(Reason.REDIRECTS, f"more than {self._settings.fetch_max_redirects} redirects")
        return target

    def _page(self, request: FetchRequested, trail: list[str], answer: Response) -> PageFetched:
        judge(answer)
        content = self._body(answer)
        digest = sha256(content).hexdigest()
        # Servers send 200 for pages that have not changed, validators or not.
        if digest == request.body_hash:
            raise Drop(Reason.NOT_MODIFIED, "the same bytes as the last copy")
        page = Page(
            url=request.url,
            final_url=trail[-1],
            redirects=tuple(trail[1:]),
            key=self._pages.put(content),
            status=answer.status_code,
            media_type=media_type(answer),
            charset=charset(answer),
            body_hash=digest,
            size=len(content),
            etag=answer.headers.get("ETag"),
            last_modified=answer.headers.get("Last-Modified"),
            fetched_at=datetime.now(UTC),
        )
        return PageFetched(**request.envelope(), page=page, kind=request.kind, follow=request.follow)

    def _body(self, answer: Response) -> bytes:
        limit = self._settings.fetch_max_bytes
        declared = answer.headers.get("Content-Length", "")
        too_large = Drop(Reason.TOO_LARGE, f"more than {limit} bytes (NEWSMILL_FETCH_MAX_BYTES)")
        if declared.isdecimal() and int(declared) > limit:
            raise too_large
        content = body(answer, limit)
        BYTES.inc(len(content))
        if len(content) > limit:
            raise too_large
        if not content:
            raise Drop(Reason.NO_CONTENT, f"HTTP {answer.status_code} without a body")
        return content


def _validators(request: FetchRequested) -> dict[str, str]:
    """The headers of a conditional request."""
    known = {"If-None-Match": request.etag, "If-Modified-Since": request.last_modified}
    return {name: value for name, value in known.items() if value}
