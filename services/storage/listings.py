"""Listings: front pages, feeds and sitemaps as they were looked at, with the rows of their headlines."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple

from services.storage.dates import instant
from services.storage.identity import items
from services.storage.tables.ledger import key_of
from services.storage.tables.placements import Look
from services.storage.tables.upsert import Row, in_key_order
from shared.contracts import LISTINGS, HeadlinesParsed, Kind, Origin
from shared.contracts import Headline as ParsedHeadline
from shared.urls import host_of

_COPIED = ("url", "text", "position", "block", "language", "direction", "image", "summary")
# The columns of a headline that name the kinds of listings that have shown it.
SHOWN_IN = {"in_feed": Kind.FEED, "in_front": Kind.FRONT, "in_sitemap": Kind.SITEMAP}

# When each new headline of a source was published, None where its listing does not give the time; by source.
News = Mapping[int, Sequence[datetime | None]]


class Listing(NamedTuple):
    """A listing as it was looked at, with the rows of its headlines.

    `live` is False for an old copy, and for links on an article's page: neither says what a site shows now. `modified` is
    when pages were changed last as the listing says, by their keys in the ledger, where it gives a time.
    """

    look: Look
    kind: Kind
    live: bool
    rows: Sequence[Row]
    modified: Mapping[str, datetime]


class Sighting(NamedTuple):
    """A headline on a listing; `row` is its row as if it had never been seen before."""

    listing: Listing
    row: Row

    @property
    def key(self) -> tuple[str, str]:
        """The site and key that make the headline unique."""
        return self.row["site"], self.row["key"]


def listing(message: HeadlinesParsed) -> Listing:
    """Returns a parsed listing with its headlines' rows."""
    page = message.page
    look = Look(key_of(page.url), page.fetched_at)
    live = message.origin is Origin.LIVE and message.kind in LISTINGS
    shown_in = {name: live and message.kind is kind for name, kind in SHOWN_IN.items()}
    rows = [_row(message, headline) | shown_in for headline in message.headlines]
    return Listing(look, message.kind, live, rows, dict(_modified(message.headlines)))


def _modified(headlines: Iterable[ParsedHeadline]) -> Iterator[tuple[str, datetime]]:
    for headline in headlines:
        # A day is no time.
        modified_at = instant(headline.modified_at) if "T" in (headline.modified_at or "") else None
        if headline.url and modified_at is not None:
            yield key_of(headline.url), modified_at


def sightings(listings: Iterable[Listing]) -> list[Sighting]:
    """Returns the headlines of listings; of one that a listing shows twice the last."""
    return [
        Sighting(listing, row) for listing in listings for row in in_key_order(listing.rows, "site", "key")
    ]  # fmt: skip


def news(listings: Iterable[Listing], new_headlines: Iterable[Any]) -> News:
    """Returns what is new on listings as they are now.

    A headline counts for the source that shows it first: of two sources that list the same, one that is always later has
    no news, and is polled the less.

    Args:
        listings: of a batch.
        new_headlines: those that were never seen before: site and key.
    """
    new_keys = {(headline.site, headline.key) for headline in new_headlines}
    dates: dict[int, list[datetime | None]] = {}
    for sighting in sightings([listing for listing in listings if listing.live]):
        source_id = sighting.row["source_id"]
        if source_id is not None and sighting.key in new_keys:
            # A day is no time.
            timed = "T" in (sighting.row["published"] or "")
            dates.setdefault(source_id, []).append(sighting.row["published_at"] if timed else None)
    return dates


def place(page_url: str, position: int, block: str | None, since: datetime) -> dict[str, Any]:
    """Returns where a listing shows a headline, for the headline's history."""
    return {"page": page_url, "position": position, "block": block, "since": since.isoformat()}


def _row(message: HeadlinesParsed, headline: ParsedHeadline) -> dict[str, Any]:
    page = message.page
    return {name: getattr(headline, name) for name in _COPIED} | {
        "key": items.key(headline.url) if headline.url else sha256(headline.text.encode()).hexdigest()[:32],
        "link_key": key_of(headline.url) if headline.url else None,
        "site": host_of(page.final_url),
        "page_url": page.final_url,
        "source_id": message.source_id,
        "published": headline.published_at,
        "published_at": instant(headline.published_at),
        "authors": list(headline.authors),
        "tags": list(headline.tags),
        "wordings": [],
        "top_position": headline.position,
        "places": [place(page.final_url, headline.position, headline.block, page.fetched_at)],
        "first_seen_at": page.fetched_at,
        "last_seen_at": page.fetched_at,
    }
