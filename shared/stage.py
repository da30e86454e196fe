"""The wrapper around every handler. It owns delivery, so that a handler is a plain function of a message.

A Celery message carries a list of items. Each item is decoded, handled, timed and counted separately, and has exactly
one outcome: `ok`, `dropped` (a named end), `parked` (TryLater) or `dead` (set aside with its cause). The messages that
handlers return are gathered for 50 ms (by default) or up to 50 messages before they are sent, because Celery's cost is
per message. A stage that works in batches handles the lists of several Celery messages as one. The task returns, and the
messages are acknowledged, only when every item has its outcome.
"""

import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, wait
from contextlib import suppress
from time import perf_counter
from typing import Any, NamedTuple, Protocol

import structlog
from pydantic import ValidationError
from redis.exceptions import RedisError

from shared import stage_metrics
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
# While there is more work than can be done at once, messages are gathered for longer, up to the end of the list.
BUSY_GATHER_SECONDS = 1.0
# From this priority on nothing is gathered for longer.
URGENT = 6

Handler = Callable[[Any], Iterable[Message]]
BatchHandler = Callable[[Sequence[Any]], Iterable[Message]]


class Sender(Protocol):
    """Puts messages on their queues; `at_once` puts them before all others. Returns once the broker has them."""

    def __call__(self, messages: Iterable[Message], *, at_once: bool = False) -> None: ...


class Limits(NamedTuple):
    """How often a message may be tried and redelivered, and for how many seconds its deliveries are remembered."""

    attempts: int
    redeliveries: int
    memory_seconds: int


class Delivery(NamedTuple):
    """A Celery message as it was delivered, and the items of its list as JSON objects."""

    carrier: CeleryMessage
    items: Sequence[Any]


class Result(NamedTuple):
    """The outcome of an item, its reason, and the messages that the item leads to."""

    trace_id: str
    messages: tuple[Message, ...]
    outcome: str
    reason: str


