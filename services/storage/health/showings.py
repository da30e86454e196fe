"""Showings: which of the stories that a site has listed each of its channels has shown.

A story is looked at some time after it was listed first, by when it is in every channel that ever shows it. A channel that is
frozen shows none of them, however few they are: so what is learned of it is how often a story is missing (`shares.py`).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import func, or_, select
from sqlmodel import Session, col

from services.storage.health.observation import Subject, hour_of, section
from services.storage.health.verdicts import Channel
from services.storage.tables import placements
from services.storage.tables.headlines import MAX_PLACES
from shared.database.models import Headline, Placement, Source

# By then a story is in every channel that shows it.
SETTLED = timedelta(hours=48)
# A new channel's first day is its past.
FIRST = timedelta(hours=24)
# Stories of one hour that count: after a failure of ours many come at once, of which a short feed shows the last alone.
MOST_AN_HOUR = 4


class Showing(NamedTuple):
    """Whether a channel has not shown a story of its site, and the section in which that stands."""

    is_missing: bool
    section: str


class Story(NamedTuple):
    """A story that a site listed first at a moment, the addresses and keys of the listings that have shown it, and whether there
    were more than are remembered."""

    url: str
    listed_at: datetime
    pages: frozenset[str]
    has_more: bool


def showings(
    session: Session, sites: Mapping[str, Subject], start: datetime, end: datetime
) -> dict[str, list[Showing]]:
    """Returns of the stories listed first in a time, by the channels' subjects, whether each has shown them.

    Args:
        session: of the database, only read.
        sites: by the keys of their subjects; those of one channel are left out.
        start: of the time, which ended at least SETTLED ago.
        end: of the time.
    """
    several = {site.site_key: site for site in sites.values() if len(site.channels) > 1}
    stories = _stories(session, start, end, several) if several and start < end else {}
    addresses = _addresses(session, [channel.key for key in stories for channel in several[key].channels])
    by_channel: dict[str, list[Showing]] = {}
    for key, site_stories in stories.items():
        for channel in several[key].channels:
            pages = {channel.url, channel.key, *addresses.get(channel.key, ())}
            by_channel[f"channel:{channel.key}"] = [
                Showing(not story.pages & pages, section(story.url))
                for story in site_stories
                if _says_something(channel, story, is_shown=bool(story.pages & pages))
            ]
    return by_channel


def _says_something(channel: Channel, story: Story, *, is_shown: bool) -> bool:
    """Whether a channel could have shown a story, and would be remembered to have."""
    answered = channel.last_success_at is not None and channel.last_success_at >= story.listed_at
    return is_shown or (answered and not story.has_more and channel.created_at + FIRST <= story.listed_at)


def _stories(
    session: Session, start: datetime, end: datetime, sites: Mapping[str | None, Subject]
) -> dict[str, list[Story]]:
    """Returns the stories of these sites that were listed first in a time, oldest first, at most MOST_AN_HOUR of an hour."""
    is_listed = or_(col(Headline.in_feed), col(Headline.in_front), col(Headline.in_sitemap))
    site_key = func.coalesce(col(Source.site_key), col(Source.key))
    columns: list[Any] = [
        col(Headline.id), col(Headline.url), col(Headline.first_seen_at), col(Headline.places), site_key.label("site_key"),
    ]  # fmt: skip
    query = select(*columns).join(Source, col(Source.id) == col(Headline.source_id))
    query = query.where(is_listed, col(Headline.first_seen_at) >= start, col(Headline.first_seen_at) < end)
    rows, counts = [], Counter[tuple[str, int]]()
    for row in session.execute(query.where(col(Headline.url).is_not(None)).order_by(col(Headline.first_seen_at))):
        hour = (row.site_key, hour_of(row.first_seen_at))
        counts[hour] += 1
        if row.site_key in sites and counts[hour] <= MOST_AN_HOUR:
            rows.append(row)
    present = placements.of_headlines(session, [row.id for row in rows])
    stories: dict[str, list[Story]] = defaultdict(list)
    for row in rows:
        keys = {placement.page_key for placement in present.get(row.id, ())}
        pages = frozenset({place["page"] for place in row.places} | keys)
        stories[row.site_key].append(Story(row.url, row.first_seen_at, pages, len(row.places) >= MAX_PLACES))
    return stories


def _addresses(session: Session, channel_keys: Iterable[str]) -> dict[str, set[str]]:
    """Returns the addresses at which channels are, after redirects, by the channels' keys."""
    addresses: dict[str, set[str]] = defaultdict(set)
    query = select(col(Placement.page_key), col(Placement.page_url)).distinct()
    for key, url in session.execute(query.where(col(Placement.page_key).in_(list(channel_keys)))):
        addresses[key].add(url)
    return addresses
