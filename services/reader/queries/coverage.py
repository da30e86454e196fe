"""What became of the stories that the channels of sites have listed: those of a site or of all, on a day."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from redis import Redis
from sqlalchemy import select
from sqlmodel import Session, col

from services.reader.queries import sites as site_rows
from shared.database import coverage
from shared.database.coverage import DROPPED, KINDS, STORED, UNDER_WAY
from shared.database.models import Headline, Site, Source
from shared.later import PARKED

# Missing stories in one report, and on the page of a site.
MOST_MISSING, FEW_MISSING = 1000, 100


class Outlet(NamedTuple):
    """A site, or a channel that stands by itself."""

    key: str
    name: str
    url: str


def find(session: Session, name: str) -> Outlet | None:
    """Returns the site, or the channel that stands by itself, of an address, host, name or key; None if there is none."""
    for row in site_rows.matching(session, name):
        if isinstance(row, Site):
            return Outlet(row.key, row.name, row.home_page)
        if row.site_key is None:
            return Outlet(row.key, row.name, row.url)
        return find(session, row.site_key)
    return None


def report(session: Session, redis: "Redis", day: date, outlet: Outlet | None, *, missing: bool) -> dict[str, Any]:
    """Returns the coverage of a UTC day as JSON values: of a site, or of all sites.

    Args:
        session: of the database, only read.
        redis: where what is parked is kept.
        day: on which stories were listed first.
        outlet: the site; None for all.
        missing: whether the stories that are not stored are listed, at most MOST_MISSING.
    """
    rows = session.execute(_of(outlet, coverage.counts(day).subquery())).all()
    groups: dict[str, list[Any]] = {outlet.key: []} if outlet else {}
    for row in rows:
        groups.setdefault(row.site_key, []).append(row)
    outlets = _outlets(session, groups)
    sites = [_site_record(outlets[key], group) for key, group in groups.items() if key in outlets]
    document = {"day": day.isoformat(), "sites": sorted(sites, key=lambda record: (-record["listed"], record["name"]))}
    return document | ({"missing": _missing(session, redis, day, outlet, outlets)} if missing else {})


def missing_between(
    session: Session, redis: "Redis", source_ids: Sequence[int], window: tuple[datetime, datetime]
) -> list[dict[str, Any]]:
    """Returns the stories of some channels, listed first in a time, that are not stored: the newest, at most FEW_MISSING."""
    story = coverage.stories_between(*window).where(col(Headline.source_id).in_(source_ids)).subquery()
    query = select(story).where(story.c.state != STORED).order_by(story.c.first_listed_at.desc(), story.c.url)
    return [_story_record(redis, row, {}) for row in session.execute(query.limit(FEW_MISSING))]


def _of(outlet: Outlet | None, story: Any) -> Any:
    query = select(story)
    return query.where(story.c.site_key == outlet.key) if outlet else query


def _outlets(session: Session, keys: Iterable[str]) -> dict[str, Outlet]:
    row_keys = list(keys)
    channels = select(col(Source.key), col(Source.name), col(Source.url)).where(col(Source.key).in_(row_keys))
    sites = select(col(Site.key), col(Site.name), col(Site.home_page)).where(col(Site.key).in_(row_keys))
    return {row.key: Outlet(*row) for query in (channels, sites) for row in session.execute(query)}


def _site_record(outlet: Outlet, rows: Sequence[Any]) -> dict[str, Any]:
    """Returns the counts of a site. `only` counts the stories that one kind of channel alone has shown."""
    states: Counter[str] = Counter()
    dropped: Counter[str] = Counter()
    only: Counter[str] = Counter(dict.fromkeys(KINDS, 0))
    retries = 0
    for row in rows:
        states[row.state] += row.stories
        dropped[row.reason or ""] += row.stories if row.state == DROPPED else 0
        retries += row.stories if row.state == UNDER_WAY and row.reason else 0
        kinds = _kinds(row)
        only[kinds[0]] += row.stories if len(kinds) == 1 else 0
    return {
        "key": outlet.key, "name": outlet.name, "url": outlet.url, "listed": sum(states.values()),
        "stored": states[STORED], "dropped": states[DROPPED], "under_way": states[UNDER_WAY], "retries": retries,
        "reasons": {reason: number for reason, number in sorted(dropped.items()) if number}, "only": dict(only),
    }  # fmt: skip


def _missing(
    session: Session, redis: "Redis", day: date, outlet: Outlet | None, outlets: Mapping[str, Outlet]
) -> list[dict[str, Any]]:
    story = coverage.stories(day).subquery()
    query = _of(outlet, story).where(story.c.state != STORED)
    query = query.order_by(story.c.site_key, story.c.first_listed_at, story.c.url).limit(MOST_MISSING)
    return [_story_record(redis, row, outlets) for row in session.execute(query)]


def _story_record(redis: "Redis", row: Any, outlets: Mapping[str, Outlet]) -> dict[str, Any]:
    parked = redis.zscore(PARKED, row.trace_id) if row.trace_id and row.state == UNDER_WAY else None
    again = row.retry_at or (datetime.fromtimestamp(float(parked), UTC) if parked is not None else None)
    return {
        "site": outlets[row.site_key].name if row.site_key in outlets else row.site_key, "url": row.url,
        "title": row.text, "first_listed_at": row.first_listed_at.isoformat(timespec="seconds"),
        "shown_in": _kinds(row), "state": row.state, "reason": row.reason, "status": row.status, "detail": row.detail,
        "tried_again_at": again.isoformat(timespec="seconds") if again else None,
        "command": f"newsmill submit --fresh '{row.url}'",
    }  # fmt: skip


def _kinds(row: Any) -> list[str]:
    return [kind for kind in KINDS if getattr(row, f"in_{kind}")]
