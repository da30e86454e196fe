"""When sources, the pages that are polled, are due again."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from math import inf

from sqlalchemy import select
from sqlmodel import Session, col

from services.storage.health import changes
from services.storage.listings import News
from services.storage.pace import arrivals, learning, polling, reason
from services.storage.pace.arrivals import Forecast
from services.storage.tables import subscriptions
from services.storage.tables.ledger import SUCCESS, End
from services.storage.tables.membership import Lookup, among
from services.storage.tables.pacer import Pacer
from services.storage.tables.pauses import publisher_allows, wish_seconds
from shared.contracts import WEBSUB, HeadlinesParsed, Kind, Origin, Pace, PageDropped, Reason
from shared.database.models import Site, Source, Subscription
from shared.pace import PRIOR_RATES, USUAL_RATE
from shared.urls import host_of

# A source that a hub sends is polled all the same, to see whether it still does: after so long at the latest, or when so many
# items would be expected that their absence tells (half of a listing of so many).
CHECK_SECONDS = 6 * 3600.0
LISTED = 10
_POLLED = Lookup(select(col(Source.id)), Source.key)


def reschedule(session: Session, ends: Sequence[End], news: News, pacer: Pacer) -> None:
    """Sets when sources are due again whose own pages have ended. Imports and replays leave the schedule as it is.

    Args:
        session: of the transaction.
        ends: of the batch.
        news: what is new on the sources' listings; it teaches when they bring news.
        pacer: the budgets.
    """
    ended = {end.key: end for end in ends if end.message.origin is Origin.LIVE}
    ids = {int(row.id) for row in _POLLED.rows(session, ended)} | news.keys()
    if not ids:
        return
    query = (
        select(Source, Site, Subscription)
        .outerjoin(Site, col(Site.key) == col(Source.site_key))
        .outerjoin(Subscription, col(Subscription.channel_key) == col(Source.key))
        .where(among(session, Source.id, ids))
    )
    for source, site, subscription in session.execute(query).all():
        dates = [_seconds(date) for date in news.get(source.id, ())]
        if end := ended.get(source.key):
            _reschedule(source, end, dates)
            if subscription:
                subscriptions.note(subscription, end, len(dates))
            source.next_poll_at, source.reason = due(session, source, site, pacer, subscription)
        elif source.arrivals:
            # Of a sitemap that a source's index lists, for instance.
            _remember(source, learning.late(arrivals.load(source.arrivals), dates))
            if dates:
                experience = changes.change(changes.load(source.changes), arrivals.load(source.arrivals).until)
                source.changes = changes.dump(experience)


def _reschedule(source: Source, end: End, dates: Sequence[float | None]) -> None:
    success = end.disposition in SUCCESS or end.disposition == Reason.NOT_MODIFIED
    source.last_polled_at = end.ended_at
    source.last_disposition = end.disposition
    source.last_success_at = end.ended_at if success else source.last_success_at
    source.failures = 0 if success else source.failures + 1
    if end.message.via != WEBSUB:
        _note_wishes(source, end)
    if success:
        learned = arrivals.load(source.arrivals) if source.arrivals else None
        looked_at = (end.page.fetched_at if end.page else end.ended_at).timestamp()
        learned = learning.look(learned, _forecast(source, looked_at), looked_at, dates)
        # What a hub sends is but a part of the listing.
        if isinstance(end.message, HeadlinesParsed) and end.message.via != WEBSUB:
            learned = learned._replace(listed=len(end.message.headlines))
            entries = [headline.url or headline.text for headline in end.message.headlines]
            source.changes = changes.dump(changes.look(changes.load(source.changes), looked_at, entries))
        _remember(source, learned)


def _remember(source: Source, learned: arrivals.Arrivals) -> None:
    source.arrivals = arrivals.dump(learned)
    source.demand = polling.demand(arrivals.forecast(learned, _prior(source)))


def _note_wishes(source: Source, end: End) -> None:
    """Keeps what the publisher wishes, and the hub that it names. A feed that has not changed has the wish that it had, and so has an error."""
    message = end.message
    if isinstance(message, HeadlinesParsed):
        if message.kind is Kind.FEED:
            source.hub_url, source.topic_url = message.hub_url, message.topic_url
        source.pace = message.pace.model_dump(mode="json") if message.pace else None
    if isinstance(message, PageDropped) and message.fresh_seconds is not None:
        source.fresh_seconds = message.fresh_seconds
    elif end.page is not None:
        source.fresh_seconds = end.page.fresh_seconds


def due(
    session: Session, source: Source, site: Site | None, pacer: Pacer, subscription: Subscription | None = None
) -> tuple[datetime, str]:
    """Returns when a source that has been polled is due again, and why then.

    Never sooner than its publisher wishes, for as long as such a wish is heeded. Where a hub sends what is new, only often
    enough to see whether it still does.
    """
    polled_at = source.last_polled_at
    assert polled_at is not None
    expected = _forecast(source, polled_at.timestamp())
    pushed = source.interval_seconds is None and subscriptions.is_reliable(subscription, polled_at)
    seconds = _check(source, site, pacer, expected) if pushed else _pause(session, source, site, pacer, expected)
    pause = timedelta(seconds=polling.patience(seconds, source.failures))
    pace = Pace.model_validate(source.pace) if source.pace else Pace()
    allowed_at = publisher_allows(polled_at, pause, source.fresh_seconds or 0, pace)
    due_at = min(allowed_at, polled_at + max(pacer.longest_pause, pause))
    waited = (due_at - polled_at).total_seconds()
    return due_at, reason.pushed(waited) if pushed else _reason(source, expected, waited)


def _check(source: Source, site: Site | None, pacer: Pacer, expected: Forecast) -> float:
    """Returns the seconds to a poll of a source that a hub sends: until silence would be strange, and hours at most."""
    bounds = pacer.bounds(source, site)
    return polling.wait(expected, inf, bounds._replace(most=max(bounds.least, min(bounds.most, CHECK_SECONDS))), LISTED)


def _pause(session: Session, source: Source, site: Site | None, pacer: Pacer, expected: Forecast) -> float:
    """Returns the seconds from one successful poll of a source to the next: as set, or when a poll pays most."""
    if source.interval_seconds is not None:
        return source.interval_seconds
    assert source.last_polled_at is not None
    worth = pacer.worth(session, host_of(source.url), source.last_polled_at)
    list_length = source.arrivals.get("listed") if source.arrivals else None
    return polling.wait(expected, worth, pacer.bounds(source, site), list_length or None)


def _forecast(source: Source, moment: float) -> Forecast:
    """Returns what is expected of a source from a moment on."""
    learned = arrivals.load(source.arrivals) if source.arrivals else arrivals.Arrivals(moment)
    return arrivals.forecast(learned, _prior(source)).after(moment)


def _prior(source: Source) -> float:
    return PRIOR_RATES.get(source.kind or "", USUAL_RATE)


def _reason(source: Source, expected: Forecast, seconds: float) -> str:
    if source.failures:
        return reason.failed(source.failures, source.last_disposition or "", seconds)
    if source.interval_seconds is not None:
        return reason.fixed(source.interval_seconds, seconds, wish_seconds(source))
    return reason.learned(expected, seconds, wish_seconds(source))


def _seconds(date: datetime | None) -> float | None:
    return None if date is None else date.astimezone(UTC).timestamp()
