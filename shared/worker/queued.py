"""What waits in Celery's queues on Redis: how many messages, and since when."""

import json
from collections.abc import Iterable
from typing import Any, cast

from redis import Redis

from shared.queues import QUEUES, celery_priority, queue_keys

# The length of a queue, over its lists: every worker asks each second, and an answer a list would cost ten times as much.
_LENGTH = """
local length = 0
for _, key in ipairs(KEYS) do length = length + redis.call('LLEN', key) end
return length
"""


def ready(redis: "Redis", queue: str) -> int:
    """Returns the number of messages that wait in a queue, over all priorities."""
    return int(cast("Any", redis.register_script(_LENGTH)(keys=queue_keys(queue))))


def oldest_enqueued(redis: "Redis", queue: str) -> float | None:
    """Returns when the oldest waiting message of a queue was sent, in seconds since the epoch; None when none waits."""
    # Somebody else's Celery does not say when it sent a message.
    return min((at for at in oldest_by_priority(redis, (queue,)).values() if at), default=None)


def oldest_by_priority(redis: "Redis", queues: Iterable[str] = QUEUES) -> dict[int, float]:
    """When the oldest message that waits in queues was sent, by its priority (0 to 9), in seconds since the epoch.

    kombu pushes on the left and pops from the right, so the last of each priority's list is the oldest.
    """
    oldest: dict[int, float] = {}
    for queue in queues:
        with redis.pipeline(transaction=False) as pipe:
            for key in queue_keys(queue):
                pipe.lindex(key, -1)
            for step, raw in enumerate(pipe.execute()):
                if raw:
                    at, priority = enqueued_at(raw), celery_priority(step)
                    oldest[priority] = min(at, oldest.get(priority, at))
    return oldest


def enqueued_at(raw: bytes) -> float:
    """When a Celery message was sent, as its header says; 0 when it was sent by somebody else's Celery."""
    try:
        at = json.loads(raw)["headers"]["enqueued_at"]
        return float(at) if isinstance(at, int | float) else 0.0
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return 0.0
