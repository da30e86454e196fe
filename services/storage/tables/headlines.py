"""Headlines over time: first and last seen, position, changes of wording, and the article each led to.

A headline may stand on a front page and in a feed of the same site. One listing leads with it: a front page before a
feed, else the one that showed it first. Text and position are that listing's, so that they do not change to and fro;
where the others show it is in `places` and in the table `placement`.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Row as ResultRow
from sqlalchemy import func, select, update
from sqlmodel import Session, col

from services.storage.listings import SHOWN_IN, Listing, Sighting, place, sightings
from services.storage.rounds import rounds
from services.storage.tables import placements
from services.storage.tables.membership import Lookup, among
from services.storage.tables.upsert import Row, Upsert, in_key_order
from shared.contracts import LISTINGS, Kind
from shared.database.models import ArticleAlias, Headline, Page, Placement, Source

# Earlier wordings kept of one headline; a ticker that changes by the minute must not grow a row without end.
MAX_WORDINGS = 50
# Places kept of one headline: where it stood, newest last.
MAX_PLACES = 50
_RETURNED = ("id", "key", "site", "url", "page_url", "text", "language")
_UPSERT = Upsert(Headline, "site", "key", returning=[col(getattr(Headline, name)) for name in _RETURNED])

_UNLINKED = Lookup(
    select(col(Headline.id), col(Headline.link_key)).where(col(Headline.article_id).is_(None)), Headline.link_key
)
_LED_TO = [
    Lookup(select(col(table.key), col(table.article_id)).where(col(table.article_id).is_not(None)), table.key)
    for table in (Page, ArticleAlias)
]


def write(session: Session, listings: Sequence[Listing]) -> Sequence[ResultRow[Any]]:
    """Writes headlines and returns those that were never seen before: id, key, site, url, page_url, text, language."""
    looks = placements.latest(session, [listing.look.page_key for listing in listings])
    current = [
        listing._replace(live=listing.live and looks.get(listing.look.page_key, listing.look.seen_at) <= listing.look.seen_at)
        for listing in sorted(listings, key=lambda listing: listing.look.seen_at)
    ]  # fmt: skip
    new_rows: list[ResultRow[Any]] = []
    for batch in rounds(sightings(current), lambda sighting: [sighting.key]):
        new_rows += _write_round(session, batch)
    placements.write(session, [], [listing.look for listing in current if listing.live])
    return new_rows


def link(session: Session, article_ids: Mapping[str, int]) -> None:
    """Links the headlines that led to articles, by the keys of the URLs that they name."""
    if not article_ids:
        return
    links = [{"id": row.id, "article_id": article_ids[row.link_key]} for row in _UNLINKED.rows(session, article_ids)]
    if links:
        session.execute(update(Headline), in_key_order(links, "id"))


def _write_round(session: Session, batch: Sequence[Sighting]) -> Sequence[ResultRow[Any]]:
    """Writes headlines none of which comes twice; returns those that were never seen before."""
    earlier_headlines = _stored(session, batch)
    article_ids = _article_ids(session, [sighting.row["link_key"] for sighting in batch if sighting.row["url"]])
    earlier_placements = placements.of_headlines(session, [headline.id or 0 for headline in earlier_headlines.values()])
    new_rows = []
    for sighting in batch:
        article_id = article_ids.get(sighting.row["link_key"])
        if headline := earlier_headlines.get(sighting.key):
            headline.article_id = headline.article_id or article_id
            _update(headline, sighting, earlier_placements.get(headline.id or 0, []))
        else:
            new_rows.append({**sighting.row, "article_id": article_id})
    inserted = _UPSERT.write(session, new_rows)
    ids = {key: headline.id for key, headline in earlier_headlines.items()} | {
        (row.site, row.key): row.id for row in inserted
    }
    placements.write(session, (
        _placement(sighting, ids[sighting.key]) for sighting in batch if sighting.listing.live and sighting.key in ids
    ), [])  # fmt: skip
    return inserted


def _stored(session: Session, batch: Sequence[Sighting]) -> dict[tuple[str, str], Headline]:
    sites, keys = {sighting.row["site"] for sighting in batch}, {sighting.row["key"] for sighting in batch}
    query = select(Headline).where(among(session, Headline.key, keys), among(session, Headline.site, sites))
    # In key order, as every worker locks them: no deadlock.
    locked = query.order_by(col(Headline.site), col(Headline.key)).with_for_update()
    return {(headline.site, headline.key): headline for headline in session.scalars(locked)}


def _update(headline: Headline, sighting: Sighting, earlier_placements: Sequence[Placement]) -> None:
    """Updates a stored headline; `earlier_placements` is where listings showed it until now. An old copy moves only `first_seen_at`."""
    row, listing = sighting.row, sighting.listing
    headline.first_seen_at = min(headline.first_seen_at, row["first_seen_at"])
    newer = row["last_seen_at"] > headline.last_seen_at
    if newer and listing.kind not in LISTINGS:
        headline.last_seen_at = row["last_seen_at"]
    if not listing.live:
        return
    own_placement = next(
        (placement for placement in earlier_placements if placement.page_key == listing.look.page_key), None
    )
    if _moved(headline, row, own_placement, earlier_placements):
        moved_to = place(row["page_url"], row["position"], row["block"], row["last_seen_at"])
        headline.places = [*headline.places, moved_to][-MAX_PLACES:]
    if _leads(headline, sighting, earlier_placements) and (newer or headline.page_url != row["page_url"]):
        _take_over(headline, row)
    headline.last_seen_at = max(headline.last_seen_at, row["last_seen_at"])
    for name in SHOWN_IN:
        setattr(headline, name, getattr(headline, name) or row[name])
    for name in ("image", "summary", "published", "published_at", "authors", "tags"):
        setattr(headline, name, (newer and row[name]) or getattr(headline, name))


def _moved(
    headline: Headline, row: Row, own_placement: Placement | None, earlier_placements: Sequence[Placement]
) -> bool:
    """Whether a listing shows a headline elsewhere than it did, or for the first time."""
    position = (row["position"], row["block"])
    if own_placement is not None:
        return position != (own_placement.position, own_placement.block)
    return (
        bool(earlier_placements)
        or row["page_url"] != headline.page_url
        or position != (headline.position, headline.block)
    )


def _leads(headline: Headline, sighting: Sighting, earlier_placements: Sequence[Placement]) -> bool:
    """Whether a listing leads with a headline, so that text and position are its own."""
    leading = next((placement for placement in earlier_placements if placement.page_url == headline.page_url), None)
    front_before_feed = sighting.listing.kind is Kind.FRONT and leading is not None and leading.kind != Kind.FRONT
    return leading is None or front_before_feed or sighting.row["page_url"] == headline.page_url


def _take_over(headline: Headline, row: Row) -> None:
    """Gives a headline the text and position that the listing that leads with it shows now."""
    if row["text"] != headline.text:
        wording = {"text": headline.text, "last_seen_at": headline.last_seen_at.isoformat()}
        headline.wordings = [*headline.wordings, wording][-MAX_WORDINGS:]
    same_listing = headline.page_url == row["page_url"] and headline.top_position is not None
    headline.top_position = min(row["position"], headline.top_position or 0) if same_listing else row["position"]
    # The address may change from http to https, and is then another page of the ledger.
    for name in ("text", "url", "link_key", "position", "block", "page_url"):
        setattr(headline, name, row[name])


def _placement(sighting: Sighting, headline_id: int | None) -> Row:
    look, row = sighting.listing.look, sighting.row
    return {
        "page_key": look.page_key, "headline_id": headline_id, "page_url": row["page_url"],
        "kind": sighting.listing.kind.value, "position": row["position"], "block": row["block"],
        "seen_at": look.seen_at,
    }  # fmt: skip


def _article_ids(session: Session, keys: Sequence[str]) -> dict[str, int]:
    """Returns the ids of stored articles by the keys of the links that lead to them."""
    article_ids: dict[str, int] = {}
    for lookup in _LED_TO:
        article_ids |= {key: int(article_id) for key, article_id in lookup.rows(session, keys)}
    return article_ids


def adopt(session: Session, page_keys: Iterable[str]) -> None:
    """Gives headlines without a source to the channel whose page shows them: a site's first look comes before its channels are known.

    Args:
        session: of the transaction.
        page_keys: of listings that may be channels by now.
    """
    keys = list(page_keys)
    if not keys:
        return
    placed_headlines = select(col(Placement.headline_id)).join(Source, col(Source.key) == col(Placement.page_key))
    placed_headlines = placed_headlines.where(among(session, Placement.page_key, keys))
    channel = select(func.min(Source.id)).join(Placement, col(Placement.page_key) == col(Source.key))
    channel = channel.where(col(Placement.headline_id) == col(Headline.id), among(session, Source.key, keys))
    orphans = update(Headline).where(col(Headline.source_id).is_(None), col(Headline.id).in_(placed_headlines))
    session.execute(orphans.values(source_id=channel.scalar_subquery()).execution_options(synchronize_session=False))
