"""Channels: what a look at a candidate shows of it: its items, the newest of them, how many come a day."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from services.parser.discovery.candidates import Candidate, address_key
from services.parser.discovery.hub import Hub
from services.parser.parse import PageContent
from shared.contracts import Kind, Role

# The items of so many days say how many come in one.
_WEEK = timedelta(days=7)
_SHORTEST = timedelta(hours=1)
# A page with fewer headlines is no section page.
LEAST_HEADLINES = 5
# The kind of page that a channel of a role is.
KINDS = {Role.FEED: Kind.FEED, Role.SITEMAP: Kind.SITEMAP, Role.FRONT: Kind.FRONT, Role.SECTION: Kind.FRONT}


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


def refusal(candidate: Candidate, content: PageContent) -> str | None:
    """Returns in words why a page is no channel of the role that it may have; None if it is one."""
    kind = KINDS[candidate.role]
    if content.kind is not kind:
        return f"is no {kind.value}: its bytes are {_ARTICLES[content.kind]}"
    if content.sitemaps and not content.headlines:
        return None
    if not content.headlines:
        return "has no items"
    if candidate.role is Role.SECTION and len(content.headlines) < LEAST_HEADLINES:
        return f"has {len(content.headlines)} headlines; a section page has {LEAST_HEADLINES} at least"
    return None


_ARTICLES = {
    Kind.ARTICLE: "an article's page", Kind.FRONT: "a page of links", Kind.FEED: "a feed", Kind.SITEMAP: "a sitemap",
    Kind.TEXT: "plain text", Kind.IMAGE: "an image",
}  # fmt: skip


def channel(candidate: Candidate, content: PageContent, now: datetime, hub: Hub | None = None) -> Channel:
    """Returns what a page shows of itself as a channel.

    Args:
        candidate: its address.
        content: what was read from it.
        now: when it was fetched.
        hub: that it names.
    """
    modified = content.modified or ("",) * len(content.headlines)
    items = tuple(
        Item(headline.url, _moment(headline.published_at or day))
        for headline, day in zip(content.headlines, modified, strict=True)
        if headline.url
    )
    moments = sorted(item.at for item in items if item.at)
    return Channel(candidate, items, moments[-1] if moments else None, _items_a_day(moments, now), hub)


def keys(items: Sequence[Item]) -> frozenset[str]:
    """Returns the keys by which the items of channels are compared: canonical addresses without the scheme."""
    return frozenset(address_key(item.url) for item in items)


def recent_items(items: Sequence[Item], now: datetime) -> tuple[Item, ...]:
    """Returns the items of the last week, and those without a date."""
    return tuple(item for item in items if item.at is None or now - item.at <= _WEEK)


def _items_a_day(moments: Sequence[datetime], now: datetime) -> float | None:
    """Returns the rate of a channel's last week, or since its oldest item where it does not reach back so far."""
    recent_moments = [moment for moment in moments if now - moment <= _WEEK]
    if len(moments) < 2:
        return None
    span = _WEEK if len(recent_moments) < len(moments) else now - moments[0]
    return len(recent_moments) / (max(span, _SHORTEST) / timedelta(days=1))


def _moment(date: str | None) -> datetime | None:
    """Returns the instant of an ISO 8601 date or time, UTC; None if it is none."""
    try:
        moment = datetime.fromisoformat(date) if date else None
    except ValueError:
        return None
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC) if moment else None
