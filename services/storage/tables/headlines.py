"""Headlines over time: first and last seen, position, changes of wording, and the article each led to."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Row as ResultRow
from sqlalchemy import select, update
from sqlmodel import Session, col

from services.storage.dates import instant
from services.storage.tables.ledger import key_of
from services.storage.tables.upsert import Row, Upsert, chunks, in_key_order
from shared.contracts import Headline as ParsedHeadline
from shared.contracts import HeadlinesParsed
from shared.database.models import ArticleAlias, Headline, Page
from shared.urls import host_of

# Earlier wordings kept of one headline; a ticker that changes by the minute must not grow a row without end.
MAX_WORDINGS = 50
# Places kept of one headline: where it stood, newest last.
MAX_PLACES = 50
_COPIED = ("url", "text", "position", "block", "language", "direction", "image", "summary")
_UPSERT = Upsert(
    Headline,
    "site",
    "key",
    returning=[
        col(getattr(Headline, name)) for name in ("id", "key", "site", "url", "page_url", "text", "language")
    ],
)  # fmt: skip


def rows(listing: HeadlinesParsed) -> Iterator[Row]:
    """Yields the rows of a listing's headlines, as if none of them had been seen before."""
    page = listing.page
    site = host_of(page.final_url)
    for headline in listing.headlines:
        yield {name: getattr(headline, name) for name in _COPIED} | {
            "key": _key(headline),
            "site": site,
            "page_url": page.final_url,
            "source_id": listing.source_id,
            "published": headline.published_at,
            "published_at": instant(headline.published_at),
            "wordings": [],
            "top_position": headline.position,
            "places": [_place(headline.position, headline.block, page.fetched_at)],
            "first_seen_at": page.fetched_at,
            "last_seen_at": page.fetched_at,
        }


def write(session: Session, rows: Iterable[Row]) -> Sequence[ResultRow[Any]]:
    """Writes headlines and returns those that were never seen before: id, key, site, url, page_url, text, language."""
    ordered = in_key_order(rows, "site", "key")
    stored = _stored(session, ordered)
    article_ids = _article_ids(session, [row["key"] for row in ordered if row["url"]])
    unseen = []
    for row in ordered:
        article_id = article_ids.get(row["key"])
        if headline := stored.get((row["site"], row["key"])):
            _update(headline, row, article_id)
        else:
            unseen.append({**row, "article_id": article_id})
    return _UPSERT.write(session, unseen)


def link(session: Session, article_ids: Mapping[str, int]) -> None:
    """Links the headlines that led to articles, by the keys of the URLs that they name."""
    unlinked = select(col(Headline.id), col(Headline.key)).where(
        col(Headline.key).in_(article_ids), col(Headline.article_id).is_(None)
    )
    links = [{"id": row.id, "article_id": article_ids[row.key]} for row in session.execute(unlinked)]
    if links:
        session.execute(update(Headline), in_key_order(links, "id"))


def _key(headline: ParsedHeadline) -> str:
    return key_of(headline.url) if headline.url else sha256(headline.text.encode()).hexdigest()[:32]


def _stored(session: Session, rows: Sequence[Row]) -> dict[tuple[str, str], Headline]:
    headlines: dict[tuple[str, str], Headline] = {}
    for chunk in chunks(rows):
        sites, keys = {row["site"] for row in chunk}, {row["key"] for row in chunk}
        query = select(Headline).where(col(Headline.site).in_(sites), col(Headline.key).in_(keys))
        # In key order, as every worker locks them: no deadlock.
        locked = query.order_by(col(Headline.site), col(Headline.key)).with_for_update()
        headlines |= {(headline.site, headline.key): headline for headline in session.scalars(locked)}
    return headlines


def _update(headline: Headline, row: Row, article_id: int | None) -> None:
    """Updates a stored headline; an older copy of the listing (a redelivery) only moves when it was first seen."""
    headline.article_id = headline.article_id or article_id
    headline.first_seen_at = min(headline.first_seen_at, row["first_seen_at"])
    if row["last_seen_at"] <= headline.last_seen_at:
        return
    if row["text"] != headline.text:
        wording = {"text": headline.text, "last_seen_at": headline.last_seen_at.isoformat()}
        headline.wordings = [*headline.wordings, wording][-MAX_WORDINGS:]
        headline.text = row["text"]
    if (row["position"], row["block"]) != (headline.position, headline.block):
        place = _place(row["position"], row["block"], row["last_seen_at"])
        headline.places = [*headline.places, place][-MAX_PLACES:]
        top_position = headline.position if headline.top_position is None else headline.top_position
        headline.top_position = min(row["position"], top_position)
    for name in ("position", "block", "page_url", "last_seen_at"):
        setattr(headline, name, row[name])
    for name in ("image", "summary", "published", "published_at"):
        setattr(headline, name, row[name] or getattr(headline, name))


def _place(position: int, block: str | None, since: datetime) -> dict[str, Any]:
    return {"position": position, "block": block, "since": since.isoformat()}


def _article_ids(session: Session, keys: Sequence[str]) -> dict[str, int]:
    """Returns the ids of stored articles by the keys of the links that lead to them."""
    article_ids: dict[str, int] = {}
    for table in (Page, ArticleAlias):
        for chunk in chunks(keys):
            query = select(col(table.key), col(table.article_id)).where(
                col(table.key).in_(chunk), col(table.article_id).is_not(None)
            )
            article_ids |= {key: int(article_id) for key, article_id in session.execute(query)}
    return article_ids
