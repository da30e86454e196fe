"""The wrapper around every handler. It owns delivery, so that a handler is a plain function of a message.

A Celery message carries a list of items; what becomes of each is decided in `shared/outcomes.py`. The messages that
handlers return are gathered for 50 ms (by default) or up to 50 messages before they are sent, because Celery's cost is
per message. A stage that works in batches handles the lists of several Celery messages as one. The task returns, and
the messages are acknowledged, only when every item has its outcome.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, wait
from contextlib import suppress
from time import perf_counter
from typing import Any, NamedTuple, Protocol

import structlog
from redis import Redis
from redis.exceptions import RedisError

from shared import stage_metrics
from shared.brake import Brake
from shared.contracts import (
    Message,
    decode,
)
from shared.deliveries import CeleryMessage, Deliveries
from shared.errors import Unavailable
from shared.later import Later
from shared.outcomes import Handler, Limits, Outcomes, Result

log = structlog.get_logger(__name__)

GATHER_SECONDS = 0.05
GATHER_MESSAGES = 50
# While there is more work than can be done at once, messages are gathered for longer, up to the end of the list.
BUSY_GATHER_SECONDS = 1.0
# From this priority on nothing is gathered for longer.
URGENT = 6

BatchHandler = Callable[[Sequence[Any]], Iterable[Message]]


class Sender(Protocol):
    """Puts messages on their queues; `at_once` puts them before all others. Returns once the broker has them."""

    def __call__(self, messages: Iterable[Message], *, at_once: bool = False) -> None: ...


class Delivery(NamedTuple):
    """A Celery message as it was delivered, and the items of its list as JSON objects."""

    carrier: CeleryMessage
    items: Sequence[Any]


class Stage:
    """A stage of the pipeline. `run` is the body of its Celery task.

    Args:
        name: the stage's name in metrics, logs and dead letters.
        handle: one message -> messages.
        send: puts the messages that handlers return on their queues.
        redis: holds custody, deliveries, dead letters and brakes.
        limits: what ends the tries of a message.
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
        redis: "Redis",
        limits: Limits,
        handle_batch: BatchHandler | None = None,
        executor: Executor | None = None,
        gather: float = GATHER_SECONDS,
        idle: Callable[[], bool] = lambda: True,
    ) -> None:
        self.name = name
        self._outcomes = Outcomes(name, handle, redis=redis, limits=limits)
        self._send = send
        self._later = Later(redis)
        self._deliveries = Deliveries(redis, limits.memory_seconds)
        self._brake = Brake(redis, limits.brake_share)
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
        redelivered = self._deliveries.begin(_traces(deliveries))
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
        self._deliveries.end(_traces(deliveries))
        self._brake.count(self.name, len(items), 0)
        return True

    def _send_gathered(self, results: Iterable[Result | None], carrier: CeleryMessage) -> None:
        """Sends what the results of a list lead to as they come, gathered."""
        gathered: list[Result] = []
        since, look = perf_counter(), self._gather
        for result in results:
            if result is not None:
                gathered.append(result)
            seconds = perf_counter() - since
            if gathered and self._due(gathered, seconds, look):
                self._finish(gathered, carrier)
                gathered, since, look = [], perf_counter(), self._gather
            elif seconds >= look:
                # Each look at the queues asks Redis: a stage that is busy looks after twice the time again.
                look = 2 * seconds
        self._finish(gathered, carrier)

    def _due(self, gathered: Sequence[Result], seconds: float, look: float) -> bool:
        """Whether results that were gathered for some seconds are to be sent now; after `look` seconds they are if the queues are empty."""
        messages = [message for result in gathered for message in result.messages]
        if len(messages) >= GATHER_MESSAGES or seconds >= BUSY_GATHER_SECONDS:
            return True
        if seconds >= self._gather and any(message.priority >= URGENT for message in messages):
            return True
        return seconds >= look and self._idle()

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
            yield from (self._outcomes.result(item, redelivery) for item in items)
            return
        pending = {self._executor.submit(self._outcomes.result, item, redelivery) for item in items}
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

    def _give_back(self, deliveries: Sequence[Delivery]) -> None:
        """Marks items as not tried and as queued now, after Redis or the database was away."""
        traces = _traces(deliveries)
        with suppress(RedisError):
            self._deliveries.end(traces)
            self._later.renew(trace_id for trace_ids in traces.values() for trace_id in trace_ids)

    def _finish(self, results: Sequence[Result], carrier: CeleryMessage) -> None:
        """Sends the messages of these results, and then counts their items as done."""
        self._send(message for result in results for message in result.messages)
        self._deliveries.end({carrier: [result.trace_id for result in results if result.trace_id]})
        if results:
            self._brake.count(self.name, len(results), sum(result.outcome == "dead" for result in results))


def _traces(deliveries: Sequence[Delivery]) -> dict[CeleryMessage, list[str]]:
    """Returns the trace ids of the items by message. A message that was delivered twice at once is one."""
    return {delivery.carrier: _trace_ids(delivery.items) for delivery in deliveries}


def _trace_ids(items: Iterable[Any]) -> list[str]:
    # Without repeats: an article and the headlines beside it share a trace, and neither is a redelivery.
    trace_ids = (item.get("trace_id") for item in items if isinstance(item, dict))
    return list(dict.fromkeys(trace_id for trace_id in trace_ids if isinstance(trace_id, str)))