class Stage:
    """A stage of the pipeline. `run` is the body of its Celery task.

    Args:
        name: the stage's name in metrics, logs and dead letters.
        handle: one message -> messages.
        send: puts the messages that handlers return on their queues.
        later: custody and the messages that wait.
        dead: the dead letters, and the brake.
        limits: attempts and redeliveries.
        handle_batch: messages -> messages, for a stage that works in batches (one transaction). When it fails, each
            message of the batch is handled by itself.
        executor: runs the items of a list side by side, for a stage that waits on the network.
        gather: for how many seconds the messages that handlers return are gathered before they are sent.
        idle: whether nothing waits before this stage and the next. While something does, messages that are not urgent
            are gathered for up to BUSY_GATHER_SECONDS, because the next stage works cheaper on longer lists.
    """

    def __init__(
        self,
        name: str,
        handle: Handler,
        *,
        send: Sender,
        later: Later,
        dead: DeadLetters,
        limits: Limits,
        handle_batch: BatchHandler | None = None,
        executor: Executor | None = None,
        gather: float = GATHER_SECONDS,
        idle: Callable[[], bool] = lambda: True,
    ) -> None:
        self.name = name
        self._handle = handle
        self._send = send
        self._later = later
        self._dead = dead
        self._limits = limits
        self._handle_batch = handle_batch
        self._executor = executor
        self._gather = gather
        self._idle = idle

    def run(self, items: Sequence[Any], message_id: str = "") -> None:
        """Handles the list of one Celery message, as run_together()."""
        self.run_together([(message_id, items)])

    def run_together(self, lists: Iterable[tuple[str, Sequence[Any]]]) -> None:
        """Handles lists of items and sends the messages that they lead to. Items are messages as JSON objects.

        Args:
            lists: the lists, each with the id of the Celery message that carries it, the same at each delivery.

        Raises:
            Unavailable: Redis or the database is away. No list must be acknowledged, so that each is delivered again.
        """
        deliveries = [Delivery(CeleryMessage(self.name, message_id), items) for message_id, items in lists if items]
        if not deliveries:
            return
        try:
            self._run(deliveries)
        except Exception as error:
            self._give_back(deliveries)
            raise Unavailable(f"{self.name}: {error!r}") from error

    def _run(self, deliveries: Sequence[Delivery]) -> None:
        redelivered = self._later.begun_before(_traces(deliveries), self._limits.memory_seconds)
        new = [delivery for delivery in deliveries if delivery.carrier not in redelivered]
        if new and not self._run_batch(new):
            for delivery in new:
                # The item that fails is in one list: the others are batches of their own.
                if len(new) == 1 or not self._run_batch([delivery]):
                    self._send_gathered(self._each(delivery.items, None), delivery.carrier)
        for delivery in deliveries:
            if delivery.carrier in redelivered:
                self._send_gathered(self._redelivered(*delivery), delivery.carrier)

    def _run_batch(self, deliveries: Sequence[Delivery]) -> bool:
        """Handles lists as one batch. Returns False if the stage works in none, or this one failed and nothing is done."""
        if self._handle_batch is None:
            return False
        items = [item for delivery in deliveries for item in delivery.items]
        if (messages := self._batch(self._handle_batch, items)) is None:
            return False
        self._send(messages)
        self._later.accounted(_traces(deliveries))
        self._dead.count(self.name, len(items), 0)
        return True

    def _send_gathered(self, results: Iterable[Result | None], carrier: CeleryMessage) -> None:
        """Sends what the results of a list lead to as they come, gathered."""
        gathered: list[Result] = []
        since = perf_counter()
        for result in results:
            if result is not None:
                gathered.append(result)
            if gathered and self._due(gathered, perf_counter() - since):
                self._finish(gathered, carrier)
                gathered, since = [], perf_counter()
        self._finish(gathered, carrier)

    def _due(self, gathered: Sequence[Result], seconds: float) -> bool:
        """Whether results that were gathered for some seconds are to be sent now."""
        messages = [message for result in gathered for message in result.messages]
        if len(messages) >= GATHER_MESSAGES or seconds >= BUSY_GATHER_SECONDS:
            return True
        return seconds >= self._gather and (any(message.priority >= URGENT for message in messages) or self._idle())

    def _redelivered(self, carrier: CeleryMessage, items: Sequence[Any]) -> Iterator[Result | None]:
        """Yields the results of a redelivered list. One of its items may have killed the worker.

        Each result is sent at once, so that the next delivery starts with the item at which this delivery ended.
        """
        for result in self._each(items, carrier):
            if result is not None:
                self._finish([result], carrier)
            yield result and result._replace(messages=())

    def _each(self, items: Sequence[Any], redelivery: CeleryMessage | None) -> Iterator[Result | None]:
        if self._executor is None or len(items) < 2:
            yield from (self._result(item, redelivery) for item in items)
            return
        pending = {self._executor.submit(self._result, item, redelivery) for item in items}
        while pending:
            finished, pending = wait(pending, timeout=self._gather, return_when=FIRST_COMPLETED)
            yield from (future.result() for future in finished)
            if not finished:
                yield None

    def _batch(self, handle_batch: BatchHandler, items: Sequence[Any]) -> Sequence[Message] | None:
        """Returns what a batch leads to; None if it failed."""
        started = perf_counter()
        try:
            messages = [decode(item) for item in items]
            produced = tuple(handle_batch(messages))
        except (Unavailable, RedisError):
            raise
        except Exception as error:  # noqa: BLE001 - handling the items one by one finds the one that fails
            log.warning("batch handled in parts", stage=self.name, items=len(items), error=repr(error))
            return None
        for message in messages:
            stage_metrics.count(self.name, "ok", "", (perf_counter() - started) / len(items))
            stage_metrics.beat(self.name, message)
        return produced

    def _result(self, item: Any, redelivery: CeleryMessage | None) -> Result:
        started = perf_counter()
        with stage_metrics.IN_PROGRESS.labels(self.name).track_inprogress():
            try:
                message = decode(item)
            except ValidationError as error:
                result = self._malformed(item, error)
            else:
                with structlog.contextvars.bound_contextvars(trace_id=message.trace_id, stage=self.name):
                    result = self._handled(message, item, redelivery)
                if result.outcome == "ok":
                    stage_metrics.beat(self.name, message)
        stage_metrics.count(self.name, result.outcome, result.reason, perf_counter() - started)
        return result

    def _handled(self, message: AnyMessage, item: Any, redelivery: CeleryMessage | None) -> Result:
        """Returns the result of a message, whatever its handler does. `redelivery` is its carrier if it is a redelivery."""
        try:
            if redelivery and self._later.deliveries(redelivery, message.trace_id) >= self._limits.redeliveries:
                raise Reject(Reason.POISON, f"delivered {self._limits.redeliveries} times and never finished")
            return Result(message.trace_id, tuple(self._handle(message)), "ok", "")
        except (Unavailable, RedisError, Braked):
            raise
        except TryLater as error:
            return self._try_later(message, error)
        except Drop as error:
            log.info("page dropped", reason=error.reason.value, detail=error.detail)
            return self._end(message, "dropped", error.reason, error.detail, error)
        except Reject as error:
            self._set_aside(message.trace_id, item, error.reason.value, error)
            return self._end(message, "dead", error.reason, error.detail)
        except Exception as error:
            log.exception("handler crashed")
            self._set_aside(message.trace_id, item, type(error).__name__, error)
            return self._end(message, "dead", Reason.CRASHED, repr(error))

    def _try_later(self, message: AnyMessage, error: TryLater) -> Result:
        if error.counts and message.attempt >= self._limits.attempts:
            detail = f"after {message.attempt} attempts: {error.detail}"
            return self._end(message, "dropped", error.reason, detail)
        if error.host is None:
            attempt = Attempt(at=now_utc(), stage=self.name, reason=error.reason, detail=error.detail[:300])
            self._later.park(message.next_attempt(attempt) if error.counts else message, error.seconds)
        else:
            waiting = message.model_copy(update={"trail": error.trail}) if error.trail else message
            self._later.wait_turn(waiting, error.host, error.seconds, first=error.first)
        # Most URLs of a burst wait for their host: a line for each would only fill the log.
        write = log.info if error.counts else log.debug
        write("parked", reason=error.reason.value, seconds=round(error.seconds, 1), detail=error.detail)
        return Result(message.trace_id, (), "parked", error.reason.value)

    def _malformed(self, item: Any, error: ValidationError) -> Result:
        trace_id = str(item.get("trace_id", "")) if isinstance(item, dict) else ""
        self._set_aside(trace_id, item, Reason.MALFORMED.value, error)
        return Result(trace_id, (), "dead", Reason.MALFORMED.value)

    def _end(self, message: AnyMessage, outcome: str, reason: Reason, detail: str, drop: Drop | None = None) -> Result:
        url, page = _subject(message)
        page = (drop and drop.page) or page
        if url is None or isinstance(message, PageDropped):
            return Result(message.trace_id, (), outcome, reason.value)
        dropped = PageDropped(
            **message.envelope(),
            url=url,
            page=page,
            stage=self.name,
            reason=reason,
            detail=detail[:2000],
            status=page.status if page else None,
            dead=outcome == "dead",
            fresh_seconds=drop.fresh_seconds if drop else None,
        )
        return Result(message.trace_id, (dropped, *(drop.messages if drop else ())), outcome, reason.value)

    def _set_aside(self, trace_id: str, item: Any, cause: str, error: Exception) -> None:
        self._dead.check_brake(self.name)
        frame = (traceback.extract_tb(error.__traceback__) or [None])[-1]
        where = f"{frame.filename}:{frame.lineno}" if frame else ""
        attempt = item.get("attempt", 1) if isinstance(item, dict) else 1
        attempts = attempt if isinstance(attempt, int) else 1
        self._dead.set_aside(
            letter(self.name, cause, str(error), item, trace_id=trace_id, where=where, attempts=attempts)
        )
        log.error("set aside", cause=cause, detail=str(error)[:200], where=where, dead_trace_id=trace_id)

    def _give_back(self, deliveries: Sequence[Delivery]) -> None:
        """Marks items as not tried and as queued now, after Redis or the database was away."""
        traces = _traces(deliveries)
        with suppress(RedisError):
            self._later.accounted(traces)
            self._later.renew(trace_id for trace_ids in traces.values() for trace_id in trace_ids)

    def _finish(self, results: Sequence[Result], carrier: CeleryMessage) -> None:
        """Sends the messages of these results, and then counts their items as done."""
        self._send(message for result in results for message in result.messages)
        self._later.accounted({carrier: [result.trace_id for result in results if result.trace_id]})
        if results:
            self._dead.count(self.name, len(results), sum(result.outcome == "dead" for result in results))


def _traces(deliveries: Sequence[Delivery]) -> dict[CeleryMessage, list[str]]:
    """Returns the trace ids of the items by message. A message that was delivered twice at once is one."""
    return {delivery.carrier: _trace_ids(delivery.items) for delivery in deliveries}


def _trace_ids(items: Iterable[Any]) -> list[str]:
    # Without repeats: an article and the headlines beside it share a trace, and neither is a redelivery.
    trace_ids = (item.get("trace_id") for item in items if isinstance(item, dict))
    return list(dict.fromkeys(trace_id for trace_id in trace_ids if isinstance(trace_id, str)))


def _subject(message: AnyMessage) -> tuple[str | None, Page | None]:
    """Returns the URL and the page that a message is about."""
    if isinstance(message, FetchRequested):
        return message.url, None
    if isinstance(message, PageFetched):
        return message.page.url, message.page
    page = getattr(message, "page", None)
    return (page.url, page) if page is not None else (getattr(message, "url", None), None)
