"""The scheduler's process: a Celery worker for its own ticks, beat to send them, and the trigger stream's reader."""

import socket
import sys
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import cache

from celery import Celery, signals
from celery.beat import EmbeddedService
from prometheus_client.registry import Collector

from services.scheduler.coverage_metrics import CoverageCollector
from services.scheduler.due import Ticker
from services.scheduler.ledger_lookup import Ledger
from services.scheduler.queue_metrics import QueueCollector
from services.scheduler.recovery import Recovery
from services.scheduler.revisits import Budget
from services.scheduler.settings import SchedulerSettings
from services.scheduler.sources import SourcesFile
from services.scheduler.triggers import TriggerReader
from shared.database.engine import make_engine
from shared.dead import DeadLetters
from shared.errors import SettingsError
from shared.later import Later
from shared.queues import SCHEDULE_QUEUE
from shared.settings import load
from shared.worker.app import make_app
from shared.worker.beside import run_beside
from shared.worker.connection import connect
from shared.worker.pressure import Pressure
from shared.worker.process import serve
from shared.worker.sender import make_sender

TICK = "newsmill.tick"
# A source whose poll has not ended by then is polled again.
CLAIM_SECONDS = 300
# Without a tick for so long beat must be dead.
TICKLESS_SECONDS = 30


def main(collectors: Sequence[Collector] = (), alive: Callable[[], bool] = lambda: True) -> None:
    """Runs until told to stop.

    Args:
        collectors: metrics of what else runs in this process.
        alive: whether that runs.
    """
    try:
        settings = load(SchedulerSettings)
        app = make_app(settings)
        ticking = _register_tick(app, settings)
        reading, beating = _read_triggers(settings), _beat(app, settings)
        engine = make_engine(settings.database_address())
        serve(
            app, settings, "scheduler", queues=[SCHEDULE_QUEUE], pool="solo", concurrency=1,
            collectors=[QueueCollector(connect(settings), engine), CoverageCollector(engine), *collectors],
            alive=lambda: reading() and beating() and ticking() and alive(),
        )  # fmt: skip
    except SettingsError as error:
        sys.exit(str(error))


def _register_tick(app: Celery, settings: SchedulerSettings) -> Callable[[], bool]:
    """Celery beat sends a tick; one that waited longer than a few ticks is not worth running.

    Returns whether ticks still come.
    """
    last = [time.monotonic()]

    @cache
    def ticker() -> Ticker:
        redis = connect(settings)
        later, dead = Later(redis), DeadLetters(redis)
        send = make_sender(later)
        recovery = Recovery(redis, later, dead, send, settings.custody_seconds)
        return Ticker(
            engine=make_engine(settings.database_address()), redis=redis, later=later, dead=dead, recovery=recovery,
            send=send, sources_file=SourcesFile(settings.sources_file), batch=settings.due_batch,
            claim_seconds=CLAIM_SECONDS,
            full_after=timedelta(seconds=settings.full_get_seconds),
            revisit_budget=Budget(redis, Pressure(redis, settings), settings.revisits_a_day),
            websub_url=settings.websub_url, canary_url=settings.canary_url,
        )  # fmt: skip

    def tick() -> None:
        last[0] = time.monotonic()
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
    return lambda: time.monotonic() - last[0] < TICKLESS_SECONDS + 10 * settings.tick_seconds


def _beat(app: Celery, settings: SchedulerSettings) -> Callable[[], bool]:
    """Runs Celery beat in a thread, until the worker shuts down; returns whether it still runs.

    As a process of its own, which `celery worker --beat` makes of it, it would take 40 MB to send a message a second.
    """
    beat = EmbeddedService(app, thread=True, schedule_filename=str(settings.beat_file))
    signals.worker_ready.connect(lambda **_: beat.start(), weak=False)
    signals.worker_shutting_down.connect(lambda **_: beat.stop(), weak=False)
    return lambda: beat.is_alive() or not beat.ident


def _read_triggers(settings: SchedulerSettings) -> Callable[[], bool]:
    """Reads the stream in a thread of its own until the worker shuts down; returns whether it still does."""
    redis = connect(settings)
    later = Later(redis)
    name = f"{socket.gethostname()}-{settings.metrics_port}"
    reader = TriggerReader(
        redis, make_sender(later), DeadLetters(redis),
        Ledger(make_engine(settings.database_address())), Pressure(redis, settings),
        name=name, batch=settings.trigger_batch, full_after=timedelta(seconds=settings.full_get_seconds),
    )  # fmt: skip
    return run_beside("triggers", reader.run)


if __name__ == "__main__":
    main()
