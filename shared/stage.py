"""The one wrapper round every handler. It owns delivery; a handler knows nothing of it.

A Celery message carries a list of items. Each is decoded, handled, timed and counted by itself, and ends in
exactly one outcome: `ok`, `dropped` (its named end), `parked` (TryLater), or `dead` (set aside with its cause).
What handlers return is gathered for a moment (50 ms unless told) or 50 messages before it is sent, because Celery's cost is per
message. Only when every item is accounted for does the task return, and Celery acknowledge.
"""

import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, wait
from contextlib import suppress
from time import perf_counter, time
from typing import Any, NamedTuple, Protocol

import structlog
from prometheus_client import Counter, Gauge, Histogram
from pydantic import ValidationError
from redis.exceptions import RedisError

from shared.contracts import (
    AnyMessage,
    Attempt,
    FetchRequested,
    Message,
    Page,
    PageDropped,
    PageFetched,
    Reason,
    decode,
    now_utc,
)
from shared.dead import Braked, DeadLetters, letter
from shared.errors import Drop, Reject, TryLater, Unavailable
from shared.later import CeleryMessage, Later

log = structlog.get_logger(__name__)

GATHER_SECONDS = 0.05
GATHER_MESSAGES = 50
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)

ITEMS = Counter("newsmill_stage_items_total", "Items by their one outcome at a stage.", ["stage", "outcome", "reason"])
DURATION = Histogram("newsmill_stage_duration_seconds", "Time to handle one item.", ["stage"], buckets=BUCKETS)
IN_PROGRESS = Gauge("newsmill_stage_in_progress", "Items being handled now.", ["stage"], multiprocess_mode="livesum")
LAST_SUCCESS = Gauge(
    "newsmill_stage_last_success_timestamp_seconds",
    "When a stage last handled an item well.",
    ["stage"],
    multiprocess_mode="mostrecent",
)

Handler = Callable[[Any], Iterable[Message]]
BatchHandler = Callable[[Sequence[Any]], Iterable[Message]]


class Courier(Protocol):
    """Takes messages to their queues, `at_once` before all others there; returns once the broker has them."""

    def __call__(self, messages: Iterable[Message], *, at_once: bool = False) -> None: ...


class Limits(NamedTuple):
    """How often a message may be tried, be delivered again, and how long its deliveries are remembered (seconds)."""

    attempts: int
    redeliveries: int
    remember: int


class Done(NamedTuple):
    """An item that is accounted for: what follows from it, and its outcome."""

    trace_id: str
    produced: tuple[Message, ...]
    outcome: str
    reason: str


