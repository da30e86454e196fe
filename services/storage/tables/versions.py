"""Versions: what a page of a stored article adds to it.

An edit is a version with its changes. A copy that was fetched before the newest version (a backfill) is kept as a
version behind it. A live blog's newest version is written over for a while, so that an hour of it is one version.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import delete, select, update
from sqlmodel import Session, col

from services.storage.differences import changes_between
from services.storage.edit_kinds import edit_kinds
from services.storage.tables.upsert import Row, Upsert
from shared.contracts import ArticleParsed, Origin
from shared.database.models import Article, ArticleVersion, Image, Page

# What a page says of itself and not its wording: refreshed without a version.
REFRESHED = (
    "site", "publisher", "origin_url", "origin_key", "section", "tags", "language", "direction", "lead_image", "alternates",
    "paywalled", "live_blog", "authors", "published", "published_at", "modified", "modified_at", "canonical_url", "title_key",
    "text_from",
)  # fmt: skip
WORDING = ("title", "subtitle", "text", "body_hash", "word_count")
_VERSION_WORDING = ("title", "subtitle", "text", "modified", "text_from", "body_hash")
_UPSERT = Upsert(ArticleVersion, "article_id", "number")


class Limits(NamedTuple):
    """For how many seconds a live blog's version is written over, and how many versions an article keeps."""

    live_seconds: int
    versions: int


class Revision(NamedTuple):
    """What a page made of its article: `updated` or `unchanged`; the version that the page is; its changes and their
    kinds (services/storage/edit_kinds.py)."""

    change: str
    version: int
    changes: dict[str, Any] | None = None
    kinds: tuple[str, ...] = ()


def write_first(session: Session, articles: Iterable[tuple[int, Row]]) -> None:
    """Writes the first versions of new articles: article ids with the articles' rows."""
    _UPSERT.write(session, (_version(row, article_id, 1, None) for article_id, row in articles))


def revise(session: Session, article: Article, row: Row, limits: Limits, message: ArticleParsed) -> Revision:
    """Writes what a page adds to its stored article.

    Args:
        session: of the transaction, in which the article is locked.
        article: as it is stored.
        row: the article as the page has it.
        limits: of versions.
        message: that brought the page. A page's own text goes before a feed's, whichever is older.
    """
    newer = article.text_from == "feed" or (
        row["fetched_at"] > article.fetched_at and not _may_be_older(session, article, row, message)
    )
    if row["body_hash"] == article.body_hash:
        return _same_wording(session, article, row, newer=newer, reparsed=message.reparsed)
    # A live blog's version holds the text of the last page that was written over it, not of the one that made it.
    made_a_version = message.reparsed and (row["fetched_at"] >= article.fetched_at or not article.live_blog)
    if made_a_version and (version := _version_at(session, article, row["fetched_at"])) is not None:
        return _reparsed(session, article, version, row)
    return _edited(session, article, row, limits) if newer else _late(session, article, row, limits)


def _may_be_older(session: Session, article: Article, row: Row, message: ArticleParsed) -> bool:
    """Whether an imported page may have an older wording than its article.

    When a copy was made is not always known, so that an article that a live visit brought is only changed by a copy
    that says itself that it was modified later.
    """
    if message.origin is Origin.LIVE:
        return False
    live = select(col(Page.id)).where(col(Page.article_id) == article.id, col(Page.origin) == Origin.LIVE.value)
    if session.scalars(live.limit(1)).first() is None:
        return False
    modified = row["modified_at"], article.modified_at
    return modified[0] is None or modified[1] is None or modified[0] <= modified[1]


def _same_wording(session: Session, article: Article, row: Row, *, newer: bool, reparsed: bool) -> Revision:
    fresh = newer or (reparsed and row["fetched_at"] == article.fetched_at)
    refreshed = {name: row[name] for name in REFRESHED if fresh and row[name] != getattr(article, name)}
    if not refreshed:
        return Revision("unchanged", article.version)
    _update(session, article, {**refreshed, "updated_at": row["updated_at"]})
    return Revision("updated" if reparsed else "unchanged", article.version)


def _reparsed(session: Session, article: Article, version: ArticleVersion, row: Row) -> Revision:
    """Writes over the version that a kept page made, now that a newer parser has read the page again."""
    changes = changes_between(version.model_dump(), row)
    _reword(session, version, row)
    if row["fetched_at"] == article.fetched_at:
        _overwrite(session, article, row, article.version)
    return Revision("updated", version.number, changes)


