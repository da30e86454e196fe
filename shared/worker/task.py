"""A stage as the body of a Celery task."""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import structlog
from celery import Celery, Task
from celery.exceptions import Reject as GiveBack
from redis.exceptions import RedisError

from shared.errors import Unavailable
from shared.outcomes import Limits
from shared.settings import Settings
from shared.stage import Stage
from shared.worker.waiting import Taken, Waiting

log = structlog.get_logger(__name__)

# How long a stage rests when Redis or the database is away, before the list goes back to its queue.
REST_SECONDS = 2.0


def register(app: Celery, task: str, stage: Callable[[], Stage], waiting: Callable[[], Waiting] | None = None) -> None:
    """Makes a stage the body of a Celery task.

    Args:
        app: of the worker.
        task: its name.
        stage: called in the process that runs the task.
        waiting: called likewise; what waits in the queue, for a stage that handles many messages as one batch.
    """

    def run(task: Task, items: Sequence[Any]) -> None:
        companions: list[Taken] = []
        try:
            companions = waiting().take() if waiting else []
            lists = [(task.request.id or "", items), *((message.id, message.items) for message in companions)]
            stage().run_together(lists)
        except (Unavailable, RedisError) as error:
            # Celery on Redis drops the message of a failed task though it acknowledges late: Request.on_failure
            # rejects it without requeueing it (celery#5843). So it is given back explicitly.
            log.exception("given back", error=str(error))
            time.sleep(REST_SECONDS)
            if waiting:
                _try_redis(waiting().give_back, companions)
            raise GiveBack(reason=str(error), requeue=True) from None
        if waiting:
            _try_redis(waiting().done, companions)

    app.task(run, name=task, shared=False, bind=True)


def _try_redis(end: Callable[[Sequence[Taken]], None], taken: Sequence[Taken]) -> None:
    # While Redis is away they stay unacknowledged, and are delivered again.
    with suppress(RedisError):
        end(taken)


def limits(settings: Settings) -> Limits:
    """Returns the stage's limits of these settings."""
    memory_seconds = 10 * settings.visibility_timeout
    return Limits(settings.max_attempts, settings.max_redeliveries, memory_seconds, settings.brake_share)
