"""What the system tells of itself: events and who has taken them, health of sites, alerts."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Index, text
from sqlmodel import Field, SQLModel

from shared.database.engine import Json
from shared.database.models.columns import identifier, instant, json_column

IS_OPEN = text("closed_at IS NULL")


class StoredEvent(SQLModel, table=True):
    """An event, committed in the transaction that it reports and kept for NEWSMILL_KEEP_EVENTS_DAYS.

    `id` is its position in the log (docs/adr/0020): events become visible in the order of their ids, and no id is used twice.
    """

    __tablename__ = "event"
    # SQLite gives a deleted row's number to the next one unless it is told not to.
    __table_args__ = {"sqlite_autoincrement": True}

    id: int | None = identifier()
    event_id: str = Field(max_length=64, unique=True)
    type: str = Field(max_length=64)
    subject: str
    time: datetime = instant(null=False)
    data: dict[str, Any] = json_column(dict)


class Consumer(SQLModel, table=True):
    """One that takes events from the log: a way out, or the watches. It has taken all events up to `position`."""

    name: str = Field(max_length=100, primary_key=True)
    position: int = Field(sa_type=BigInteger)
    updated_at: datetime = instant(null=False)


class Health(SQLModel, table=True):
    """What is learned of a subject: a site (or a channel that stands by itself), a channel of a site, a language, a tag, a watch.

    `subject` is `site:KEY`, `channel:KEY`, `language:CODE`, `tag:NAME` or `watch:ID:REVISION`; `state` is a services.storage.health.state.State and `outlook`
    what that says for people (services/storage/health/outlook.py). The subject `watch` has the place up to which everything
    was learned.
    """

    subject: str = Field(max_length=100, primary_key=True)
    state: Any = json_column(list)
    outlook: dict[str, Any] | None = Field(default=None, sa_column=Column(Json, nullable=True))
    updated_at: datetime = instant(null=False)


class Alert(SQLModel, table=True):
    """Something that is wrong with a subject (Health), open until `closed_at`.

    `kind` is `silent`, `failing` or `changed`, of one channel `channel-failing`, `channel-empty` or `channel-stale`; a subject has at most one open alert of each kind. `site_key` is null for a
    language, a tag or a watch. `since` is when it began; `evidence` are the figures and `cause` is the likely cause in words.
    """

    __table_args__ = (
        Index("ix_alert_open", "subject", "kind", unique=True, sqlite_where=IS_OPEN, postgresql_where=IS_OPEN),
    )

    id: int | None = identifier()
    subject: str = Field(max_length=100)
    kind: str = Field(max_length=16)
    site_key: str | None = Field(default=None, max_length=32, index=True)
    name: str = Field(max_length=200)
    url: str | None = None
    since: datetime = instant(null=False)
    opened_at: datetime = instant(null=False)
    closed_at: datetime | None = instant()
    evidence: dict[str, Any] = json_column(dict)
    cause: str
