"""Channels: what a look at a candidate shows of it: its items, the newest of them, how many come a day."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from shared.contracts import Clue, Kind, Role
from shared.errors import BadUrl
from shared.urls import canonical

# The items of so many days say how many come in one.
WEEK = timedelta(days=7)
# The kind of page that a channel of a role is.
KINDS = {Role.FEED: Kind.FEED, Role.SITEMAP: Kind.SITEMAP, Role.FRONT: Kind.FRONT, Role.SECTION: Kind.FRONT}


class Candidate(NamedTuple):
    """An address that may be a channel, what it may be to its site, where the address was read, and its name there."""

    url: str
    role: Role
    clue: Clue
    name: str = ""


class Hub(NamedTuple):
    """A WebSub hub's address, and the address by which it knows the feed."""

    url: str
    topic: str


class Item(NamedTuple):
    """An item of a channel: its address, and when it was published or changed, UTC, where the channel says so."""

    url: str
    at: datetime | None


class Channel(NamedTuple):
    """A page that can be polled, and what it holds now.

    Attributes:
        candidate: its address, its role and where it was read.
        items: the stories that it leads to, in its order.
        newest: when the newest of them was published, UTC; None where it gives no dates.
        items_a_day: None where it gives too few dates.
        hub: the WebSub hub that it names.
    """

    candidate: Candidate
    items: tuple[Item, ...]
    newest: datetime | None
    items_a_day: float | None
    hub: Hub | None = None


def keys(items: Sequence[Item]) -> frozenset[str]:
    """Returns the keys by which the items of channels are compared: canonical addresses without the scheme."""
    return frozenset(address_key(item.url) for item in items)


def recent_items(items: Sequence[Item], now: datetime) -> tuple[Item, ...]:
    """Returns the items of the last week, and those without a date."""
    return tuple(item for item in items if item.at is None or now - item.at <= WEEK)


def address_key(url: str) -> str:
    """Returns the canonical form of an address without its scheme and a final slash."""
    try:
        return canonical(url).partition("://")[2].rstrip("/")
    except BadUrl:
        return url
