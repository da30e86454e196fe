"""The ledger of URLs (the table `page`): which are under way, and how each ended."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import ColumnElement, case, func, null, or_, select
from sqlmodel import Session, col

from services.storage.identity import items
from services.storage.tables.membership import among
from services.storage.tables.upsert import Row, Upsert
from shared.contracts import LISTINGS, FetchRequested, HeadlinesParsed, Message, Origin, Reason, now_utc
from shared.contracts import Page as RawPage
from shared.database.models import Page
from shared.errors import BadUrl
from shared.urls import fingerprint

SUCCESS = ("stored", "updated", "unchanged", "listed", "image")
# The stage of an end that was remembered from an earlier visit: no server was asked.
REMEMBERED = "trigger"
LIVE = Origin.LIVE.value
# Columns that keep their value where a new end has none, and columns that every end sets.
_KEPT = ("source_id", "article_id", "final_url", "fetched_at", "etag", "last_modified", "body_hash")
_LATEST = ("trace_id", "cause", "triggered_at", "disposition", "stage", "detail", "status")


class End(NamedTuple):
    """How the visit of a URL ended, and at which stage. `key` is the URL's key in the ledger."""

    message: Message
    key: str
    url: str
    disposition: str
    stage: str
    ended_at: datetime
    page: RawPage | None = None
    status: int | None = None
    detail: str | None = None
    article_id: int | None = None
    version: int | None = None


class Link(NamedTuple):
    """A link of a listing that is to be fetched; `key` is its URL's key in the ledger."""

    listing: HeadlinesParsed
    key: str
    url: str


def end(message: Message, url: str, disposition: str, stage: str, **details: Any) -> End:
    """Returns the end of a URL, as of now."""
    return End(message, key_of(url), url, disposition, stage, now_utc(), **details)


def key_of(url: str) -> str:
    """Returns the ledger's key of a URL. One that cannot be read has a key too, made of its spelling."""
    try:
        return fingerprint(url)
    except BadUrl:
        return uuid5(NAMESPACE_URL, url).hex


def links(listing: HeadlinesParsed) -> Iterator[Link]:
    """Yields the links of a listing that are to be fetched. One that cannot be read stays a headline only."""
    if not listing.follow or listing.kind not in LISTINGS:
        return
    for headline in listing.headlines:
        if headline.url:
            try:
                yield Link(listing, fingerprint(headline.url), headline.url.partition("#")[0])
            except BadUrl:
                continue


def close(
    session: Session,
    ends: Iterable[End],
    retries: Mapping[str, tuple[int, datetime | None]],
    revisits: Mapping[str, datetime],
) -> None:
    """Writes dispositions. A trace that ended well stays so, whatever a late duplicate of a message says.

    Args:
        session: of the transaction.
        ends: of the batch.
        retries: how many retries of a page were planned and when the next one is due, by its key; others have none.
        revisits: when the page of an article is looked at again, by its key; others as planned before, if that is later.
    """
    _CLOSED.write(
        session,
        ({**_closed(end, *retries.get(end.key, (0, None))), **_again(end, revisits.get(end.key))} for end in ends),
    )


def accept(session: Session, links: Sequence[Link], stale_seconds: float) -> list[FetchRequested]:
    """Enters the unknown links of listings into the ledger and returns the fetches that follow, in reading order.

    A message that comes again repeats its fetches with the same traces until they have ended, so that a worker killed
    between the commit and the sending loses none. A link that another message accepted and that has not ended within
    `stale_seconds` is fetched again.
    """
    if not links:
        return []
    _ACCEPTED.write(session, map(_accepted, _unserved(session, links)))
    pages = _under_way(session, [link.key for link in links])
    stale = now_utc() - timedelta(seconds=stale_seconds)
    fetches: dict[str, FetchRequested] = {}
    for link in links:
        page = pages.get(link.key)
        if page and (page.trace_id == _trace(link) or page.triggered_at < stale):
            fetches.setdefault(page.trace_id, _fetch(link.listing, page))
    return list(fetches.values())


def _unserved(session: Session, links: Sequence[Link]) -> list[Link]:
    """Returns links without those whose page is fetched or stored by its http address where they have https, or the
    other way round."""
    first_links = {items.key(link.url): link for link in reversed(links)}
    siblings = {link.key: fingerprint(url) for link in first_links.values() if (url := items.sibling(link.url))}
    query = select(col(Page.key)).where(
        among(session, Page.key, siblings.values()),
        or_(col(Page.disposition).is_(None), col(Page.article_id).is_not(None)),
    )
    served = set(session.scalars(query)) if siblings else set()
    return [link for link in first_links.values() if siblings.get(link.key) not in served]


def _under_way(session: Session, keys: Iterable[str]) -> dict[str, Page]:
    query = select(Page).where(among(session, Page.key, keys), col(Page.disposition).is_(None))
    return {page.key: page for page in session.scalars(query)}


