"""A stage as the body of a Celery task."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from celery import Celery, Task
from celery.exceptions import Reject as GiveBack
from redis import Redis

from shared.dead import DeadLetters
from shared.errors import Unavailable
from shared.settings import Settings
from shared.stage import Limits, Stage

log = structlog.get_logger(__name__)

# How long a stage rests when Redis or the database is away, before the list goes back to its queue.
REST_SECONDS = 2.0


def register(app: Celery, task: str, stage: Callable[[], Stage]) -> None:
    """Makes a stage the body of a Celery task. `stage` is called in the process that runs the task."""

    def run(task: Task, items: Sequence[Any]) -> None:
        try:
            stage().run(items, task.request.id or "")
        except Unavailable as error:
            # Celery on Redis drops the message of a failed task though it acknowledges late: Request.on_failure
            # rejects it without requeueing it (celery#5843). So it is given back explicitly.
            log.exception("given back", error=str(error))
            time.sleep(REST_SECONDS)
            raise GiveBack(reason=str(error), requeue=True) from None

    app.task(run, name=task, shared=False, bind=True)


def dead_letters(redis: "Redis", settings: Settings) -> DeadLetters:
    """Returns the dead letters with the brake of these settings."""
    return DeadLetters(redis, settings.brake_share)


def limits(settings: Settings) -> Limits:
    """Returns the stage's limits of these settings."""
    return Limits(settings.max_attempts, settings.max_redeliveries, memory_seconds=10 * settings.visibility_timeout)
