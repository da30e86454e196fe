"""The public door: entries of the Redis Stream `newsmill:triggers` become fetches.

`XADD newsmill:triggers * url https://…`; `kind`, `priority`, `follow`, `origin`, `fresh`, `id` and `via` may follow.
A URL that ended for a lasting reason a moment ago ends so again without being asked, and one that is known is asked
only for what is new; `fresh` asks all the same. An entry that makes no sense is set aside in the dead letters with the
reason, and never stops the reading.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from threading import Event
from typing import Annotated, Any, cast

import structlog
from prometheus_client import Counter
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from redis import Redis
from redis.exceptions import RedisError, ResponseError

from services.scheduler.known import Ledger, knowledge, remembered
from shared.contracts import LISTINGS, FetchRequested, Kind, Message, Origin, Reason, now_utc
from shared.errors import BadUrl
from shared.later import DeadLetter, Later
from shared.queues import TRIGGERS
from shared.stage import Courier
from shared.urls import fetchable

log = structlog.get_logger(__name__)

GROUP = "scheduler"
BLOCK_MS = 2000
# A trigger that a dead scheduler had read is taken over after this long.
CLAIM_MS = 30_000
RECEIVED = Counter("newsmill_triggers_total", "Triggers from the stream.", ["outcome"])

Fields = Mapping[bytes, bytes]


def _url(value: str) -> str:
    return fetchable(value)


class Trigger(BaseModel):
    """The fields of a stream entry. Unknown ones are refused: a typo must not be lost in silence."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: Annotated[str, BeforeValidator(_url)]
    kind: Kind | None = None
    priority: int = Field(default=5, ge=0, le=9)
    follow: bool | None = None
    origin: Origin = Origin.LIVE
    fresh: bool = False
    id: str | None = Field(default=None, pattern=re.compile(r"^[0-9A-Za-z-]{1,64}$"))
    via: str = Field(default="stream", max_length=32)

    def request(self, entry_id: str) -> FetchRequested:
        """The fetch it asks for; its trace is `id`, or the entry's own id, so that reading twice asks once."""
        follow = self.follow if self.follow is not None else self.kind is None or self.kind in LISTINGS
        return FetchRequested(
            trace_id=self.id or f"trigger-{entry_id}", url=self.url, kind=self.kind, follow=follow,
            priority=self.priority, origin=self.origin,
        )  # fmt: skip


class TriggerReader:
    """Reads the stream as one of a group, so that several schedulers share it and a dead one loses nothing.

    Args:
        redis: a client of this thread.
        courier: takes the fetches to their queue.
        later: for what makes no sense.
        ledger: what is known of URLs.
        name: this scheduler's, unique among them.
        batch: entries at a time.
        full_after: how old the last whole copy of a page may be.
    """

    def __init__(
        self,
        redis: "Redis",
        courier: Courier,
        later: Later,
        ledger: Ledger,
        *,
        name: str,
        batch: int,
        full_after: timedelta,
    ) -> None:
        self._ledger = ledger
        self._full_after = full_after
        self._redis = redis
        self._courier = courier
        self._later = later
        self._name = name
        self._batch = batch

    def run(self, stopped: Event) -> None:
        """Reads until told to stop; what Redis refuses meanwhile is tried again."""
        while not stopped.is_set():
            try:
                self._join()
                while not stopped.is_set():
                    self.take(BLOCK_MS)
            except RedisError as error:
                log.warning("trigger stream is away", error=str(error))
                stopped.wait(1)

    def take(self, block_ms: int) -> int:
        """Takes what another scheduler left unfinished, then what is new; returns how many entries."""
        left = self._redis.xautoclaim(TRIGGERS, GROUP, self._name, CLAIM_MS, count=self._batch)
        entries = cast("list[tuple[bytes, Fields | None]]", cast("Any", left)[1])
        if not entries:
            new = self._redis.xreadgroup(GROUP, self._name, {TRIGGERS: ">"}, count=self._batch, block=block_ms)
            entries = [entry for _, found in cast("Any", new or []) for entry in found]
        if entries:
            self._accept(entries)
        return len(entries)

    def _join(self) -> None:
        try:
            self._redis.xgroup_create(TRIGGERS, GROUP, id="0", mkstream=True)
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise

    def _accept(self, entries: Iterable[tuple[bytes, Fields | None]]) -> None:
        """Publishes first, acknowledges and deletes after."""
        listed = list(entries)
        read = [self._read(entry_id.decode(), fields) for entry_id, fields in listed if fields]
        self._courier(self._informed([one for one in read if one]))
        ids = [entry_id for entry_id, _ in listed]
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.xack(TRIGGERS, GROUP, *ids)
            pipe.xdel(TRIGGERS, *ids)
            pipe.execute()

    def _informed(self, read: Sequence[tuple[FetchRequested, bool]]) -> Iterator[Message]:
        """The fetches with what the ledger knows, or the ends that it remembers; untouched where they are `fresh`."""
        pages = self._ledger.pages(request.url for request, fresh in read if not fresh)
        moment = now_utc()
        for request, fresh in read:
            page = None if fresh else pages.get(request.url)
            end = remembered(request, page, moment)
            yield end or request.model_copy(update=knowledge(page, moment, self._full_after))

    def _read(self, entry_id: str, fields: Fields) -> tuple[FetchRequested, bool] | None:
        text = {key.decode(errors="replace"): value.decode(errors="replace") for key, value in fields.items()}
        try:
            trigger = Trigger.model_validate(text)
            request = trigger.request(entry_id)
        except (ValidationError, BadUrl) as error:
            RECEIVED.labels("malformed").inc()
            letter = DeadLetter("trigger", Reason.MALFORMED.value, _explain(error), "", text.get("id", ""), 1, text)
            self._later.set_aside(letter)
            log.warning("malformed trigger", entry=entry_id, detail=letter.detail)
            return None
        RECEIVED.labels("accepted").inc()
        return request, trigger.fresh


def _explain(error: ValidationError | BadUrl) -> str:
    if isinstance(error, BadUrl):
        return str(error)
    return "; ".join(
        f"{'.'.join(map(str, item['loc']))}: {item['msg']} (got {item.get('input')!r})" for item in error.errors()
    )
