"""The tables and the engine. The storage worker writes them; scheduler and reader read; fetcher and parser never.

Times are UTC. What a page itself says of its date is kept as it says it (`published`, ISO 8601, as precise as the
page), with the instant beside it for sorting (`published_at`). Keys of pages are fingerprints (shared/urls.py).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, DateTime, Engine, Index, Integer, Text, UniqueConstraint, event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, Session, SQLModel, create_engine

from shared.contracts import now_utc


class Instant(TypeDecorator[datetime]):
    """A point in time, UTC, aware on both databases; SQLite knows no time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - as above
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


Json = JSON().with_variant(JSONB(), "postgresql")
# SQLite numbers rows by itself only for INTEGER.
Id = BigInteger().with_variant(Integer(), "sqlite")


def _id() -> Any:
    return Field(default=None, sa_column=Column(Id, primary_key=True, autoincrement=True))


def _json(empty: Any) -> Any:
    return Field(default_factory=empty, sa_column=Column(Json, nullable=False))


def _instant(*, null: bool = True, index: bool = False) -> Any:
    column = Column(Instant, nullable=null, index=index)
    return Field(default=None, sa_column=column) if null else Field(default_factory=now_utc, sa_column=column)


class Source(SQLModel, table=True):
    """A page that is polled. `next_poll_at` is when it is due; the storage worker moves it on when its page ends, the
    further the more `failures` in a row it has had. `access` is a shared.contracts.Access."""

    id: int | None = _id()
    key: str = Field(max_length=32, unique=True)
    name: str = Field(max_length=200)
    url: str
    kind: str | None = Field(default=None, max_length=16)
    follow: bool = True
    interval_seconds: int = 900
    priority: int = 5
    state: str = Field(default="active", max_length=16)
    declared_by: str = Field(default="file", max_length=32)
    created_at: datetime = _instant(null=False)
    next_poll_at: datetime = _instant(null=False, index=True)
    last_polled_at: datetime | None = _instant()
    last_success_at: datetime | None = _instant()
    last_disposition: str | None = Field(default=None, max_length=32)
    failures: int = 0
    access: dict[str, Any] | None = Field(default=None, sa_column=Column(Json, nullable=True))


class Page(SQLModel, table=True):
    """The ledger of a URL: who asked for it last, and how that ended. `disposition` is null while it is under way."""

    id: int | None = _id()
    key: str = Field(max_length=32, unique=True)
    url: str
    final_url: str | None = None
    source_id: int | None = Field(
        default=None, foreign_key="source.id", sa_type=BigInteger, index=True, ondelete="SET NULL"
    )
    article_id: int | None = Field(
        default=None, foreign_key="article.id", sa_type=BigInteger, index=True, ondelete="SET NULL"
    )
    trace_id: str = Field(max_length=64, index=True)
    cause: str | None = Field(default=None, max_length=64)
    origin: str = Field(default="live", max_length=16)
    triggered_at: datetime = _instant(null=False)
    first_seen_at: datetime = _instant(null=False)
    fetched_at: datetime | None = _instant()
    ended_at: datetime | None = _instant()
    disposition: str | None = Field(default=None, max_length=32)
    stage: str | None = Field(default=None, max_length=16)
    detail: str | None = None
    status: int | None = None
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = Field(default=None, max_length=64)
    moved_to: str | None = None


class Article(SQLModel, table=True):
    """One article, as its newest version reads. `key` is the fingerprint of its canonical URL."""

    __table_args__ = (
        Index("ix_article_source_id_id", "source_id", "id"),
        Index("ix_article_language_id", "language", "id"),
    )

    id: int | None = _id()
    key: str = Field(max_length=32, unique=True)
    url: str
    canonical_url: str
    source_id: int | None = Field(default=None, foreign_key="source.id", sa_type=BigInteger, ondelete="SET NULL")
    trace_id: str = Field(max_length=64)
    title: str
    subtitle: str | None = None
    text: str = Field(sa_column=Column(Text, nullable=False))
    authors: list[str] = _json(list)
    published: str | None = Field(default=None, max_length=40)
    published_at: datetime | None = _instant(index=True)
    modified: str | None = Field(default=None, max_length=40)
    modified_at: datetime | None = _instant()
    site: str | None = None
    publisher: str | None = None
    origin_url: str | None = None
    section: str | None = None
    tags: list[str] = _json(list)
    language: str | None = Field(default=None, max_length=16)
    direction: str = Field(default="ltr", max_length=3)
    lead_image: str | None = None
    alternates: list[str] = _json(list)
    paywalled: bool | None = None
    live_blog: bool = False
    word_count: int = 0
    evidence: dict[str, Any] = _json(dict)
    body_hash: str = Field(max_length=64, index=True)
    version: int = 1
    fetched_at: datetime = _instant(null=False)
    stored_at: datetime = _instant(null=False, index=True)
    updated_at: datetime = _instant(null=False)


