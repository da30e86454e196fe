"""Which channels a choice of sites has, and what there is to choose from."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Row, select
from sqlmodel import Session, col

from services.reader.queries.sites import matching
from shared.database.models import Site, Source
from shared.urls import host_of

# Sites whose names, tags, languages and countries are offered as choices.
MOST_SITES = 2000
_COLUMNS = (col(Site.key), col(Site.name), col(Site.country), col(Site.languages), col(Site.tags))


class Outlet(NamedTuple):
    """The site that a channel belongs to; without a key a channel that stands by itself."""

    key: str | None
    name: str


class Choices(NamedTuple):
    """What sites can be chosen by, each in alphabetical order."""

    names: Sequence[str]
    tags: Sequence[str]
    languages: Sequence[str]
    countries: Sequence[str]


def channels_of(session: Session, site: str | None, tag: str | None, country: str | None) -> list[int] | None:
    """Returns the ids of the channels of the sites that meet all conditions; None where there is no condition.

    Args:
        session: of the database, only read.
        site: a key, an address, a host or a name of a site, or of a channel that stands by itself.
        tag: of the site.
        country: of the site, ISO 3166-1.
    """
    if not (site or tag or country):
        return None
    named = matching(session, site) if site else _sites(session)
    keys = [row.key for row in named if not isinstance(row, Source) and _is_of(row, tag, country)]
    alone = [row.id or 0 for row in named if isinstance(row, Source) and not (tag or country)]
    return [*alone, *session.scalars(select(col(Source.id)).where(col(Source.site_key).in_(keys)))]


def outlets(session: Session, source_ids: Iterable[int | None]) -> Mapping[int, Outlet]:
    """Returns the outlets of channels, by the channels' ids."""
    ids = sorted({source_id for source_id in source_ids if source_id is not None})
    columns = (col(Source.id), col(Source.name), col(Site.key), col(Site.name))
    query = select(*columns).outerjoin(Site, col(Site.key) == col(Source.site_key)).where(col(Source.id).in_(ids))
    return {source_id: Outlet(key, site_name or name) for source_id, name, key, site_name in session.execute(query)}


def host_named(session: Session, name: str) -> str:
    """Returns the host of the site that a person means by a key, an address or a name; what they wrote if there is none."""
    row = next(iter(matching(session, name)), None)
    return host_of(row.home_page if isinstance(row, Site) else row.url) if row else name


def choices(session: Session) -> Choices:
    """Returns what the sites that are followed can be chosen by; of many sites, those of the first MOST_SITES."""
    rows = _sites(session)
    return Choices(
        [row.name for row in rows],
        sorted({tag for row in rows for tag in row.tags}),
        sorted({language for row in rows for language in row.languages}),
        sorted({row.country for row in rows if row.country}),
    )


def _sites(session: Session) -> Sequence[Row[Any]]:
    query = select(*_COLUMNS).where(col(Site.state) != "removed").order_by(col(Site.name), col(Site.id))
    return session.execute(query.limit(MOST_SITES)).all()


def _is_of(row: Any, tag: str | None, country: str | None) -> bool:
    return (not tag or tag in row.tags) and (not country or country == row.country)
