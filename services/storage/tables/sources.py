"""When sources, the pages that are polled, are due again."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlmodel import Session, col

from services.storage.tables.ledger import SUCCESS, End
from services.storage.tables.pauses import publisher_allows
from shared.contracts import HeadlinesParsed, Origin, Pace, PageDropped, Reason
from shared.database.models import Source

# A source that fails is polled less often with each failure, and at least once in this time.
LONGEST_INTERVAL = timedelta(days=1)


def reschedule(session: Session, ends: Sequence[End], longest_pause: timedelta) -> None:
    """Sets when sources are due again whose own pages have ended. Imports and replays leave the schedule as it is.

    Args:
        session: of the transaction.
        ends: of the batch.
        longest_pause: for how long at most a publisher's wish is heeded.
    """
    ended = {end.key: end for end in ends if end.message.origin is Origin.LIVE}
    for source in session.scalars(select(Source).where(col(Source.key).in_(ended))):
        _reschedule(source, ended[source.key], longest_pause)


def _reschedule(source: Source, end: End, longest_pause: timedelta) -> None:
    success = end.disposition in SUCCESS or end.disposition == Reason.NOT_MODIFIED
    source.last_polled_at = end.ended_at
    source.last_disposition = end.disposition
    source.last_success_at = end.ended_at if success else source.last_success_at
    source.failures = 0 if success else source.failures + 1
    _note_wishes(source, end)
    source.next_poll_at = due(source, end.ended_at, longest_pause)


def _note_wishes(source: Source, end: End) -> None:
    """Keeps what the publisher wishes. A feed that has not changed has the wish that it had, and so has an error."""
    message = end.message
    if isinstance(message, HeadlinesParsed):
        source.pace = message.pace.model_dump(mode="json") if message.pace else None
    if isinstance(message, PageDropped) and message.fresh_seconds is not None:
        source.fresh_seconds = message.fresh_seconds
    elif end.page is not None:
        source.fresh_seconds = end.page.fresh_seconds


def due(source: Source, polled_at: datetime, longest_pause: timedelta) -> datetime:
    """Returns when a source that was polled at a time is due again: never sooner than its publisher wishes, within bounds."""
    pace = Pace.model_validate(source.pace) if source.pace else Pace()
    allowed_at = publisher_allows(polled_at, _pause(source), source.fresh_seconds or 0, pace)
    return min(allowed_at, polled_at + max(longest_pause, _pause(source)))


def _pause(source: Source) -> timedelta:
    """Returns the time from one poll of a source to the next."""
    interval = timedelta(seconds=source.interval_seconds)
    # Linear: doubling would lose a newspaper for a day after an hour's trouble.
    return min(interval * (1 + source.failures), max(interval, LONGEST_INTERVAL))
