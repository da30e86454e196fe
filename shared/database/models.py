"""The tables. The storage worker writes them, the scheduler and the reader read them; the fetcher and the parser do neither.

Times are UTC. The date that a page states is kept as text (`published`: ISO 8601, as precise as the page), with an
instant beside it for sorting (`published_at`). Keys of pages are fingerprints (shared/urls.py).
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Index, LargeBinary, Text, UniqueConstraint, false, text
from sqlmodel import Field, SQLModel

from shared.contracts import now_utc
from shared.database.engine import Id, Instant, Json

HAS_ORIGIN = text("origin_key IS NOT NULL")
IS_OPEN = text("closed_at IS NULL")
HAS_RETRY = text("retry_at IS NOT NULL")
HAS_REVISIT = text("revisit_at IS NOT NULL")


def _id() -> Any:
    return Field(default=None, sa_column=Column(Id, primary_key=True, autoincrement=True))


def _json(empty: Any) -> Any:
    return Field(default_factory=empty, sa_column=Column(Json, nullable=False))


def _instant(*, null: bool = True, index: bool = False) -> Any:
    column = Column(Instant, nullable=null, index=index)
    return Field(default=None, sa_column=column) if null else Field(default_factory=now_utc, sa_column=column)


def _flag() -> Any:
    return Field(default=False, sa_column_kwargs={"server_default": false()})


class Site(SQLModel, table=True):
    """An outlet that is followed. Its channels are the rows of `source` that bear its key.

    `key` is the fingerprint of its home page. `state` is `active`, `paused` or `removed`. `least_seconds` and `most_seconds`
    bound the time between two polls of a channel; `revisit_hours` are the ages at which its articles are looked at again,
    null as the setting says. `declared_by` is `file`, `cli` or `api`; `edits` are the columns that a
    person changed, which the file leaves as they are, and `changed_by` and `changed_at` the last such change.
    `discover_at` is when its channels are looked for again, `discovered_at` when they last were and `discovery_end` how
    that ended, with the number of `discovery_failures` in a row.
    """

    id: int | None = _id()
    key: str = Field(max_length=32, unique=True)
    name: str = Field(max_length=200)
    home_page: str
    country: str | None = Field(default=None, max_length=2)
    languages: list[str] = _json(list)
    tags: list[str] = _json(list)
    state: str = Field(default="active", max_length=16)
    least_seconds: int | None = Field(default=None, sa_type=BigInteger)
    most_seconds: int | None = Field(default=None, sa_type=BigInteger)
    revisit_hours: list[float] | None = Field(default=None, sa_column=Column(Json, nullable=True))
    access: dict[str, Any] | None = Field(default=None, sa_column=Column(Json, nullable=True))
    declared_by: str = Field(default="file", max_length=32)
    created_at: datetime = _instant(null=False)
    changed_by: str | None = Field(default=None, max_length=32)
    changed_at: datetime | None = _instant()
    edits: list[str] = _json(list)
    discover_at: datetime | None = _instant(index=True)
    discovered_at: datetime | None = _instant()
    discovery_end: str | None = Field(default=None, max_length=32)
    discovery_failures: int = 0


class Source(SQLModel, table=True):
    """A page that is polled: a channel of a site, or a page by itself.

    `site_key` is the key of its site, `role` what it is to it (shared.contracts.Role) and `found_by` where its address was
    read (shared.contracts.Clue). Since `unnamed_since` its site names it no more. `hub_url` is the WebSub hub that it names
    and `topic_url` its address there. `state` is `active`, `paused` or `removed`; `edits` are the columns that a person
    changed, which the file leaves as they are, and `changed_by` and `changed_at` the last such change.
    `next_poll_at` is when it is due and `reason` why then, in words. The storage worker sets both when the page has its
    disposition: `interval_seconds` after the last poll, or where that is null when a poll pays most, as `arrivals` teach (a
    services.storage.pace.arrivals.Arrivals, with its `demand` for polls). The time grows with the number of `failures` in a row. `access` is a shared.contracts.Access. `fresh_seconds` is how long
    its last response says that it stays fresh; `pace` is what its feed wishes, a shared.contracts.Pace.
    """

    id: int | None = _id()
    key: str = Field(max_length=32, unique=True)
    name: str = Field(max_length=200)
    url: str
    kind: str | None = Field(default=None, max_length=16)
    follow: bool = True
    interval_seconds: int | None = None
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
    fresh_seconds: int | None = Field(default=None, sa_type=BigInteger)
    pace: dict[str, Any] | None = Field(default=None, sa_column=Column(Json, nullable=True))
    site_key: str | None = Field(default=None, max_length=32, index=True)
    role: str | None = Field(default=None, max_length=16)
    found_by: str | None = Field(default=None, max_length=16)
    hub_url: str | None = None
    topic_url: str | None = None
    unnamed_since: datetime | None = _instant()
    reason: str | None = None
    changed_by: str | None = Field(default=None, max_length=32)
    changed_at: datetime | None = _instant()
    edits: list[str] = Field(default_factory=list, sa_column=Column(Json, nullable=False, server_default=text("'[]'")))
    arrivals: dict[str, Any] | None = Field(default=None, sa_column=Column(Json, nullable=True))
    demand: float | None = None


class Subscription(SQLModel, table=True):
    """A subscription to the WebSub hub of a channel, whose key it has.

    `state` is `requested`, `active`, `denied` or `ending`. `due_at` is when the hub is asked again; `lease_ends_at` when it
    stops by itself. `pushed_at` is when it last sent something, `missed_at` when a poll found what it had not sent.
    """

    channel_key: str = Field(max_length=32, primary_key=True)
    hub_url: str
    topic_url: str
    state: str = Field(max_length=16)
    due_at: datetime = _instant(null=False, index=True)
    verified_at: datetime | None = _instant()
    lease_ends_at: datetime | None = _instant()
    failures: int = 0
    detail: str | None = None
    pushed_at: datetime | None = _instant()
    missed_at: datetime | None = _instant()


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
    retry_at: datetime | None = _instant()
    retries: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    revisit_at: datetime | None = _instant()
    missing_since: datetime | None = _instant()


class Visit(SQLModel, table=True):
    """One passage of a URL through the pipeline, from its request to its one disposition.

    `via` is where the request came from: `stream`, `api`, `cli`, `source`, `headline`, `import`, `retry` or `revisit`. `steps` are
    the events on the way, oldest first. `kept` is the place of the raw page (services/storage/archive/files.py), null
    when the page is not kept.
    """

    id: int | None = _id()
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
    triggered_at: datetime = _instant(null=False)
    fetched_at: datetime | None = _instant()
    ended_at: datetime | None = _instant(index=True)
    disposition: str | None = Field(default=None, max_length=32)
    stage: str | None = Field(default=None, max_length=16)
    status: int | None = None
    detail: str | None = None
    version: int | None = None
    steps: list[dict[str, Any]] = _json(list)
    kept: str | None = Field(default=None, index=True)


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
        # Nearly every article has none: with an index of all rows the planner expects too many for each key, and scans.
        Index("ix_article_origin_key", "origin_key", sqlite_where=HAS_ORIGIN, postgresql_where=HAS_ORIGIN),
        Index("ix_article_title_key", "title_key"),
    )

    id: int | None = _id()
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
    text_from: str = Field(default="page", max_length=8, sa_column_kwargs={"server_default": "page"})
    evidence: dict[str, Any] = _json(dict)
    body_hash: str = Field(max_length=64, index=True)
    version: int = 1
    story_id: int | None = Field(default=None, sa_type=BigInteger)
    original_id: int | None = Field(default=None, sa_type=BigInteger)
    origin_key: str | None = Field(default=None, max_length=32)
    title_key: str | None = Field(default=None, max_length=32)
    fetched_at: datetime = _instant(null=False)
    stored_at: datetime = _instant(null=False, index=True)
    updated_at: datetime = _instant(null=False)
    gone_at: datetime | None = _instant()


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

    id: int | None = _id()
    article_id: int = Field(foreign_key="article.id", sa_type=BigInteger, index=True, ondelete="CASCADE")
    number: int
    title: str
    subtitle: str | None = None
    text: str = Field(sa_column=Column(Text, nullable=False))
    modified: str | None = Field(default=None, max_length=40)
    text_from: str = Field(default="page", max_length=8, sa_column_kwargs={"server_default": "page"})
    body_hash: str = Field(max_length=64)
    changes: dict[str, Any] | None = Field(default=None, sa_column=Column(Json, nullable=True))
    fetched_at: datetime = _instant(null=False)


class Story(SQLModel, table=True):
    """A group of articles, of several newspapers or pages, that tell the same in nearly the same words."""

    # People write down the number of a story: that of a merged story must never be used for a new one.
    __table_args__ = {"sqlite_autoincrement": True}

    id: int | None = _id()
    created_at: datetime = _instant(null=False)


class Signature(SQLModel, table=True):
    """An article's MinHash, from which its near-duplicates are found (services/storage/identity/near_duplicates.py)."""

    article_id: int = Field(foreign_key="article.id", sa_type=BigInteger, primary_key=True, ondelete="CASCADE")
    shingles: int
    minhash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    seen_at: datetime = _instant(null=False, index=True)


