"""The scheduler's process: a Celery worker for its own ticks, beat to send them, and the trigger stream's reader."""

import socket
import sys
from functools import cache
from threading import Event, Thread
from typing import Any

from celery import Celery, signals

from services.scheduler.due import SourcesFile, Ticker
from services.scheduler.queue_metrics import QueueCollector
from services.scheduler.settings import SchedulerSettings
from services.scheduler.triggers import TriggerReader
from shared.errors import SettingsError
from shared.later import Later
from shared.models import make_engine
from shared.queues import SCHEDULE_QUEUE
from shared.settings import load
from shared.worker import connect, make_app, make_courier, serve

TICK = "newsmill.tick"


def main() -> None:
    """Runs until told to stop."""
    try:
        settings = load(SchedulerSettings)
        app = make_app(settings)
        _register_tick(app, settings)
        _read_triggers(app, settings)
        collector = QueueCollector(connect(settings), make_engine(settings.database_address()))
        serve(
            app, settings, "scheduler", queues=[SCHEDULE_QUEUE], pool="solo", concurrency=1,
            options=["--beat", "--schedule", str(settings.beat_file)], collectors=[collector],
        )  # fmt: skip
    except SettingsError as error:
        sys.exit(str(error))


def _register_tick(app: Celery, settings: SchedulerSettings) -> None:
    """Celery beat sends a tick; one that waited longer than a few ticks is not worth running."""

    @cache
    def ticker() -> Ticker:
        redis = connect(settings)
        later = Later(redis)
        return Ticker(
            make_engine(settings.database_address()), redis, later, make_courier(app, later),
            SourcesFile(settings.sources_file), batch=settings.due_batch, custody_seconds=settings.custody_seconds,
        )  # fmt: skip

    def tick() -> None:
        ticker().tick()

    # A tick is worth nothing afterwards: acknowledged early, so that one that fails is simply the next one's work.
    app.task(tick, name=TICK, acks_late=False, shared=False)
    app.conf.beat_schedule = {
        "tick": {
            "task": TICK,
            "schedule": settings.tick_seconds,
            "options": {"queue": SCHEDULE_QUEUE, "expires": 5 * settings.tick_seconds},
        }
    }


def _read_triggers(app: Celery, settings: SchedulerSettings) -> None:
    """Reads the stream in a thread of its own, from when the worker is ready until it shuts down."""
    stopped = Event()

    def start(**_: Any) -> None:
        redis = connect(settings)
        later = Later(redis)
        name = f"{socket.gethostname()}-{settings.metrics_port}"
        reader = TriggerReader(redis, make_courier(app, later), later, name, settings.trigger_batch)
        Thread(target=reader.run, args=(stopped,), name="triggers", daemon=True).start()

    signals.worker_ready.connect(start, weak=False)
    signals.worker_shutting_down.connect(lambda **_: stopped.set(), weak=False)


if __name__ == "__main__":
    main()
