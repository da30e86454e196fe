"""Sites: outlets that are followed, as a file or a person declares them, as their home pages show them and as persons change them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlmodel import Session, col

from services.storage.tables import edits, inspections
from services.storage.tables.channels import poll_now
from services.storage.tables.upsert import Row, Upsert
from shared.contracts import SiteChanged, SiteDeclared, SiteInspected, now_utc
from shared.database.models import Site, Source
from shared.urls import canonical, fingerprint, host_of

_INSERT = Upsert(Site, "key")
# Of a removed site, in `undo`: the states that its channels had, by their keys. They come back with it.
_GONE = "channels"
_EDITABLE = ("name", "country", "languages", "tags", "state", "least_seconds", "most_seconds", "revisit_hours")


def write(session: Session, messages: Sequence[SiteDeclared | SiteInspected | SiteChanged]) -> None:
    """Writes declarations, inspections and changes of sites in their order, one row a home page.

    A change or an inspection of a site that does not exist is left out.
    """
    _INSERT.write(session, [_row(message) for message in messages if isinstance(message, SiteDeclared)])
    keys = {_key(message) for message in messages}
    query = select(Site).where(col(Site.key).in_(keys)).order_by(col(Site.key)).with_for_update()
    sites = {site.key: site for site in session.scalars(query)} if keys else {}
    for message in messages:
        if (site := sites.get(_key(message))) is not None:
            _apply(session, site, message)


def _apply(session: Session, site: Site, message: SiteDeclared | SiteInspected | SiteChanged) -> None:
    if isinstance(message, SiteChanged):
        _change(session, site, message)
    elif isinstance(message, SiteInspected):
        inspections.note(session, site, message)
    else:
        edits.declare(site, _declared_columns(message), message.declared_by)


def _key(message: SiteDeclared | SiteInspected | SiteChanged) -> str:
    return fingerprint(message.home_page) if isinstance(message, SiteDeclared) else message.key


def _change(session: Session, site: Site, change: SiteChanged) -> None:
    state, removed_channels = site.state, (site.undo or {}).get(_GONE, {})
    edits.edit(site, change, *_EDITABLE)
    if state != "removed" == site.state:
        removed_channels = {
            channel.key: _leave(channel) for channel in _channels(session, col(Source.site_key) == site.key)
        }
    elif state == "removed" != site.state:
        for channel in _channels(session, col(Source.key).in_(removed_channels)):
            channel.state, channel.site_key = removed_channels[channel.key], site.key
        removed_channels = {}
    if site.undo and removed_channels:
        site.undo = {**site.undo, _GONE: removed_channels}
    for channel in _channels(session, col(Source.site_key) == site.key) if change.poll else ():
        poll_now(channel, change.actor)


def _channels(session: Session, condition: ColumnElement[bool]) -> Sequence[Source]:
    return session.scalars(select(Source).where(condition).order_by(col(Source.key)).with_for_update()).all()


def _leave(channel: Source) -> str:
    """Takes a channel out of its removed site, and returns its state before: one that the file lists is polled on, by itself;
    others are no more."""
    state = channel.state
    if channel.declared_by == edits.FILE:
        channel.site_key = None
    else:
        channel.state = "removed"
    return state


def _declared_columns(message: SiteDeclared) -> dict[str, Any]:
    """Returns the columns of a declaration. The file's is whole; a person's leaves as it is what it does not name."""
    columns = {
        "country": message.country, "languages": list(message.languages), "tags": list(message.tags),
        "least_seconds": message.least_seconds, "most_seconds": message.most_seconds,
        "revisit_hours": list(message.revisit_hours) if message.revisit_hours is not None else None,
        "access": message.access.model_dump() if message.access else None,
    }  # fmt: skip
    if message.declared_by != edits.FILE:
        columns = {name: value for name, value in columns.items() if value}
    return columns | {"state": message.state} | ({"name": message.name} if message.name else {})


def _row(message: SiteDeclared) -> Row:
    """Returns the row of a site that was never declared before. Without a name it is called by its host."""
    moment = now_utc()
    columns = _declared_columns(message.model_copy(update={"declared_by": edits.FILE}))
    return {"name": host_of(message.home_page)} | columns | {
        "key": fingerprint(message.home_page), "home_page": canonical(message.home_page),
        "declared_by": message.declared_by, "created_at": moment, "edits": [], "discovery_failures": 0,
        "discover_at": moment if message.discover else moment + inspections.INTERVAL,
    }  # fmt: skip
