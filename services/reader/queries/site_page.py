"""What the page of a site shows besides its state: channels, days, what is missing, fetches, the front page, alerts."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from redis import Redis
from sqlalchemy import select
from sqlmodel import Session, col

from services.reader.queries import sites as site_rows
from services.reader.queries.coverage import missing_between
from services.reader.queries.figures import answers_since
from services.reader.queries.site_state import SiteState, state_of
from shared.contracts import Role
from shared.database import coverage
from shared.database.models import Alert, Headline, Placement, Site, Source, Visit
from shared.database.outlets import source_keys

DAYS = 7
MOST_VISITS, MOST_PLACES, MOST_ALERTS = 30, 60, 20
_DAY = timedelta(days=1)


class Day(NamedTuple):
    """What became of the stories that were listed first on a UTC day: listed = stored + dropped + under_way."""

    day: date
    listed: int
    stored: int
    dropped: int
    under_way: int


class Place(NamedTuple):
    """A place on the front page: its headline as it is shown there now."""

    position: int
    block: str | None
    headline: Headline
    seen_at: datetime


class SitePage(NamedTuple):
    """A site, or a channel that stands by itself: `row` is its row, `fronts` are its front pages by their addresses."""

    row: Site | Source
    state: SiteState
    channels: Sequence[Source]
    days: Sequence[Day]
    missing: Sequence[dict[str, Any]]
    visits: Sequence[Visit]
    answers: Counter[str]
    fronts: dict[str, Sequence[Place]]
    alerts: Sequence[Alert]


def site_page(session: Session, redis: "Redis", key: str, moment: datetime) -> SitePage | None:
    """Returns what the page of a site shows; None if there is no site, and no channel by itself, of this key."""
    row = row_of(session, key)
    state = state_of(session, key, moment) if row else None
    if row is None or state is None:
        return None
    channels = site_rows.channels(session, key) if isinstance(row, Site) else [row]
    sources = source_keys(session, [key])
    start = moment - DAYS * _DAY
    return SitePage(
        row, state, channels, _days(session, list(sources), moment),
        missing_between(session, redis, list(sources), (start, moment)),
        _visits(session, list(sources)), answers_since(session, sources, start)[key],
        {channel.url: _places(session, channel.key) for channel in channels if channel.role == Role.FRONT},
        _alerts(session, key),
    )  # fmt: skip


def row_of(session: Session, key: str) -> Site | Source | None:
    """Returns the row of a site, or of a channel that stands by itself; None if there is neither."""
    if (site := site_rows.site(session, key)) is not None:
        return site
    channel = site_rows.channel(session, key)
    return channel if channel is not None and channel.site_key is None else None


def _days(session: Session, source_ids: Sequence[int], moment: datetime) -> list[Day]:
    """Returns the last days, today first."""
    days = [moment.date() - number * _DAY for number in range(DAYS)]
    return [_day(session, source_ids, day) for day in days]


def _day(session: Session, source_ids: Sequence[int], day: date) -> Day:
    states: Counter[str] = Counter()
    start, end = coverage.day_bounds(day)
    rows = session.execute(coverage.states(), {"sources": list(source_ids), "start": start, "end": end})
    for _, state, stories in rows:
        states[state] += stories
    return Day(day, sum(states.values()), *(states[state] for state in coverage.STATES))


def _visits(session: Session, source_ids: Sequence[int]) -> list[Visit]:
    """Returns the newest visits, the newest first: of each channel by its index, since their numbers are spread widely."""
    visits: list[Visit] = []
    for source_id in source_ids:
        newest = select(Visit).where(col(Visit.source_id) == source_id).order_by(col(Visit.id).desc())
        visits += session.scalars(newest.limit(MOST_VISITS))
    return sorted(visits, key=lambda visit: -(visit.id or 0))[:MOST_VISITS]


def _places(session: Session, page_key: str) -> list[Place]:
    query = select(Placement, Headline).join(Headline, col(Headline.id) == col(Placement.headline_id))
    query = query.where(col(Placement.page_key) == page_key).order_by(col(Placement.position)).limit(MOST_PLACES)
    return [
        Place(placement.position, placement.block, headline, placement.seen_at)
        for placement, headline in session.execute(query)
    ]


def _alerts(session: Session, key: str) -> Sequence[Alert]:
    query = select(Alert).where(col(Alert.site_key) == key).order_by(col(Alert.id).desc())
    return session.scalars(query.limit(MOST_ALERTS)).all()
