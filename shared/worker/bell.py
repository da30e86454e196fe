"""Wakes the threads of this process when something is stored, by the channel that storage rings on after each commit."""

from threading import Condition, Event, Thread

import structlog
from redis import Redis
from redis.exceptions import RedisError

from shared.queues import STORED

log = structlog.get_logger(__name__)

LISTEN_SECONDS = 1.0


class Bell:
    """Counts how often something was stored."""

    def __init__(self) -> None:
        self._condition = Condition()
        self.rings = 0

    def ring(self) -> None:
        with self._condition:
            self.rings += 1
            self._condition.notify_all()

    def wait(self, rings: int, seconds: float) -> None:
        """Returns when the bell has rung more than `rings` times, or after so many seconds."""
        with self._condition:
            self._condition.wait_for(lambda: self.rings != rings, seconds)


def ring_when_stored(bell: Bell, redis: "Redis", stopped: Event) -> Thread:
    """Listens in a thread until it is stopped, and returns the thread. While Redis is away the bell stays silent, so nobody may wait for it alone."""

    def run() -> None:
        while not stopped.is_set():
            try:
                _listen(bell, redis, stopped)
            except RedisError as error:
                log.warning("the bell is silent", error=str(error))
                stopped.wait(LISTEN_SECONDS)

    thread = Thread(target=run, name="bell", daemon=True)
    thread.start()
    return thread


def _listen(bell: Bell, redis: "Redis", stopped: Event) -> None:
    with redis.pubsub(ignore_subscribe_messages=True) as channel:  # type: ignore[no-untyped-call] # of redis-py
        channel.subscribe(STORED)
        # What was stored before it listened.
        bell.ring()
        while not stopped.is_set():
            if channel.get_message(timeout=LISTEN_SECONDS):
                bell.ring()
