"""What is due: sources to poll, parked messages whose time has come, messages that the broker has lost."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, TypeVar

import structlog
from redis import Redis
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlmodel import Session, col

from services.scheduler import canary, inspections, retries, revisits, subscriptions
from services.scheduler.agenda import agenda
from services.scheduler.ledger_lookup import knowledge
from services.scheduler.recovery import Recovery
from services.scheduler.sources import SourcesFile
from shared.contracts import Access, FetchRequested, Kind, Message, SiteDeclared, SourceDeclared, now_utc
from shared.database.models import Page, Site, Source
from shared.dead import DeadLetters
from shared.later import LEASE_SECONDS, Later
from shared.stage import Sender
from shared.urls import fingerprint
from shared.websub import websub_key

log = structlog.get_logger(__name__)

CLAIM = "newsmill:polling:"

M = TypeVar("M", bound=Message)


class Ticker:
    """One look at what is due. Several schedulers may tick: whoever claims a source polls it.

    Args:
        engine: of the database, only read.
        redis: for claims and queues.
        later: parked messages.
        dead: for what cannot be read.
        recovery: issues again what the broker has lost.
        send: puts what is due on its queue.
        sources_file: the sources that are declared in a file.
        batch: sources or messages at a time.
        claim_seconds: how long a source whose poll has not ended is not polled again.
        full_after: age of a page's last whole copy after which it is requested without conditions.
        revisit_budget: how many articles may be looked at again.
        websub_url: at which WebSub hubs reach the reader; none is asked without it.
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
        revisit_budget: revisits.Budget,
        websub_url: str = "",
        canary_url: str = "",
    ) -> None:
        self._canary_url = canary_url
        self._websub_url = websub_url
        self._revisit_budget = revisit_budget
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
        """Sends what is due. While the database is away it sends what needs no database."""
        self._unpark()
        self._recovery.tick()
        canary.send(self._redis, self._send, self._canary_url)
        try:
            self._declare()
            self._fetch(now_utc())
            self._subscribe(now_utc())
        except (OperationalError, InterfaceError) as error:
            log.warning("database is away: sources wait", error=str(error.orig))

    def _declare(self) -> None:
        """Sends what a file declares that has changed, and pauses the sites and sources that are no longer in it."""
        declared = self._sources_file.changed()
        self._sources_file.publish_error(self._redis)
        if declared is None:
            return
        with Session(self._engine) as session:
            pauses = [*_missing_sites(session, declared.sites), *_missing_sources(session, declared.sources)]
        self._send([*declared.sites, *declared.sources, *pauses])
        self._sources_file.confirm()

    def _fetch(self, moment: datetime) -> None:
        """Sends what is due to be fetched. If it is killed before that is in custody, the next tick sends it."""
        with Session(self._engine) as session:
            due = agenda(session, moment)
        if due.fetches:
            self._send_claimed(self._due(moment))
        if due.revisits:
            self._revisit(moment)

    def _revisit(self, moment: datetime) -> None:
        room = self._revisit_budget.room(moment)
        if not room:
            return
        with Session(self._engine) as session:
            due = revisits.due(session, moment, self._batch, self._full_after)
        claimed = self._claimed(due, room)
        self._send_claimed(claimed)
        self._revisit_budget.spend(moment, len(claimed))

    def _subscribe(self, moment: datetime) -> None:
        if not self._websub_url:
            return
        with Session(self._engine) as session:
            due = subscriptions.due(session, moment, self._batch, self._websub_url, websub_key(self._redis))
        self._send_claimed(self._claimed(due))

    def _claimed(self, fetches: Mapping[str, M], most: int | None = None) -> dict[str, M]:
        """Returns the fetches that no other scheduler has claimed, by claim; `most` of them at most."""
        free = (claim for claim in fetches if self._redis.set(claim, 1, nx=True, ex=LEASE_SECONDS))
        return {claim: fetches[claim] for claim in islice(free, most)}

    def _send_claimed(self, due: Mapping[str, Message]) -> None:
        self._send(due.values())
        for claim in due:
            self._redis.expire(claim, self._claim_seconds)

    def _due(self, moment: datetime) -> dict[str, FetchRequested]:
        """Returns a fetch for each source and retry that is due and that no other scheduler has claimed, by claim."""
        query = (
            select(Source, Page)
            .outerjoin(Page, col(Page.key) == col(Source.key))
            .outerjoin(Site, col(Site.key) == col(Source.site_key))
            .where(col(Source.state) == "active", col(Source.next_poll_at) <= moment)
            .where(func.coalesce(col(Site.state), "active") == "active")
            .order_by(col(Source.next_poll_at))
            .limit(self._batch)
        )
        with Session(self._engine) as session:
            polls = [
                (_claim(source), _poll(source, knowledge(page, moment, self._full_after)))
                for source, page in session.execute(query)
            ]
            fetches = [
                *polls, *retries.due(session, moment, self._batch), *inspections.due(session, moment, self._batch),
            ]  # fmt: skip
        return self._claimed(dict(fetches))

    def _unpark(self) -> None:
        messages = self._dead.readable("schedule", self._later.due(self._batch))
        self._send(messages)
        self._later.sent(message.trace_id for message in messages)


def _claim(source: Source) -> str:
    """Returns the key that keeps a source from being polled twice, until its page has ended and the ledger moves it on."""
    return f"{CLAIM}{source.id}:{source.next_poll_at.timestamp()}"


def _poll(source: Source, conditions: Mapping[str, Any]) -> FetchRequested:
    return FetchRequested(
        url=source.url, source_id=source.id, kind=Kind(source.kind) if source.kind else None, follow=source.follow,
        priority=source.priority, via="source", access=Access(**source.access) if source.access else None, **conditions,
    )  # fmt: skip


def _missing_sources(session: Session, declared: Sequence[SourceDeclared]) -> Iterator[SourceDeclared]:
    """Yields the sources that the file declared once and does no more, as paused."""
    keys = {fingerprint(source.url) for source in declared}
    query = select(Source).where(col(Source.declared_by) == "file", col(Source.state) == "active")
    for source in session.scalars(query):
        if source.key not in keys:
            yield SourceDeclared(
                name=source.name, url=source.url, kind=Kind(source.kind) if source.kind else None, follow=source.follow,
                interval_seconds=source.interval_seconds, priority=source.priority, state="paused", declared_by="file",
                access=Access(**source.access) if source.access else None,
            )  # fmt: skip


def _missing_sites(session: Session, declared: Sequence[SiteDeclared]) -> Iterator[SiteDeclared]:
    """Yields the sites that the file declared once and does no more, as paused."""
    keys = {fingerprint(site.home_page) for site in declared}
    query = select(Site).where(col(Site.declared_by) == "file", col(Site.state) == "active")
    for site in session.scalars(query):
        if site.key not in keys:
            yield SiteDeclared(
                home_page=site.home_page, name=site.name, country=site.country, languages=tuple(site.languages),
                tags=tuple(site.tags), least_seconds=site.least_seconds, most_seconds=site.most_seconds, state="paused",
                revisit_hours=None if site.revisit_hours is None else tuple(site.revisit_hours),
                declared_by="file", access=Access(**site.access) if site.access else None,
            )  # fmt: skip
