"""What of a sitemap is followed unasked: a few recent sitemaps of an index, never one that led here, and recent pages."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import NAMESPACE_URL, uuid5

import structlog

from services.parser.listing.sitemap import ChildSitemap, SitemapPage
from shared.contracts import FetchRequested, Kind, Origin, PageFetched, Reason
from shared.errors import BadUrl, Drop
from shared.urls import fingerprint

# The fetcher asks for what robots.txt lists by this door.
VIA_ROBOTS = "sitemap"

log = structlog.get_logger(__name__)


class SitemapLimits(NamedTuple):
    """How many sitemaps of an index are fetched, how many indexes deep, how many pages of a sitemap are taken, and how
    old sitemaps and pages may be; no `max_age` is any."""

    number: int = 3
    depth: int = 3
    max_age: timedelta | None = None
    pages: int = 1_000


DEFAULT_LIMITS = SitemapLimits()


def refuse_cycle(message: PageFetched) -> None:
    """Ends a page that is its own ancestor: a sitemap that redirects to the index which listed it.

    Raises:
        Drop: the page's address is that of an ancestor.
    """
    if message.ancestors and _key(message.page.final_url) in message.ancestors:
        raise Drop(Reason.CYCLE, f"{message.page.final_url} lists the sitemap that leads back to it")


def recent_pages(message: PageFetched, pages: Sequence[SitemapPage], limits: SitemapLimits) -> Sequence[SitemapPage]:
    """Returns the pages of a sitemap that are taken, in its order: the newest, and without dates the last ones.

    Of a sitemap that only robots.txt lists, news is taken. A backfill asks for old pages, and gets all.

    Args:
        message: the sitemap.
        pages: what it lists.
        limits: how many, and how old.
    """
    if message.origin is Origin.BACKFILL:
        return pages
    eligible = [
        page
        for page in pages
        if _is_recent(page.day, message, limits.max_age) and (message.via != VIA_ROBOTS or page.published)
    ]
    newest = sorted(eligible, key=lambda page: (page.day, page.position), reverse=True)[: limits.pages]
    return sorted(newest, key=lambda page: page.position)


def child_fetches(
    message: PageFetched, children: Iterable[ChildSitemap], limits: SitemapLimits
) -> Iterator[FetchRequested]:
    """Yields the requests for the sitemaps that an index lists, in its order; the same ids when it is read again.

    Args:
        message: the index.
        children: its sitemaps, the newest first.
        limits: how many of them.
    """
    ancestors = (*message.ancestors, _key(message.page.final_url))
    if len(ancestors) > limits.depth:
        log.info("sitemap indexes nest too deeply", url=message.page.url, depth=limits.depth)
        return
    recent = (child.url for child in children if _is_recent(child.modified, message, limits.max_age))
    for url in [url for url in recent if _key(url) not in ancestors][: limits.number]:
        trace = uuid5(NAMESPACE_URL, f"{message.trace_id} {url}").hex
        envelope = message.envelope() | {"trace_id": trace, "cause": message.trace_id}
        yield FetchRequested(
            **envelope, url=url, kind=Kind.SITEMAP, follow=message.follow, ancestors=ancestors
        )  # fmt: skip


def _is_recent(modified: str, message: PageFetched, max_age: timedelta | None) -> bool:
    if max_age is None or not modified:
        return True
    return modified[:10] >= (message.page.fetched_at - max_age).date().isoformat()


def _key(url: str) -> str:
    try:
        return fingerprint(url)
    except BadUrl:
        return ""
