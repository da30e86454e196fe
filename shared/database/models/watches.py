"""Watches: saved queries, whom each tells, what it has matched, and what was sent of that."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, UniqueConstraint, text, true
from sqlmodel import Field, SQLModel

from shared.database.models.columns import identifier, instant, json_column

IS_WAITING = text("state = 'waiting'")
HAS_DIGEST = text("digest_at IS NOT NULL")


class Watch(SQLModel, table=True):
    """A saved query that acts on what is stored. The reader and the command line write it (docs/adr/0023).

    `about` is `articles` or `alerts`, the alerts of sites. With `fold` a story is told once, in however many newspapers it
    is. `state` is `active` or `paused`. `owner` is who made it, null where nobody has an account. `feed_secret` makes the
    address of its feeds unguessable.
    """

    __table_args__ = {"sqlite_autoincrement": True}

    id: int | None = identifier()
    name: str = Field(max_length=200)
    query: str = Field(max_length=4000)
    about: str = Field(default="articles", max_length=16)
    fold: bool = Field(default=True, sa_column_kwargs={"server_default": true()})
    state: str = Field(default="active", max_length=16)
    owner: str | None = Field(default=None, max_length=100)
    feed_secret: str = Field(max_length=64, unique=True)
    created_at: datetime = instant(null=False)
    changed_at: datetime = instant(null=False)
    revision: int = 1


class Receiver(SQLModel, table=True):
    """Whom a watch tells, and when.

    `kind` is `webhook` or `notification`, whose `url` is one of Apprise. Both may hold passwords: they are shown shortened
    only. `secret` signs webhooks. `rhythm` is `at-once`, `hourly` or `daily`: then at `hour` of the time zone `zone`. A
    digest is due at `digest_at` and tells the matches after `told_up_to`. `state` is `active` or `disabled`, by itself for
    `reason`. After `failures` in a row, which began at `failing_since`, nothing is sent before `rest_until`.
    """

    __table_args__ = (
        Index("ix_receiver_digest_at", "digest_at", sqlite_where=HAS_DIGEST, postgresql_where=HAS_DIGEST),
        {"sqlite_autoincrement": True},
    )

    id: int | None = identifier()
    watch_id: int = Field(foreign_key="watch.id", sa_type=BigInteger, index=True, ondelete="CASCADE")
    kind: str = Field(max_length=16)
    url: str
    secret: str | None = Field(default=None, max_length=120)
    rhythm: str = Field(default="at-once", max_length=16)
    hour: int | None = None
    zone: str | None = Field(default=None, max_length=64)
    digest_at: datetime | None = instant()
    told_up_to: int = Field(default=0, sa_type=BigInteger)
    state: str = Field(default="active", max_length=16)
    reason: str | None = None
    failures: int = 0
    failing_since: datetime | None = instant()
    rest_until: datetime | None = instant()


class Match(SQLModel, table=True):
    """Something that a watch has matched, written by the courier. `subject` is `article:ID` or `event:ID` of an alert.

    `kind` is `new`, `edited`, `story` (its story has come to enough newspapers), or the kind of the alert. `story_id` is
    that of the article when it matched.
    """

    __tablename__ = "watch_match"
    __table_args__ = (UniqueConstraint("watch_id", "subject"), Index("ix_watch_match_watch_id_id", "watch_id", "id"))

    id: int | None = identifier()
    watch_id: int = Field(foreign_key="watch.id", sa_type=BigInteger, ondelete="CASCADE")
    subject: str = Field(max_length=80)
    article_id: int | None = Field(
        default=None, foreign_key="article.id", sa_type=BigInteger, index=True, ondelete="SET NULL"
    )
    kind: str = Field(max_length=16)
    title: str
    url: str | None = None
    record: dict[str, Any] = json_column(dict)
    matched_at: datetime = instant(null=False)


class Delivery(SQLModel, table=True):
    """Something that is sent to a receiver, written by the courier in the transaction that finds the match.

    `message_id` stays the same at every attempt. `state` is `waiting`, `delivered` or `failed`. `next_at` is when it is
    tried again; while it is being sent, when others may take it for abandoned. `status` is the HTTP status of the last
    attempt, `error` what went wrong in words.
    """

    __table_args__ = (
        Index("ix_delivery_waiting", "next_at", sqlite_where=IS_WAITING, postgresql_where=IS_WAITING),
        Index("ix_delivery_receiver_id_id", "receiver_id", "id"),
    )

    id: int | None = identifier()
    receiver_id: int = Field(foreign_key="receiver.id", sa_type=BigInteger, ondelete="CASCADE")
    message_id: str = Field(max_length=64, unique=True)
    payload: dict[str, Any] = json_column(dict)
    state: str = Field(default="waiting", max_length=16)
    attempts: int = 0
    created_at: datetime = instant(null=False)
    next_at: datetime = instant(null=False)
    ended_at: datetime | None = instant(index=True)
    status: int | None = None
    error: str | None = None
