"""Articles, their addresses and versions, and the stories that several papers tell."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Index, LargeBinary, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from shared.database.engine import Json
from shared.database.models.columns import identifier, instant, json_column
from shared.database.models.pages import HAS_ORIGIN

HAS_STORY = text("story_id IS NOT NULL")


class Article(SQLModel, table=True):
    """An article in its newest version. `key` is the fingerprint of its canonical URL.

    `story_id` joins the same story in different newspapers. `original_id` is the original of an aggregator's copy.
    `origin_key` is the fingerprint of `origin_url`, `title_key` that of title, publisher and day
    (services/storage/identity/rungs.py). Since `gone_at` its page is no more.
    """

    __table_args__ = (
        Index("ix_article_source_id_id", "source_id", "id"),
        Index("ix_article_language_id", "language", "id"),
        Index("ix_article_story_id", "story_id"),
        Index("ix_article_original_id", "original_id"),
        # The stories of a time, without the articles themselves.
        Index(
            "ix_article_told", "stored_at", "story_id", "language", sqlite_where=HAS_STORY, postgresql_where=HAS_STORY
        ),
        # Nearly every article has none: with an index of all rows the planner expects too many for each key, and scans.
        Index("ix_article_origin_key", "origin_key", sqlite_where=HAS_ORIGIN, postgresql_where=HAS_ORIGIN),
        Index("ix_article_title_key", "title_key"),
    )

    id: int | None = identifier()
    key: str = Field(max_length=32, unique=True)
    url: str
    canonical_url: str
    source_id: int | None = Field(default=None, foreign_key="source.id", sa_type=BigInteger, ondelete="SET NULL")
    trace_id: str = Field(max_length=64)
    title: str
    subtitle: str | None = None
    kicker: str | None = None
    seo_title: str | None = None
    text: str = Field(sa_column=Column(Text, nullable=False))
    authors: list[str] = json_column(list)
    published: str | None = Field(default=None, max_length=40)
    published_at: datetime | None = instant(index=True)
    modified: str | None = Field(default=None, max_length=40)
    modified_at: datetime | None = instant()
    site: str | None = None
    publisher: str | None = None
    origin_url: str | None = None
    section: str | None = None
    tags: list[str] = json_column(list)
    language: str | None = Field(default=None, max_length=16)
    direction: str = Field(default="ltr", max_length=3)
    lead_image: str | None = None
    alternates: list[str] = json_column(list)
    paywalled: bool | None = None
    live_blog: bool = False
    word_count: int = 0
    text_from: str = Field(default="page", max_length=8, sa_column_kwargs={"server_default": "page"})
    evidence: dict[str, Any] = json_column(dict)
    body_hash: str = Field(max_length=64, index=True)
    version: int = 1
    story_id: int | None = Field(default=None, sa_type=BigInteger)
    original_id: int | None = Field(default=None, sa_type=BigInteger)
    origin_key: str | None = Field(default=None, max_length=32)
    title_key: str | None = Field(default=None, max_length=32)
    fetched_at: datetime = instant(null=False)
    stored_at: datetime = instant(null=False, index=True)
    updated_at: datetime = instant(null=False)
    gone_at: datetime | None = instant()


class ArticleAlias(SQLModel, table=True):
    """A URL of an article: requested, redirected to, canonical or AMP. `key` is its fingerprint."""

    __tablename__ = "article_alias"

    key: str = Field(max_length=32, primary_key=True)
    article_id: int = Field(foreign_key="article.id", sa_type=BigInteger, index=True, ondelete="CASCADE")


class ArticleVersion(SQLModel, table=True):
    """A version of an article's wording. `number` counts from 1; `body_hash` covers title, subtitle and text.

    `changes` is the difference from the version before it (services/storage/tables/versions.py).
    """

    __tablename__ = "article_version"
    __table_args__ = (UniqueConstraint("article_id", "number"),)

    id: int | None = identifier()
    article_id: int = Field(foreign_key="article.id", sa_type=BigInteger, ondelete="CASCADE")
    number: int
    title: str
    subtitle: str | None = None
    text: str = Field(sa_column=Column(Text, nullable=False))
    modified: str | None = Field(default=None, max_length=40)
    text_from: str = Field(default="page", max_length=8, sa_column_kwargs={"server_default": "page"})
    body_hash: str = Field(max_length=64)
    changes: dict[str, Any] | None = Field(default=None, sa_column=Column(Json, nullable=True))
    fetched_at: datetime = instant(null=False)


class ArticleChange(SQLModel, table=True):
    """The place of an article's newest change: the position in the log of events of the newest event about it.

    It outlives the event, so that who reads articles by their changes can stop for as long as they like. Articles that were
    stored before there was a log have positions up to 0.
    """

    __tablename__ = "article_change"

    article_id: int = Field(foreign_key="article.id", sa_type=BigInteger, primary_key=True, ondelete="CASCADE")
    position: int = Field(sa_type=BigInteger, unique=True)


class Story(SQLModel, table=True):
    """A group of articles, of several newspapers or pages, that tell the same in nearly the same words."""

    # People write down the number of a story: that of a merged story must never be used for a new one.
    __table_args__ = {"sqlite_autoincrement": True}

    id: int | None = identifier()
    created_at: datetime = instant(null=False)


class Signature(SQLModel, table=True):
    """An article's MinHash, from which its near-duplicates are found (services/storage/identity/near_duplicates.py)."""

    article_id: int = Field(foreign_key="article.id", sa_type=BigInteger, primary_key=True, ondelete="CASCADE")
    shingles: int
    minhash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    seen_at: datetime = instant(null=False, index=True)


class Band(SQLModel, table=True):
    """A band of an article's MinHash. Near-duplicates share at least one band, so this is the index to find them."""

    band: int = Field(sa_type=BigInteger, primary_key=True)
    article_id: int = Field(
        foreign_key="signature.article_id", sa_type=BigInteger, primary_key=True, index=True, ondelete="CASCADE"
    )
