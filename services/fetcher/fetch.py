"""The handler of FetchRequested: one URL, politely, to one page in the page store."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from prometheus_client import Counter
from requests import Response

from services.fetcher.answer.content import content_of, page_of
from services.fetcher.answer.freshness import fresh_seconds
from services.fetcher.answer.pictures import image_of
from services.fetcher.answer.refresh import refresh_target
from services.fetcher.answer.status import check_content, is_html, judge, media_type
from services.fetcher.answer.validators import conditions, is_disbelieved, is_unchanged
from services.fetcher.answer.walls import wall_end
from services.fetcher.browser.render import Renderer
from services.fetcher.journey import Journey
from services.fetcher.listed_sitemaps import ListedSitemaps
from services.fetcher.observation import Step, count, report_to_host
from services.fetcher.politeness.robots import Robots, Verdict
from services.fetcher.politeness.turn import Turn
from services.fetcher.politeness.turns import Politeness, site_of
from services.fetcher.settings import FetcherSettings
from services.fetcher.sitemaps import sitemap_requests, wants_sitemaps, with_sitemaps
from services.fetcher.wire.web import Exchange, Failure, Web
from shared.contracts import FetchRequested, ImageFetched, Kind, Message, PageFetched, Reason
from shared.errors import BadUrl, Drop, NewsmillError, TryLater
from shared.pages import Http, Pages
from shared.urls import host_of

NOT_MODIFIED = Counter("newsmill_not_modified_total", "Pages that had not changed, by how that was known.", ["by"])

MAX_BACKOFF_SECONDS = 3600.0
# What may be a host's trouble rather than a page's.
HOST_TROUBLE = frozenset({Reason.TIMEOUT, Reason.CONNECTION, Reason.DNS, Reason.BAD_ANSWER})
# A robots.txt may take so long.
ROBOTS_SECONDS = 20.0


class Fetcher:
    """Downloads pages.

    Args:
        settings: of the fetcher.
        web: sends the requests.
        robots: says which URLs may be requested.
        politeness: says when.
        pages: keeps the bytes.
        listed_sitemaps: knows the validators of sitemaps whose requests do not come from the ledger.
        renderer: a browser, for sources that need one.
        watch: is called with each request.
    """

    def __init__(
        self,
        settings: FetcherSettings,
        *,
        web: Web,
        robots: Robots,
        politeness: Politeness,
        pages: Pages,
        listed_sitemaps: ListedSitemaps,
        renderer: Renderer | None = None,
        watch: Callable[[Step], None] = lambda _: None,
    ) -> None:
        self._renderer = renderer or Renderer()
        self._watch = watch
        self._settings = settings
        self._web = web
        self._robots = robots
        self._politeness = politeness
        self._pages = pages
        self._listed_sitemaps = listed_sitemaps

    def fetch(self, request: FetchRequested) -> list[Message]:
        """Returns the page that a URL leads to, and fetches of the sitemaps beside it if its source wants them.

        Raises:
            Drop: the page's named end.
            TryLater: the host's turn has not come, or the host may do better later.
        """
        try:
            request = self._listed_sitemaps.with_validators(request)
            journey = Journey.begin(request, monotonic() + self._settings.fetch_total_timeout)
            page = self._follow(journey)
        except Drop as end:
            if end.reason is Reason.NOT_MODIFIED:
                # The sitemaps beside a page may have changed while the page has not.
                end.messages = self._sitemaps_beside(journey)
            raise
        except BadUrl as error:
            raise Drop(Reason.BAD_URL, str(error)) from None
        except Failure as error:
            raise TryLater(error.reason, self._backoff(request.attempt, error.seconds), str(error)) from None
        if isinstance(page, PageFetched) and request.inspection is not None and request.inspection.role is None:
            return [with_sitemaps(page, self._robots.verdict(journey.url))]
        return [page, *self._sitemaps_beside(journey)]

    def _sitemaps_beside(self, journey: Journey) -> list[FetchRequested]:
        """Returns fetches of the sitemaps that the robots.txt of the last stop lists, if the page's source wants them."""
        verdict = self._robots.verdict(journey.url) if wants_sitemaps(journey.request) else None
        return sitemap_requests(journey.request, verdict, journey.url)

    def _backoff(self, attempt: int, retry_after: float | None) -> float:
        """Seconds until the next attempt: full jitter under a doubling limit, or the server's Retry-After if longer."""
        limit: float = min(self._settings.fetch_retry_seconds * 2 ** min(attempt - 1, 30), MAX_BACKOFF_SECONDS)
        return max(random.uniform(0, limit), retry_after or 0)  # noqa: S311 - spreads retries, guards nothing

    def _follow(self, journey: Journey) -> PageFetched | ImageFetched:
        """Goes hop by hop to the page."""
        while True:
            try:
                verdict = self._permission(journey)
                with self._page_answer(journey, verdict.delay) as answer:
                    page = self._read(journey, answer)
            except TryLater as wait:
                wait.trail = journey.trail()
                raise
            except (Drop, Failure) as end:
                # The place to which the page had moved yields it no more; its original place may.
                if not journey.assumed or end.reason is Reason.NOT_MODIFIED:
                    raise
                journey.restart()
                continue
            if page is not None:
                return page

    def _permission(self, journey: Journey) -> Verdict:
        """The verdict of robots.txt on the next URL, after as many requests for the file as it takes."""
        try:
            while (verdict := self._robots.verdict(journey.url)) is None:
                with self._robots.inquiry(journey.url) as is_only:
                    if not is_only:
                        raise self._robots_busy(journey)
                    self._learn_robots(journey)
        except NewsmillError:
            self._politeness.decline(self.site(journey.url), journey.request.trace_id)
            raise
        journey.robots = self._robots.describe(verdict)
        return verdict

    def _robots_busy(self, journey: Journey) -> TryLater:
        site = self.site(journey.url)
        return TryLater(Reason.HOST_BUSY, 1, f"robots.txt of {site} is being asked for", counts=False, host=site)

    def _learn_robots(self, journey: Journey) -> None:
        """Makes one request on the way to a robots.txt, which takes a turn of the host like any other."""
        location = self._robots.location(journey.url)
        ends = min(journey.ends, monotonic() + ROBOTS_SECONDS)
        try:
            with self._answer(journey, location, None, {}, ends) as answer:
                journey.begun = True
                self._robots.learn(journey.url, location, answer)
        except Failure as error:
            if error.reason is not Reason.DNS:
                self._robots.mark_unreachable(journey.url, str(error))
                raise Failure(Reason.ROBOTS_UNREACHABLE, f"{location}: {error}", error.seconds) from None
            raise

    @contextmanager
    def _page_answer(self, journey: Journey, delay: float) -> Iterator[Response]:
        """The answer to the next URL, if the page has changed since the ledger's copy."""
        with self._answer(journey, journey.url, delay, conditions(journey.request), journey.ends) as answer:
            yield answer

    @contextmanager
    def _answer(
        self, journey: Journey, url: str, delay: float | None, headers: dict[str, str], ends: float
    ) -> Iterator[Response]:
        """An answer in a turn of its host; `delay` is the Crawl-delay in seconds, None while it is not known."""
        with (
            self._politeness.turn(self.site(url), journey.next_holder(), delay, first=journey.begun, url=url) as turn,
            self._exchange(journey, url, turn, headers, ends) as answer,
        ):
            yield answer

    def site(self, url: str) -> str:
        """Returns whose turn a URL takes: its host, or where hosts share by address, its address."""
        if self._settings.host_by_address and (address := self._web.address(host_of(url))):
            return address
        return site_of(url)

    @contextmanager
    def _exchange(
        self, journey: Journey, url: str, turn: Turn, headers: dict[str, str], ends: float
    ) -> Iterator[Response]:
        """An answer, counted, and its turn told what it says of the host."""
        exchange, status, failure, location = Exchange(), None, None, None
        access, jar = journey.request.access, journey.jar
        try:
            with self._web.get(url, ends, headers, access=access, jar=jar, turn=turn, exchange=exchange) as answer:
                status, location = answer.status_code, answer.headers.get("Location")
                report_to_host(turn, answer)
                yield answer
        except (Failure, Drop) as error:
            failure = str(error)
            if isinstance(error, Failure) and error.reason in HOST_TROUBLE:
                turn.failure()
            raise
        finally:
            turn.seconds = monotonic() - exchange.sent_at if exchange.sent_at else 0.0
            count(exchange, turn, status)
            self._watch(Step(url, status, failure, location, turn.wait_seconds, exchange))

    def _read(self, journey: Journey, answer: Response) -> PageFetched | ImageFetched | None:
        """The page that an answer holds; None if it leads on."""
        if answer.is_redirect:
            journey.redirect(answer, self._settings.fetch_max_redirects)
            return None
        if answer.status_code == 304:
            NOT_MODIFIED.labels("status").inc()
            raise Drop(Reason.NOT_MODIFIED, "HTTP 304", fresh_seconds=fresh_seconds(answer))
        is_image = journey.request.kind is Kind.IMAGE
        judge(answer)
        content = content_of(answer, self._settings.fetch_max_bytes, image=is_image)
        if is_image:
            return image_of(journey.request, journey.url, answer, content)
        check_content(answer, content)
        if target := refresh_target(content, media_type(answer), journey.url):
            journey.go(target, "refresh", self._settings.fetch_max_redirects)
            return None
        if (end := wall_end(content, journey.url, journey.request.url)) is not None:
            raise end
        return self._store(journey, answer, content)

    def _store(self, journey: Journey, answer: Response, content: bytes) -> PageFetched:
        """Puts the page in the page store, unless it is the ledger's copy."""
        request = journey.request
        is_rendered = request.access is not None and request.access.render and is_html(answer)
        if is_rendered:
            content_type = answer.headers.get("Content-Type")
            content = self._renderer.render(journey.url, content, content_type, journey.ends)
        page = page_of(journey, answer, content)
        if is_rendered:
            page = page.model_copy(update={"charset": "utf-8"})
        # Servers send 200 for pages that have not changed, validators or not.
        if is_unchanged(request, page):
            NOT_MODIFIED.labels("hash").inc()
            raise Drop(Reason.NOT_MODIFIED, "the same bytes as the last copy", page)
        if is_disbelieved(request, page):
            page = page.model_copy(update={"etag": "", "last_modified": ""})
        http = Http.of(answer.request.headers, answer.status_code, answer.reason or "", answer.headers)
        page = page.model_copy(update={"key": self._pages.put(content, request.trace_id, http)})
        self._listed_sitemaps.remember(request, page, content)
        return PageFetched(
            **request.envelope(), page=page, kind=request.kind, follow=request.follow, ancestors=request.ancestors,
            inspection=request.inspection,
        )  # fmt: skip
