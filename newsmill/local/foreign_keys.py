"""Keys of the system's Redis that hold a value of another type than the system's, put there by somebody else.

A service that meets such a key fails at each start, so they are set aside before the services start.
"""

from collections.abc import Iterator
from time import time
from typing import cast

from redis import Redis

from shared.dead import COUNTS, DEAD, LETTERS
from shared.later import CUSTODY, MESSAGES, PARKED
from shared.queues import EVENTS, QUEUES, TRIGGER_LANES, TRIGGERS, queue_keys
from shared.worker.pressure import PAUSED

TYPES = {
    **dict.fromkeys((TRIGGERS, *TRIGGER_LANES, EVENTS), "stream"),
    **dict.fromkeys((key for queue in QUEUES for key in queue_keys(queue)), "list"),
    **dict.fromkeys((CUSTODY, PARKED, DEAD, "unacked_index"), "zset"),
    **dict.fromkeys((MESSAGES, LETTERS, COUNTS, PAUSED, "unacked"), "hash"),
}


def set_aside_foreign_keys(redis: "Redis") -> Iterator[str]:
    """Renames each key that has a wrong type, and yields a sentence that names it, its type and its new name."""
    for key, expected in TYPES.items():
        actual = cast("bytes", redis.type(key)).decode()
        if actual not in (expected, "none"):
            new_name = f"{key}:set-aside:{int(time() * 1000)}"
            redis.rename(key, new_name)
            yield f"Redis key {key} is a {actual} and not a {expected}: set aside as {new_name}"