class Stage:
    """A stage of the pipeline: `run` is its Celery task's body.

    Args:
        name: the stage's name in metrics, logs and dead letters.
        handle: one message -> messages.
        courier: takes what follows to its queues.
        later: custody and parking.
        dead: the dead letters, and the brake.
        limits: attempts and redeliveries.
        together: messages -> messages, for a stage that works in batches (one transaction); an item that
            spoils its batch is found by handling each by itself.
        executor: runs the items of a list side by side, for a stage that waits on the network.
        gather: seconds for which what handlers return is gathered before it is sent.
    """

    def __init__(
        self,
        name: str,
        handle: Handler,
        *,
        courier: Courier,
        later: Later,
        dead: DeadLetters,
        limits: Limits,
        together: BatchHandler | None = None,
        executor: Executor | None = None,
        gather: float = GATHER_SECONDS,
    ) -> None:
        self.name = name
        self._handle = handle
        self._courier = courier
        self._later = later
        self._dead = dead
        self._limits = limits
        self._together = together
        self._executor = executor
        self._gather = gather

    def run(self, items: Sequence[Any], message_id: str = "") -> None:
        """Handles a list of items, sends on what follows and accounts for each.

        Args:
            items: messages as JSON objects.
            message_id: of the Celery message that carries them; the same each time that it is delivered.

        Raises:
            Unavailable: Redis or the database is away. Nothing may be acknowledged; the list must come again.
        """
        carrier = CeleryMessage(self.name, message_id)
        try:
            self._run(items, carrier)
        except Exception as error:
            self._forgive(items, carrier)
            raise Unavailable(f"{self.name}: {error!r}") from error

    def _run(self, items: Sequence[Any], carrier: CeleryMessage) -> None:
        gathered: list[Done] = []
        since = perf_counter()
        for done in self._outcomes(items, carrier):
            if done is not None:
                gathered.append(done)
            full = sum(len(one.produced) for one in gathered) >= GATHER_MESSAGES
            if gathered and (full or perf_counter() - since >= self._gather):
                self._send(gathered, carrier)
                gathered, since = [], perf_counter()
        self._send(gathered, carrier)

    def _outcomes(self, items: Sequence[Any], carrier: CeleryMessage) -> Iterator[Done | None]:
        """One outcome an item; None when none came for a while, so that what has gathered can go."""
        if self._later.begun_before(carrier, _trace_ids(items), self._limits.remember):
            yield from self._carefully(items, carrier)
        elif self._together is not None and (batch := self._batch(self._together, items)) is not None:
            yield from batch
        else:
            yield from self._each(items, None)

    def _carefully(self, items: Sequence[Any], carrier: CeleryMessage) -> Iterator[Done | None]:
        """A redelivered list: one of its items may have killed its worker. What follows from each is sent at once,
        so that the next delivery, if there is one, begins where this one ended."""
        for done in self._each(items, carrier):
            if done is not None:
                self._send([done], carrier)
            yield done and done._replace(produced=())

    def _each(self, items: Sequence[Any], redelivered: CeleryMessage | None) -> Iterator[Done | None]:
        if self._executor is None or len(items) < 2:
            yield from (self._one(item, redelivered) for item in items)
            return
        pending = {self._executor.submit(self._one, item, redelivered) for item in items}
        while pending:
            finished, pending = wait(pending, timeout=self._gather, return_when=FIRST_COMPLETED)
            yield from (future.result() for future in finished)
            if not finished:
                yield None

    def _batch(self, together: BatchHandler, items: Sequence[Any]) -> list[Done] | None:
        """The outcomes of a batch that went well as a whole, else None: then each is handled by itself."""
        started = perf_counter()
        try:
            messages = [decode(item) for item in items]
            produced = tuple(together(messages))
        except (Unavailable, RedisError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever it was, handling one by one finds whose it is
            log.warning("batch handled one by one", stage=self.name, items=len(items), error=repr(error))
            return None
        for _ in items:
            self._count("ok", "", (perf_counter() - started) / len(items))
        first, *rest = messages
        return [Done(first.trace_id, produced, "ok", ""), *(Done(one.trace_id, (), "ok", "") for one in rest)]

    def _one(self, item: Any, redelivered: CeleryMessage | None) -> Done:
        started = perf_counter()
        with IN_PROGRESS.labels(self.name).track_inprogress():
            try:
                message = decode(item)
            except ValidationError as error:
                done = self._malformed(item, error)
            else:
                with structlog.contextvars.bound_contextvars(trace_id=message.trace_id, stage=self.name):
                    done = self._account(message, item, redelivered)
        self._count(done.outcome, done.reason, perf_counter() - started)
        return done

    def _account(self, message: AnyMessage, item: Any, redelivered: CeleryMessage | None) -> Done:
        """The one outcome of a message, whatever its handler does; `redelivered`: what brought it not for the first time."""
        try:
            if redelivered and self._later.deliveries(redelivered, message.trace_id) >= self._limits.redeliveries:
                raise Reject(Reason.POISON, f"delivered {self._limits.redeliveries} times and never finished")
            return Done(message.trace_id, tuple(self._handle(message)), "ok", "")
        except (Unavailable, RedisError, Braked):
            raise
        except TryLater as error:
            return self._try_later(message, error)
        except Drop as error:
            log.info("page dropped", reason=error.reason.value, detail=error.detail)
            return self._end(message, "dropped", error.reason, error.detail, error.page)
        except Reject as error:
            self._set_aside(message.trace_id, item, error.reason.value, error)
            return self._end(message, "dead", error.reason, error.detail)
        except Exception as error:
            log.exception("handler crashed")
            self._set_aside(message.trace_id, item, type(error).__name__, error)
            return self._end(message, "dead", Reason.CRASHED, repr(error))

    def _try_later(self, message: AnyMessage, error: TryLater) -> Done:
        if error.counts and message.attempt >= self._limits.attempts:
            detail = f"after {message.attempt} attempts: {error.detail}"
            return self._end(message, "dropped", error.reason, detail)
        if error.host is None:
            tried = Attempt(at=now_utc(), stage=self.name, reason=error.reason, detail=error.detail[:300])
            self._later.park(message.again(tried) if error.counts else message, error.seconds)
        else:
            there = message.model_copy(update={"trail": error.trail}) if error.trail else message
            self._later.wait_turn(there, error.host, error.seconds, first=error.first)
        # Waiting for a host is what most URLs of a burst do; a line for each would say nothing.
        tell = log.info if error.counts else log.debug
        tell("parked", reason=error.reason.value, seconds=round(error.seconds, 1), detail=error.detail)
        return Done(message.trace_id, (), "parked", error.reason.value)

    def _malformed(self, item: Any, error: ValidationError) -> Done:
        trace_id = str(item.get("trace_id", "")) if isinstance(item, dict) else ""
        self._set_aside(trace_id, item, Reason.MALFORMED.value, error)
        return Done(trace_id, (), "dead", Reason.MALFORMED.value)

    def _end(
        self, message: AnyMessage, outcome: str, reason: Reason, detail: str, downloaded: Page | None = None
    ) -> Done:
        url, page = _subject(message)
        page = downloaded or page
        if url is None or isinstance(message, PageDropped):
            return Done(message.trace_id, (), outcome, reason.value)
        dropped = PageDropped(
            **message.envelope(),
            url=url,
            page=page,
            stage=self.name,
            reason=reason,
            detail=detail[:2000],
            status=page.status if page else None,
            dead=outcome == "dead",
        )
        return Done(message.trace_id, (dropped,), outcome, reason.value)

    def _set_aside(self, trace_id: str, item: Any, cause: str, error: Exception) -> None:
        self._dead.check_brake(self.name)
        frame = (traceback.extract_tb(error.__traceback__) or [None])[-1]
        where = f"{frame.filename}:{frame.lineno}" if frame else ""
        attempts = item.get("attempt", 1) if isinstance(item, dict) else 1
        tried = attempts if isinstance(attempts, int) else 1
        self._dead.set_aside(letter(self.name, cause, str(error), item, trace_id=trace_id, where=where, attempts=tried))
        log.error("set aside", cause=cause, detail=str(error)[:200], where=where, dead_trace_id=trace_id)

    def _forgive(self, items: Sequence[Any], carrier: CeleryMessage) -> None:
        """What could not be handled because something else is away has not been tried, and is on its queue again."""
        with suppress(RedisError):
            self._later.accounted(carrier, _trace_ids(items))
            self._later.renew(_trace_ids(items))

    def _send(self, gathered: Sequence[Done], carrier: CeleryMessage) -> None:
        self._courier(message for done in gathered for message in done.produced)
        self._later.accounted(carrier, (done.trace_id for done in gathered if done.trace_id))
        if gathered:
            self._dead.count(self.name, len(gathered), sum(done.outcome == "dead" for done in gathered))

    def _count(self, outcome: str, reason: str, seconds: float) -> None:
        ITEMS.labels(self.name, outcome, reason).inc()
        DURATION.labels(self.name).observe(seconds)
        if outcome != "dead":
            LAST_SUCCESS.labels(self.name).set(time())


def _trace_ids(items: Iterable[Any]) -> list[str]:
    # Each once: an article and the headlines beside it are of one trace, and no redelivery of one another.
    found = (item.get("trace_id") for item in items if isinstance(item, dict))
    return list(dict.fromkeys(trace_id for trace_id in found if isinstance(trace_id, str)))


def _subject(message: AnyMessage) -> tuple[str | None, Page | None]:
    """The URL and page that a message is about."""
    if isinstance(message, FetchRequested):
        return message.url, None
    if isinstance(message, PageFetched):
        return message.page.url, message.page
    page = getattr(message, "page", None)
    return (page.url, page) if page is not None else (getattr(message, "url", None), None)
