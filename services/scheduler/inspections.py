"""Inspections: sites whose home pages are to be looked at for channels.

When a site is due is in its row (services/storage/tables/inspections.py); here it is only read.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from shared.contracts import DISCOVERY, Access, FetchRequested, Inspection, Kind
from shared.database.models import Site

CLAIM = "newsmill:inspecting:"


def due(session: Session, moment: datetime, limit: int) -> Sequence[tuple[str, FetchRequested]]:
    """Returns the fetches of home pages that are due, the longest due first, each with the key by which one scheduler claims it."""
    query = (
        select(Site)
        .where(col(Site.state) == "active", col(Site.discover_at) <= moment)
        .order_by(col(Site.discover_at))
        .limit(limit)
    )
    return [(f"{CLAIM}{site.id}:{site.discover_at}", _fetch(site)) for site in session.scalars(query)]


def _fetch(site: Site) -> FetchRequested:
    return FetchRequested(
        url=site.home_page, kind=Kind.FRONT, via=DISCOVERY, access=Access(**site.access) if site.access else None,
        inspection=Inspection(site_key=site.key),
    )  # fmt: skip
