"""Inspections: looks at the home page of a site for the channels that it names, now and then for as long as it is followed."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlmodel import Session, col

from services.storage.tables.ledger import SUCCESS, End
from shared.contracts import DISCOVERY, Clue, SiteInspected, now_utc
from shared.database.models import Site, Source
from shared.urls import canonical, host_of

# After so long a site is asked again which channels it names.
INTERVAL = timedelta(days=7)
# After an inspection that failed it is asked again sooner, each time somewhat later.
RETRY = timedelta(hours=1)
# The site itself names a channel that was read there.
_NAMED = (Clue.ALTERNATE.value, Clue.LINK.value, Clue.ROBOTS.value, Clue.MENU.value)


def note(session: Session, site: Site, inspection: SiteInspected) -> None:
    """Keeps what a site says of itself where nobody else says it, and which of its channels it no longer names."""
    if inspection.name and site.name == host_of(site.home_page) and "name" not in site.edits:
        site.name = inspection.name
    if inspection.language and not site.languages and "languages" not in site.edits:
        site.languages = [inspection.language]
    site_addresses, moment = {_address(url) for url in inspection.urls}, now_utc()
    query = select(Source).where(col(Source.site_key) == site.key, col(Source.found_by).in_(_NAMED))
    for channel in session.scalars(query.order_by(col(Source.key)).with_for_update()):
        is_named = _address(channel.url) in site_addresses
        channel.unnamed_since = None if is_named else channel.unnamed_since or moment


def reschedule(session: Session, ends: Sequence[End]) -> None:
    """Sets when the sites are inspected again whose inspections have ended."""
    inspections = {end.key: end for end in ends if end.message.via == DISCOVERY}
    if not inspections:
        return
    for site in session.scalars(select(Site).where(col(Site.key).in_(inspections)).order_by(col(Site.key))):
        end = inspections[site.key]
        is_success = end.disposition in SUCCESS
        site.discovered_at, site.discovery_end = end.ended_at, end.disposition
        site.discovery_failures = 0 if is_success else site.discovery_failures + 1
        site.discover_at = end.ended_at + min(INTERVAL, INTERVAL if is_success else RETRY * site.discovery_failures)


def _address(url: str) -> str:
    """Returns an address as channels are compared: without the scheme and a final slash."""
    return canonical(url).partition("://")[2].rstrip("/")
