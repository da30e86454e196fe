"""The SQL behind sites and channels, for the API and the command line."""

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel
from sqlalchemy import select
from sqlmodel import Session, col

from shared.database.models import Site, Source
from shared.errors import BadUrl
from shared.urls import fingerprint, host_of

State = Literal["active", "paused", "removed"]


class SiteDetail(BaseModel):
    """A site with its channels."""

    site: Site
    channels: list[Source]


def sites(session: Session, state: State | None = None) -> Sequence[Site]:
    """Returns the sites in a state, by name; without one all but removed ones."""
    condition = col(Site.state) == state if state else col(Site.state) != "removed"
    return session.scalars(select(Site).where(condition).order_by(col(Site.name), col(Site.id))).all()


def channels(session: Session, site_key: str | None = None, state: State | None = None) -> Sequence[Source]:
    """Returns the channels of a site, or all, in a state, by URL; without a state all but removed ones."""
    query = select(Source).where(col(Source.state) == state if state else col(Source.state) != "removed")
    if site_key:
        query = query.where(col(Source.site_key) == site_key)
    return session.scalars(query.order_by(col(Source.url))).all()


def site(session: Session, key: str) -> Site | None:
    """Returns a site by its key; None if there is none."""
    return session.scalars(select(Site).where(col(Site.key) == key)).one_or_none()


def detail(session: Session, key: str) -> SiteDetail | None:
    """Returns a site by its key, with its channels; None if there is none."""
    row = site(session, key)
    return SiteDetail(site=row, channels=list(channels(session, key))) if row else None


def channel(session: Session, key: str) -> Source | None:
    """Returns a channel by its key; None if there is none."""
    return session.scalars(select(Source).where(col(Source.key) == key)).one_or_none()


def matching(session: Session, name: str) -> list[Site | Source]:
    """Returns what a person may mean: the site or channel with this key or address, else the sites of this host or name.

    An address without a scheme is meant with https or http.
    """
    keys = {name, *_keys(name), *(key for scheme in ("https", "http") for key in _keys(f"{scheme}://{name}"))}
    if rows := session.scalars(select(Site).where(col(Site.key).in_(keys))).all():
        return list(rows)
    if channels_of_name := session.scalars(select(Source).where(col(Source.key).in_(keys))).all():
        return list(channels_of_name)
    return [site for site in sites(session) if name.lower() in (site.name.lower(), host_of(site.home_page))]


def _keys(url: str) -> list[str]:
    try:
        return [fingerprint(url)]
    except BadUrl:
        return []
