"""Whether a worker consumes, and what ends it when it does not."""

import os
import time
from collections.abc import Callable

import structlog
from celery.worker import state

from shared.worker.gate import Gate

log = structlog.get_logger(__name__)

BEAT_SECONDS = 5
# A worker whose loop has not turned for this long is unhealthy, and for this long leaves.
UNHEALTHY_SECONDS = 60
LEAVE_SECONDS = 120
# A worker leaves sooner when another thread of its process has ended, since that does not begin again by itself.
THREAD_LOST_SECONDS = 15


class Heartbeat:
    """When the consumer's loop last turned and took a message if there was one.

    It stops beating when the connection to Redis is lost, and when messages wait and none is taken.
    """

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._total = 0
        self._beat_at = self._threads_alive_at = time.monotonic()

    def beat(self) -> None:
        total = sum(state.total_count.values())
        if not self._gate.waiting or self._gate.reason or state.reserved_requests or total != self._total:
            self._beat_at = time.monotonic()
        self._total = total

    def fresh(self) -> bool:
        """Whether the worker consumes."""
        return time.monotonic() - self._beat_at < UNHEALTHY_SECONDS

    def leave_if_stuck(self, threads_alive: Callable[[], bool]) -> None:
        """Ends a process that has not consumed for long though Redis answers: its supervisor starts a new one.

        Celery workers have been seen to stay connected and take nothing for ever (celery#8030).

        Args:
            threads_alive: whether the other threads of the process run.
        """
        now = time.monotonic()
        if threads_alive():
            self._threads_alive_at = now
            silence, limit = now - self._beat_at, LEAVE_SECONDS
        else:
            silence, limit = now - self._threads_alive_at, THREAD_LOST_SECONDS
        # While Redis is away the worker cannot consume, and for a moment afterwards it has to reconnect first.
        if min(silence, self._gate.answering()) > limit:
            log.critical("stuck: does not consume though Redis answers; leaves", seconds=round(silence))
            os._exit(os.EX_SOFTWARE)
