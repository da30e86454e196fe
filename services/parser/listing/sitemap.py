"""Sitemaps: plain, index, news (sitemaps.org, and Google's extensions), and text with a URL a line."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

from services.parser.article import dates
from services.parser.listing import xml_entries
from services.parser.page import language
from services.parser.page.elements import clean
from shared.contracts import Headline, Reason
from shared.errors import Drop
from shared.urls import join_listed

_MOST = 50_000
_LONGEST_DATE = 100
_LINE = re.compile(r"[^\r\n]+")
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(?=T|\s|$)")


class ChildSitemap(NamedTuple):
    """A sitemap that an index lists; `modified` is its `lastmod`, ISO 8601, or empty."""

    url: str
    modified: str = ""


class SitemapPage(NamedTuple):
    """A page that a sitemap lists. `lastmod` is as written; `day` is when the page was modified or published, and
    `published` when it was published as news, both ISO 8601 or empty; `position` counts from 0."""

    url: str
    position: int
    lastmod: str = ""
    day: str = ""
    published: str = ""
    title: str = ""
    language: str = ""


Choice = Callable[[Sequence[SitemapPage]], Sequence[SitemapPage]]


class Sitemap(NamedTuple):
    """The chosen pages of a sitemap, as headlines; when each of them was modified or published, ISO 8601 or empty; and
    the sitemaps that an index lists, the newest first."""

    headlines: tuple[Headline, ...]
    modified: tuple[str, ...]
    children: tuple[ChildSitemap, ...]


class _Entry(NamedTuple):
    """An entry's texts by name, the first of each; those of a news element begin with `news:`."""

    address: str
    texts: dict[str, str]
    is_index: bool = False


def read(text: str, url: str, now: datetime, choice: Choice = tuple) -> Sitemap:
    """Returns the pages in a sitemap; the words of a URL stand for a missing title.

    Args:
        text: the XML, decoded, or lines that are URLs.
        url: the sitemap's address.
        now: when it was fetched; later dates are left out.
        choice: returns those of its pages that are taken; all, if it is not given.

    Raises:
        Drop: it breaks off before its first entry.
    """
    listing = xml_entries.read(text)
    if listing is None:
        return _sitemap(_from_lines(text, url), [], now, choice)
    entries = list(_addressed(listing.entries, url))
    if not entries and not listing.is_complete:
        raise Drop(Reason.UNREADABLE, "breaks off before its first entry")
    children = {entry.address: entry.texts for entry in reversed(entries) if entry.is_index}
    return _sitemap(
        (entry for entry in entries if not entry.is_index),
        # Without dates the last ones come first: most indexes grow at their end.
        [ChildSitemap(address, _date(texts, now, "lastmod")) for address, texts in children.items()],
        now,
        choice,
    )


def is_text(text: str, *, is_expected: bool) -> bool:
    """Returns whether a text is a sitemap with a URL a line: if that is expected by its first line, else by all."""
    # Lazily: of nearly every page the first line decides.
    lines = _lines(text)
    if is_expected:
        return _is_address(next(lines, ""))
    return all(_is_address(line) and " " not in line for line in lines) and len(text.split(maxsplit=1)) > 1


def _from_lines(text: str, url: str) -> Iterator[_Entry]:
    addresses = (join_listed(url, line) for line in _lines(text) if _is_address(line))
    return (_Entry(address, {}) for address in addresses if address)


def _sitemap(entries: Iterable[_Entry], children: list[ChildSitemap], now: datetime, choice: Choice) -> Sitemap:
    first_entries = {entry.address: entry for entry in islice(entries, _MOST)}.values()
    pages = [_page(entry, position, now) for position, entry in enumerate(first_entries)]
    chosen_pages = choice(pages)
    return Sitemap(
        tuple(_headline(page, now) for page in chosen_pages),
        tuple(dates.read(page.lastmod, now) or page.published for page in chosen_pages),
        tuple(sorted(children, key=lambda child: child.modified, reverse=True)),
    )


def _page(entry: _Entry, position: int, now: datetime) -> SitemapPage:
    texts = entry.texts
    published = _date(texts, now, "news:publication_date")
    lastmod = texts.get("lastmod", "")[:_LONGEST_DATE].strip()
    day = _day(lastmod, now) or published[:10] or dates.in_url(entry.address) or ""
    title, language_code = texts.get("news:title", ""), texts.get("news:language", "")
    return SitemapPage(entry.address, position, lastmod, day, published, title, language_code)


def _day(text: str, now: datetime) -> str:
    """Returns the day of a date, ISO 8601 or empty."""
    day = _ISO_DAY.match(text)
    # Most entries share their days, and not their times.
    return _cached_day(day[0] if day else text, now)


@lru_cache(maxsize=4_096)
def _cached_day(text: str, now: datetime) -> str:
    return (dates.read(text, now) or "")[:10]


def _lines(text: str) -> Iterator[str]:
    """Yields the lines of a text, without empty ones and comments."""
    stripped = (line[0].strip() for line in _LINE.finditer(text))
    return (line for line in stripped if line and not line.startswith("#"))


def _is_address(line: str) -> bool:
    """Returns whether a line begins as a URL; spaces in it are encoded later, and a tab separates columns."""
    # A page may be one line.
    return line[: len("https://")].lower().startswith(("http://", "https://")) and "\t" not in line


def _addressed(entries: Iterable[tuple[str, Any]], url: str) -> Iterator[_Entry]:
    for name, element in entries:
        texts = dict(_texts(element))
        # An empty address would be that of the sitemap itself.
        address = join_listed(url, texts.get("loc", ""))
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
    return next((date for name in names if name in texts and (date := dates.read(texts[name], now))), "")


def _headline(page: SitemapPage, now: datetime) -> Headline:
    title = clean(page.title)
    text = title or _slug(page.url)
    text_language = language.code(page.language) or (language.detect(text) if title else None)
    return Headline(
        text=text,
        url=page.url,
        position=page.position,
        block="sitemap",
        language=text_language,
        direction=language.direction(text_language),
        published_at=page.published or None,
        modified_at=dates.read(page.lastmod, now),
    )


def _slug(address: str) -> str:
    """Returns the words in a URL's last part, which is all that a plain sitemap has for a title."""
    last = address.rstrip("/").rsplit("/", 1)[-1].split("?")[0]
    return " ".join(last.rsplit(".", 1)[0].replace("-", " ").replace("_", " ").split()) or address
