"""What of a sitemap is followed unasked: a few recent sitemaps of an index, never one that led here, and recent pages."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import NAMESPACE_URL, uuid5

import structlog

from services.parser.article import dates
from services.parser.listing.sitemap import ChildSitemap
from shared.contracts import FetchRequested, Headline, Kind, Origin, PageFetched, Reason
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


def recent_pages(
    message: PageFetched, headlines: Sequence[Headline], modified: Sequence[str], limits: SitemapLimits
) -> tuple[Headline, ...]:
    """Returns the headlines of a sitemap that are taken, in its order: the newest, and without dates the last ones.

    Of a sitemap that only robots.txt lists, news is taken. A backfill asks for old pages, and gets all.

    Args:
        message: the sitemap.
        headlines: its pages.
        modified: when each page was modified, ISO 8601 or empty; a URL may hold the date as well.
        limits: how many, and how old.
    """
    if message.origin is Origin.BACKFILL:
        return tuple(headlines)
    days = [
        day[:10] or dates.in_url(headline.url or "") or "" for headline, day in zip(headlines, modified, strict=True)
    ]
    taken = [
        position
        for position, headline in enumerate(headlines)
        if _is_recent(days[position], message, limits.max_age) and (message.via != VIA_ROBOTS or headline.published_at)
    ]
    newest = sorted(taken, key=lambda position: (days[position], position), reverse=True)[: limits.pages]
    return tuple(headlines[position] for position in sorted(newest))


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