class Band(SQLModel, table=True):
    """A band of an article's MinHash. Near-duplicates share at least one band, so this is the index to find them."""

    band: int = Field(sa_type=BigInteger, primary_key=True)
    article_id: int = Field(
        foreign_key="signature.article_id", sa_type=BigInteger, primary_key=True, index=True, ondelete="CASCADE"
    )


class Headline(SQLModel, table=True):
    """A headline on a site. `key` is the key of its address (services/storage/identity/items.py), or the hash of its
    wording where it has no link; `link_key` is the key in the ledger of the page that it links to.

    `site` is the host that shows it. `page_url` is its main listing: a front page before a feed, otherwise the listing
    that showed it first. `text`, `position`, `block` and `top_position` (the highest) are from that listing. `wordings`
    are earlier texts, each with the time when it was last seen. `places` are the positions that it has had, each with its
    listing (`page`) and its start. `in_feed`, `in_front` and `in_sitemap` are the kinds of listings that have shown it; none
    of them has where only an old copy or an article's page did.
    """

    __table_args__ = (UniqueConstraint("site", "key"), Index("ix_headline_source_id_id", "source_id", "id"))

    id: int | None = _id()
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
    places: list[dict[str, Any]] = _json(list)
    block: str | None = Field(default=None, max_length=32)
    language: str | None = Field(default=None, max_length=16)
    direction: str = Field(default="ltr", max_length=3)
    image: str | None = None
    summary: str | None = None
    published: str | None = Field(default=None, max_length=40)
    published_at: datetime | None = _instant()
    authors: list[str] = _json(list)
    tags: list[str] = _json(list)
    wordings: list[dict[str, str]] = _json(list)
    in_feed: bool = _flag()
    in_front: bool = _flag()
    in_sitemap: bool = _flag()
    first_seen_at: datetime = _instant(null=False, index=True)
    last_seen_at: datetime = _instant(null=False)


