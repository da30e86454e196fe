"""The condition of each outlet: whether it brings what it should, in one word, the worst first.

An outlet is a site, or a channel that stands by itself. Its alerts are judged by the storage worker; here they are read
together with what a person and the channels' last polls say.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal, NamedTuple, get_args

from sqlalchemy import Select, String, cast, func, literal, null, or_, select
from sqlmodel import Session, col

from shared.database.models import Alert, Site, Source

# `unread`: nothing was ever read of it, and not for lack of trying. `new`: it was not asked yet.
Condition = Literal["failing", "silent", "unread", "changed", "new", "well", "paused", "removed"]
CONDITIONS: tuple[Condition, ...] = get_args(Condition)
# The kinds of alerts, the worst first: those of a site, then those of one of its channels (Alert).
ALERT_KINDS = ("failing", "silent", "changed", "channel-failing", "channel-empty", "channel-stale")
_LISTED = "listed"
_RANKS = {name: rank for rank, name in enumerate(CONDITIONS)}


class Trouble(NamedTuple):
    """An open alert: its kind, since when, the likely cause in words, and the figures that show it."""

    kind: str
    since: datetime
    cause: str
    evidence: Mapping[str, Any]


class Channels(NamedTuple):
    """The active channels of an outlet: how many there are, how many were polled, and how many were ever read."""

    number: int = 0
    polled: int = 0
    read: int = 0


_NO_CHANNELS = Channels()


class Outlet(NamedTuple):
    """An outlet with its condition. `is_site` tells a site from a channel that stands by itself, `wall` is how its last look
    ended where that was no success, and `troubles` are its open alerts."""

    key: str
    name: str
    url: str
    state: str
    country: str | None
    languages: Sequence[str]
    tags: Sequence[str]
    is_site: bool
    condition: Condition
    troubles: Sequence[Trouble]
    channels: Channels
    wall: str | None


def outlets(session: Session, key: str | None = None) -> list[Outlet]:
    """Returns every outlet, or the one of a key, the worst condition first, then by name."""
    troubles, channels = _troubles(session, key), _channels(session, key)
    rows = [*_sites(session, key), *_single_channels(session, key)]
    judged = [_outlet(row, troubles.get(row.key, ()), channels.get(row.key, _NO_CHANNELS)) for row in rows]
    return sorted(judged, key=lambda outlet: (_RANKS[outlet.condition], outlet.name.lower(), outlet.key))


def condition(state: str, kinds: Iterable[str], channels: Channels, wall: str | None) -> Condition:
    """Returns the condition of an outlet.

    Args:
        state: as a person set it: `active`, `paused` or `removed`.
        kinds: of its open alerts.
        channels: that are active.
        wall: how the last look for channels ended, where that was no success.
    """
    if state != "active":
        return "removed" if state == "removed" else "paused"
    alerts = set(kinds)
    if "failing" in alerts or "silent" in alerts:
        return "failing" if "failing" in alerts else "silent"
    if (channels.polled and not channels.read) or (wall and not channels.number):
        return "unread"
    if alerts:
        # A channel that has died takes its stories along, or nothing: the site is read otherwise than before.
        return "changed"
    return "well" if channels.read else "new"


def _outlet(row: Any, troubles: Sequence[Trouble], channels: Channels) -> Outlet:
    wall = row.discovery_end if row.discovery_end != _LISTED else None
    judged = condition(row.state, [trouble.kind for trouble in troubles], channels, wall)
    return Outlet(
        row.key, row.name, row.url, row.state, row.country, _strings(row.languages), _strings(row.tags), row.is_site,
        judged, troubles, channels, wall,
    )  # fmt: skip


def _sites(session: Session, key: str | None) -> Sequence[Any]:
    # Lists as text: most sites have the same few, and each is read once.
    lists = [
        cast(col(column), String).label(name) for name, column in (("languages", Site.languages), ("tags", Site.tags))
    ]
    columns: list[Any] = [
        col(Site.key), col(Site.name), col(Site.home_page).label("url"), col(Site.state), col(Site.country), *lists,
        col(Site.discovery_end), literal(value=True).label("is_site"),
    ]  # fmt: skip
    return session.execute(_of(key, col(Site.key), select(*columns))).all()


def _single_channels(session: Session, key: str | None) -> Sequence[Any]:
    columns: list[Any] = [
        col(Source.key), col(Source.name), col(Source.url), col(Source.state), null().label("country"),
        literal("[]").label("languages"), literal("[]").label("tags"), null().label("discovery_end"),
        literal(value=False).label("is_site"),
    ]  # fmt: skip
    return session.execute(_of(key, col(Source.key), select(*columns).where(col(Source.site_key).is_(None)))).all()


@lru_cache(1024)
def _strings(text: str) -> Sequence[str]:
    """Returns the items of a JSON list."""
    return tuple(json.loads(text))


def _troubles(session: Session, key: str | None) -> dict[str, list[Trouble]]:
    """Returns the open alerts by key, the worst first."""
    query = select(Alert).where(col(Alert.closed_at).is_(None), col(Alert.site_key).is_not(None))
    query = _of(key, col(Alert.site_key), query)
    troubles: dict[str, list[Trouble]] = {}
    for alert in sorted(session.scalars(query), key=lambda alert: (ALERT_KINDS.index(alert.kind), alert.since)):
        trouble = Trouble(alert.kind, alert.since, alert.cause, alert.evidence)
        troubles.setdefault(alert.site_key or "", []).append(trouble)
    return troubles


def _channels(session: Session, key: str | None) -> dict[str, Channels]:
    outlet = func.coalesce(col(Source.site_key), col(Source.key))
    counts = (func.count(), func.count(col(Source.last_polled_at)), func.count(col(Source.last_success_at)))
    query = select(outlet, *counts).where(col(Source.state) == "active").group_by(outlet)
    if key is not None:
        query = query.where(or_(col(Source.site_key) == key, col(Source.key) == key))
    return {row[0]: Channels(*row[1:]) for row in session.execute(query)}


def _of(key: str | None, column: Any, query: Select[Any]) -> Select[Any]:
    return query if key is None else query.where(column == key)
