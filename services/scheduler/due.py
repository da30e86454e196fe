"""What is due: sources to poll, parked messages whose time has come, what the broker has lost."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import structlog
import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from redis import Redis
from sqlalchemy import Engine, select
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlmodel import Session, col

from services.scheduler import retries
from services.scheduler.ledger_lookup import knowledge
from services.scheduler.recovery import Recovery
from shared.contracts import Access, FetchRequested, Kind, SourceDeclared, now_utc
from shared.database.models import Page, Source
from shared.dead import DeadLetters
from shared.later import LEASE_SECONDS, Later
from shared.stage import Sender
from shared.urls import check, fingerprint

log = structlog.get_logger(__name__)

CLAIM = "newsmill:polling:"
# Of an entry in the fetcher's access file.
Name = Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,64}$")]


class DeclaredSource(BaseModel):
    """A source in the YAML file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=200)
    url: str
    kind: Kind | None = None
    follow: bool = True
    interval_seconds: int = Field(default=900, ge=10)
    priority: int = Field(default=5, ge=0, le=9)
    paused: bool = False
    login: Name | None = None
    proxy: Name | None = None
    render: bool = False
    sitemaps: bool = False

    def message(self) -> SourceDeclared:
        """What the storage worker is told of it."""
        access = Access(login=self.login, proxy=self.proxy, render=self.render, sitemaps=self.sitemaps)
        return SourceDeclared(
            access=access if access != Access() else None,
            name=self.name, url=self.url, kind=self.kind, follow=self.follow, priority=self.priority,
            interval_seconds=self.interval_seconds, state="paused" if self.paused else "active", declared_by="file",
        )  # fmt: skip


# What PyYAML raises besides its own errors: for `!!int ''`, `!!bool x`, a thousand brackets.
_UNREADABLE = (LookupError, AttributeError, TypeError, OverflowError, RecursionError)
_FILE: TypeAdapter[list[DeclaredSource]] = TypeAdapter(list[DeclaredSource])