class FeedText(SQLModel, table=True):
    """The full text of a feed's item whose page has not been read (services/storage/tables/feed_texts.py). `key` is the
    page's key in the ledger, `article` a shared.contracts.Article; `fetched_at` is when the feed was."""

    __tablename__ = "feed_text"

    id: int | None = _id()
    key: str = Field(max_length=32, unique=True)
    url: str
    feed_url: str
    article: dict[str, Any] = _json(dict)
    fetched_at: datetime = _instant(null=False, index=True)


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
    seen_at: datetime = _instant(null=False)


class Image(SQLModel, table=True):
    """An image of an article, in the article's order; `position` 0 is its lead image where it has one.

    `key` is the fingerprint of its URL. Where it was fetched, `content_hash` is the SHA-256 of its bytes and `size` their
    number.
    """

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
    content_hash: str | None = Field(default=None, max_length=64, index=True)
    size: int | None = None
    media_type: str | None = Field(default=None, max_length=64)


class ImageReport(SQLModel, table=True):
    """A report of an image, at most one for each image and reporter. `reporter` is a salted hash."""

    __tablename__ = "image_report"
    __table_args__ = (UniqueConstraint("image_key", "reporter"),)

    id: int | None = _id()
    image_key: str = Field(max_length=32)
    content_hash: str | None = Field(default=None, max_length=64, index=True)
    url: str
    reporter: str = Field(max_length=64)
    reason: str | None = Field(default=None, max_length=200)
    reported_at: datetime = _instant(null=False)


class ImageBlock(SQLModel, table=True):
    """Whether an image is blocked now. `subject` is its content hash, or the key of its URL where the hash is unknown."""

    __tablename__ = "image_block"

    subject: str = Field(max_length=64, primary_key=True)
    url: str
    blocked: bool = True
    reports: int = 0
    changed_at: datetime = _instant(null=False)


class ImageAudit(SQLModel, table=True):
    """An action on an image (`reported`, `blocked` or `unblocked`), with its time and its actor."""

    __tablename__ = "image_audit"

    id: int | None = _id()
    subject: str = Field(max_length=64, index=True)
    url: str
    action: str = Field(max_length=16)
    actor: str = Field(max_length=64)
    detail: str | None = None
    at: datetime = _instant(null=False)


class Outbox(SQLModel, table=True):
    """An event that is not yet on the stream. It is committed in the transaction that it reports."""

    id: int | None = _id()
    event_id: str = Field(max_length=64, unique=True)
    type: str = Field(max_length=64)
    subject: str
    time: datetime = _instant(null=False)
    data: dict[str, Any] = _json(dict)


class Health(SQLModel, table=True):
    """What is learned of a subject: a site (or a channel that stands by itself), a language, a tag.

    `subject` is `site:KEY`, `language:CODE` or `tag:NAME`; `state` is a services.storage.health.state.State. The subject
    `watch` has the place up to which everything was learned.
    """

    subject: str = Field(max_length=100, primary_key=True)
    state: Any = _json(list)
    updated_at: datetime = _instant(null=False)


class Alert(SQLModel, table=True):
    """Something that is wrong with a subject (Health), open until `closed_at`.

    `kind` is `silent`, `failing` or `changed`; a subject has at most one open alert of each kind. `site_key` is null for a
    language or a tag. `since` is when it began; `evidence` are the figures and `cause` is the likely cause in words.
    """

    __table_args__ = (
        Index("ix_alert_open", "subject", "kind", unique=True, sqlite_where=IS_OPEN, postgresql_where=IS_OPEN),
    )

    id: int | None = _id()
    subject: str = Field(max_length=100)
    kind: str = Field(max_length=16)
    site_key: str | None = Field(default=None, max_length=32, index=True)
    name: str = Field(max_length=200)
    url: str | None = None
    since: datetime = _instant(null=False)
    opened_at: datetime = _instant(null=False)
    closed_at: datetime | None = _instant()
    evidence: dict[str, Any] = _json(dict)
    cause: str
