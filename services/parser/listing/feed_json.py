"""JSON Feed (jsonfeed.org)."""

import json
from itertools import islice
from typing import Any

from services.parser.listing import item_texts
from services.parser.listing.feed_items import MOST_ITEMS, Feed, Item, is_url
from shared.contracts import Reason
from shared.errors import Drop


def read(text: str) -> Feed:
    """Returns a JSON Feed.

    Raises:
        Drop: the text is not JSON, or not a feed.
    """
    try:
        feed = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Drop(Reason.UNREADABLE, f"no JSON: {error}") from None
    if not isinstance(feed, dict) or not isinstance(feed.get("items"), list):
        raise Drop(Reason.NO_CONTENT, "JSON, but no feed")
    items = (_item(entry) for entry in feed["items"] if isinstance(entry, dict))
    return Feed(_string(feed, "home_page_url"), _string(feed, "language"), tuple(islice(items, MOST_ITEMS)))


def _string(entry: dict[str, Any], *names: str) -> str:
    return next((value for name in names if isinstance(value := entry.get(name), str) and value), "")


def _item(entry: dict[str, Any]) -> Item:
    identifier = _string(entry, "id")
    people = entry.get("authors") if isinstance(entry.get("authors"), list) else [entry.get("author")]
    tags = entry.get("tags")
    return Item(
        title=_string(entry, "title"),
        url=_string(entry, "url", "external_url") or (identifier if is_url(identifier) else ""),
        summary=_string(entry, "summary", "content_text", "content_html"),
        dates=(_string(entry, "date_published"), _string(entry, "date_modified")),
        modified=_string(entry, "date_modified"),
        image=_string(entry, "image", "banner_image"),
        authors=tuple(_string(person, "name") for person in people or () if isinstance(person, dict)),
        tags=tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else (),
        full_text=_string(entry, "content_html") or item_texts.as_html(_string(entry, "content_text")),
    )
