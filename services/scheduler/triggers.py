"""The public door: entries of the Redis Stream `newsmill:triggers` become fetches.

`XADD newsmill:triggers * url https://…`; `kind`, `priority`, `follow`, `origin`, `fresh`, `id` and `via` may follow.
A URL that ended a short time ago for a lasting reason gets the same end without a request. A URL in the ledger is
requested with conditions. `fresh` requests without conditions in both cases. A malformed entry is set aside in the dead
letters with the reason, and the reader goes on.

While the pipeline is full, triggers wait in a lane for their priority (the streams `newsmill:triggers:0` to `:9`), and
the most urgent lane with room goes first: a million waiting triggers do not delay a more urgent one.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from importlib.resources import files
from threading import Event
from typing import Annotated, Any, cast

import structlog
from prometheus_client import Counter
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from redis import Redis
from redis.exceptions import RedisError

from services.scheduler.ledger_lookup import Ledger, knowledge, remembered
from services.scheduler.stream import CLAIM_MS, GROUP, Entry, Fields, Stream
from shared.contracts import CANARY, LISTINGS, LOOK, FetchRequested, Kind, Message, Origin, Reason, now_utc
from shared.dead import DeadLetters, letter
from shared.errors import BadUrl, Unavailable
from shared.queues import TRIGGER_LANES, TRIGGERS
from shared.stage import Sender
from shared.urls import fetchable
from shared.worker.pressure import Pressure

log = structlog.get_logger(__name__)

BLOCK_MS = 2000
# The pause while the pipeline has no room.
REST_SECONDS = 0.2
# Entries moved to their lanes in one step (some 10 ms of Redis), and the most steps before entries are accepted.
MOVED = 1000
MOVES = 100
RECEIVED = Counter("newsmill_triggers_total", "Triggers from the stream.", ["outcome"])


def _url(value: str) -> str:
    return fetchable(value)


def _foreign(via: str) -> str:
    if via in (CANARY, LOOK):
        raise ValueError(f"only Newsmill itself sends what comes by {via!r}: leave via out")
    return via


class Trigger(BaseModel):
    """The fields of a stream entry. Unknown fields are refused, so that a typo is noticed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: Annotated[str, BeforeValidator(_url)]
    kind: Kind | None = None
    priority: int = Field(default=5, ge=0, le=9)
    follow: bool | None = None
    origin: Origin = Origin.LIVE
    fresh: bool = False
    id: str | None = Field(default=None, pattern=re.compile(r"^[0-9A-Za-z-]{1,64}$"))
    via: Annotated[str, AfterValidator(_foreign)] = Field(default="stream", max_length=32)

    def request(self, entry_id: str) -> FetchRequested:
        """Returns the request of the entry. Its trace is `id` or the entry's id, so that a second read changes nothing."""
        follow = self.follow if self.follow is not None else self.kind is None or self.kind in LISTINGS
        return FetchRequested(
            trace_id=self.id or f"trigger-{entry_id}", url=self.url, kind=self.kind, follow=follow,
            priority=self.priority, origin=self.origin, via=self.via,
        )  # fmt: skip


class TriggerReader:
    """Reads the public stream and its lanes.

    Args:
        redis: a client of this thread.
        send: puts the requests on their queue.
        dead: for malformed entries.
        ledger: looks up URLs.
        pressure: how many requests may be accepted.
        name: of this scheduler, unique among all schedulers.
        batch: the most entries that are read in one step.
        full_after: a page is requested without conditions when its last full copy is older than this.
    """

    def __init__(
        self,
        redis: "Redis",
        send: Sender,
        dead: DeadLetters,
        ledger: Ledger,
        pressure: Pressure,
        *,
        name: str,
        batch: int,
        full_after: timedelta,
    ) -> None:
        self._redis = redis
        self._send = send
        self._dead = dead
        self._ledger = ledger
        self._pressure = pressure
        self._batch = batch
        self._full_after = full_after
        self._door = Stream(redis, TRIGGERS, name)
        self._crowd = False
        self._lanes = [Stream(redis, lane, name) for lane in TRIGGER_LANES]
        self._to_lanes = redis.register_script(files(__package__).joinpath("lanes.lua").read_text())

    def run(self, stopped: Event) -> None:
        """Reads until `stopped` is set. After an error of Redis or the database it tries again."""
        while not stopped.is_set():
            try:
                self.join()
                while not stopped.is_set():
                    if not self.take(BLOCK_MS):
                        stopped.wait(REST_SECONDS if self._waiting() else 0)
            except (RedisError, Unavailable) as error:
                log.warning("trigger stream is away", error=str(error))
                stopped.wait(1)

    def join(self) -> None:
        """Creates the streams and consumer groups that do not exist yet."""
        for stream in (self._door, *self._lanes):
            stream.join()

    def take(self, block_ms: int) -> int:
        """Accepts entries of the public stream and of the lanes while there is room; returns their number."""
        if not self._crowd and not self._waiting() and (room := self._room(0)):
            entries = self._door.read(room, block_ms)
            self._accept(self._door, entries)
            # A full read: there may be more entries, some of them urgent.
            self._crowd = len(entries) == room
            return len(entries)
        self._crowd = False
        # The last entry may be urgent: all entries are moved to their lanes before any is accepted.
        for _ in range(MOVES):
            if self._sort() < MOVED:
                break
        return self._take_urgent()

    def _waiting(self) -> bool:
        return any(map(len, self._lanes))

    def _room(self, priority: int) -> int:
        return min(self._batch, self._pressure.room(priority))

    def _sort(self) -> int:
        """Moves entries from the public stream to their lanes; returns their number."""
        keys = [self._door.name, *(lane.name for lane in self._lanes)]
        return int(cast("Any", self._to_lanes(keys=keys, args=[GROUP, self._door.reader, CLAIM_MS, MOVED])))

    def _take_urgent(self) -> int:
        for priority, lane in sorted(enumerate(self._lanes), reverse=True):
            room = self._room(priority)
            if room and (entries := lane.read(room)):
                self._accept(lane, entries)
                return len(entries)
        return 0

    def _accept(self, stream: Stream, entries: Sequence[Entry]) -> None:
        """Sends the requests of entries, and then acknowledges and deletes the entries."""
        requests = [self._read(entry_id.decode(), fields) for entry_id, fields in entries]
        self._send(self._informed([request for request in requests if request]))
        stream.done([entry_id for entry_id, _ in entries])

    def _informed(self, read: Sequence[tuple[FetchRequested, bool]]) -> Iterator[Message]:
        """Yields the requests with the conditions of the ledger, or the ends in it. `fresh` requests stay as they are."""
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
            self._dead.set_aside(letter("trigger", Reason.MALFORMED.value, _explain(error), text, trace_id=entry_id))
            log.warning("malformed trigger", entry=entry_id, detail=_explain(error))
            return None
        RECEIVED.labels("accepted").inc()
        return request, trigger.fresh


def _explain(error: ValidationError | BadUrl) -> str:
    if isinstance(error, BadUrl):
        return str(error)
    return "; ".join(
        f"{'.'.join(map(str, item['loc']))}: {item['msg']} (got {item.get('input')!r})" for item in error.errors()
    )
