"""The ledger: every URL with its disposition, and each time that it was requested."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, text
from sqlmodel import Field, SQLModel

from shared.database.models.columns import identifier, instant, json_column

HAS_ORIGIN = text("origin_key IS NOT NULL")
HAS_RETRY = text("retry_at IS NOT NULL")
HAS_REVISIT = text("revisit_at IS NOT NULL")


class Page(SQLModel, table=True):
    """The ledger of a URL: its last request and how that ended. `disposition` is null while it is under way.

    After an end that may be temporary, `retry_at` is when the URL is requested again, and `retries` is how many times in
    a row that was planned (services/storage/tables/retries.py). The page of an article is looked at again at `revisit_at`
    (services/storage/tables/revisits.py). Since `missing_since` it answers 404 or 410.
    """

    __table_args__ = (
        Index("ix_page_retry_at", "retry_at", sqlite_where=HAS_RETRY, postgresql_where=HAS_RETRY),
        Index("ix_page_revisit_at", "revisit_at", sqlite_where=HAS_REVISIT, postgresql_where=HAS_REVISIT),
    )

    id: int | None = identifier()
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
    triggered_at: datetime = instant(null=False)
    first_seen_at: datetime = instant(null=False)
    fetched_at: datetime | None = instant()
    ended_at: datetime | None = instant()
    disposition: str | None = Field(default=None, max_length=32)
    stage: str | None = Field(default=None, max_length=16)
    detail: str | None = None
    status: int | None = None
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = Field(default=None, max_length=64)
    moved_to: str | None = None
    retry_at: datetime | None = instant()
    retries: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    revisit_at: datetime | None = instant()
    missing_since: datetime | None = instant()


class Visit(SQLModel, table=True):
    """One passage of a URL through the pipeline, from its request to its one disposition.

    `via` is where the request came from: `stream`, `api`, `cli`, `source`, `headline`, `import`, `retry` or `revisit`. `steps` are
    the events on the way, oldest first. `kept` is the place of the raw page (services/storage/archive/files.py), null
    when the page is not kept.
    """

    # With the status, so that the answers of a site are counted without reading its visits.
    __table_args__ = (Index("ix_visit_source_id_id", "source_id", "id", "status"),)

    id: int | None = identifier()
    trace_id: str = Field(max_length=64, unique=True)
    page_key: str = Field(max_length=32, index=True)
    url: str
    cause: str | None = Field(default=None, max_length=64)
    via: str | None = Field(default=None, max_length=32)
    source_id: int | None = Field(default=None, foreign_key="source.id", sa_type=BigInteger, ondelete="SET NULL")
    article_id: int | None = Field(
        default=None, foreign_key="article.id", sa_type=BigInteger, index=True, ondelete="SET NULL"
    )
    origin: str = Field(default="live", max_length=16)
    triggered_at: datetime = instant(null=False)
    fetched_at: datetime | None = instant()
    ended_at: datetime | None = instant(index=True)
    disposition: str | None = Field(default=None, max_length=32)
    stage: str | None = Field(default=None, max_length=16)
    status: int | None = None
    detail: str | None = None
    version: int | None = None
    steps: list[dict[str, Any]] = json_column(list)
    kept: str | None = Field(default=None, index=True)