class SourcesFile:
    """The YAML file of sources, read when it has changed. A file that is wrong is named and the last one kept."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._found: float | None = None
        self._taken: float | None = None

    def changed(self) -> list[SourceDeclared] | None:
        """The sources, if the file is new or has changed since what was taken(); else None, as when it is wrong."""
        try:
            self._found = self._path.stat().st_mtime
        except FileNotFoundError:
            return None
        if self._found == self._taken:
            return None
        try:
            return read_sources(self._path.read_text(encoding="utf-8"))
        except (ValueError, yaml.YAMLError) as error:
            self.taken()
            log.error("sources file is wrong, nothing of it taken", file=str(self._path), error=str(error))  # noqa: TRY400 - a user's mistake needs no traceback
            return None

    def taken(self) -> None:
        """What changed() found last is on its way, and need not be found again."""
        self._taken = self._found


def read_sources(text: str) -> list[SourceDeclared]:
    """Sources from YAML: a list, or a mapping with a list under `sources`.

    Raises:
        ValueError: which entry and field is wrong; BadUrl among them.
        yaml.YAMLError: it is no YAML.
    """
    try:
        data = yaml.safe_load(text)
    except _UNREADABLE as error:
        raise ValueError(f"YAML that cannot be read: {type(error).__name__}: {error}") from None
    entries = data.get("sources") if isinstance(data, dict) else data
    try:
        declared = _FILE.validate_python(entries or [])
    except ValidationError as error:
        raise ValueError("; ".join(f"{_place(item)}: {item['msg']}" for item in error.errors())) from None
    for source in declared:
        check(source.url)
    return [source.message() for source in declared]


class Ticker:
    """One look at what is due. Several schedulers may tick: whoever claims a source polls it.

    Args:
        engine: of the database, only read.
        redis: for claims and queues.
        later: parked messages.
        dead: for what cannot be read.
        recovery: what the broker has lost.
        send: takes what is due to its queue.
        sources_file: declared sources.
        batch: how much at a time.
        claim_seconds: for how long a source that was polled and has not ended is not polled again.
        full_after: how old the last whole copy of a page may be.
    """

    def __init__(
        self,
        *,
        engine: Engine,
        redis: "Redis",
        later: Later,
        dead: DeadLetters,
        recovery: Recovery,
        send: Sender,
        sources_file: SourcesFile,
        batch: int,
        claim_seconds: int,
        full_after: timedelta,
    ) -> None:
        self._full_after = full_after
        self._engine = engine
        self._redis = redis
        self._later = later
        self._dead = dead
        self._recovery = recovery
        self._send = send
        self._sources_file = sources_file
        self._batch = batch
        self._claim_seconds = claim_seconds

    def tick(self) -> None:
        """Sends what is due now. While the database is away, what needs none of it."""
        self._unpark()
        self._recovery.tick()
        try:
            self._declare()
            self._poll(now_utc())
        except (OperationalError, InterfaceError) as error:
            log.warning("database is away: sources wait", error=str(error.orig))

    def _declare(self) -> None:
        """Sends what the file says anew; a source that is no longer in it is paused."""
        declared = self._sources_file.changed()
        if declared is None:
            return
        there = {fingerprint(source.url) for source in declared}
        query = select(Source).where(col(Source.declared_by) == "file", col(Source.state) == "active")
        with Session(self._engine) as session:
            gone = [_paused(source) for source in session.scalars(query) if source.key not in there]
        self._send([*declared, *gone])
        self._sources_file.taken()

    def _poll(self, moment: datetime) -> None:
        """Sends the sources that are due. Killed before they are in custody, it leaves them to the next in a moment."""
        due = self._due(moment)
        self._send(due.values())
        for claim in due:
            self._redis.expire(claim, self._claim_seconds)

    def _due(self, moment: datetime) -> dict[str, FetchRequested]:
        """A fetch for each source and retry that is due and that no other scheduler has claimed, by the claim."""
        query = (
            select(Source, Page)
            .outerjoin(Page, col(Page.key) == col(Source.key))
            .where(col(Source.state) == "active", col(Source.next_poll_at) <= moment)
            .order_by(col(Source.next_poll_at))
            .limit(self._batch)
        )
        with Session(self._engine) as session:
            polls = [
                (_claim(source), _poll(source, knowledge(page, moment, self._full_after)))
                for source, page in session.execute(query)
            ]
            fetches = [*polls, *retries.due(session, moment, self._batch)]
        return {claim: fetch for claim, fetch in fetches if self._redis.set(claim, 1, nx=True, ex=LEASE_SECONDS)}

    def _unpark(self) -> None:
        messages = self._dead.readable("schedule", self._later.due(self._batch))
        self._send(messages)
        self._later.sent(message.trace_id for message in messages)


def _claim(source: Source) -> str:
    """The ledger moves a source on when its page has ended; until then the claim keeps it from being polled twice."""
    return f"{CLAIM}{source.id}:{source.next_poll_at.timestamp()}"


def _poll(source: Source, known: Mapping[str, Any]) -> FetchRequested:
    return FetchRequested(
        url=source.url, source_id=source.id, kind=Kind(source.kind) if source.kind else None, follow=source.follow,
        priority=source.priority, via="source", access=Access(**source.access) if source.access else None, **known,
    )  # fmt: skip


def _paused(source: Source) -> SourceDeclared:
    return SourceDeclared(
        name=source.name, url=source.url, kind=Kind(source.kind) if source.kind else None, follow=source.follow,
        interval_seconds=source.interval_seconds, priority=source.priority, state="paused", declared_by="file",
        access=Access(**source.access) if source.access else None,
    )  # fmt: skip


def _place(item: Any) -> str:
    return ".".join(str(part) for part in item["loc"])
