"""Feeds: RSS, Atom, RDF and JSON Feed. Their items are headlines with summaries and dates."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import feedparser

from services.parser.article import dates
from services.parser.page import language
from services.parser.page.elements import clean
from shared.contracts import Headline, Reason
from shared.errors import Drop
from shared.urls import join

_MOST = 2_000
# What the library makes of XML that nobody has seen before. Anything else is our own mistake.
FAILURES = (
    ValueError, TypeError, AttributeError, LookupError, AssertionError, RecursionError, OverflowError,
)  # fmt: skip
_SUMMARY = 1_000


def read(text: str, url: str, now: datetime) -> tuple[Headline, ...]:
    """The items of an XML feed in its order.

    Raises:
        Drop: nothing can be made of it.
    """
    try:
        # Bytes and a header that says what they are, or feedparser would guess again and take a str for a URL.
        feed = feedparser.parse(
            text.encode("utf-8"), response_headers={"content-type": "application/xml; charset=utf-8"}
        )
        home, tongue = feed.feed.get("link") or url, feed.feed.get("language")
        items = [_item(entry) for entry in feed.entries[:_MOST]]
    except FAILURES as error:
        raise Drop(Reason.UNREADABLE, f"{type(error).__name__}: {error}") from None
    return tuple(_headlines(items, join(url, home) or url, tongue, now))


def read_json(text: str, url: str, now: datetime) -> tuple[Headline, ...]:
    """The items of a JSON Feed (jsonfeed.org) in its order.

    Raises:
        Drop: it is no JSON, or no feed.
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
        _headlines(items, (join(url, home) if isinstance(home, str) else None) or url, feed.get("language"), now)
    )


def _headlines(items: list[dict[str, str]], base: str, tongue: Any, now: datetime) -> Iterator[Headline]:
    hint = language.code(tongue if isinstance(tongue, str) else None)
    position = 0
    for item in items:
        summary = clean(item["summary"][: 20 * _SUMMARY])[:_SUMMARY]
        text = clean(item["title"][:_SUMMARY]) or summary[:200]
        if not text:
            continue
        found = language.detect(text, hint)
        yield Headline(
            text=text,
            url=join(base, item["url"]) if item["url"] else None,
            position=position,
            block="feed",
            language=found,
            direction=language.direction(found),
            image=join(base, item["image"]) if item["image"] else None,
            summary=summary or None,
            published_at=dates.read(item["date"], now),
        )
        position += 1


def _item(entry: Any) -> dict[str, str]:
    pictures = [*entry.get("media_thumbnail", ()), *entry.get("media_content", ()), *entry.get("enclosures", ())]
    urls = (str(one.get("url") or one.get("href") or "") for one in pictures if _is_image(one))
    return {
        "title": str(entry.get("title", "")),
        "url": str(entry.get("link", "")),
        "summary": str(entry.get("summary", "")),
        "date": str(entry.get("published") or entry.get("updated") or ""),
        "image": next(filter(None, urls), ""),
    }


def _is_image(one: Any) -> bool:
    return "image" in str(one.get("type") or one.get("medium") or "image")


def _json_item(entry: dict[str, Any]) -> dict[str, str]:
    def first(*names: str) -> str:
        return next((value for name in names if isinstance(value := entry.get(name), str) and value), "")

    return {
        "title": first("title"),
        "url": first("url", "external_url"),
        "summary": first("summary", "content_text", "content_html"),
        "date": first("date_published", "date_modified"),
        "image": first("image", "banner_image"),
    }
