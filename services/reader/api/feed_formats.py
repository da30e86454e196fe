"""Feeds as text: Atom (RFC 4287) and JSON Feed (jsonfeed.org, version 1.1)."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from xml.etree import ElementTree

ATOM = "http://www.w3.org/2005/Atom"
ATOM_TYPE, JSON_FEED_TYPE = "application/atom+xml", "application/feed+json"
JSON_FEED_VERSION = "https://jsonfeed.org/version/1.1"
# What XML 1.0 cannot hold (section 2.2), not even escaped.
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Item(NamedTuple):
    """What a feed has of an article. `id` is an IRI that stays the same for ever."""

    id: str
    url: str
    title: str
    text: str
    updated: datetime
    published: datetime | None = None
    summary: str | None = None
    authors: Sequence[str] = ()
    tags: Sequence[str] = ()
    language: str | None = None
    image: str | None = None


class Feed(NamedTuple):
    """A feed: its own address, the address of the page that it is of, and its items, newest first."""

    title: str
    feed_url: str
    home_url: str
    items: Sequence[Item]
    updated: datetime


def atom(feed: Feed) -> bytes:
    """Returns a feed as an Atom document. Characters that XML has no way to write are left out."""
    root = ElementTree.Element("feed", xmlns=ATOM)
    _add(root, "id", feed.feed_url)
    _add(root, "title", feed.title)
    _add(root, "updated", feed.updated.isoformat())
    _add(_add(root, "author"), "name", "Newsmill")
    _add(root, "link", rel="self", type=ATOM_TYPE, href=feed.feed_url)
    _add(root, "link", rel="alternate", href=feed.home_url)
    for item in feed.items:
        _add_entry(root, item)
    document: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _add_entry(root: ElementTree.Element, item: Item) -> None:
    entry = _add(root, "entry", **({"xml:lang": item.language} if item.language else {}))
    _add(entry, "id", item.id)
    _add(entry, "title", item.title)
    _add(entry, "updated", item.updated.isoformat())
    if item.published:
        _add(entry, "published", item.published.isoformat())
    _add(entry, "link", rel="alternate", href=item.url)
    if item.image:
        _add(entry, "link", rel="enclosure", type="image/*", href=item.image)
    for name in item.authors:
        _add(_add(entry, "author"), "name", name)
    for tag in item.tags:
        _add(entry, "category", term=tag)
    if item.summary:
        _add(entry, "summary", item.summary)
    _add(entry, "content", item.text, type="text")


def _add(parent: ElementTree.Element, name: str, text: str = "", **attributes: str) -> ElementTree.Element:
    clean = {key: _NO_XML.sub("", value) for key, value in attributes.items()}
    element = ElementTree.SubElement(parent, name, clean)
    element.text = _NO_XML.sub("", text) or None
    return element


def json_feed(feed: Feed) -> dict[str, Any]:
    """Returns a feed as a JSON Feed."""
    return {
        "version": JSON_FEED_VERSION,
        "title": feed.title,
        "home_page_url": feed.home_url,
        "feed_url": feed.feed_url,
        "items": [_json_item(item) for item in feed.items],
    }


def _json_item(item: Item) -> dict[str, Any]:
    fields = {
        "id": item.id, "url": item.url, "title": item.title, "content_text": item.text, "summary": item.summary,
        "image": item.image, "date_published": item.published and item.published.isoformat(),
        "date_modified": item.updated.isoformat(), "authors": [{"name": name} for name in item.authors],
        "tags": list(item.tags), "language": item.language,
    }  # fmt: skip
    # An item without text still has the field, which the format requires.
    return {name: value for name, value in fields.items() if value or name == "content_text"}
