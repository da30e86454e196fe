"""Sitemaps: plain, index, news (sitemaps.org, and Google's extensions), and text with a URL a line."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from services.parser.article import dates
from services.parser.listing import xml_entries
from services.parser.page import language
from services.parser.page.elements import clean
from shared.contracts import Headline, Reason
from shared.errors import Drop
from shared.urls import join, with_scheme

_MOST = 50_000


class ChildSitemap(NamedTuple):
    """A sitemap that an index lists; `modified` is its `lastmod`, ISO 8601, or empty."""

    url: str
    modified: str = ""


class Sitemap(NamedTuple):
    """A sitemap's pages, as headlines; when each of them was modified or published, ISO 8601 or empty; and the
    sitemaps that an index lists, the newest first."""

    headlines: tuple[Headline, ...]
    modified: tuple[str, ...]
    children: tuple[ChildSitemap, ...]


class _Entry(NamedTuple):
    """An entry's texts by name, the first of each; those of a news element begin with `news:`."""

    address: str
    texts: dict[str, str]
    is_index: bool = False


def read(text: str, url: str, now: datetime) -> Sitemap:
    """Returns the pages in a sitemap; the words of a URL stand for a missing title.

    Args:
        text: the XML, decoded, or lines that are URLs.
        url: the sitemap's address.
        now: when it was fetched; later dates are left out.

    Raises:
        Drop: it breaks off before its first entry.
    """
    listing = xml_entries.read(text)
    if listing is None:
        return _from_lines(text, url, now)
    entries = list(_addressed(listing.entries, url))
    if not entries and not listing.is_complete:
        raise Drop(Reason.UNREADABLE, "breaks off before its first entry")
    children = {entry.address: entry.texts for entry in reversed(entries) if entry.is_index}
    return _sitemap(
        (entry for entry in entries if not entry.is_index),
        # Without dates the last ones come first: most indexes grow at their end.
        [ChildSitemap(address, _date(texts, now, "lastmod")) for address, texts in children.items()],
        now,
    )


def is_text(text: str, *, is_expected: bool) -> bool:
    """Returns whether a text is a sitemap with a URL a line: if that is expected by its first line, else by all."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if is_expected:
        return bool(lines) and _is_address(lines[0])
    return len(lines) > 1 and all(_is_address(line) for line in lines)


def _from_lines(text: str, url: str, now: datetime) -> Sitemap:
    lines = (line.strip() for line in text.split("\n"))
    addresses = (join(url, line) for line in lines if _is_address(line))
    return _sitemap((_Entry(address, {}) for address in addresses if address), [], now)


def _sitemap(pages: Iterable[_Entry], children: list[ChildSitemap], now: datetime) -> Sitemap:
    first_pages = list({page.address: page for page in islice(pages, _MOST)}.values())
    return Sitemap(
        tuple(_headline(page, position, now) for position, page in enumerate(first_pages)),
        tuple(_date(page.texts, now, "lastmod", "news:publication_date") for page in first_pages),
        tuple(sorted(children, key=lambda child: child.modified, reverse=True)),
    )


def _is_address(line: str) -> bool:
    return line.lower().startswith(("http://", "https://")) and len(line.split()) == 1


def _addressed(entries: Iterable[tuple[str, Any]], url: str) -> Iterator[_Entry]:
    for name, element in entries:
        texts = dict(_texts(element))
        # An empty address would be that of the sitemap itself.
        location = texts.get("loc", "").strip()
        address = join(url, with_scheme(location, url)) if location else None
        if address is not None:
            yield _Entry(address, texts, is_index=name == "sitemap")


def _texts(entry: Any) -> Iterator[tuple[str, str]]:
    """Yields the names and texts that are an entry's own or its news element's, the first of each name last."""
    for child in reversed(entry):
        name = xml_entries.name_of(child, entry)
        if name in ("news", "news:news"):
            for part in reversed(list(child.iterdescendants())):
                yield "news:" + xml_entries.name_of(part, entry).removeprefix("news:"), xml_entries.text_of(part)
        else:
            yield name, xml_entries.text_of(child)


def _date(texts: dict[str, str], now: datetime, *names: str) -> str:
    return next((date for name in names if (date := dates.read(texts.get(name, ""), now))), "")


def _headline(page: _Entry, position: int, now: datetime) -> Headline:
    title = clean(page.texts.get("news:title", ""))
    text = title or _slug(page.address)
    text_language = language.code(page.texts.get("news:language")) or (language.detect(text) if title else None)
    return Headline(
        text=text,
        url=page.address,
        position=position,
        block="sitemap",
        language=text_language,
        direction=language.direction(text_language),
        published_at=_date(page.texts, now, "news:publication_date") or None,
        modified_at=_date(page.texts, now, "lastmod") or None,
    )


def _slug(address: str) -> str:
    """Returns the words in a URL's last part, which is all that a plain sitemap has for a title."""
    last = address.rstrip("/").rsplit("/", 1)[-1].split("?")[0]
    return " ".join(last.rsplit(".", 1)[0].replace("-", " ").replace("_", " ").split()) or address
