"""Sites, their channels, and the subscriptions at hubs."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, text
from sqlmodel import Field, SQLModel

from shared.database.engine import Json
from shared.database.models.columns import identifier, instant, json_column


class Site(SQLModel, table=True):
    """An outlet that is followed. Its channels are the rows of `source` that bear its key.

    `key` is the fingerprint of its home page. `state` is `active`, `paused` or `removed`. `least_seconds` and `most_seconds`
    bound the time between two polls of a channel; `revisit_hours` are the ages at which its articles are looked at again,
    null as the setting says. `declared_by` is `file`, `cli` or `api`; `edits` are the columns that a
    person changed, which the file leaves as they are, and `changed_by` and `changed_at` the last such change; `undo` is
    what takes it back (services/storage/tables/edits.py).
    `discover_at` is when its channels are looked for again, `discovered_at` when they last were and `discovery_end` how
    that ended, with the number of `discovery_failures` in a row.
    """

    id: int | None = identifier()
    key: str = Field(max_length=32, unique=True)
    name: str = Field(max_length=200)
    home_page: str
    country: str | None = Field(default=None, max_length=2)
    languages: list[str] = json_column(list)
    tags: list[str] = json_column(list)
    state: str = Field(default="active", max_length=16)
    least_seconds: int | None = Field(default=None, sa_type=BigInteger)
    most_seconds: int | None = Field(default=None, sa_type=BigInteger)
    revisit_hours: list[float] | None = Field(default=None, sa_column=Column(Json, nullable=True))
    access: dict[str, Any] | None = Field(default=None, sa_column=Column(Json, nullable=True))
    declared_by: str = Field(default="file", max_length=32)
    created_at: datetime = instant(null=False)
    changed_by: str | None = Field(default=None, max_length=32)
    changed_at: datetime | None = instant()
    edits: list[str] = json_column(list)
    undo: dict[str, Any] | None = Field(default=None, sa_column=Column(Json, nullable=True))
    discover_at: datetime | None = instant(index=True)
    discovered_at: datetime | None = instant()
    discovery_end: str | None = Field(default=None, max_length=32)
    discovery_failures: int = 0


class Source(SQLModel, table=True):
    """A page that is polled: a channel of a site, or a page by itself.

    `site_key` is the key of its site, `role` what it is to it (shared.contracts.Role) and `found_by` where its address was
    read (shared.contracts.Clue). Since `unnamed_since` its site names it no more. `hub_url` is the WebSub hub that it names
    and `topic_url` its address there. `state` is `active`, `paused` or `removed`; `edits` are the columns that a person
    changed, which the file leaves as they are, and `changed_by` and `changed_at` the last such change; `undo` is as a site's.
    `next_poll_at` is when it is due and `reason` why then, in words. The storage worker sets both when the page has its
    disposition: `interval_seconds` after the last poll, or where that is null when a poll pays most, as `arrivals` teach (a
    services.storage.pace.arrivals.Arrivals, with its `demand` for polls). `changes` say whether its listing lives (a services.storage.health.changes.Changes). The time grows with the number of `failures` in a row. `access` is a shared.contracts.Access. `fresh_seconds` is how long
    its last response says that it stays fresh; `pace` is what its feed wishes, a shared.contracts.Pace.
    """

    id: int | None = identifier()
    key: str = Field(max_length=32, unique=True)
    name: str = Field(max_length=200)
    url: str
    kind: str | None = Field(default=None, max_length=16)
    follow: bool = True
    interval_seconds: int | None = None
    priority: int = 5
    state: str = Field(default="active", max_length=16)
    declared_by: str = Field(default="file", max_length=32)
    created_at: datetime = instant(null=False)
    next_poll_at: datetime = instant(null=False, index=True)
    last_polled_at: datetime | None = instant()
    last_success_at: datetime | None = instant()
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
    unnamed_since: datetime | None = instant()
    reason: str | None = None
    changed_by: str | None = Field(default=None, max_length=32)
    changed_at: datetime | None = instant()
    edits: list[str] = Field(default_factory=list, sa_column=Column(Json, nullable=False, server_default=text("'[]'")))
    undo: dict[str, Any] | None = Field(default=None, sa_column=Column(Json, nullable=True))
    arrivals: dict[str, Any] | None = Field(default=None, sa_column=Column(Json, nullable=True))
    demand: float | None = None
    changes: dict[str, Any] | None = Field(default=None, sa_column=Column(Json, nullable=True))


class Subscription(SQLModel, table=True):
    """A subscription to the WebSub hub of a channel, whose key it has.

    `state` is `requested`, `active`, `denied` or `ending`. `due_at` is when the hub is asked again; `lease_ends_at` when it
    stops by itself. `pushed_at` is when it last sent something, `missed_at` when a poll found what it had not sent.
    """

    channel_key: str = Field(max_length=32, primary_key=True)
    hub_url: str
    topic_url: str
    state: str = Field(max_length=16)
    due_at: datetime = instant(null=False, index=True)
    verified_at: datetime | None = instant()
    lease_ends_at: datetime | None = instant()
    failures: int = 0
    detail: str | None = None
    pushed_at: datetime | None = instant()
    missed_at: datetime | None = instant()
