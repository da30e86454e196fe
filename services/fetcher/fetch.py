"""The handler of FetchRequested: one URL, politely, to one page in the page store."""

import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from time import monotonic
from typing import NamedTuple
from uuid import NAMESPACE_URL, uuid5

from prometheus_client import Counter, Histogram
from requests import Response

from services.fetcher.answer.content import content_of, page_of
from services.fetcher.answer.pictures import image_of
from services.fetcher.answer.refresh import refresh_target
from services.fetcher.answer.status import OVERLOADED, is_html, judge, media_type, retry_after
from services.fetcher.answer.validators import conditions, disbelieved, unchanged
from services.fetcher.answer.walls import wall_end
from services.fetcher.browser.render import Renderer
from services.fetcher.journey import Journey
from services.fetcher.politeness.robots import Robots, Verdict
from services.fetcher.politeness.turns import Politeness, Turn, site_of
from services.fetcher.settings import FetcherSettings
from services.fetcher.wire.web import Exchange, Failure, Web
from shared.contracts import FetchRequested, ImageFetched, Kind, Message, PageFetched, Reason
from shared.errors import BadUrl, Drop, NewsmillError, TryLater
from shared.pages import Http, Pages
from shared.urls import host_of

RESPONSES = Counter("newsmill_fetch_responses_total", "Answers of servers, by class of status.", ["class"])
NOT_MODIFIED = Counter("newsmill_not_modified_total", "Pages that had not changed, by how that was known.", ["by"])
PHASES = Histogram(
    "newsmill_fetch_phase_seconds", "Where the time of a request goes.", ["phase"],
    buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 60),
)  # fmt: skip

# Looked up once: a label costs as much as the observation.
_PHASE = {phase: PHASES.labels(phase) for phase in ("dns", "connect", "tls", "turn", "first_byte", "whole")}

LONGEST_BACKOFF = 3600.0
# What may be a host's trouble rather than a page's.
HOST_TROUBLE = frozenset({Reason.TIMEOUT, Reason.CONNECTION, Reason.DNS, Reason.BAD_ANSWER})
MOST_SITEMAPS = 10
# A robots.txt may take this long.
ROBOTS_SECONDS = 20.0


class Step(NamedTuple):
    """One request and what came of it: a `status`, or the `error` that kept it from one."""

    url: str
    status: int | None
    error: str | None
    location: str | None
    waited: float | None
    exchange: Exchange


