"""Backpressure: whether a stage may take more, by the queues that it feeds and the memory of Redis.

Storage never pauses, because everything drains there. Fetchers pause for the parsers and storage, parsers for storage,
and every entrance for URLs pauses for all of them. What a paused stage has not taken stays safely in its queue.
"""

import json
from collections.abc import Callable
from time import sleep, time
from typing import Any, cast

from redis import Redis

from shared.later import CUSTODY
from shared.queues import FETCH, PARSE, STORE, queue_keys
from shared.settings import Settings
from shared.worker.queued import ready

# The queues that each stage fills; `import` is an entrance for pages.
FEEDS: dict[str, tuple[str, ...]] = {
    "import": (PARSE.queue, STORE.queue),
    "fetch": (PARSE.queue, STORE.queue),
    "parse": (STORE.queue,),
    "store": (),
}
# Of Redis' memory, for the most urgent. The remainder is for what drains it.
MAX_SHARE = 0.9
# URLs that come in when no stage has work: a Redis that is full of waiting triggers empties only by taking them in.
TRICKLE = 50
LOOK_SECONDS = 1.0
# A worker that has not renewed its pause for this long has died.
PAUSE_TTL_SECONDS = 15
PAUSED = "newsmill:paused"
# When each worker last looked, by `STAGE WORKER`.
WORKERS = "newsmill:workers"


class Pressure:
    """What keeps stages from taking more. Each method asks Redis.

    Args:
        redis: the Redis of the queues.
        settings: the limits.
    """

    def __init__(self, redis: "Redis", settings: Settings) -> None:
        self._redis = redis
        self._limits = {
            FETCH.queue: settings.fetch_queue_limit,
            PARSE.queue: settings.parse_queue_limit,
            STORE.queue: settings.store_queue_limit,
        }
        self._custody_limit = settings.custody_limit
        self._share = settings.redis_memory_share
        self._megabytes = settings.redis_memory_mb

    def reason(self, stage: str) -> str | None:
        """Why a stage must pause; None when it may take more."""
        lengths = {queue: self.length(queue) for queue in FEEDS.get(stage, ())}
        for queue, length in lengths.items():
            if length >= self._limits[queue]:
                return f"queue {queue}: {length} messages of {self._limits[queue]}"
        # A fetcher that stopped for memory while no later stage has work would stop for ever.
        if stage == "import" or any(lengths.values()):
            return self._memory_reason(stage)
        return None

    def wait(self, stage: str, on_wait: Callable[[str], None] = lambda _: None) -> None:
        """Returns once a stage may take more; calls `on_wait` with the reason as long as it waits."""
        while (reason := self.reason(stage)) is not None:
            on_wait(reason)
            sleep(LOOK_SECONDS / 5)

    def room(self, priority: int) -> int:
        """How many more URLs of a priority may come in. The urgent have room that others cannot take."""
        factor = 1 + max(0, priority - 5) / 10
        if self.length(FETCH.queue) >= self._limits[FETCH.queue] * factor:
            return 0
        under_way = int(cast("Any", self._redis.zcard(CUSTODY)))
        room = max(0, int(self._custody_limit * factor) - under_way)
        used, limit = self.memory()
        if not limit or used <= min(self._share * factor, MAX_SHARE) * limit:
            return room
        return min(room, self._trickle(under_way, nearly_full=used > MAX_SHARE * limit))

    def refusal(self) -> str | None:
        """Why no trigger may be added; None while it may. Triggers that wait already are not refused."""
        used, limit = self.memory()
        if limit and used > MAX_SHARE * limit:
            return f"Redis is nearly full: {used // 2**20} MB used of {limit // 2**20} MB"
        return None

    def memory(self) -> tuple[int, int]:
        """Bytes that Redis uses, and that it may use; 0 where no limit is set."""
        memory = self._redis.info("memory")
        limit = int(memory.get("maxmemory", 0)) or self._megabytes * 1024 * 1024
        return int(memory["used_memory"]), limit

    def _trickle(self, under_way: int, *, nearly_full: bool) -> int:
        """Room while memory is short: a few where no stage has work; where it is nearly full, a few in all."""
        if nearly_full:
            return max(0, TRICKLE - under_way)
        return 0 if any(map(self.length, self._limits)) else TRICKLE

    def _memory_reason(self, stage: str) -> str | None:
        used, limit = self.memory()
        # Parsers go on a while longer: the pages that they take are in Redis already.
        share = self._share if stage != "parse" else (1 + self._share) / 2
        if limit and used > share * limit:
            return f"Redis: {used // 2**20} MB used of {limit // 2**20} MB"
        return None

    def length(self, queue: str) -> int:
        """Messages that wait in a queue, over all priorities."""
        return ready(self._redis, queue)


def idle(redis: "Redis", *queues: str) -> bool:
    """Whether no message waits in any of these queues."""
    # An empty list is no key. One command costs a fraction of a length a priority.
    return not redis.exists(*(key for queue in queues for key in queue_keys(queue)))


def paused(redis: "Redis") -> dict[str, list[str]]:
    """Why workers pause, by stage. The entries of workers that have died are removed."""
    reasons: dict[str, list[str]] = {}
    for field, packed in cast("dict[bytes, bytes]", redis.hgetall(PAUSED)).items():
        at, reason = _pause(packed)
        if time() - at < PAUSE_TTL_SECONDS:
            reasons.setdefault(field.decode(errors="replace").split(" ")[0], []).append(reason)
        else:
            redis.hdel(PAUSED, field)
    return reasons


def workers(redis: "Redis") -> dict[str, list[str]]:
    """The names of the workers that live, by stage. The entries of those that have died are removed."""
    names: dict[str, list[str]] = {}
    for field, at in cast("dict[bytes, bytes]", redis.hgetall(WORKERS)).items():
        stage, _, name = field.decode(errors="replace").partition(" ")
        if time() - _moment(at) < PAUSE_TTL_SECONDS:
            names.setdefault(stage, []).append(name)
        else:
            redis.hdel(WORKERS, field)
    return {stage: sorted(members) for stage, members in names.items()}


def _pause(packed: bytes) -> tuple[float, str]:
    """Returns when a worker said why it pauses, and why; long ago for what somebody else wrote, so that it is removed."""
    try:
        at, reason = json.loads(packed)
        return float(at), str(reason)
    except (ValueError, TypeError, RecursionError):
        return 0.0, ""


def _moment(text: bytes) -> float:
    """Returns a time; long ago for what is none."""
    try:
        return float(text)
    except ValueError:
        return 0.0
