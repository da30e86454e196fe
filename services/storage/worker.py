"""The storage worker's process."""

import sys
from collections.abc import Callable
from functools import cache
from threading import Event

import structlog
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from services.storage import statistics
from services.storage.health.watch import Watch
from services.storage.retention import Retention
from services.storage.settings import StorageSettings
from services.storage.statistics import Statistics
from services.storage.store import Store
from shared.database.engine import make_engine
from shared.errors import SettingsError
from shared.later import Later
from shared.pages import RedisPages
from shared.queues import PARSE, STORE
from shared.settings import load
from shared.stage import Stage
from shared.worker.app import make_app
from shared.worker.beside import run_beside
from shared.worker.connection import connect
from shared.worker.process import serve
from shared.worker.sender import make_sender
from shared.worker.task import limits, register
from shared.worker.waiting import Waiting

log = structlog.get_logger(__name__)


def main() -> None:
    """Runs until told to stop."""
    try:
        settings = load(StorageSettings)
        app = make_app(settings)

        @cache
        def stage() -> Stage:
            redis = connect(settings)
            later = Later(redis)
            pages = RedisPages(redis, settings.page_ttl)
            store = Store(make_engine(settings.database_address()), redis, later, pages, settings)
            return Stage(
                "store", store.handle, handle_batch=store.handle_batch, send=make_sender(later), redis=redis,
                limits=limits(settings),
            )  # fmt: skip

        register(app, STORE.task, stage, cache(lambda: Waiting(connect(settings), STORE, before=PARSE)))
        _tidy_beside(settings)
        _watch_beside(settings)
        _count_beside(settings)
        # One transaction at a time a process (docs/adr/0002); more storage is more processes.
        serve(app, settings, "storage", queues=[STORE.queue], pool="solo", concurrency=1)
    except SettingsError as error:
        sys.exit(str(error))


def _tidy_beside(settings: StorageSettings) -> None:
    """Runs the retention in a thread, on connections of its own, for as long as the worker runs."""

    def retention() -> Callable[[], object]:
        return Retention(make_engine(settings.database_address()), settings).step

    _repeat_beside("retention", settings.tidy_seconds, retention)


def _watch_beside(settings: StorageSettings) -> None:
    """Watches the health of sites in a thread, likewise, unless that is turned off."""

    def watch() -> Callable[[], object]:
        return Watch(make_engine(settings.database_address()), connect(settings), settings.health_seconds).step

    if settings.health_seconds:
        _repeat_beside("watch", settings.health_seconds, watch)


def _count_beside(settings: StorageSettings) -> None:
    """Has the planner of SQLite know the tables, likewise; PostgreSQL's knows them."""
    address = settings.database_address()
    if address.startswith("sqlite"):
        _repeat_beside("statistics", statistics.SECONDS, lambda: Statistics(make_engine(address)).step)


def _repeat_beside(name: str, seconds: float, make_step: Callable[[], Callable[[], object]]) -> None:
    """Repeats a step in a thread for as long as the worker runs, with so many seconds between two."""

    def run(stopped: Event) -> None:
        step = make_step()
        while not stopped.wait(seconds):
            try:
                step()
            except (SQLAlchemyError, OSError, RedisError) as error:
                # The database, the disk or Redis is away: there is always a next time.
                log.warning(f"{name} waits", error=str(error))

    run_beside(name, run)


if __name__ == "__main__":
    main()
