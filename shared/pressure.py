"""Backpressure: whether a stage may take more, by the queues that it feeds and the memory of Redis.

Storage never pauses, because everything drains there; fetchers pause for the parsers and storage, parsers for storage,
and whoever lets URLs in pauses for all of them. What a paused stage has not taken lies safely where it is.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from time import monotonic, sleep, time
from typing import Any, cast

import structlog
from redis import Redis
from redis.exceptions import RedisError

from shared.clock import sync
from shared.dead import DeadLetters
from shared.later import CUSTODY
from shared.queues import FETCH, PARSE, STORE, queue_keys
from shared.settings import Settings

# What each stage fills; `import` is a door.
FEEDS: dict[str, tuple[str, ...]] = {
    "import": (PARSE.queue, STORE.queue),
    "fetch": (PARSE.queue, STORE.queue),
    "parse": (STORE.queue,),
    "store": (),
}
# Of Redis' memory, for the most urgent; a little must stay for what drains it.
MOST_SHARE = 0.9
# URLs that come in all the same: a Redis that is full of what waits at the door empties only by taking it in.
FEW = 50
# Between two looks.
LOOK_SECONDS = 1.0
FORGOTTEN_SECONDS = 15
PAUSED = "newsmill:paused"

log = structlog.get_logger(__name__)


class Pressure:
    """What keeps stages from taking more. Each question asks Redis.

    Args:
        redis: whose queues and memory they are.
        settings: the limits.
    """

    def __init__(self, redis: "Redis", settings: Settings) -> None:
        self._redis = redis
        self._limits = {
            FETCH.queue: settings.fetch_queue_limit,
            PARSE.queue: settings.parse_queue_limit,
            STORE.queue: settings.store_queue_limit,
        }
        self._under_way = settings.custody_limit
        self._share = settings.redis_memory_share
        self._megabytes = settings.redis_memory_mb

    def reason(self, stage: str) -> str | None:
        """Why a stage must pause now; None when it may take more."""
        lengths = {queue: self.length(queue) for queue in FEEDS.get(stage, ())}
        for queue, length in lengths.items():
            if length >= self._limits[queue]:
                return f"queue {queue}: {length} messages of {self._limits[queue]}"
        # A fetcher that stopped for memory while nobody behind it has work would stop for ever.
        if stage == "import" or any(lengths.values()):
            return self._memory_reason(stage)
        return None

    def wait(self, stage: str, told: Callable[[str], None] = lambda _: None) -> None:
        """Returns once a stage may take more; `told` hears why it waits."""
        while (why := self.reason(stage)) is not None:
            told(why)
            sleep(LOOK_SECONDS / 5)

    def room(self, priority: int) -> int:
        """How many more URLs of a priority may come in. The urgent have room that others cannot take."""
        more = 1 + max(0, priority - 5) / 10
        if self.length(FETCH.queue) >= self._limits[FETCH.queue] * more:
            return 0
        under_way = int(cast("Any", self._redis.zcard(CUSTODY)))
        room = max(0, int(self._under_way * more) - under_way)
        used, limit = self.memory()
        if not limit or used <= min(self._share * more, MOST_SHARE) * limit:
            return room
        return min(room, self._few(under_way, nearly_full=used > MOST_SHARE * limit))

    def refusal(self) -> str | None:
        """Why nothing may be put at the door now; None while it may. What is there already is not refused."""
        used, limit = self.memory()
        if limit and used > MOST_SHARE * limit:
            return f"Redis is nearly full: {used // 2**20} MB used of {limit // 2**20} MB"
        return None

    def memory(self) -> tuple[int, int]:
        """Bytes that Redis uses, and that it may use; 0 where nobody has set a limit."""
        told = self._redis.info("memory")
        limit = int(told.get("maxmemory", 0)) or self._megabytes * 1024 * 1024
        return int(told["used_memory"]), limit

    def _few(self, under_way: int, *, nearly_full: bool) -> int:
        """Room while memory is short: a few where no stage has work; where it is all but gone, a few in all."""
        if nearly_full:
            return max(0, FEW - under_way)
        return 0 if any(map(self.length, self._limits)) else FEW

    def _memory_reason(self, stage: str) -> str | None:
        used, limit = self.memory()
        # Parsers go on a while longer: what they take was fetched already.
        share = self._share if stage != "parse" else (1 + self._share) / 2
        if limit and used > share * limit:
            return f"Redis: {used // 2**20} MB used of {limit // 2**20} MB"
        return None

    def length(self, queue: str) -> int:
        """Messages that wait in a queue, over all priorities."""
        with self._redis.pipeline(transaction=False) as pipe:
            for key in queue_keys(queue):
                pipe.llen(key)
            return sum(pipe.execute())


class Gate:
    """Whether a worker takes messages: looked up every second beside its work, and told to whoever asks.

    Args:
        redis: a client of this thread.
        stage: whose worker it is.
        pressure: says when to pause.
        dead: says when the stage brakes.
        worker: names this worker among those of its stage.
    """

    def __init__(self, redis: "Redis", stage: str, pressure: Pressure, dead: DeadLetters, worker: str) -> None:
        self._redis = redis
        self._stage = stage
        self._pressure = pressure
        self._dead = dead
        self._field = f"{stage} {worker}"
        self.reason: str | None = None
        self.waiting = 0
        self._answering_since: float | None = None

    def look(self) -> None:
        """Looks once. While Redis is away everything stays as it was: nothing can be taken anyway."""
        try:
            sync(self._redis)
            reason = self._dead.braked(self._stage) or self._pressure.reason(self._stage)
            self.waiting = self._pressure.length(self._stage)
        except RedisError:
            self._answering_since = None
            return
        self._answering_since = self._answering_since or monotonic()
        if reason != self.reason:
            log.warning("paused" if reason else "goes on", stage=self._stage, reason=reason)
        was, self.reason = self.reason, reason
        with suppress(RedisError):
            # Redis may be full: that this is known elsewhere matters less than that it is so.
            if reason:
                self._redis.hset(PAUSED, self._field, json.dumps([time(), reason]))
            elif was:
                self._redis.hdel(PAUSED, self._field)

    def answering(self) -> float:
        """For how many seconds Redis has answered every look; 0 while it does not."""
        return monotonic() - self._answering_since if self._answering_since is not None else 0.0

    def watch(self, and_then: Callable[[], None]) -> None:
        """Looks every second, in a thread of its own, for as long as the process lives; `and_then` after each look."""

        def run() -> None:
            while True:
                self.look()
                and_then()
                sleep(LOOK_SECONDS)

        Thread(target=run, name="gate", daemon=True).start()


def paused(redis: "Redis") -> dict[str, list[str]]:
    """Why workers pause now, by stage; one that has not said so for a while has died."""
    found: dict[str, list[str]] = {}
    for field, packed in cast("dict[bytes, bytes]", redis.hgetall(PAUSED)).items():
        at, reason = json.loads(packed)
        if time() - at < FORGOTTEN_SECONDS:
            found.setdefault(field.decode().split(" ")[0], []).append(reason)
        else:
            redis.hdel(PAUSED, field)
    return found
