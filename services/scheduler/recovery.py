"""Issues again what the broker has lost: traces in custody that are in no queue and with no worker.

kombu's Redis transport pops a message and records it as unacknowledged in a second step, so a worker killed between
the two loses it. What a dead worker had recorded comes back by the visibility timeout; the other messages from here.
"""

import json
from base64 import b64decode
from collections.abc import Iterator, Mapping
from typing import Any, cast

import structlog
from prometheus_client import Counter
from redis import Redis

from shared.clock import now
from shared.dead import DeadLetters
from shared.later import Later
from shared.queues import MOST_URGENT
from shared.stage import Sender
from shared.worker.queued import oldest_by_priority

log = structlog.get_logger(__name__)

REISSUED = Counter("newsmill_reissued_total", "URLs that the broker had lost, issued again.")
UNACKED = "unacked"
SWEEP_SECONDS = 5.0
PART = 1000
# Traces of one sweep: more than wait in a long backlog.
MAX_TRACES = 200_000
# A message is on its queue within this time after custody is opened.
QUEUED_WITHIN_SECONDS = 2.0


class Recovery:
    """Looks for what was lost, every few seconds.

    Args:
        redis: where the queues are.
        later: custody.
        dead: for what cannot be read.
        send: takes what was lost to its queue.
        custody_seconds: how long a trace may be in custody before it is looked for.
    """

    def __init__(self, redis: "Redis", later: Later, dead: DeadLetters, send: Sender, custody_seconds: float) -> None:
        self._redis = redis
        self._later = later
        self._dead = dead
        self._send = send
        self._custody_seconds = custody_seconds
        self._next = 0.0

    def tick(self) -> int:
        """Issues again what was lost, if it is time for a sweep; returns how many."""
        if now() < self._next:
            return 0
        self._next = now() + SWEEP_SECONDS
        missing = {trace: (at, item) for trace, at, item in self._overdue()}
        if missing:
            # Only now: whoever took one of them meanwhile is seen holding it.
            held = unacknowledged(self._redis)
            missing = {trace: entry for trace, entry in missing.items() if trace not in held}
        lost = [item for trace, (at, item) in missing.items() if self._later.reclaim(trace, at)]
        self._issue([item for item in lost if item])
        return len(lost)

    def _issue(self, items: list[dict[str, Any]]) -> None:
        messages = self._dead.readable("schedule", items)
        if messages:
            traces = [message.trace_id for message in messages]
            log.warning("lost by the broker, issued again", traces=traces[:20], count=len(traces))
            REISSUED.inc(len(traces))
            self._send(messages)

    def _overdue(self) -> Iterator[tuple[str, float, dict[str, Any]]]:
        """Traces that have been in custody for long and lie in no queue."""
        before = now() - self._custody_seconds
        oldest = oldest_by_priority(self._redis)
        for start in range(0, MAX_TRACES, PART):
            part = self._later.overdue(before, start, PART)
            yield from (entry for entry in part if not _may_wait(entry, oldest))
            if len(part) < PART:
                return


def unacknowledged(redis: "Redis") -> set[str]:
    """The traces of all messages that workers have taken and not acknowledged."""
    packed = cast("list[bytes]", redis.hvals(UNACKED))
    return {trace for raw in packed for trace in _traces(raw)}


def _may_wait(entry: tuple[str, float, Mapping[str, Any]], oldest: Mapping[int, float]) -> bool:
    """Whether a queue may hold the trace: one that holds messages as old, of its priority or sent at once."""
    _, at, item = entry
    priority = item.get("priority")
    priorities = (priority if isinstance(priority, int) else 5, MOST_URGENT)
    return any(priority in oldest and oldest[priority] <= at + QUEUED_WITHIN_SECONDS for priority in priorities)


def _traces(raw: bytes) -> Iterator[str]:
    """Yields the traces of an unacknowledged Celery message as kombu keeps it; none if it is not one of ours."""
    try:
        message, *_ = json.loads(raw)
        body = message["body"]
        # Ours is plain text; other people's Celery encodes it.
        plain = b64decode(body) if message["properties"].get("body_encoding") == "base64" else body
        arguments = json.loads(plain)[0]
        items = arguments[0] if arguments else []
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
        return
    for item in items if isinstance(items, list) else []:
        if isinstance(item, dict) and isinstance(trace := item.get("trace_id"), str):
            yield trace
