"""Articles, their versions and images: idempotent, whatever comes twice or late."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, select, update
from sqlmodel import Session, col

from services.storage.dedupe import article_url, body_hash
from services.storage.ledger import key_of
from services.storage.upsert import in_key_order, insert, lots
from shared.contracts import ArticleParsed, now_utc
from shared.models import Article, ArticleVersion, Headline, Image
from shared.urls import fingerprint


class Stored(NamedTuple):
    """What became of a parsed article: `stored` (new), `updated` (a new version) or `unchanged`."""

    message: ArticleParsed
    article_id: int
    change: str
    version: int


def store(session: Session, messages: Sequence[ArticleParsed]) -> list[Stored]:
    """Writes articles in as many rounds as one of them comes more than once; usually one."""
    stored: list[Stored] = []
    remaining = sorted(messages, key=lambda message: message.page.fetched_at)
    while remaining:
        this_round = {_key(message): message for message in reversed(remaining)}
        remaining = [message for message in remaining if this_round[_key(message)] is not message]
        stored += _store_round(session, this_round)
    return stored


def instant(text: str | None) -> datetime | None:
    """A page's date as an instant, UTC: a day counts from its midnight, a time without a zone as UTC."""
    if text is None:
        return None
    try:
        moment = (
            datetime.fromisoformat(text)
            if "T" in text
            else datetime.combine(date.fromisoformat(text), datetime.min.time())
        )
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _store_round(session: Session, parsed: dict[str, ArticleParsed]) -> list[Stored]:
    before = _known(session, parsed)
    ids = _insert(session, {key: message for key, message in parsed.items() if key not in before})
    stored = [Stored(parsed[key], article_id, "stored", 1) for key, article_id in ids.items()]
    # A key that was new above and is not among the inserted was written by another worker in between.
    for key, article in _known(session, set(parsed) - set(ids)).items():
        stored.append(_revise(session, article, parsed[key]))
    _write_images(session, [one for one in stored if one.change != "unchanged"])
    for one in stored:
        _join_headlines(session, one)
    return stored


def _key(message: ArticleParsed) -> str:
    return fingerprint(article_url(message.page, message.article))


def _known(session: Session, keys: Iterable[str]) -> dict[str, Article]:
    query = select(Article).where(col(Article.key).in_(list(keys))).order_by(col(Article.key)).with_for_update()
    return {article.key: article for article in session.scalars(query)}


def _insert(session: Session, parsed: dict[str, ArticleParsed]) -> dict[str, int]:
    """Inserts new articles with their first version; returns the ids by key, without what another worker took."""
    ids: dict[str, int] = {}
    rows = [_row(message) for message in parsed.values()]
    for lot in lots(in_key_order(rows, "key")):
        statement = insert(session, Article).values(lot).on_conflict_do_nothing(index_elements=["key"])
        ids |= {
            key: int(row_id) for row_id, key in session.execute(statement.returning(col(Article.id), col(Article.key)))
        }
    for lot in lots(_version(row, ids[row["key"]], 1) for row in rows if row["key"] in ids):
        session.execute(insert(session, ArticleVersion).values(lot))
    return ids


def _revise(session: Session, article: Article, message: ArticleParsed) -> Stored:
    """An article that is known: a newer page with another wording is a new version of it."""
    assert article.id is not None
    row = _row(message)
    if message.page.fetched_at <= article.fetched_at or row["body_hash"] == article.body_hash:
        return Stored(message, article.id, "unchanged", article.version)
    number = article.version + 1
    session.execute(insert(session, ArticleVersion).values(_version(row, article.id, number)))
    kept = ("key", "url", "stored_at", "trace_id", "source_id")
    changed = {name: value for name, value in row.items() if name not in kept}
    session.execute(update(Article).where(col(Article.id) == article.id).values(**changed | {"version": number}))
    session.execute(delete(Image).where(col(Image.article_id) == article.id))
    return Stored(message, article.id, "updated", number)


def _write_images(session: Session, stored: Sequence[Stored]) -> None:
    rows = [row for one in stored for row in _images(one)]
    for lot in lots(in_key_order(rows, "article_id", "key")):
        session.execute(insert(session, Image).values(lot).on_conflict_do_nothing(index_elements=["article_id", "key"]))


def _images(stored: Stored) -> Iterable[dict[str, Any]]:
    for position, image in enumerate(stored.message.article.images):
        yield image.model_dump() | {
            "article_id": stored.article_id, "key": key_of(image.url), "position": position,
        }  # fmt: skip


def _join_headlines(session: Session, stored: Stored) -> None:
    """The headlines that led to this article, by whichever of its URLs they name."""
    page = stored.message.page
    keys = {key_of(page.url), key_of(page.final_url), _key(stored.message)}
    session.execute(
        update(Headline)
        .where(col(Headline.key).in_(keys), col(Headline.article_id).is_(None))
        .values(article_id=stored.article_id)
    )


def _row(message: ArticleParsed) -> dict[str, Any]:
    article, page = message.article, message.page
    url = article_url(page, article)
    same = (
        "title", "subtitle", "text", "site", "publisher", "origin_url", "section", "language", "direction",
        "lead_image", "paywalled", "live_blog", "word_count",
    )  # fmt: skip
    return {name: getattr(article, name) for name in same} | {
        "key": fingerprint(url),
        "url": page.final_url,
        "canonical_url": url,
        "source_id": message.source_id,
        "trace_id": message.trace_id,
        "authors": list(article.authors),
        "tags": list(article.tags),
        "alternates": list(article.alternates),
        "published": article.published_at,
        "published_at": instant(article.published_at),
        "modified": article.modified_at,
        "modified_at": instant(article.modified_at),
        "evidence": article.model_dump(mode="json", include={"evidence"})["evidence"],
        "body_hash": body_hash(article),
        "version": 1,
        "fetched_at": page.fetched_at,
        "stored_at": now_utc(),
        "updated_at": now_utc(),
    }


def _version(row: dict[str, Any], article_id: int, number: int) -> dict[str, Any]:
    same = ("title", "subtitle", "text", "modified", "body_hash", "fetched_at")
    return {name: row[name] for name in same} | {"article_id": article_id, "number": number}
