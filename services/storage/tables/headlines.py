"""Headlines over time: first and last seen, position, changes of wording, and the article each led to."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from services.storage.tables.articles import instant
from services.storage.tables.ledger import key_of
from services.storage.tables.upsert import in_key_order, insert, lots
from shared.contracts import Headline as Seen
from shared.contracts import HeadlinesParsed
from shared.database.models import ArticleAlias, Headline, Page
from shared.urls import host_of

# Wordings kept of one headline; a ticker that changes by the minute must not grow a row without end.
WORDINGS = 50
# Places kept of it: where it stood, newest last.
PLACES = 50


def store(session: Session, messages: Sequence[HeadlinesParsed]) -> list[Headline]:
    """Upserts the headlines of listings and returns those never seen before."""
    rows = in_key_order((_row(message, seen) for message in messages for seen in message.headlines), "site", "key")
    known = _known(session, rows)
    articles = _articles(session, [row["key"] for row in rows if row["url"]])
    fresh = [{**row, "article_id": articles.get(row["key"])} for row in rows if (row["site"], row["key"]) not in known]
    for row in rows:
        if earlier := known.get((row["site"], row["key"])):
            _see_again(earlier, row, articles.get(row["key"]))
    new: list[Headline] = []
    for lot in lots(fresh):
        statement = insert(session, Headline).values(lot).on_conflict_do_nothing(index_elements=["site", "key"])
        new += session.scalars(statement.returning(Headline))
    return new


def _row(message: HeadlinesParsed, seen: Seen) -> dict[str, Any]:
    page = message.page
    key = key_of(seen.url) if seen.url else sha256(seen.text.encode()).hexdigest()[:32]
    same = ("url", "text", "position", "block", "language", "direction", "image", "summary")
    return {name: getattr(seen, name) for name in same} | {
        "key": key,
        "site": host_of(page.final_url),
        "page_url": page.final_url,
        "source_id": message.source_id,
        "published": seen.published_at,
        "published_at": instant(seen.published_at),
        "wordings": [],
        "top_position": seen.position,
        "places": [_place(seen.position, seen.block, page.fetched_at)],
        "first_seen_at": page.fetched_at,
        "last_seen_at": page.fetched_at,
    }


def _known(session: Session, rows: Sequence[Any]) -> dict[tuple[str, str], Headline]:
    sites = {row["site"] for row in rows}
    keys = {row["key"] for row in rows}
    query = select(Headline).where(col(Headline.site).in_(sites), col(Headline.key).in_(keys))
    # In key order, as every worker locks them: no deadlock.
    locked = query.order_by(col(Headline.site), col(Headline.key)).with_for_update()
    return {(row.site, row.key): row for row in session.scalars(locked)}


def _see_again(earlier: Headline, row: Any, article_id: int | None) -> None:
    """A later sighting; one that comes late (a redelivery) only reaches back to when it was first seen."""
    earlier.article_id = earlier.article_id or article_id
    earlier.first_seen_at = min(earlier.first_seen_at, row["first_seen_at"])
    if row["last_seen_at"] <= earlier.last_seen_at:
        return
    if row["text"] != earlier.text:
        worn = {"text": earlier.text, "last_seen_at": earlier.last_seen_at.isoformat()}
        earlier.wordings = [*earlier.wordings, worn][-WORDINGS:]
        earlier.text = row["text"]
    if (row["position"], row["block"]) != (earlier.position, earlier.block):
        earlier.places = [*earlier.places, _place(row["position"], row["block"], row["last_seen_at"])][-PLACES:]
        earlier.top_position = min(
            row["position"], earlier.position if earlier.top_position is None else earlier.top_position
        )
    for name in ("position", "block", "page_url", "last_seen_at"):
        setattr(earlier, name, row[name])
    for name in ("image", "summary", "published", "published_at"):
        setattr(earlier, name, row[name] or getattr(earlier, name))


def _place(position: int, block: str | None, since: datetime) -> dict[str, Any]:
    return {"position": position, "block": block, "since": since.isoformat()}


def _articles(session: Session, keys: Iterable[str]) -> dict[str, int]:
    """Articles that are known already, by the keys of the links that lead to them."""
    wanted = list(keys)
    known = select(col(ArticleAlias.key), col(ArticleAlias.article_id))
    direct = session.execute(known.where(col(ArticleAlias.key).in_(wanted)))
    led = session.execute(
        select(col(Page.key), col(Page.article_id)).where(col(Page.key).in_(wanted), col(Page.article_id).is_not(None))
    )
    return {key: int(article_id) for key, article_id in (*led, *direct) if article_id is not None}