class Fetcher:
    """Downloads pages.

    Args:
        settings: of the fetcher.
        web: the way out.
        robots: who may go there.
        politeness: and when.
        pages: where the bytes go.
        renderer: a browser, for sources that need one.
        watch: is shown each request.
    """

    def __init__(
        self,
        settings: FetcherSettings,
        *,
        web: Web,
        robots: Robots,
        politeness: Politeness,
        pages: Pages,
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

    def fetch(self, request: FetchRequested) -> list[Message]:
        """The page that a URL leads to, and fetches of the news sitemaps beside it where a source wants them.

        Raises:
            Drop: the page's named end.
            TryLater: the host's turn has not come, or it may do better later.
        """
        try:
            journey = Journey.begin(request, monotonic() + self._settings.fetch_total_timeout)
            page = self._follow(journey)
        except BadUrl as error:
            raise Drop(Reason.BAD_URL, str(error)) from None
        except Failure as error:
            raise TryLater(error.reason, self._backoff(request.attempt, error.seconds), str(error)) from None
        return [page, *self._sitemaps(journey)]

    def _backoff(self, attempt: int, told: float | None) -> float:
        """Seconds until the next attempt: full jitter under a doubling limit, or what the server said if longer."""
        limit: float = min(self._settings.fetch_retry_seconds * 2 ** min(attempt - 1, 30), LONGEST_BACKOFF)
        return max(random.uniform(0, limit), told or 0)  # noqa: S311 - spreads retries, guards nothing

    def _follow(self, journey: Journey) -> PageFetched | ImageFetched:
        """Hop by hop to the page."""
        while True:
            try:
                verdict = self._permitted(journey)
                with self._asked(journey, verdict.delay) as answer:
                    page = self._read(journey, answer)
            except TryLater as wait:
                wait.trail = journey.trail()
                raise
            if page is not None:
                return page

    def _permitted(self, journey: Journey) -> Verdict:
        """What robots.txt says of the next URL, asked for as often as it takes."""
        try:
            while (verdict := self._robots.verdict(journey.url)) is None:
                with self._robots.asking(journey.url) as alone:
                    if not alone:
                        raise self._wait_for_robots(journey)
                    self._learn_robots(journey)
        except NewsmillError:
            self._politeness.decline(self.site(journey.url), journey.request.trace_id)
            raise
        journey.robots = self._robots.said(verdict)
        return verdict

    def _wait_for_robots(self, journey: Journey) -> TryLater:
        site = self.site(journey.url)
        return TryLater(Reason.HOST_BUSY, 1, f"robots.txt of {site} is being asked for", counts=False, host=site)

    def _learn_robots(self, journey: Journey) -> None:
        """One request on the way to a robots.txt, which takes a turn of the host like any other."""
        url = self._robots.ask_at(journey.url)
        ends = min(journey.ends, monotonic() + ROBOTS_SECONDS)
        try:
            with self._turn(journey, url, None) as turn, self._answer(journey, url, turn, {}, ends) as answer:
                journey.begun = True
                self._robots.learn(journey.url, url, answer)
        except Failure as error:
            if error.reason is not Reason.DNS:
                self._robots.unreachable(journey.url, str(error))
                raise Failure(Reason.ROBOTS_UNREACHABLE, f"{url}: {error}", error.seconds) from None
            raise

    @contextmanager
    def _asked(self, journey: Journey, delay: float) -> Iterator[Response]:
        """The answer to the next URL, in its turn."""
        with (
            self._turn(journey, journey.url, delay) as turn,
            self._answer(journey, journey.url, turn, conditions(journey.request), journey.ends) as answer,
        ):
            yield answer

    def _turn(self, journey: Journey, url: str, delay: float | None) -> AbstractContextManager[Turn]:
        return self._politeness.turn(self.site(url), journey.holder(), delay, first=journey.begun)

    def site(self, url: str) -> str:
        """Whose turn a URL takes: its host, or where hosts share by address, its address."""
        if self._settings.host_by_address and (address := self._web.address(host_of(url))):
            return address
        return site_of(url)

    @contextmanager
    def _answer(
        self, journey: Journey, url: str, turn: Turn, headers: dict[str, str], ends: float
    ) -> Iterator[Response]:
        """An answer, counted, and what it tells of its host remembered."""
        exchange, status, failure, location = Exchange(), None, None, None
        access, jar = journey.request.access, journey.jar
        try:
            with self._web.get(url, ends, headers, access=access, jar=jar, turn=turn, exchange=exchange) as answer:
                status, location = answer.status_code, answer.headers.get("Location")
                _tell(turn, answer)
                yield answer
        except (Failure, Drop) as error:
            failure = str(error)
            if isinstance(error, Failure) and error.reason in HOST_TROUBLE:
                turn.failed()
            raise
        finally:
            turn.seconds = monotonic() - exchange.sent_at if exchange.sent_at else 0.0
            _observe(exchange, turn, status)
            self._watch(Step(url, status, failure, location, turn.waited, exchange))

    def _read(self, journey: Journey, answer: Response) -> PageFetched | ImageFetched | None:
        """The page that an answer holds; None if it leads on."""
        if answer.is_redirect:
            journey.redirected(answer, self._settings.fetch_max_redirects)
            return None
        if journey.assumed and answer.status_code in (404, 410):
            journey.from_the_start()
            return None
        if answer.status_code == 304:
            NOT_MODIFIED.labels("status").inc()
        image = journey.request.kind is Kind.IMAGE
        judge(answer, image=image)
        content = content_of(answer, self._settings.fetch_max_bytes)
        if image:
            return image_of(journey.request, journey.url, answer, content)
        if target := refresh_target(content, media_type(answer), journey.url):
            journey.go(target, "refresh", self._settings.fetch_max_redirects)
            return None
        if (end := wall_end(content, journey.url, journey.request.url)) is not None:
            raise end
        return self._kept(journey, answer, content)

    def _kept(self, journey: Journey, answer: Response, content: bytes) -> PageFetched:
        """The page in the page store, unless it is the ledger's copy."""
        request = journey.request
        rendered = request.access is not None and request.access.render and is_html(answer)
        if rendered:
            kind = answer.headers.get("Content-Type")
            content = self._renderer.render(journey.url, content, kind, journey.ends)
        page = page_of(journey, answer, content)
        if rendered:
            page = page.model_copy(update={"charset": "utf-8"})
        # Servers send 200 for pages that have not changed, validators or not.
        if unchanged(request, page):
            NOT_MODIFIED.labels("hash").inc()
            raise Drop(Reason.NOT_MODIFIED, "the same bytes as the last copy", page)
        if disbelieved(request, page):
            page = page.model_copy(update={"etag": "", "last_modified": ""})
        http = Http.of(answer.request.headers, answer.status_code, answer.reason or "", answer.headers)
        page = page.model_copy(update={"key": self._pages.put(content, request.trace_id, http)})
        return PageFetched(**request.envelope(), page=page, kind=request.kind, follow=request.follow)

    def _sitemaps(self, journey: Journey) -> list[FetchRequested]:
        """Fetches of the news sitemaps that a source's robots.txt lists, if the source wants them.

        Others than news sitemaps list a newspaper's whole past.
        """
        request = journey.request
        if request.access is None or not request.access.sitemaps or request.cause:
            return []
        verdict = self._robots.verdict(journey.url)
        listed = [url for url in (verdict.sitemaps if verdict else ()) if "news" in url.lower()]
        return [_sitemap(request, url) for url in listed[:MOST_SITEMAPS]]


def _sitemap(request: FetchRequested, url: str) -> FetchRequested:
    """The fetch of a sitemap; its trace is the same however often its source's page is delivered."""
    access = request.access.model_copy(update={"sitemaps": False}) if request.access else None
    own = {"trace_id": uuid5(NAMESPACE_URL, f"{request.trace_id} {url}").hex, "cause": request.trace_id}
    return FetchRequested(**request.envelope() | own | {"access": access}, url=url, kind=Kind.SITEMAP)


def _tell(turn: Turn, answer: Response) -> None:
    """What the head of an answer tells of its host."""
    if answer.status_code in OVERLOADED:
        turn.overloaded(0, retry_after(answer))
    elif answer.status_code >= 500:
        turn.failed()
    else:
        turn.answered(0, well=answer.ok)


def _observe(exchange: Exchange, turn: Turn, status: int | None) -> None:
    RESPONSES.labels(f"{status // 100}xx" if status else "error").inc()
    phases = {"dns": exchange.dns, "connect": exchange.connect, "tls": exchange.tls, "turn": turn.waited}
    phases |= {"first_byte": exchange.first_byte, "whole": turn.seconds or None}
    for phase, seconds in phases.items():
        if seconds is not None:
            _PHASE[phase].observe(seconds)
