"""How often the items of a Celery message were delivered: what kills a worker again and again is found by it."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from redis import Redis
from redis.exceptions import OutOfMemoryError

DELIVERIES = "newsmill:deliveries:"


class CeleryMessage(NamedTuple):
    """The Celery message that carries items to a stage. Its id is the same at each delivery.

    Items that custody sends again are in a new message, which may be under way beside the first.
    """

    stage: str
    id: str = ""


class Deliveries:
    """The deliveries of one Redis.

    Args:
        redis: holds them.
        memory_seconds: for how long they are remembered.
    """

    def __init__(self, redis: "Redis", memory_seconds: int) -> None:
        self._redis = redis
        self._memory_seconds = memory_seconds

    def begin(self, traces: Mapping[CeleryMessage, Iterable[str]]) -> set[CeleryMessage]:
        """Marks the traces of messages as started, and returns the messages that are redeliveries.

        A message is one if any of its traces was started before and did not finish. When Redis is full, nothing can be
        marked and the messages count as new, so that work that frees memory goes on.
        """
        marks = [(carrier, trace_id) for carrier, trace_ids in traces.items() for trace_id in trace_ids]
        with self._redis.pipeline(transaction=False) as pipe:
            for carrier, trace_id in marks:
                pipe.set(_key(carrier, trace_id), 0, nx=True, ex=self._memory_seconds)
            try:
                return {carrier for (carrier, _), marked in zip(marks, pipe.execute(), strict=True) if not marked}
            except OutOfMemoryError:
                return set()

    def count(self, carrier: CeleryMessage, trace_id: str) -> int:
        """Counts a delivery of a trace in a redelivered message; returns the number of deliveries after the first."""
        return self._redis.incr(_key(carrier, trace_id))

    def end(self, traces: Mapping[CeleryMessage, Iterable[str]]) -> None:
        """Ends the counting for those traces of messages that are done at their stage."""
        if keys := [_key(carrier, trace_id) for carrier, trace_ids in traces.items() for trace_id in trace_ids]:
            self._redis.unlink(*keys)


def _key(carrier: CeleryMessage, trace_id: str) -> bytes:
    return f"{DELIVERIES}{carrier.stage}:{carrier.id}:{trace_id}".encode(errors="replace")
