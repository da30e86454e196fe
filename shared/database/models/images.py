"""Pictures, what was reported of them, and what was decided."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from shared.database.models.columns import identifier, instant

HAS_CONTENT = text("content_hash IS NOT NULL")


class Image(SQLModel, table=True):
    """An image of an article, in the article's order; `position` 0 is its lead image where it has one.

    `key` is the fingerprint of its URL. Where it was fetched, `content_hash` is the SHA-256 of its bytes and `size` their
    number.
    """

    __table_args__ = (
        UniqueConstraint("article_id", "key"),
        Index("ix_image_content_hash", "content_hash", sqlite_where=HAS_CONTENT, postgresql_where=HAS_CONTENT),
        # Thousands of articles show the picture of one writer: whether its content is known is not asked of each of them.
        Index("ix_image_known", "key", "id", sqlite_where=HAS_CONTENT, postgresql_where=HAS_CONTENT),
    )

    id: int | None = identifier()
    article_id: int = Field(foreign_key="article.id", sa_type=BigInteger, ondelete="CASCADE")
    key: str = Field(max_length=32, index=True)
    url: str
    caption: str | None = None
    credit: str | None = None
    width: int | None = None
    height: int | None = None
    position: int = 0
    content_hash: str | None = Field(default=None, max_length=64)
    size: int | None = None
    media_type: str | None = Field(default=None, max_length=64)


class ImageReport(SQLModel, table=True):
    """A report of an image, at most one for each image and reporter. `reporter` is a salted hash."""

    __tablename__ = "image_report"
    __table_args__ = (UniqueConstraint("image_key", "reporter"),)

    id: int | None = identifier()
    image_key: str = Field(max_length=32)
    content_hash: str | None = Field(default=None, max_length=64, index=True)
    url: str
    reporter: str = Field(max_length=64)
    reason: str | None = Field(default=None, max_length=200)
    reported_at: datetime = instant(null=False)


class ImageBlock(SQLModel, table=True):
    """Whether an image is blocked now. `subject` is its content hash, or the key of its URL where the hash is unknown."""

    __tablename__ = "image_block"

    subject: str = Field(max_length=64, primary_key=True)
    url: str
    blocked: bool = True
    reports: int = 0
    changed_at: datetime = instant(null=False)


class ImageAudit(SQLModel, table=True):
    """An action on an image (`reported`, `blocked` or `unblocked`), with its time and its actor."""

    __tablename__ = "image_audit"

    id: int | None = identifier()
    subject: str = Field(max_length=64, index=True)
    url: str
    action: str = Field(max_length=16)
    actor: str = Field(max_length=64)
    detail: str | None = None
    at: datetime = instant(null=False)
