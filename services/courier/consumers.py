"""Consumers of the log of events: each takes every event after its position, in order, at least once."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, cast

import structlog
from prometheus_client import Counter
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from redis import Redis
from redis.exceptions import ResponseError
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from shared.contracts import now_utc
from shared.database import event_log
from shared.database.engine import transaction
from shared.database.event_log import LoggedEvent
from shared.worker.key_types import set_aside

log = structlog.get_logger(__name__)

EVENTS = Counter("newsmill_consumer_events_total", "Events that a consumer has taken.", ["consumer"])
# A courier that has died or lost its connection is followed by another after so long.
CLAIM_SECONDS = 30


def nothing(*_: object) -> None:
    """Does nothing."""


class Consumer(NamedTuple):
    """What is done with events.

    `send` brings a batch to the outside, in no transaction. When it has returned, `write` writes what follows from the
    batch in the transaction in which the consumer's position advances, so that it is written exactly once. Either raises
    an error that Loop knows while the batch cannot be taken. A new consumer begins behind the newest event, or
    `from_start` with the oldest that is kept. It takes `batch` events at a time, where that is not left to
    the settings.
    """

    name: str
    send: Callable[[Sequence[LoggedEvent]], None] = nothing
    write: Callable[[Session, Sequence[LoggedEvent]], None] = nothing
    from_start: bool = False
    batch: int | None = None


class Round:
    """The rounds of a consumer: read a batch, send it, advance.

    Args:
        engine: of the database.
        redis: where one courier at a time claims the consumer.
        consumer: what is done with events.
        batch: events in a round.
        holder: this courier's name, the same after a restart.
    """

    def __init__(self, engine: Engine, redis: "Redis", consumer: Consumer, *, batch: int, holder: str) -> None:
        self._engine, self._redis = engine, redis
        self._consumer, self._batch = consumer, batch
        self._key, self._holder = f"newsmill:courier:{consumer.name}", holder
        # Up to where this courier knows the consumer to be; None where it has to ask.
        self._position: int | None = None

    def step(self) -> bool:
        """Takes a batch if there is one and no other courier has the consumer; returns whether there may be more."""
        if not self._claim():
            self._position = None
            return False
        name = self._consumer.name
        position, events = self._next()
        if not events:
            return False
        self._consumer.send(events)
        self._position = None
        with transaction(self._engine) as session:
            # First, because it locks the consumer's row: what another courier has written is not written again.
            if not event_log.advance(session, name, position, events[-1].position):
                log.warning("another courier was faster: a batch is sent twice", consumer=name, position=position)
                return True
            self._consumer.write(session, events)
        self._position = events[-1].position
        EVENTS.labels(name).inc(len(events))
        return len(events) == self._batch

    def _next(self) -> tuple[int, list[LoggedEvent]]:
        name, position = self._consumer.name, self._position
        with transaction(self._engine) as session:
            if position is None:
                event_log.enroll(session, name, from_start=self._consumer.from_start)
                position = event_log.position(session, name)
            events = event_log.read(session, position, self._batch)
        self._position = position
        return position, events

    def _claim(self) -> bool:
        """Claims the consumer for a while, or goes on with it. Two that do so at a time send twice and lose nothing."""
        # Read first: while Redis is full a key that is there can be prolonged, and none be set.
        try:
            holder = cast("bytes | None", self._redis.get(self._key))
        except ResponseError:
            # Somebody else has written it, as no string. Without it this round claims the consumer.
            set_aside(self._redis, self._key, "not a string", "string")
            holder = None
        if holder == self._holder.encode():
            self._redis.expire(self._key, CLAIM_SECONDS)
            return True
        return bool(self._redis.set(self._key, self._holder, nx=True, ex=CLAIM_SECONDS))


class LagCollector(Collector):
    """How far consumers are behind, read when Prometheus asks."""

    def __init__(self, engine: Engine, names: Sequence[str]) -> None:
        self._engine = engine
        self._names = names

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Nothing: registering must not ask the database."""
        return []

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """The age of the oldest event that each consumer has not taken, 0 if there is none."""
        lag = GaugeMetricFamily(
            "newsmill_consumer_lag_seconds", "Age of the oldest event not taken.", labels=["consumer"]
        )
        try:
            with transaction(self._engine) as session:
                for name in self._names:
                    lag.add_metric([name], _lag_seconds(session, name))
        except (OperationalError, LookupError) as error:
            log.warning("the lag of consumers is not known", error=str(error))
            return
        yield lag


def _lag_seconds(session: Session, name: str) -> float:
    waiting = event_log.read(session, event_log.position(session, name), 1)
    return max(0.0, (now_utc() - waiting[0].time).total_seconds()) if waiting else 0.0