def _late(session: Session, article: Article, row: Row, limits: Limits) -> Revision:
    """Adds a version behind the newest one, unless the article had this wording before.

    What a live blog said while one of its versions was written over is part of that version.
    """
    if article.live_blog and (version := _live_version(session, article, row["fetched_at"], limits)) is not None:
        return Revision("unchanged", version.number)
    same = select(ArticleVersion).where(
        col(ArticleVersion.article_id) == article.id, col(ArticleVersion.body_hash) == row["body_hash"]
    )
    if (version := session.scalars(same).first()) is not None:
        return Revision("unchanged", version.number)
    number = article.version + 1
    _UPSERT.write(session, [_version(row, _id(article), number, None)])
    _update(session, article, {"version": number})
    return Revision("unchanged", number)


def _edited(session: Session, article: Article, row: Row, limits: Limits) -> Revision:
    changes = changes_between(article.model_dump(), row)
    kinds = edit_kinds(article.model_dump(), row, changes)
    newest = _newest(session, article)
    live = article.live_blog or row["live_blog"]
    if live and newest is not None and _young(newest, row["fetched_at"], limits):
        # The version's time stays that of its beginning, by which the next version is due.
        _reword(session, newest, row)
        _overwrite(session, article, row, article.version)
        return Revision("updated", article.version, changes, kinds)
    number = article.version + 1
    _UPSERT.write(session, [_version(row, _id(article), number, changes)])
    _overwrite(session, article, row, number)
    _thin(session, article, limits.versions)
    return Revision("updated", number, changes, kinds)


def _reword(session: Session, version: ArticleVersion, row: Row) -> None:
    wording = {name: row[name] for name in _VERSION_WORDING}
    session.execute(update(ArticleVersion).where(col(ArticleVersion.id) == version.id).values(**wording))


def _overwrite(session: Session, article: Article, row: Row, number: int) -> None:
    names = (*WORDING, *REFRESHED, "evidence", "fetched_at", "updated_at")
    _update(session, article, {name: row[name] for name in names} | {"version": number})
    session.execute(delete(Image).where(col(Image.article_id) == article.id))


def _update(session: Session, article: Article, values: Row) -> None:
    session.execute(update(Article).where(col(Article.id) == article.id).values(**values))


def _thin(session: Session, article: Article, limit: int) -> None:
    """Removes the oldest versions beyond a number, but never the first."""
    query = select(col(ArticleVersion.id)).where(col(ArticleVersion.article_id) == article.id)
    ids: Sequence[int | None] = session.scalars(query.order_by(col(ArticleVersion.number))).all()
    if len(ids) > limit:
        session.execute(delete(ArticleVersion).where(col(ArticleVersion.id).in_(ids[1 : 1 + len(ids) - limit])))


def _version_at(session: Session, article: Article, fetched_at: datetime) -> ArticleVersion | None:
    """Returns the version that the page of a time made."""
    if fetched_at == article.fetched_at:
        return _newest(session, article)
    return _last(session, article, col(ArticleVersion.fetched_at) == fetched_at)


def _newest(session: Session, article: Article) -> ArticleVersion | None:
    """Returns the version that the article is now; its number need not be the highest."""
    return _last(session, article, col(ArticleVersion.body_hash) == article.body_hash)


def _live_version(session: Session, article: Article, moment: datetime, limits: Limits) -> ArticleVersion | None:
    begun = col(ArticleVersion.fetched_at)
    return _last(session, article, begun <= moment, begun > moment - timedelta(seconds=limits.live_seconds))


def _last(session: Session, article: Article, *conditions: Any) -> ArticleVersion | None:
    query = select(ArticleVersion).where(col(ArticleVersion.article_id) == article.id, *conditions)
    return session.scalars(query.order_by(col(ArticleVersion.number).desc())).first()


def _young(version: ArticleVersion, moment: datetime, limits: Limits) -> bool:
    return moment - version.fetched_at < timedelta(seconds=limits.live_seconds)


def _version(row: Row, article_id: int, number: int, changes: dict[str, Any] | None) -> Row:
    wording = {name: row[name] for name in (*_VERSION_WORDING, "fetched_at")}
    return wording | {"article_id": article_id, "number": number, "changes": changes}


def _id(article: Article) -> int:
    assert article.id is not None
    return article.id
