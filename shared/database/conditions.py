"""The condition of each outlet: whether it brings what it should, in one word, the worst first.

An outlet is a site, or a channel that stands by itself. Its alerts are judged by the storage worker; here they are read
together with what a person and the channels' last polls say.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal, NamedTuple, get_args

from sqlalchemy import String, cast, func, select
from sqlmodel import Session, col

from shared.database.models import Alert, Site, Source

# `unread`: nothing was ever read of it, and not for lack of trying. `new`: it was not asked yet.
Condition = Literal["failing", "silent", "unread", "changed", "new", "well", "paused", "removed"]
CONDITIONS: tuple[Condition, ...] = get_args(Condition)
_ALERTS: tuple[Condition, ...] = ("failing", "silent", "changed")
_LISTED = "listed"


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


class Outlet(NamedTuple):
    """An outlet with its condition. `is_site` tells a site from a channel that stands by itself, `wall` is how its last look
    ended where that was no success, and `troubles` are its open alerts."""

    key: str
    name: str
    url: str
    state: str
    country: str | None = None
    languages: Sequence[str] = ()
    tags: Sequence[str] = ()
    is_site: bool = True
    condition: Condition = "new"
    troubles: Sequence[Trouble] = ()
    channels: Channels = Channels()
    wall: str | None = None


def outlets(session: Session) -> list[Outlet]:
    """Returns every outlet, the worst condition first, then by name."""
    troubles, channels = _troubles(session), _channels(session)
    rows = [*_sites(session), *_single_channels(session)]
    judged = [_judged(row, troubles.get(row.key, ()), channels.get(row.key, Channels())) for row in rows]
    return sorted(judged, key=lambda outlet: (CONDITIONS.index(outlet.condition), outlet.name.lower(), outlet.key))


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
    if "changed" in alerts:
        return "changed"
    return "well" if channels.read else "new"


def _judged(row: Outlet, troubles: Sequence[Trouble], channels: Channels) -> Outlet:
    kinds = [trouble.kind for trouble in troubles]
    return row._replace(condition=condition(row.state, kinds, channels, row.wall), troubles=troubles, channels=channels)


def _sites(session: Session) -> list[Outlet]:
    # Lists as text: most sites have the same few, and each is read once.
    lists = [cast(col(column), String) for column in (Site.languages, Site.tags)]
    columns: list[Any] = [
        col(Site.key), col(Site.name), col(Site.home_page), col(Site.state), col(Site.country), *lists, col(Site.discovery_end)
    ]  # fmt: skip
    return [
        Outlet(
            row.key, row.name, row.home_page, row.state, row.country, _strings(row[5]), _strings(row[6]),
            wall=row.discovery_end if row.discovery_end != _LISTED else None,
        )
        for row in session.execute(select(*columns))
    ]  # fmt: skip


@lru_cache(1024)
def _strings(text: str) -> Sequence[str]:
    """Returns the items of a JSON list."""
    return tuple(json.loads(text))


def _single_channels(session: Session) -> list[Outlet]:
    query = select(col(Source.key), col(Source.name), col(Source.url), col(Source.state))
    rows = session.execute(query.where(col(Source.site_key).is_(None)))
    return [Outlet(*row)._replace(is_site=False) for row in rows]


def _troubles(session: Session) -> dict[str, list[Trouble]]:
    """Returns the open alerts by key, the worst first."""
    query = select(Alert).where(col(Alert.closed_at).is_(None), col(Alert.site_key).is_not(None))
    troubles: dict[str, list[Trouble]] = {}
    for alert in sorted(session.scalars(query), key=lambda alert: (_ALERTS.index(alert.kind), alert.since)):
        trouble = Trouble(alert.kind, alert.since, alert.cause, alert.evidence)
        troubles.setdefault(alert.site_key or "", []).append(trouble)
    return troubles


def _channels(session: Session) -> dict[str, Channels]:
    key = func.coalesce(col(Source.site_key), col(Source.key))
    counts = (func.count(), func.count(col(Source.last_polled_at)), func.count(col(Source.last_success_at)))
    query = select(key, *counts).where(col(Source.state) == "active").group_by(key)
    return {row[0]: Channels(*row[1:]) for row in session.execute(query)}
