"""The items of a feed, whatever its format, as texts that still are to be cleaned and joined."""

import re
from typing import NamedTuple

# Items of a feed that are read.
MOST_ITEMS = 2_000
_URL = re.compile(r"(?:https?://|www\.)\S", re.IGNORECASE)


class Item(NamedTuple):
    """An item's texts; empty where it has none. `dates` are those of its publication, then those of its changes; `base` is
    the address that its links are relative to, if it names one; `full_text` is HTML."""

    title: str = ""
    url: str = ""
    summary: str = ""
    dates: tuple[str, ...] = ()
    modified: str = ""
    image: str = ""
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    base: str = ""
    full_text: str = ""


class Feed(NamedTuple):
    """The address that the links of a feed are relative to and its language, empty where it names none, and its items in order."""

    base: str
    language: str
    items: tuple[Item, ...]


def is_url(identifier: str) -> bool:
    """Returns whether the identifier of an item is the address of its page."""
    return _URL.match(identifier) is not None
