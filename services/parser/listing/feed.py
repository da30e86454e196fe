"""Feeds (RSS, Atom, RDF and JSON Feed): their items are headlines with summaries, dates, authors and categories."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from services.parser.article import dates
from services.parser.article.authors import byline
from services.parser.listing import feed_json, feed_text, feed_xml
from services.parser.listing.feed_items import Feed
from services.parser.listing.feed_items import Item as RawItem
from services.parser.listing.item_texts import Content
from services.parser.page import language
from shared.contracts import Headline
from shared.urls import join, join_listed

_LONGEST = 1_000
_AMERICAN = re.compile(r"^\s*[1-9]\d?/[1-9]\d?/\d{4} [1-9]\d?:\d\d:\d\d [AP]M\s*$")
_MOST_TAGS = 20
_EMAIL = re.compile(r"(?<![^\s@<>()])[^\s@<>()]++@[^\s@<>()]+")


class Item(NamedTuple):
    """An item of a feed: its headline, and what the feed says of it beyond that."""

    headline: Headline
    content: Content


def read(text: str, url: str, now: datetime) -> tuple[Item, ...]:
    """Returns the items of an XML feed in its order; none if it is empty.

    Args:
        text: the XML, decoded.
        url: the feed's address.
        now: when it was fetched; later dates are left out.

    Raises:
        Drop: the feed cannot be read.
    """
    return tuple(_read_items(feed_xml.read(text), url, now))


def read_json(text: str, url: str, now: datetime) -> tuple[Item, ...]:
    """Returns the items of a JSON Feed (jsonfeed.org) in its order; the arguments are those of `read`.

    Raises:
        Drop: the text is not JSON, or not a feed.
    """
    return tuple(_read_items(feed_json.read(text), url, now))


def _read_items(feed: Feed, url: str, now: datetime) -> Iterator[Item]:
    home = join_listed(url, feed.base) or url
    hint = language.code(feed.language)
    position = 0
    for item, address in _addressed(feed.items, home):
        if headline := _headline(item, address, hint, now):
            picture = join_listed(address or home, item.image)
            headline = headline.model_copy(update={"position": position, "image": picture})
            yield Item(headline, Content(item.full_text, headline.authors, headline.tags))
            position += 1


def _addressed(items: Iterable[RawItem], home: str) -> Iterator[tuple[RawItem, str | None]]:
    """Yields items with their addresses, each once: http and https are one address.

    Items that differ in their fragment are places on one page; only of those is the fragment kept; others only count their readers by it.
    """
    addresses = [(item, join_listed(join(home, item.base) or home, item.url)) for item in items]
    places = {(_without_scheme(address), item.url.partition("#")[2]) for item, address in addresses if address}
    pages = Counter(page for page, _ in places)
    for item, address in addresses:
        place = _without_scheme(address or ""), item.url.partition("#")[2]
        if address and place not in places:
            continue
        places.discard(place)
        yield item, f"{address}#{place[1]}" if address and place[1] and pages[place[0]] > 1 else address


def _without_scheme(address: str) -> str:
    return address.partition("://")[2]


def _headline(item: RawItem, address: str | None, hint: str | None, now: datetime) -> Headline | None:
    """Returns an item as a headline; None if it has neither a title nor a summary."""
    summary = feed_text.summary(item.summary[: 20 * _LONGEST])[:_LONGEST]
    text = feed_text.title(item.title[:_LONGEST]) or summary[:200]
    if not text:
        return None
    text_language = language.detect(text, hint)
    return Headline(
        text=text,
        url=address,
        block="feed",
        language=text_language,
        direction=language.direction(text_language),
        summary=summary or None,
        published_at=next(
            (date for text in item.dates if (date := dates.read(text, now, _is_american(text), hint))), None
        ),
        modified_at=dates.read(item.modified, now, language=hint) if item.modified else None,
        authors=_people(item.authors),
        tags=tuple(dict.fromkeys(tag for text in item.tags if (tag := feed_text.title(text[:100]))))[:_MOST_TAGS],
    )


def _people(authors: Iterable[str]) -> tuple[str, ...]:
    """Returns the names of authors; RSS writes "jane@news.example (Jane Marsh)"."""
    names = (_EMAIL.sub("", feed_text.title(author[:200])).strip(" ()<>") for author in authors)
    return tuple(dict.fromkeys(person for name in names for person in byline.declared_people(name)))[:_MOST_TAGS]


def _is_american(text: str) -> bool:
    """Returns whether a date is as .NET writes it in the United States: "10/9/2026 2:26:00 PM"."""
    return _AMERICAN.match(text) is not None
