"""The state of an outlet: its condition and its figures, for the API, the pages and the command line."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from pydantic import BaseModel
from sqlmodel import Session

from services.reader.queries.figures import FEW, MANY, Figures, figures
from services.reader.queries.site_wishes import PAGE_SIZE, Facets, Wish, facets, filtered
from shared.database.conditions import Condition, Outlet, Trouble, outlets


class OpenAlert(BaseModel):
    """What is wrong with an outlet: the kind, since when, the likely cause in words, and the figures that show it."""

    kind: str
    since: datetime
    cause: str
    evidence: dict[str, Any]


class SiteState(BaseModel):
    """How an outlet is, in one word, and the figures behind it.

    `is_site` tells a site from a channel that stands by itself; `channels` are its active channels. `wall` is how the last
    look for its channels ended, where that was no success.
    """

    key: str
    name: str
    url: str
    is_site: bool
    condition: Condition
    alerts: list[OpenAlert]
    channels: int
    wall: str | None
    country: str | None
    languages: list[str]
    tags: list[str]
    figures: Figures


class StatePage(NamedTuple):
    """Some outlets, the worst first: those of one page, how many are asked for in all, and what else can be asked for."""

    items: list[SiteState]
    number: int
    facets: Facets


def state_page(session: Session, moment: datetime, wish: Wish) -> StatePage:
    """Returns the outlets that are asked for, PAGE_SIZE a page, with their figures."""
    every_outlet = outlets(session)
    matches = filtered(every_outlet, wish)
    page_outlets = matches[(wish.page - 1) * PAGE_SIZE : wish.page * PAGE_SIZE]
    return StatePage(_states(session, page_outlets, moment, FEW), len(matches), facets(every_outlet))


def state_of(session: Session, key: str, moment: datetime) -> SiteState | None:
    """Returns the state of a site, or of a channel that stands by itself; None if there is none of this key."""
    states = _states(session, outlets(session, key), moment, MANY)
    return states[0] if states else None


def _states(session: Session, rows: Sequence[Outlet], moment: datetime, sample: int) -> list[SiteState]:
    by_key = figures(session, [outlet.key for outlet in rows], moment, sample) if rows else {}
    return [_state(outlet, by_key[outlet.key]) for outlet in rows]


def _state(outlet: Outlet, outlet_figures: Figures) -> SiteState:
    return SiteState(
        key=outlet.key, name=outlet.name, url=outlet.url, is_site=outlet.is_site, condition=outlet.condition,
        alerts=[_alert(trouble) for trouble in outlet.troubles], channels=outlet.channels.number, wall=outlet.wall,
        country=outlet.country, languages=list(outlet.languages), tags=list(outlet.tags), figures=outlet_figures,
    )  # fmt: skip


def _alert(trouble: Trouble) -> OpenAlert:
    return OpenAlert(kind=trouble.kind, since=trouble.since, cause=trouble.cause, evidence=dict(trouble.evidence))
