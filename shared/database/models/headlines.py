"""Headlines, where listings show them, and the full texts that feeds bring."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from shared.database.models.columns import flag, identifier, instant, json_column


class Headline(SQLModel, table=True):
    """A headline on a site. `key` is the key of its address (services/storage/identity/items.py), or the hash of its
    wording where it has no link; `link_key` is the key in the ledger of the page that it links to.

    `site` is the host that shows it. `page_url` is its main listing: a front page before a feed, otherwise the listing
    that showed it first. `text`, `position`, `block` and `top_position` (the highest) are from that listing. `wordings`
    are earlier texts, each with the time when it was last seen. `places` are the positions that it has had, each with its
    listing (`page`) and its start. `in_feed`, `in_front` and `in_sitemap` are the kinds of listings that have shown it; none
    of them has where only an old copy or an article's page did.
    """

    __table_args__ = (
        UniqueConstraint("site", "key"),
        Index("ix_headline_source_id_id", "source_id", "id", "language", "block"),
        Index("ix_headline_source_id_first_seen_at", "source_id", "first_seen_at"),
        Index("ix_headline_language_id", "language", "id"),
        Index("ix_headline_block_id", "block", "id"),
    )

    id: int | None = identifier()
    key: str = Field(max_length=32)
    link_key: str | None = Field(default=None, max_length=32, index=True)
    site: str = Field(max_length=255)
    url: str | None = None
    text: str
    page_url: str
    source_id: int | None = Field(default=None, foreign_key="source.id", sa_type=BigInteger, ondelete="SET NULL")
    article_id: int | None = Field(
        default=None, foreign_key="article.id", sa_type=BigInteger, index=True, ondelete="SET NULL"
    )
    position: int = 0
    top_position: int | None = None
    places: list[dict[str, Any]] = json_column(list)
    block: str | None = Field(default=None, max_length=32)
    language: str | None = Field(default=None, max_length=16)
    direction: str = Field(default="ltr", max_length=3)
    image: str | None = None
    summary: str | None = None
    published: str | None = Field(default=None, max_length=40)
    published_at: datetime | None = instant()
    authors: list[str] = json_column(list)
    tags: list[str] = json_column(list)
    wordings: list[dict[str, str]] = json_column(list)
    in_feed: bool = flag()
    in_front: bool = flag()
    in_sitemap: bool = flag()
    first_seen_at: datetime = instant(null=False, index=True)
    last_seen_at: datetime = instant(null=False)


class FeedText(SQLModel, table=True):
    """The full text of a feed's item whose page has not been read (services/storage/tables/feed_texts.py). `key` is the
    page's key in the ledger, `article` a shared.contracts.Article; `fetched_at` is when the feed was."""

    __tablename__ = "feed_text"

    id: int | None = identifier()
    key: str = Field(max_length=32, unique=True)
    url: str
    feed_url: str
    article: dict[str, Any] = json_column(dict)
    fetched_at: datetime = instant(null=False, index=True)


class Placement(SQLModel, table=True):
    """The present place of a headline on a listing.

    `page_key` is the listing's key in the ledger. `seen_at` is when the listing last showed the headline.
    """

    page_key: str = Field(max_length=32, primary_key=True)
    headline_id: int = Field(
        foreign_key="headline.id", sa_type=BigInteger, primary_key=True, index=True, ondelete="CASCADE"
    )
    page_url: str
    kind: str = Field(max_length=16)
    position: int
    block: str | None = Field(default=None, max_length=32)
    seen_at: datetime = instant(null=False)
