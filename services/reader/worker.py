"""The reader as a process: `python -m services.reader.worker`."""

import sys

import uvicorn
from fastapi import FastAPI

from services.reader.application import make_application
from services.reader.http.connection import Connection, connection_limit
from services.reader.http.heads import HEAD_LIMIT
from services.reader.settings import ReaderSettings
from shared.database.engine import make_engine
from shared.errors import SettingsError
from shared.later import Later
from shared.settings import load
from shared.worker.connection import connect
from shared.worker.garbage import rarely_collect
from shared.worker.lifetime import follow_launcher
from shared.worker.sender import make_sender
from shared.worker.telemetry import configure_logging


def build(settings: ReaderSettings) -> FastAPI:
    """Returns the application with its connections.

    Raises:
        SettingsError: the address of Redis or of the database cannot be read.
    """
    # One for each thread, one for /healthz, and one for who looks for what is new.
    engine = make_engine(
        settings.database_address(),
        connections=settings.reader_threads + 2,
        statement_seconds=settings.reader_query_seconds,
    )
    redis = connect(settings)
    return make_application(engine, redis, settings, make_sender(Later(redis)))


def main() -> int:
    """Serves until a signal ends it; returns the exit code."""
    try:
        settings = load(ReaderSettings)
        app = build(settings)
    except SettingsError as error:
        print(error, file=sys.stderr)  # noqa: T201 - before logging is set up
        return 2
    configure_logging(settings.log_level, "reader")
    follow_launcher(settings)
    Connection.max_connections = connection_limit()
    rarely_collect()
    uvicorn.run(
        app,
        host=settings.reader_host,
        port=settings.reader_port,
        http=Connection,
        h11_max_incomplete_event_size=HEAD_LIMIT,
        ws="none",
        # Who may speak for a client is decided in application.py.
        proxy_headers=False,
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=10,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
