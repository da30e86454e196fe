"""Articles: one row each, whatever comes twice, late, edited, or under another address."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from sqlalchemy import select, update
from sqlmodel import Session, col

from services.storage.identity import ladder, rungs, stories
from services.storage.tables import images, versions
from services.storage.tables.ledger import key_of
from services.storage.tables.upsert import in_key_order, insert, lots
from shared.contracts import ArticleParsed, now_utc
from shared.database.models import Article, ArticleAlias, ArticleVersion, Headline
from shared.urls import canonical, fingerprint


class Stored(NamedTuple):
    """What became of a parsed article: `stored` (new), `updated` or `unchanged`; the version that the page is, what it
    changed, and the rung by which it was known."""

    message: ArticleParsed
    article_id: int
    change: str
    version: int
    changes: dict[str, Any] | None = None
    rung: str | None = None


def store(session: Session, messages: Sequence[ArticleParsed], limits: versions.Limits) -> list[Stored]:
    """Writes articles, the oldest pages first."""
    stored: list[Stored] = []
    for pages in ladder.rounds(sorted(messages, key=lambda message: message.page.fetched_at)):
        stored += _store_round(session, pages, limits)
    changed = {one.article_id: one for one in stored if one.change != "unchanged"}
    told = [
        stories.Told(one.article_id, one.message.page.final_url, one.message.article.text) for one in changed.values()
    ]
    linked = _link_originals(session, [one for one in changed.values() if one.change == "stored"])
    stories.join(session, told, linked)
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


def _store_round(
    session: Session, pages: Sequence[tuple[ArticleParsed, ladder.Keys]], limits: versions.Limits
) -> list[Stored]:
    ladder.lock(session, (keys.site for _, keys in pages))
    known, mistaken = ladder.find(session, pages)
    pages = [(one, ladder.without_declared(one, keys) if one.trace_id in mistaken else keys) for one, keys in pages]
    fresh = [one for one in pages if one[0].trace_id not in known]
    stored = _insert(session, fresh)
    for message, keys in pages:
        if (found := known.get(message.trace_id)) is not None:
            stored[message.trace_id] = _revise(session, found, message, keys, limits)
    ladder.remember(
        session,
        (
            (keys, stored[message.trace_id].article_id, _declares(message, known.get(message.trace_id)))
            for message, keys in pages
        ),
    )
    images.write(
        session, ((one.article_id, one.message.article) for one in stored.values() if one.change != "unchanged")
    )
    for one in stored.values():
        _join_headlines(session, one)
    return list(stored.values())


def _insert(session: Session, fresh: Sequence[tuple[ArticleParsed, ladder.Keys]]) -> dict[str, Stored]:
    """Inserts new articles with their first version, by the traces of their pages."""
    rows = {}
    for message, keys in fresh:
        row = _row(message, keys)
        rows[row["key"]] = (message, row)
    ids: dict[str, int] = {}
    for lot in lots(in_key_order((row for _, row in rows.values()), "key")):
        # Another page may have been believed to have this address; then this one is known by its own.
        statement = insert(session, Article).values(lot).on_conflict_do_update(
            index_elements=["key"], set_={"key": Article.key}
        ).returning(col(Article.id), col(Article.key))  # fmt: skip
        ids |= {key: int(row_id) for row_id, key in session.execute(statement)}
    for lot in lots(versions.first(row, ids[key]) for key, (_, row) in rows.items()):
        session.execute(insert(session, ArticleVersion).values(lot).on_conflict_do_nothing())
    return {message.trace_id: Stored(message, ids[key], "stored", 1) for key, (message, _) in rows.items()}


def _revise(
    session: Session, known: ladder.Known, message: ArticleParsed, keys: ladder.Keys, limits: versions.Limits
) -> Stored:
    assert known.article.id is not None
    row = _row(message, keys)
    done = versions.revise(session, known.article, row, limits, reparsed=message.reparsed)
    return Stored(message, known.article.id, done.change, done.version, done.changes, known.rung)


def _declares(message: ArticleParsed, known: ladder.Known | None) -> bool:
    return known is None or ladder.believable(message, known.article)


def _link_originals(session: Session, stored: Sequence[Stored]) -> list[tuple[int, int]]:
    """Joins an aggregator's copy and its original, whichever came first; returns the pairs."""
    ids = [one.article_id for one in stored]
    if not ids:
        return []
    linked = (
        select(col(Article.id), col(ArticleAlias.article_id), col(Article.original_id))
        .join(ArticleAlias, col(ArticleAlias.key) == col(Article.origin_key))
    )  # fmt: skip
    # Two questions, and none of what is NULL nearly everywhere: else the database would look at every article.
    found = [
        *session.execute(linked.where(col(Article.id).in_(ids))),
        *session.execute(linked.where(col(ArticleAlias.article_id).in_(ids))),
    ]
    pairs = sorted(
        {(int(copy), int(original)) for copy, original, known in found if known is None and copy != original}
    )
    for copy, original in pairs:
        session.execute(update(Article).where(col(Article.id) == copy).values(original_id=original))
    return pairs


def _join_headlines(session: Session, stored: Stored) -> None:
    """The headlines that led to this article, by whichever of its URLs they name."""
    page = stored.message.page
    keys = {key_of(page.url), key_of(page.final_url), fingerprint(rungs.article_url(page, stored.message.article))}
    session.execute(
        update(Headline)
        .where(col(Headline.key).in_(keys), col(Headline.article_id).is_(None))
        .values(article_id=stored.article_id)
    )


def _row(message: ArticleParsed, keys: ladder.Keys) -> dict[str, Any]:
    article, page = message.article, message.page
    same = (
        "title", "subtitle", "text", "site", "publisher", "origin_url", "section", "language", "direction",
        "lead_image", "paywalled", "live_blog", "word_count",
    )  # fmt: skip
    return {name: getattr(article, name) for name in same} | {
        "key": keys.article,
        "url": page.final_url,
        "canonical_url": rungs.article_url(page, article) if keys.declared else canonical(page.final_url),
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
        "body_hash": keys.body,
        "title_key": keys.title,
        "origin_key": rungs.origin_key(article),
        "version": 1,
        "fetched_at": page.fetched_at,
        "stored_at": now_utc(),
        "updated_at": now_utc(),
    }
