"""The sites with their feeds as OPML (opml.org, version 2.0)."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import attrgetter
from xml.etree import ElementTree

from sqlalchemy import select
from sqlmodel import Session, col

from services.reader.queries.sites import sites
from shared.database.models import Site, Source


def outlets(session: Session) -> list[tuple[Site, Sequence[Source]]]:
    """Returns all sites, by name, with their channels."""
    rows = session.scalars(select(Source).where(col(Source.site_key).is_not(None)).order_by(col(Source.site_key)))
    channels = {key: list(group) for key, group in groupby(rows, attrgetter("site_key"))}
    return [(site, channels.get(site.key, [])) for site in sites(session)]


def opml(rows: Iterable[tuple[Site, Sequence[Source]]]) -> str:
    """Returns sites with their feeds as an OPML document; a site without feeds has its page."""
    root = ElementTree.Element("opml", version="2.0")
    ElementTree.SubElement(ElementTree.SubElement(root, "head"), "title").text = "Newsmill"
    body = ElementTree.SubElement(root, "body")
    for site, channels in rows:
        attributes = {"text": site.name, "title": site.name, "htmlUrl": site.home_page}
        feeds = [channel for channel in channels if channel.role == "feed"]
        for feed in feeds:
            ElementTree.SubElement(body, "outline", {**attributes, "type": "rss", "xmlUrl": feed.url})
        if not feeds:
            ElementTree.SubElement(body, "outline", attributes)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True)
