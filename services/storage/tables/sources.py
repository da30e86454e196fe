"""Sources: pages that are polled, as they were declared, and when each is due again."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlmodel import Session, col

from services.storage.tables.ledger import SUCCESS, End
from services.storage.tables.upsert import Row, Upsert, in_key_order, overwrite
from shared.contracts import Origin, Reason, SourceDeclared, now_utc
from shared.database.models import Source
from shared.urls import canonical, fingerprint

# A source that fails is polled less often with each failure, and at least once in this time.
LONGEST_INTERVAL = timedelta(days=1)
_DECLARED = (
    "name", "url", "kind", "follow", "interval_seconds", "priority", "state", "declared_by", "access",
)  # fmt: skip
_UPSERT = Upsert(Source, "key", changes=overwrite(*_DECLARED))


def row(source: SourceDeclared) -> Row:
    """Returns the row of a source that was never declared before."""
    return {
        "key": fingerprint(source.url), "name": source.name, "url": canonical(source.url),
        "kind": source.kind.value if source.kind else None, "follow": source.follow,
        "interval_seconds": source.interval_seconds, "priority": source.priority, "state": source.state,
        "declared_by": source.declared_by, "created_at": now_utc(), "next_poll_at": now_utc(), "failures": 0,
        "access": source.access.model_dump() if source.access else None,
    }  # fmt: skip


def declare(session: Session, rows: Iterable[Row]) -> None:
    """Writes declared sources, one row a URL. A shorter interval takes effect at once."""
    rows = in_key_order(rows, "key")
    _UPSERT.write(session, rows)
    query = select(Source).where(col(Source.key).in_([row["key"] for row in rows]))
    for source in session.scalars(query.order_by(col(Source.key)).with_for_update()):
        if source.last_polled_at is not None:
            source.next_poll_at = min(source.next_poll_at, source.last_polled_at + _pause(source))


def reschedule(session: Session, ends: Sequence[End]) -> None:
    """Sets when sources are due again whose own pages have ended. Imports and replays leave the schedule as it is."""
    ended = {end.key: end for end in ends if end.message.origin is Origin.LIVE}
    for source in session.scalars(select(Source).where(col(Source.key).in_(ended))):
        _reschedule(source, ended[source.key])


def _reschedule(source: Source, end: End) -> None:
    success = end.disposition in SUCCESS or end.disposition == Reason.NOT_MODIFIED
    source.last_polled_at = end.ended_at
    source.last_disposition = end.disposition
    source.last_success_at = end.ended_at if success else source.last_success_at
    source.failures = 0 if success else source.failures + 1
    source.next_poll_at = end.ended_at + _pause(source)


def _pause(source: Source) -> timedelta:
    """Returns the time from one poll of a source to the next."""
    interval = timedelta(seconds=source.interval_seconds)
    # Linear: doubling would lose a newspaper for a day after an hour's trouble.
    return min(interval * (1 + source.failures), max(interval, LONGEST_INTERVAL))
