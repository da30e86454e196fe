"""Feeds in XML: RSS, Atom and RDF with their extensions."""

import mimetypes
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml import etree

from services.parser.listing import item_texts, xml_entries
from services.parser.listing.feed_items import MOST_ITEMS, Feed, Item, is_url
from services.parser.listing.xml_entries import name_of, text_of
from shared.contracts import Reason
from shared.errors import Drop

_XML = "{http://www.w3.org/XML/1998/namespace}"
_TITLES = ("title", "dc:title", "atom:title", "media:title")
_SUMMARIES = (
    "description", "summary", "atom:summary", "content:encoded", "content", "atom:content", "itunes:summary",
    "dc:description", "media:description",
)  # fmt: skip
_DATES = (
    "pubdate", "published", "dc:date", "issued", "dcterms:issued", "dcterms:created", "created", "date", "atom:published",
    "updated", "atom:updated", "modified", "dcterms:modified",
)  # fmt: skip
_CHANGES = ("updated", "atom:updated", "modified", "dcterms:modified")
_AUTHORS = ("dc:creator", "author", "atom:author", "itunes:author")
_PICTURES = ("media:thumbnail", "media:content", "enclosure", "image", "itunes:image")


def read(xml: str) -> Feed:
    """Returns a feed in RSS, Atom or RDF.

    Raises:
        Drop: there is no feed, or it breaks off before its first item.
    """
    listing = xml_entries.read(xml)
    items = tuple(_item(element) for _, element in islice(listing.entries, MOST_ITEMS)) if listing else ()
    if listing is None or listing.root is None or not (items or listing.is_complete):
        raise Drop(Reason.UNREADABLE, "no feed, or one that breaks off before its first item")
    root = listing.root
    channel = next((child for child in root if name_of(child, root).endswith("channel")), root)
    fields = _fields(channel)
    language = next((text_of(element) for element in fields.get("language", []) + fields.get("dc:language", [])), "")
    # Of Atom links are relative to the feed's own address (RFC 4287 §2, RFC 3986 §5.1.3); of RSS, which says nothing, to its site.
    base = "" if _is_atom(root) else _link(fields)
    return Feed(base, language or root.get(f"{_XML}lang", ""), items)


def _is_atom(root: Any) -> bool:
    return str(root.tag).rpartition("}")[2].lower() == "feed"


def _item(element: Any) -> Item:
    fields = _fields(element)
    return Item(
        title=_text(fields, _TITLES),
        url=_link(fields) or element.get("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about", ""),
        summary=_text(fields, _SUMMARIES),
        dates=tuple(text_of(element) for name in _DATES for element in fields.get(name, [])),
        modified=_text(fields, _CHANGES),
        image=next(_images(element), ""),
        authors=tuple(_author(author) for name in _AUTHORS for author in fields.get(name, [])),
        tags=tuple(_tag(tag) for name in ("category", "dc:subject") for tag in fields.get(name, [])),
        base=element.base or "",
        full_text=_full_text(fields),
    )


def _fields(element: Any) -> dict[str, list[Any]]:
    fields: dict[str, list[Any]] = {}
    for child in element:
        fields.setdefault(name_of(child, element), []).append(child)
    return fields


def _text(fields: dict[str, list[Any]], names: Iterable[str]) -> str:
    texts = (_markup(element) for name in names for element in fields.get(name, []))
    return next((text for text in texts if text.strip()), "")


def _full_text(fields: dict[str, list[Any]]) -> str:
    """Returns the longest content of an item as HTML."""
    contents = [
        (_markup(element), name == "content:encoded" or "html" in element.get("type", "") or len(element) > 0)
        for name in ("content:encoded", "content", "atom:content")
        for element in fields.get(name, [])
    ]
    return max((text if is_html else item_texts.as_html(text) for text, is_html in contents), key=len, default="")


def _markup(element: Any) -> str:
    """Returns an element's text, or what stands in it as HTML if it holds elements (XHTML in Atom)."""
    if not len(element):
        return str(element.text or "")
    inner = (etree.tostring(child, encoding="unicode") for child in element)
    return (element.text or "") + "".join(re.sub(r"(</?)[\w-]+:", r"\1", markup) for markup in inner)


def _link(fields: dict[str, list[Any]]) -> str:
    """Returns the address of an item or channel: the original one, its link, or an identifier that is a URL."""
    original = (text_of(element) for name in fields if name.endswith(":origlink") for element in fields[name])
    links = [element for name in ("link", "atom:link") for element in fields.get(name, [])]
    pages = sorted((element for element in links if _is_alternate(element)), key=_is_other_format)
    addresses = (
        text_of(element).strip() or urljoin(element.get(f"{_XML}base", ""), element.get("href", ""))
        for element in pages
    )
    identifiers = (element for name in ("guid", "id") for element in fields.get(name, []))
    urls = (text_of(element) for element in identifiers if _is_address(element))
    return next((text.strip() for texts in (original, addresses, urls) for text in texts if text.strip()), "")


def _is_address(identifier: Any) -> bool:
    """Returns whether an identifier is a URL, or the path of one where it is called a permanent link."""
    text = text_of(identifier).strip()
    return is_url(text) or (text.startswith("/") and identifier.get("isPermaLink", "").lower() == "true")


def _is_alternate(link: Any) -> bool:
    """Returns whether a link leads to the item's page; the relation may be written as a URI (RFC 4287 §4.2.7.2)."""
    return (link.get("rel") or "alternate").rpartition("/")[2].lower() == "alternate"


def _is_other_format(link: Any) -> bool:
    return "html" not in link.get("type", "html")


def _images(element: Any) -> Iterator[str]:
    parts: dict[str, list[Any]] = {}
    for part in element.iterdescendants():
        parts.setdefault(name_of(part, element), []).append(part)
    for name in _PICTURES:
        for part in parts.get(name, []):
            url = (
                part.get("url")
                or part.get("href")
                or "".join(text_of(child) for child in part if name_of(child, element) == "url")
            )
            if url and _is_image(part.get("type") or part.get("medium") or "", url):
                yield url.strip()


def _is_image(media_type: str, url: str) -> bool:
    """Returns whether a file is a picture: by its declared type, and without one by its name."""
    if media_type and media_type != "application/octet-stream":
        return "image" in media_type
    try:
        guess = mimetypes.guess_type(urlsplit(url).path)[0]
    except ValueError:
        return False
    return guess is None or guess.startswith("image/")


def _author(element: Any) -> str:
    names = [text_of(child) for child in element.iterdescendants() if name_of(child, element).endswith("name")]
    return names[0] if names else text_of(element)


def _tag(element: Any) -> str:
    return str(element.get("label") or element.get("term") or text_of(element))
