"""A step that a thread repeats: at once while there is something to do, again when the bell rings, later after a failure."""

import time
from collections.abc import Callable
from threading import Event, Thread

import structlog
from prometheus_client import Counter
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from shared.errors import Unavailable
from shared.worker.bell import Bell

log = structlog.get_logger(__name__)

FAILURES = Counter(
    "newsmill_consumer_failures_total", "Steps of a consumer that failed and are repeated.", ["consumer"]
)
# What passes: the database, Redis or the other side is away (the errors of `requests` are OSErrors).
PASSING = (SQLAlchemyError, RedisError, OSError, Unavailable)
LONGEST_REST_SECONDS = 60.0
# Longer than any step may take.
STUCK_SECONDS = 300.0


class LeaveAlone(Unavailable):
    """The other side wants to be left alone for so many seconds."""

    def __init__(self, message: str, seconds: float) -> None:
        super().__init__(message)
        self.seconds = seconds


class Loop:
    """Repeats a step in a thread of its own until it is stopped.

    Args:
        name: of the thread.
        step: returns whether there may be more to do at once.
        bell: rings when there is something new.
        poll_seconds: between two steps while the bell does not ring, and after the first failure.
    """

    def __init__(self, name: str, step: Callable[[], bool], bell: Bell, poll_seconds: float) -> None:
        self.name = name
        self._step, self._bell, self._poll_seconds = step, bell, poll_seconds
        self._stopped = Event()
        self._failures = 0
        self._rest_seconds = 0.0
        self._turned_at = time.monotonic()
        self._thread = Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Makes the step that runs now the last one."""
        self._stopped.set()
        self._bell.ring()

    def join(self, seconds: float) -> None:
        self._thread.join(seconds)

    def runs(self) -> bool:
        """Whether the thread is there and its step has ended lately. A step that fails has ended."""
        return self._thread.is_alive() and time.monotonic() - self._turned_at < STUCK_SECONDS

    def _run(self) -> None:
        while not self._stopped.is_set():
            rings = self._bell.rings
            busy = self._attempt()
            self._turned_at = time.monotonic()
            if self._failures:
                self._rest()
            elif not busy:
                self._bell.wait(rings, self._poll_seconds)

    def _rest(self) -> None:
        """Waits after a failure, longer after each, or for as long as the other side wishes."""
        pause = min(self._poll_seconds * 2 ** min(self._failures - 1, 10), LONGEST_REST_SECONDS)
        ends_at = time.monotonic() + max(pause, self._rest_seconds)
        while not self._stopped.wait(min(LONGEST_REST_SECONDS, max(0.0, ends_at - time.monotonic()))):
            # Who rests is not stuck.
            self._turned_at = time.monotonic()
            if self._turned_at >= ends_at:
                return

    def _attempt(self) -> bool:
        try:
            busy = self._step()
        except PASSING as error:
            self._failures += 1
            self._rest_seconds = error.seconds if isinstance(error, LeaveAlone) else 0.0
            FAILURES.labels(self.name).inc()
            log.warning("not taken, tried again", consumer=self.name, failures=self._failures, error=str(error))
            return False
        self._failures = 0
        return busy
