"""When sources, the pages that are polled, are due again."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import or_, select
from sqlmodel import Session, col

from services.storage.listings import News
from services.storage.pace import arrivals, polling, reason
from services.storage.pace.arrivals import Forecast
from services.storage.tables.ledger import SUCCESS, End
from services.storage.tables.pacer import Pacer
from services.storage.tables.pauses import publisher_allows, wish_seconds
from shared.contracts import HeadlinesParsed, Origin, Pace, PageDropped, Reason
from shared.database.models import Site, Source
from shared.urls import host_of


def reschedule(session: Session, ends: Sequence[End], news: News, pacer: Pacer) -> None:
    """Sets when sources are due again whose own pages have ended. Imports and replays leave the schedule as it is.

    Args:
        session: of the transaction.
        ends: of the batch.
        news: what is new on the sources' listings; it teaches when they bring news.
        pacer: the budgets.
    """
    ended = {end.key: end for end in ends if end.message.origin is Origin.LIVE}
    query = select(Source, Site).outerjoin(Site, col(Site.key) == col(Source.site_key))
    for source, site in session.execute(query.where(or_(col(Source.key).in_(ended), col(Source.id).in_(news)))).all():
        dates = [_seconds(date) for date in news.get(source.id, ())]
        if end := ended.get(source.key):
            _reschedule(source, end, dates)
            source.next_poll_at, source.reason = due(session, source, site, pacer)
        elif source.arrivals:
            # Of a sitemap that a source's index lists, for instance.
            _remember(source, arrivals.late(arrivals.load(source.arrivals), dates))


def _reschedule(source: Source, end: End, dates: Sequence[float | None]) -> None:
    success = end.disposition in SUCCESS or end.disposition == Reason.NOT_MODIFIED
    source.last_polled_at = end.ended_at
    source.last_disposition = end.disposition
    source.last_success_at = end.ended_at if success else source.last_success_at
    source.failures = 0 if success else source.failures + 1
    _note_wishes(source, end)
    if success:
        learned = arrivals.load(source.arrivals) if source.arrivals else None
        looked_at = (end.page.fetched_at if end.page else end.ended_at).timestamp()
        _remember(source, arrivals.look(learned, _forecast(source, looked_at), looked_at, dates))


def _remember(source: Source, learned: arrivals.Arrivals) -> None:
    source.arrivals = arrivals.dump(learned)
    source.demand = polling.demand(arrivals.forecast(learned, _prior(source)))


def _note_wishes(source: Source, end: End) -> None:
    """Keeps what the publisher wishes. A feed that has not changed has the wish that it had, and so has an error."""
    message = end.message
    if isinstance(message, HeadlinesParsed):
        source.pace = message.pace.model_dump(mode="json") if message.pace else None
    if isinstance(message, PageDropped) and message.fresh_seconds is not None:
        source.fresh_seconds = message.fresh_seconds
    elif end.page is not None:
        source.fresh_seconds = end.page.fresh_seconds


def due(session: Session, source: Source, site: Site | None, pacer: Pacer) -> tuple[datetime, str]:
    """Returns when a source that has been polled is due again, and why then.

    Never sooner than its publisher wishes, for as long as such a wish is heeded.
    """
    polled_at = source.last_polled_at
    assert polled_at is not None
    expected = _forecast(source, polled_at.timestamp())
    pause = timedelta(seconds=polling.patience(_pause(session, source, site, pacer, expected), source.failures))
    pace = Pace.model_validate(source.pace) if source.pace else Pace()
    allowed_at = publisher_allows(polled_at, pause, source.fresh_seconds or 0, pace)
    due_at = min(allowed_at, polled_at + max(pacer.longest_pause, pause))
    return due_at, _reason(source, expected, (due_at - polled_at).total_seconds())


def _pause(session: Session, source: Source, site: Site | None, pacer: Pacer, expected: Forecast) -> float:
    """Returns the seconds from one successful poll of a source to the next: as set, or when a poll pays most."""
    if source.interval_seconds is not None:
        return source.interval_seconds
    assert source.last_polled_at is not None
    worth = pacer.worth(session, host_of(source.url), source.last_polled_at)
    return polling.wait(expected, worth, pacer.bounds(source, site))


def _forecast(source: Source, moment: float) -> Forecast:
    """Returns what is expected of a source from a moment on."""
    learned = arrivals.load(source.arrivals) if source.arrivals else arrivals.Arrivals(moment)
    return arrivals.forecast(learned, _prior(source)).after(moment)


def _prior(source: Source) -> float:
    return arrivals.PRIOR_RATES.get(source.kind or "", arrivals.USUAL_RATE)


def _reason(source: Source, expected: Forecast, seconds: float) -> str:
    if source.failures:
        return reason.failed(source.failures, source.last_disposition or "", seconds)
    if source.interval_seconds is not None:
        return reason.fixed(source.interval_seconds, seconds, wish_seconds(source))
    return reason.learned(expected, seconds, wish_seconds(source))


def _seconds(date: datetime | None) -> float | None:
    return None if date is None else date.astimezone(UTC).timestamp()
