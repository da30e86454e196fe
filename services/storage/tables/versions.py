"""An article's wordings over time: what a newly read page makes of an article that is known.

A newer page with another wording is a new version with what it changed. A live blog's newest version is written over
for a while, so that it does not make thousands. What comes late (a backfill) is kept, and stays behind what is newer.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from difflib import unified_diff
from typing import Any, NamedTuple

from sqlalchemy import delete, select, update
from sqlmodel import Session, col

from services.storage.tables.upsert import insert
from shared.database.models import Article, ArticleVersion, Image

# Characters of a diff that are kept.
MOST_DIFF = 20_000
# What a page says of itself and not its wording: refreshed without a version.
REFRESHED = (
    "site", "publisher", "origin_url", "origin_key", "section", "tags", "language", "direction", "lead_image", "alternates",
    "paywalled", "live_blog", "authors", "published", "published_at", "modified", "modified_at", "canonical_url", "title_key",
)  # fmt: skip
WORDING = ("title", "subtitle", "text", "body_hash", "word_count")


class Limits(NamedTuple):
    """How long a live blog's version is written over, and how many versions an article keeps."""

    live_seconds: int
    versions: int


class Revised(NamedTuple):
    """What became of an article: `updated` or `unchanged`; the version that the page is; what it changed."""

    change: str
    version: int
    changes: dict[str, Any] | None = None


def revise(session: Session, article: Article, row: Mapping[str, Any], limits: Limits, *, reparsed: bool) -> Revised:
    """Writes what a page of a known article adds. `row` is the article as the page has it."""
    if row["body_hash"] == article.body_hash:
        return _same_wording(session, article, row, reparsed=reparsed)
    if reparsed and (known := _version_of(session, article, row["fetched_at"])) is not None:
        return _reread(session, article, known, row)
    if row["fetched_at"] <= article.fetched_at:
        return _late(session, article, row)
    return _edited(session, article, row, limits)


def first(row: Mapping[str, Any], article_id: int) -> dict[str, Any]:
    """The row of an article's first version."""
    return _version(row, article_id, 1, None)


def changes_between(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """What one wording changed of another: old and new title and subtitle where they differ, and the text's
    paragraphs as a unified diff with how many were added and removed."""
    found: dict[str, Any] = {
        name: [old[name], new[name]] for name in ("title", "subtitle") if (old[name] or "") != (new[name] or "")
    }
    lines = list(unified_diff(old["text"].split("\n"), new["text"].split("\n"), lineterm="", n=0))[2:]
    if lines:
        diff = "\n".join(lines)
        found["text"] = {
            "added": sum(line.startswith("+") for line in lines), "removed": sum(line.startswith("-") for line in lines),
            "diff": diff[:MOST_DIFF], "whole": len(diff) <= MOST_DIFF,
        }  # fmt: skip
    return found


def _same_wording(session: Session, article: Article, row: Mapping[str, Any], *, reparsed: bool) -> Revised:
    newer = row["fetched_at"] > article.fetched_at or (reparsed and row["fetched_at"] == article.fetched_at)
    changed = {name: row[name] for name in REFRESHED if newer and row[name] != getattr(article, name)}
    if not changed:
        return Revised("unchanged", article.version)
    session.execute(
        update(Article).where(col(Article.id) == article.id).values(**changed, updated_at=row["updated_at"])
    )
    return Revised("updated" if reparsed else "unchanged", article.version)


def _reread(session: Session, article: Article, known: ArticleVersion, row: Mapping[str, Any]) -> Revised:
    """A kept page read once more by a newer parser: the version that it made is written over."""
    wording = {name: row[name] for name in ("title", "subtitle", "text", "modified", "body_hash")}
    session.execute(update(ArticleVersion).where(col(ArticleVersion.id) == known.id).values(**wording))
    if row["fetched_at"] == article.fetched_at:
        _overwrite(session, article, row, article.version)
    return Revised("updated", known.number, changes_between(known.model_dump(), row))


def _late(session: Session, article: Article, row: Mapping[str, Any]) -> Revised:
    known = select(ArticleVersion).where(col(ArticleVersion.article_id) == article.id)
    same = session.scalars(known.where(col(ArticleVersion.body_hash) == row["body_hash"])).first()
    if same is not None:
        return Revised("unchanged", same.number)
    number = article.version + 1
    session.execute(insert(session, ArticleVersion).values(_version(row, _id(article), number, None)))
    session.execute(update(Article).where(col(Article.id) == article.id).values(version=number))
    return Revised("unchanged", number)


def _edited(session: Session, article: Article, row: Mapping[str, Any], limits: Limits) -> Revised:
    changes = changes_between(article.model_dump(), row)
    newest = _version_of(session, article, article.fetched_at)
    live = article.live_blog or row["live_blog"]
    if live and newest is not None and _young(newest, row["fetched_at"], limits):
        wording = {name: row[name] for name in ("title", "subtitle", "text", "modified", "body_hash")}
        # Its time stays that of its beginning, by which the next version is due.
        session.execute(update(ArticleVersion).where(col(ArticleVersion.id) == newest.id).values(**wording))
        _overwrite(session, article, {**row, "fetched_at": article.fetched_at}, article.version)
        return Revised("updated", article.version, changes)
    number = article.version + 1
    session.execute(insert(session, ArticleVersion).values(_version(row, _id(article), number, changes)))
    _overwrite(session, article, row, number)
    _thin(session, article, limits.versions)
    return Revised("updated", number, changes)


def _overwrite(session: Session, article: Article, row: Mapping[str, Any], number: int) -> None:
    changed = {name: row[name] for name in (*WORDING, *REFRESHED, "evidence", "fetched_at", "updated_at")}
    session.execute(update(Article).where(col(Article.id) == article.id).values(**changed, version=number))
    session.execute(delete(Image).where(col(Image.article_id) == article.id))


def _thin(session: Session, article: Article, most: int) -> None:
    """Takes out the oldest versions beyond so many, but never the first."""
    query = select(col(ArticleVersion.id)).where(col(ArticleVersion.article_id) == article.id)
    ids: Sequence[int | None] = session.scalars(query.order_by(col(ArticleVersion.number))).all()
    if len(ids) > most:
        session.execute(delete(ArticleVersion).where(col(ArticleVersion.id).in_(ids[1 : 1 + len(ids) - most])))


def _version_of(session: Session, article: Article, fetched_at: datetime) -> ArticleVersion | None:
    query = select(ArticleVersion).where(
        col(ArticleVersion.article_id) == article.id, col(ArticleVersion.fetched_at) == fetched_at
    )
    return session.scalars(query.order_by(col(ArticleVersion.number).desc())).first()


def _young(version: ArticleVersion, now: datetime, limits: Limits) -> bool:
    return now - version.fetched_at < timedelta(seconds=limits.live_seconds)


def _version(row: Mapping[str, Any], article_id: int, number: int, changes: dict[str, Any] | None) -> dict[str, Any]:
    same = ("title", "subtitle", "text", "modified", "body_hash", "fetched_at")
    return {name: row[name] for name in same} | {"article_id": article_id, "number": number, "changes": changes}


def _id(article: Article) -> int:
    assert article.id is not None
    return article.id