def _changes(new: Any) -> dict[str, Any]:
    # A copy that an import or a replay reads is older than what a live visit brought.
    older = (new.origin != LIVE) & (new.fetched_at < col(Page.fetched_at))
    lasting_columns = {
        name: case(
            (older, func.coalesce(getattr(Page, name), new[name])), else_=func.coalesce(new[name], getattr(Page, name))
        )
        for name in _KEPT
    }
    return lasting_columns | {name: new[name] for name in _LATEST} | {
        # Where a page has moved to is known only when it was downloaded, and its age only when a server was asked.
        "moved_to": case((new.fetched_at.is_not(None), new.moved_to), else_=col(Page.moved_to)),
        "ended_at": case((new.stage == REMEMBERED, col(Page.ended_at)), else_=new.ended_at),
        "retries": case((_no_visit(new), col(Page.retries)), else_=new.retries),
        "retry_at": case((_no_visit(new), col(Page.retry_at)), else_=new.retry_at),
        "revisit_at": func.coalesce(new.revisit_at, case((_is_planned_after(new), col(Page.revisit_at)), else_=null())),
        "missing_since": case(
            (_no_visit(new), col(Page.missing_since)),
            (new.missing_since.is_not(None), func.coalesce(col(Page.missing_since), new.missing_since)),
            (or_(ended_well(new.disposition), new.disposition == Reason.NOT_MODIFIED.value), null()),
            else_=col(Page.missing_since),
        ),
        # What is live stays so, though an import or a replay reads it again.
        "origin": case((col(Page.origin) == LIVE, LIVE), else_=new.origin),
    }  # fmt: skip


def _no_visit(new: Any) -> ColumnElement[bool]:
    """Returns the condition that an end says nothing of whether the live page can be fetched now."""
    failed_import = (new.origin != LIVE) & ~ended_well(new.disposition)
    return or_(new.stage == REMEMBERED, failed_import)


def _is_planned_after(new: Any) -> ColumnElement[bool]:
    return or_(_no_visit(new), col(Page.revisit_at) > new.ended_at)


def ended_well(disposition: Any) -> ColumnElement[bool]:
    """Returns the condition that a disposition is a success; not by IN, which no statement for many rows can have."""
    return or_(*(disposition == success for success in SUCCESS))


def _may_close(new: Any) -> ColumnElement[bool]:
    same_trace = col(Page.trace_id) == new.trace_id
    return or_(col(Page.disposition).is_(None), ~(ended_well(col(Page.disposition)) & same_trace))


_CLOSED = Upsert(Page, "key", changes=_changes, where=_may_close)
_ACCEPTED = Upsert(Page, "key")


def _closed(end: End, retries: int, retry_at: datetime | None) -> Row:
    message, page = end.message, end.page
    return _requested(message, end.key, end.url) | {
        "trace_id": message.trace_id,
        "cause": message.cause,
        "triggered_at": message.triggered_at,
        "final_url": page.final_url if page else None,
        "article_id": end.article_id,
        "fetched_at": page.fetched_at if page else None,
        "ended_at": end.ended_at,
        "disposition": end.disposition,
        "stage": end.stage,
        "detail": end.detail,
        "status": end.status,
        "etag": page.etag if page else None,
        "last_modified": page.last_modified if page else None,
        "body_hash": page.body_hash if page else None,
        "moved_to": page.moved_to if page else None,
        "retries": retries,
        "retry_at": retry_at,
    }


def _again(end: End, revisit_at: datetime | None) -> Row:
    vanished = end.disposition in (Reason.HTTP_404, Reason.HTTP_410)
    return {"revisit_at": revisit_at, "missing_since": end.ended_at if vanished else None}


def _accepted(link: Link) -> Row:
    listing = link.listing
    return _requested(listing, link.key, link.url) | {
        "trace_id": _trace(link), "cause": listing.trace_id, "triggered_at": now_utc(),
    }  # fmt: skip


def _requested(message: Message, key: str, url: str) -> dict[str, Any]:
    return {
        "key": key, "url": url, "source_id": message.source_id, "origin": message.origin.value,
        "first_seen_at": now_utc(),
    }  # fmt: skip


def _trace(link: Link) -> str:
    return uuid5(NAMESPACE_URL, f"{link.listing.trace_id} {link.key}").hex


def _fetch(listing: HeadlinesParsed, page: Page) -> FetchRequested:
    return FetchRequested(
        trace_id=page.trace_id, cause=listing.trace_id, source_id=listing.source_id, origin=listing.origin,
        triggered_at=page.triggered_at, priority=listing.priority, url=page.url, follow=False, via="headline",
        access=listing.access.model_copy(update={"sitemaps": False}) if listing.access else None,
    )  # fmt: skip
