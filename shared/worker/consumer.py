"""What keeps a consumer honest: Celery's consumer with what upstream lacks.

Each part names the upstream issue that it works round. `tests/shared/test_consumer.py` has for each a test that fails
once upstream has mended it, so that the part can go.
"""

import time
from collections.abc import Callable
from typing import Any

import structlog
from celery import bootsteps
from celery.worker import state
from celery.worker.loops import synloop
from kombu.transport import redis as kombu_redis

from shared import clock
from shared.worker.gate import Gate
from shared.worker.health import BEAT_SECONDS, Heartbeat

log = structlog.get_logger(__name__)

# A worker whose credit is used up though it works on nothing gets it back after this time.
LEAK_SECONDS = 3.0
DRAIN_SECONDS = 0.05
# While nothing is held, the next message wakes the loop; it need only notice that the gate opens or the worker stops.
IDLE_DRAIN_SECONDS = 0.5
# Somewhat less than the timer of kombu's event loop (`unacked_restore_interval`), so that each of its calls counts.
SWEEP_SECONDS = 9.0


def consumer_step(gate: Gate, heartbeat: Heartbeat) -> type[bootsteps.StartStopStep]:
    """Returns a Celery consumer step that beats while the consumer is connected, and puts the gate before it."""

    class Step(bootsteps.StartStopStep):  # type: ignore[misc] # Celery publishes no types
        requires = ("celery.worker.consumer.tasks:Tasks",)

        def start(self, parent: Any) -> None:
            parent.loop = prompt(parent.loop)
            channel = parent.task_consumer.channel
            channel.qos.can_consume = Credit(channel, gate)
            channel.qos.restore_visible = Sweep(channel.qos.restore_visible)
            heartbeat.beat()
            parent.timer.call_repeatedly(BEAT_SECONDS, heartbeat.beat)

    return Step


def use_redis_clock() -> None:
    """Makes kombu stamp unacknowledged messages, and judge which of them are abandoned, by Redis' clock.

    kombu takes time.time() of its own machine (the score in kombu#337): a worker whose clock is ahead would take every
    message that others work on for abandoned.
    """
    kombu_redis.time = clock.now  # type: ignore[attr-defined] # a name that kombu has imported


class Credit:
    """Whether a channel may ask for another message: while the gate is open, and as many as the worker may hold.

    A message that it has asked for already it must take: kombu's pop may have been answered, and the answer is the
    message.

    A message that could not be acknowledged or given back because Redis was away at that moment counts as held for
    ever. With as many of them as a worker may hold it never asks again, though it is connected and its loop turns
    (celery#8030). While nothing is being worked on, nothing can be held, so the credit is given back.
    """

    def __init__(self, channel: Any, gate: Gate) -> None:
        self._channel = channel
        self._gate = gate
        self._qos = channel.qos
        self._has_credit = channel.qos.can_consume
        self._idle_since: float | None = None

    def __call__(self) -> bool:
        if self._gate.reason is not None and not self._channel._in_poll:  # noqa: SLF001 - kombu has no public name for it
            return False
        if self._has_credit():
            self._idle_since = None
            return True
        return self._restored()

    def _restored(self) -> bool:
        """Gives back the credit of messages that nobody holds; in Redis they are unacknowledged, and come again."""
        if state.reserved_requests:
            self._idle_since = None
            return False
        self._idle_since = self._idle_since or time.monotonic()
        if time.monotonic() - self._idle_since < LEAK_SECONDS:
            return False
        log.warning("credit of lost acknowledgements given back")
        self._qos._delivered.clear()  # noqa: SLF001 - as above
        self._qos._dirty.clear()  # noqa: SLF001 - as above
        self._idle_since = None
        return True


class Sweep:
    """kombu's look for messages that were abandoned, at most every SWEEP_SECONDS.

    Celery's event loop calls it by a timer. Its blocking loop calls it each time it has waited in vain, which is every
    DRAIN_SECONDS here: a lock, a query and an unlock in Redis.
    """

    def __init__(self, restore: Callable[..., None]) -> None:
        self._restore = restore
        self._next = 0.0

    def __call__(self, *args: Any, **options: Any) -> None:
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + SWEEP_SECONDS
            self._restore(*args, **options)


def prompt(loop: Callable[..., None]) -> Callable[..., None]:
    """Returns Celery's blocking loop, which green pools run on, in steps of DRAIN_SECONDS instead of two seconds.

    A worker that holds as many messages as it may polls nothing, so no acknowledgement wakes its loop (celery#7718): a
    fetcher whose tasks all end within a step would idle until the step ends, though its queue is full. While it holds
    nothing it asks for a message all the time, and its steps are IDLE_DRAIN_SECONDS.
    """
    if loop is not synloop:
        return loop

    def run(consumer: Any, connection: Any, *args: Any, **options: Any) -> None:
        loop(consumer, PromptConnection(connection), *args, **options)

    return run


class PromptConnection:
    """A connection whose drain_events() returns soon."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def drain_events(self, timeout: float) -> Any:
        step = DRAIN_SECONDS if state.reserved_requests else IDLE_DRAIN_SECONDS
        return self._connection.drain_events(timeout=min(timeout, step))