class ArticleVersion(SQLModel, table=True):
    """Every wording an article has had. `number` counts from 1; `body_hash` covers title, subtitle and text."""

    __tablename__ = "article_version"
    __table_args__ = (UniqueConstraint("article_id", "number"),)

    id: int | None = _id()
    article_id: int = Field(foreign_key="article.id", sa_type=BigInteger, index=True, ondelete="CASCADE")
    number: int
    title: str
    subtitle: str | None = None
    text: str = Field(sa_column=Column(Text, nullable=False))
    modified: str | None = Field(default=None, max_length=40)
    body_hash: str = Field(max_length=64)
    fetched_at: datetime = _instant(null=False)


class Headline(SQLModel, table=True):
    """A headline where it was seen. `key` is its link's fingerprint, or its wording's hash where it has no link;
    `site` the host that shows it. `wordings` are its earlier texts with when each was last seen."""

    __table_args__ = (UniqueConstraint("site", "key"), Index("ix_headline_source_id_id", "source_id", "id"))

    id: int | None = _id()
    key: str = Field(max_length=32, index=True)
    site: str = Field(max_length=255)
    url: str | None = None
    text: str
    page_url: str
    source_id: int | None = Field(default=None, foreign_key="source.id", sa_type=BigInteger, ondelete="SET NULL")
    article_id: int | None = Field(
        default=None, foreign_key="article.id", sa_type=BigInteger, index=True, ondelete="SET NULL"
    )
    position: int = 0
    block: str | None = Field(default=None, max_length=32)
    language: str | None = Field(default=None, max_length=16)
    direction: str = Field(default="ltr", max_length=3)
    image: str | None = None
    summary: str | None = None
    published: str | None = Field(default=None, max_length=40)
    published_at: datetime | None = _instant()
    wordings: list[dict[str, str]] = _json(list)
    first_seen_at: datetime = _instant(null=False, index=True)
    last_seen_at: datetime = _instant(null=False)


class Image(SQLModel, table=True):
    """An image of an article, in the article's order; `position` 0 is its lead image where it has one."""

    __table_args__ = (UniqueConstraint("article_id", "key"),)

    id: int | None = _id()
    article_id: int = Field(foreign_key="article.id", sa_type=BigInteger, index=True, ondelete="CASCADE")
    key: str = Field(max_length=32, index=True)
    url: str
    caption: str | None = None
    credit: str | None = None
    width: int | None = None
    height: int | None = None
    position: int = 0


class Outbox(SQLModel, table=True):
    """An event that was committed with what it tells of, and is not yet on the stream."""

    id: int | None = _id()
    event_id: str = Field(max_length=64, unique=True)
    type: str = Field(max_length=64)
    subject: str
    time: datetime = _instant(null=False)
    data: dict[str, Any] = _json(dict)


def make_engine(address: str) -> Engine:
    """An engine for a database address. Must not cross a fork.

    SQLite runs with a write-ahead log, so that the reader reads while the storage worker writes.
    """
    if not address.startswith("sqlite"):
        return create_engine(address, pool_pre_ping=True, pool_size=4, max_overflow=4)
    engine = create_engine(address, connect_args={"timeout": 30, "check_same_thread": False})
    event.listen(engine, "connect", _sqlite_pragmas)
    return engine


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """A session whose work is committed at the end, or rolled back whole."""
    with Session(engine) as session, session.begin():
        yield session


def _sqlite_pragmas(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=30000", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
