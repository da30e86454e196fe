"""What a page is as a channel, or why it is none."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from services.parser.parse import PageContent
from shared.contracts import Kind, Role
from shared.discovery.channels import KINDS, WEEK, Candidate, Channel, Hub, Item

_SHORTEST = timedelta(hours=1)
# A page with fewer headlines is no section page.
LEAST_HEADLINES = 5


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


def _items_a_day(moments: Sequence[datetime], now: datetime) -> float | None:
    """Returns the rate of a channel's last week, or since its oldest item where it does not reach back so far."""
    recent_moments = [moment for moment in moments if now - moment <= WEEK]
    if len(moments) < 2:
        return None
    span = WEEK if len(recent_moments) < len(moments) else now - moments[0]
    return len(recent_moments) / (max(span, _SHORTEST) / timedelta(days=1))


def _moment(date: str | None) -> datetime | None:
    """Returns the instant of an ISO 8601 date or time, UTC; None if it is none."""
    try:
        moment = datetime.fromisoformat(date) if date else None
    except ValueError:
        return None
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC) if moment else None
