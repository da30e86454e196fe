"""Sitemaps (plain, index and news), read as a stream, without entities or network."""

from collections.abc import Iterator
from datetime import datetime
from io import BytesIO
from typing import Any, NamedTuple

from lxml import etree

from services.parser.article import dates
from services.parser.page import language
from shared.contracts import Headline
from shared.urls import join

_MOST = 50_000


class ChildSitemap(NamedTuple):
    """A sitemap that an index lists; `modified` is its `lastmod`, ISO 8601, or empty."""

    url: str
    modified: str = ""


class Sitemap(NamedTuple):
    """The headlines of a sitemap, and the sitemaps that an index lists, the newest first."""

    headlines: tuple[Headline, ...]
    children: tuple[ChildSitemap, ...]


def read(body: bytes, url: str, now: datetime) -> Sitemap:
    """Returns the pages in a sitemap. Entries before a syntax error count; the words of the URL stand for a missing title.

    Args:
        body: the XML in UTF-8.
        url: the sitemap's address.
        now: when it was fetched; later dates are left out.
    """
    headlines: list[Headline] = []
    children: dict[str, ChildSitemap] = {}
    for kind, entry in _entries(body):
        # An empty address would be that of the sitemap itself.
        address = join(url, location) if (location := entry.get("loc")) else None
        if address is None:
            continue
        if kind == "sitemap":
            children.setdefault(address, ChildSitemap(address, dates.read(entry.get("lastmod", ""), now) or ""))
        elif len(headlines) < _MOST:
            headlines.append(_headline(entry, address, len(headlines), now))
    newest = sorted(children.values(), key=lambda child: child.modified, reverse=True)
    return Sitemap(tuple(headlines), tuple(newest))


def _entries(body: bytes) -> Iterator[tuple[str, dict[str, str]]]:
    """Yields ("url" or "sitemap", texts by local name) of each entry, and frees the entry's memory."""
    stream = etree.iterparse(
        BytesIO(body),
        events=("end",),
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        recover=True,
        huge_tree=False,
    )
    try:
        for _, element in stream:
            name = _local(element)
            if name in ("url", "sitemap"):
                yield name, {_local(child): " ".join((child.text or "").split()) for child in element.iter()}
                element.clear()
    except etree.XMLSyntaxError:
        return


def _local(element: Any) -> str:
    # The tag of comments and processing instructions is a function.
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def _headline(entry: dict[str, str], address: str, position: int, now: datetime) -> Headline:
    title = entry.get("title") or _slug(address)
    title_language = language.code(entry.get("language")) or (language.detect(title) if entry.get("title") else None)
    return Headline(
        text=title,
        url=address,
        position=position,
        block="sitemap",
        language=title_language,
        direction=language.direction(title_language),
        published_at=dates.read(entry.get("publication_date", ""), now),
    )


def _slug(address: str) -> str:
    """Returns the words in a URL's last part, which is all that a plain sitemap has for a title."""
    last = address.rstrip("/").rsplit("/", 1)[-1].split("?")[0]
    return " ".join(last.rsplit(".", 1)[0].replace("-", " ").replace("_", " ").split()) or address
