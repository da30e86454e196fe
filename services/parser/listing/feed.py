"""Feeds (RSS, Atom, RDF and JSON Feed): their items are headlines with summaries and dates."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

import feedparser

from services.parser.article import dates
from services.parser.listing import item_texts
from services.parser.listing.item_texts import Content
from services.parser.page import language
from services.parser.page.elements import clean
from shared.contracts import Headline, Reason
from shared.errors import Drop
from shared.urls import join

_MOST = 2_000
# feedparser raises these for some broken XML; any other exception is a bug of our own.
FAILURES = (
    ValueError, TypeError, AttributeError, LookupError, AssertionError, RecursionError, OverflowError,
)  # fmt: skip
_SUMMARY = 1_000


class Item(NamedTuple):
    """An item of a feed: its headline, and what the feed says of it beyond that."""

    headline: Headline
    content: Content


def read(text: str, url: str, now: datetime) -> tuple[Item, ...]:
    """Returns the items of an XML feed in its order.

    Args:
        text: the XML, decoded.
        url: the feed's address.
        now: when it was fetched; later dates are left out.

    Raises:
        Drop: the feed cannot be read.
    """
    try:
        # Without bytes and a content type, feedparser would guess the encoding and could take a str for a URL.
        feed = feedparser.parse(
            text.encode("utf-8"), response_headers={"content-type": "application/xml; charset=utf-8"}
        )
        home, feed_language = feed.feed.get("link") or url, feed.feed.get("language")
        items = [_item(entry) for entry in feed.entries[:_MOST]]
    except FAILURES as error:
        raise Drop(Reason.UNREADABLE, f"{type(error).__name__}: {error}") from None
    return tuple(_read_items(items, join(url, home) or url, feed_language, now))


def read_json(text: str, url: str, now: datetime) -> tuple[Item, ...]:
    """Returns the items of a JSON Feed (jsonfeed.org) in its order; the arguments are those of `read`.

    Raises:
        Drop: the text is not JSON, or not a feed.
    """
    try:
        feed = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Drop(Reason.UNREADABLE, f"no JSON: {error}") from None
    if not isinstance(feed, dict) or not isinstance(feed.get("items"), list):
        raise Drop(Reason.NO_CONTENT, "JSON, but no feed")
    items = [_json_item(entry) for entry in feed["items"][:_MOST] if isinstance(entry, dict)]
    home = feed.get("home_page_url")
    return tuple(
        _read_items(items, (join(url, home) if isinstance(home, str) else None) or url, feed.get("language"), now)
    )


def _read_items(items: list[dict[str, Any]], base: str, feed_language: Any, now: datetime) -> Iterator[Item]:
    hint = language.code(feed_language if isinstance(feed_language, str) else None)
    position = 0
    for item in items:
        summary = clean(item["summary"][: 20 * _SUMMARY])[:_SUMMARY]
        text = clean(item["title"][:_SUMMARY]) or summary[:200]
        if not text:
            continue
        text_language = language.detect(text, hint)
        headline = Headline(
            text=text,
            url=join(base, item["url"]) if item["url"] else None,
            position=position,
            block="feed",
            language=text_language,
            direction=language.direction(text_language),
            image=join(base, item["image"]) if item["image"] else None,
            summary=summary or None,
            published_at=dates.read(item["date"], now, language=hint),
        )
        yield Item(headline, item["content"])
        position += 1


def _item(entry: Any) -> dict[str, Any]:
    pictures = [*entry.get("media_thumbnail", ()), *entry.get("media_content", ()), *entry.get("enclosures", ())]
    urls = (str(media.get("url") or media.get("href") or "") for media in pictures if _is_image(media))
    return {
        "title": str(entry.get("title", "")),
        "url": str(entry.get("link", "")),
        "summary": str(entry.get("summary", "")),
        "date": str(entry.get("published") or entry.get("updated") or ""),
        "image": next(filter(None, urls), ""),
        "content": item_texts.of_xml(entry),
    }


def _is_image(media: Any) -> bool:
    return "image" in str(media.get("type") or media.get("medium") or "image")


def _json_item(entry: dict[str, Any]) -> dict[str, Any]:
    def first(*names: str) -> str:
        return next((value for name in names if isinstance(value := entry.get(name), str) and value), "")

    return {
        "title": first("title"),
        "url": first("url", "external_url"),
        "summary": first("summary", "content_text", "content_html"),
        "date": first("date_published", "date_modified"),
        "image": first("image", "banner_image"),
        "content": item_texts.of_json(entry),
    }
