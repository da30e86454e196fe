"""The gate before a worker's consumer: closed while the stage must pause."""

import json
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from time import monotonic, sleep, time

import structlog
from redis import Redis
from redis.exceptions import RedisError

from shared.brake import Brake
from shared.clock import sync
from shared.worker.key_types import set_foreign_keys_aside
from shared.worker.pressure import LOOK_SECONDS, PAUSED, WORKERS, Pressure

# Between two signs of life: three may be lost before a worker counts as dead.
SIGN_SECONDS = 4.0

log = structlog.get_logger(__name__)


class Gate:
    """Whether a worker takes messages. It is looked up every second beside the work, and kept where others read it.

    Args:
        redis: a client of this thread.
        stage: the worker's stage.
        pressure: says when to pause.
        brake: says when the stage brakes.
        worker: the worker's name, unique in its stage.
    """

    def __init__(self, redis: "Redis", stage: str, pressure: Pressure, brake: Brake, worker: str) -> None:
        self._redis = redis
        self._stage = stage
        self._pressure = pressure
        self._brake = brake
        self._field = f"{stage} {worker}"
        self.reason: str | None = None
        self.waiting = 0
        self._answering_since: float | None = None
        self._next_sign = 0.0

    def look(self) -> None:
        """Looks once. While Redis is away everything stays as it was: nothing can be taken anyway."""
        try:
            sync(self._redis)
            set_foreign_keys_aside(self._redis)
            reason = self._brake.reason(self._stage) or self._pressure.reason(self._stage)
            self.waiting = self._pressure.length(self._stage)
        except RedisError:
            self._answering_since = None
            return
        self._answering_since = self._answering_since or monotonic()
        if reason != self.reason:
            log.warning("paused" if reason else "goes on", stage=self._stage, reason=reason)
        previous, self.reason = self.reason, reason
        with suppress(RedisError):
            # Redis may be full: that others read it matters less than that the gate is closed.
            self._publish(previous)

    def _publish(self, previous: str | None) -> None:
        if monotonic() >= self._next_sign:
            self._redis.hset(WORKERS, self._field, f"{time():.0f}")
            self._next_sign = monotonic() + SIGN_SECONDS
        if self.reason:
            self._redis.hset(PAUSED, self._field, json.dumps([time(), self.reason]))
        elif previous:
            self._redis.hdel(PAUSED, self._field)

    def answering(self) -> float:
        """For how many seconds Redis has answered every look; 0 while it does not."""
        return monotonic() - self._answering_since if self._answering_since is not None else 0.0

    def watch(self, after_look: Callable[[], None]) -> None:
        """Looks every second, in a thread of its own, as long as the process lives; calls `after_look` each time."""

        def run() -> None:
            while True:
                self.look()
                after_look()
                sleep(LOOK_SECONDS)

        Thread(target=run, name="gate", daemon=True).start()
