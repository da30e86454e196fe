"""The parser's handler: pages are parsed, and those that were requested to find the channels of a site say what they are."""

from collections.abc import Iterator
from uuid import NAMESPACE_URL, uuid5

from services.parser.discovery import hub
from services.parser.discovery.candidates import names, probes
from services.parser.discovery.channels import refusal
from services.parser.discovery.home_page import read_home_page
from services.parser.discovery.look import look
from services.parser.listing.child_sitemaps import DEFAULT_LIMITS, SitemapLimits
from services.parser.page import encoding, unzip
from services.parser.parse import MAX_BYTES, PageContent, parse, read
from shared.contracts import (
    DISCOVERY,
    LOOK,
    Clue,
    FetchRequested,
    HeadlinesParsed,
    Inspection,
    Kind,
    Message,
    PageFetched,
    Reason,
    Role,
    SiteInspected,
    SourceDeclared,
)
from shared.discovery.channels import KINDS, Candidate, Hub
from shared.errors import Drop
from shared.pages import Pages
from shared.urls import host_of

_MOST_NAMES = 500


def parse_and_discover(
    message: PageFetched, pages: Pages, max_bytes: int = MAX_BYTES, child_sitemaps: SitemapLimits = DEFAULT_LIMITS
) -> Iterator[Message]:
    """PageFetched -> what parse() makes of it, and for the page of a site that is inspected its channels.

    Of a home page these are SiteInspected, the home page as a SourceDeclared, and FetchRequested for the pages that may be
    channels; of such a page a SourceDeclared, if it is one.

    Raises:
        Drop: as parse(); but the home page of a site may be without headlines.
    """
    if message.via == LOOK:
        yield from look(message, pages, max_bytes)
        return
    inspection = message.inspection
    if inspection is None:
        yield from parse(message, pages, max_bytes, child_sitemaps)
        return
    try:
        yield from parse(message, pages, max_bytes, child_sitemaps)
    except Drop as end:
        # Pages that are empty without a browser name their feeds all the same.
        if inspection.role is not None or end.reason is not Reason.NO_CONTENT:
            raise
        yield HeadlinesParsed(**message.envelope(), page=message.page, kind=Kind.FRONT, follow=False, headlines=())
    body = pages.get(message.page.key)
    if body is not None:
        yield from _discoveries(message, inspection, body, pages, max_bytes)


def _discoveries(
    message: PageFetched, inspection: Inspection, body: bytes, pages: Pages, max_bytes: int
) -> Iterator[Message]:
    page = message.page
    content = read(body, page.final_url, message.kind, page.charset, page.fetched_at, max_bytes=max_bytes)
    if inspection.role is not None:
        candidate = Candidate(page.url, inspection.role, inspection.found_by or Clue.HOME_PAGE, inspection.name)
        if refusal(candidate, content) is None:
            text = encoding.decode(unzip.unzipped(body, max_bytes), page.charset)
            raw = pages.raw([page.key]).get(page.key)
            headers = raw.http.answer if raw and raw.http else ()
            yield _declaration(message, inspection, candidate, hub.read(text, page.final_url, headers))
        return
    home = read_home_page(body, page.final_url, page.charset, message.sitemaps, max_bytes=max_bytes)
    yield SiteInspected(
        **message.envelope(), key=inspection.site_key, name=home.name, language=home.language,
        urls=names(home.candidates, page.url)[:_MOST_NAMES],
    )  # fmt: skip
    candidate = Candidate(page.url, _role(content), Clue.HOME_PAGE, home.name or "")
    if refusal(candidate, content) is None:
        yield _declaration(message, inspection, candidate, None)
    for candidate in probes(home.candidates):
        yield _probe(message, inspection, candidate)


def _role(content: PageContent) -> Role:
    """Returns what a home page is to its site: a front page, unless it is a feed or a sitemap itself."""
    return Role(content.kind.value) if content.kind in (Kind.FEED, Kind.SITEMAP) else Role.FRONT


def _probe(message: PageFetched, inspection: Inspection, candidate: Candidate) -> FetchRequested:
    """Returns the request for a candidate; the same trace when the home page is delivered again."""
    trace_id = uuid5(NAMESPACE_URL, f"{message.trace_id} {candidate.url}").hex
    envelope = message.envelope() | {"trace_id": trace_id, "cause": message.trace_id, "via": DISCOVERY, "tries": ()}
    return FetchRequested(
        **envelope, url=candidate.url, kind=KINDS[candidate.role], follow=message.follow,
        inspection=Inspection(
            site_key=inspection.site_key, role=candidate.role, found_by=candidate.clue, name=candidate.name
        ),
    )  # fmt: skip


def _declaration(
    message: PageFetched, inspection: Inspection, candidate: Candidate, hub_of_feed: Hub | None
) -> SourceDeclared:
    return SourceDeclared(
        **message.envelope(), name=(candidate.name or f"{host_of(candidate.url)}: {candidate.role.value}")[:200],
        url=candidate.url, kind=KINDS[candidate.role], role=candidate.role, found_by=candidate.clue,
        site_key=inspection.site_key, declared_by=DISCOVERY, hub_url=hub_of_feed.url if hub_of_feed else None,
        topic_url=hub_of_feed.topic if hub_of_feed else None,
    )  # fmt: skip
