"""The ledger of URLs: which are under way, and how each ended. Also what an end means for a source."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import case, func, or_, select
from sqlmodel import Session, col

from services.storage.tables.upsert import in_key_order, insert, lots
from shared.contracts import FetchRequested, Headline, HeadlinesParsed, Message, SourceDeclared, now_utc
from shared.contracts import Page as RawPage
from shared.database.models import Page, Source
from shared.errors import BadUrl
from shared.urls import canonical, fingerprint

SUCCESS = ("stored", "updated", "unchanged", "listed", "image")
# The stage of an end that was known beforehand: nobody was asked.
REMEMBERED = "trigger"
# What an end without it leaves as it was, and what every end says anew.
KEPT = ("source_id", "article_id", "final_url", "fetched_at", "etag", "last_modified", "body_hash")
LATEST = ("trace_id", "cause", "origin", "triggered_at", "disposition", "stage", "detail", "status")
# A source that fails is asked less often with each failure, and once in this time at least.
LONGEST_INTERVAL = timedelta(days=1)


class End(NamedTuple):
    """How a URL ended, at which stage."""

    message: Message
    url: str
    disposition: str
    stage: str
    page: RawPage | None = None
    status: int | None = None
    detail: str | None = None
    article_id: int | None = None
    version: int | None = None


def close(session: Session, ends: Iterable[End]) -> None:
    """Writes the dispositions. A trace that ended well stays so, whatever a late duplicate says."""
    rows = in_key_order((_row(end) for end in ends), "key")
    for lot in lots(rows):
        statement = insert(session, Page).values(lot)
        new = statement.excluded
        changed: dict[str, Any] = {name: func.coalesce(new[name], getattr(Page, name)) for name in KEPT}
        changed |= {name: new[name] for name in LATEST}
        # Where a page has moved is known when it was downloaded, and when it was last asked for only then.
        changed["moved_to"] = case((new.fetched_at.is_not(None), new.moved_to), else_=col(Page.moved_to))
        changed["ended_at"] = case((new.stage == REMEMBERED, col(Page.ended_at)), else_=new.ended_at)
        ended_well = col(Page.disposition).in_(SUCCESS) & (col(Page.trace_id) == new.trace_id)
        session.execute(
            statement.on_conflict_do_update(
                index_elements=["key"],
                set_=changed,
                where=or_(col(Page.disposition).is_(None), ~ended_well),
            )
        )
    _move_sources_on(session, rows)


def accept(session: Session, message: HeadlinesParsed, stale_seconds: float) -> list[FetchRequested]:
    """Enters a listing's unknown links into the ledger and returns the fetches that follow.

    Repeating a message repeats its fetches with the same trace until they have ended, so a worker killed between
    the commit and the sending loses none. What another message accepted and nobody ended in `stale_seconds` is
    fetched again.
    """
    wanted = dict(_links(message.headlines))
    rows = [_accepted(message, key, url) for key, url in sorted(wanted.items())]
    for lot in lots(rows):
        session.execute(insert(session, Page).values(lot).on_conflict_do_nothing(index_elements=["key"]))
    open_pages = session.scalars(select(Page).where(col(Page.key).in_(wanted), col(Page.disposition).is_(None)))
    reading_order = {key: place for place, key in enumerate(wanted)}
    stale = now_utc() - timedelta(seconds=stale_seconds)
    return [
        _fetch(message, page)
        for page in sorted(open_pages, key=lambda page: reading_order[page.key])
        if page.trace_id == _trace(message, page.key) or page.triggered_at < stale
    ]


def declare(session: Session, sources: Sequence[SourceDeclared]) -> None:
    """Upserts sources by URL. When one is next due stays as it was."""
    rows = in_key_order((_source(source) for source in sources), "key")
    for lot in lots(rows):
        statement = insert(session, Source).values(lot)
        changed = {
            name: statement.excluded[name] for name in lot[0] if name not in ("key", "created_at", "next_poll_at")
        }
        session.execute(statement.on_conflict_do_update(index_elements=["key"], set_=changed))


def _row(end: End) -> dict[str, Any]:
    message, page = end.message, end.page
    return _asked(message, end.url) | {
        "trace_id": message.trace_id,
        "cause": message.cause,
        "triggered_at": message.triggered_at,
        "final_url": page.final_url if page else None,
        "article_id": end.article_id,
        "fetched_at": page.fetched_at if page else None,
        "ended_at": now_utc(),
        "disposition": end.disposition,
        "stage": end.stage,
        "detail": end.detail,
        "status": end.status,
        "etag": page.etag if page else None,
        "last_modified": page.last_modified if page else None,
        "body_hash": page.body_hash if page else None,
        "moved_to": page.moved_to if page else None,
    }


def _asked(message: Message, url: str) -> dict[str, Any]:
    return {
        "key": key_of(url), "url": url, "source_id": message.source_id, "origin": message.origin.value,
        "first_seen_at": now_utc(),
    }  # fmt: skip


def key_of(url: str) -> str:
    """The ledger's key of a URL; one that cannot be read still has its place, under its own spelling."""
    try:
        return fingerprint(url)
    except BadUrl:
        return uuid5(NAMESPACE_URL, url).hex


def _links(headlines: Iterable[Headline]) -> Iterable[tuple[str, str]]:
    for headline in headlines:
        if headline.url:
            try:
                yield fingerprint(headline.url), headline.url
            except BadUrl:
                continue  # the headline is kept as data; its link leads nowhere


def _trace(message: Message, key: str) -> str:
    return uuid5(NAMESPACE_URL, f"{message.trace_id} {key}").hex


def _accepted(message: HeadlinesParsed, key: str, url: str) -> dict[str, Any]:
    return _asked(message, url) | {
        "key": key, "trace_id": _trace(message, key), "cause": message.trace_id, "triggered_at": now_utc(),
    }  # fmt: skip


def _fetch(message: HeadlinesParsed, page: Page) -> FetchRequested:
    return FetchRequested(
        trace_id=page.trace_id, cause=message.trace_id, source_id=message.source_id, origin=message.origin,
        triggered_at=page.triggered_at, priority=message.priority, url=page.url, follow=False, via="headline",
        access=message.access.model_copy(update={"sitemaps": False}) if message.access else None,
    )  # fmt: skip


def _source(source: SourceDeclared) -> dict[str, Any]:
    return {
        "key": fingerprint(source.url), "name": source.name, "url": canonical(source.url),
        "kind": source.kind.value if source.kind else None, "follow": source.follow,
        "interval_seconds": source.interval_seconds, "priority": source.priority, "state": source.state,
        "declared_by": source.declared_by, "created_at": now_utc(), "next_poll_at": now_utc(),
        "access": source.access.model_dump() if source.access else None,
    }  # fmt: skip


def _move_sources_on(session: Session, rows: Sequence[Any]) -> None:
    """A source whose own page has ended is due again an interval later."""
    ended: dict[str, tuple[str, datetime]] = {row["key"]: (row["disposition"], row["ended_at"]) for row in rows}
    for source in session.scalars(select(Source).where(col(Source.key).in_(ended))):
        disposition, at = ended[source.key]
        source.last_polled_at = at
        source.last_disposition = disposition
        well = disposition in SUCCESS or disposition == "not-modified"
        source.last_success_at = at if well else source.last_success_at
        source.failures = 0 if well else source.failures + 1
        interval = timedelta(seconds=source.interval_seconds)
        # Linear: doubling would lose a newspaper for a day after an hour's trouble.
        source.next_poll_at = at + min(interval * (1 + source.failures), max(interval, LONGEST_INTERVAL))
