"""The courier as a process: `python -m services.courier.worker`. A thread for each consumer of the log of events."""

import os
import signal
import socket
import sys
from collections.abc import Sequence
from functools import partial
from threading import Event

import structlog
from redis import Redis
from sqlalchemy import Engine

from services.courier.consumers import Consumer, LagCollector, Round
from services.courier.loop import Loop
from services.courier.settings import CourierSettings
from services.courier.sinks.choice import ways_out
from services.courier.watches.matching import Matching
from services.courier.watches.metrics import WatchCollector
from services.courier.watches.telling import telling
from shared.database.engine import make_engine
from shared.errors import SettingsError
from shared.settings import load
from shared.worker.bell import Bell, ring_when_stored
from shared.worker.connection import connect
from shared.worker.lifetime import follow_launcher
from shared.worker.telemetry import configure_logging, start_exporter

log = structlog.get_logger(__name__)

LOOK_SECONDS = 1.0
# Less than docker and `newsmill run` wait.
STOP_SECONDS = 10.0


def loops(
    settings: CourierSettings, engine: Engine, redis: "Redis", bell: Bell, every: Sequence[Consumer]
) -> list[Loop]:
    """Returns a loop for each consumer."""
    holder = f"{socket.gethostname()}-{settings.metrics_port}"
    return [
        Loop(
            consumer.name,
            Round(engine, redis, consumer, batch=consumer.batch or settings.events_batch, holder=holder).step,
            bell,
            settings.courier_poll_seconds,
        )
        for consumer in every
    ]


class Courier:
    """What the courier does, in threads. Opens its connections.

    Attributes:
        collectors: metrics made when they are asked for.

    Raises:
        SettingsError: the address of Redis or of the database, or a way out, cannot be read.
    """

    def __init__(self, settings: CourierSettings) -> None:
        engine, redis, bell = make_engine(settings.database_address()), connect(settings), Bell()
        # Who tells is woken by what is matched, not by all that is stored.
        matched = Bell()
        every = [*ways_out(settings, engine, redis), Consumer("watches", write=Matching(matched.ring).write)]
        self._loops = [*loops(settings, engine, redis, bell, every), *telling(settings, engine, matched)]
        self._ring = partial(ring_when_stored, bell, redis)
        self.collectors = (LagCollector(engine, [consumer.name for consumer in every]), WatchCollector(engine))

    def runs(self) -> bool:
        """Whether each thread is there and has ended a step lately."""
        return all(loop.runs() for loop in self._loops)

    def run(self, stopped: Event) -> None:
        """Runs until the event is set. Ends the process when a thread is stuck."""
        self._ring(stopped)
        for loop in self._loops:
            loop.start()
        log.info("started", consumers=[loop.name for loop in self._loops])
        while not stopped.wait(LOOK_SECONDS):
            if stuck := [loop.name for loop in self._loops if not loop.runs()]:
                # A thread does not begin again by itself; the supervisor starts the process anew.
                log.critical("stuck: leaves", consumers=stuck)
                os._exit(os.EX_SOFTWARE)
        for loop in self._loops:
            loop.stop()
        for loop in self._loops:
            loop.join(STOP_SECONDS / len(self._loops))


def main() -> int:
    """Runs until a signal stops it; returns the exit code."""
    try:
        settings = load(CourierSettings)
        configure_logging(settings.log_level, "courier")
        courier = Courier(settings)
        start_exporter(settings, courier.runs, courier.collectors)
    except SettingsError as error:
        print(error, file=sys.stderr)  # noqa: T201 - logging may not be set up
        return 2
    stopped = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    follow_launcher(settings)
    courier.run(stopped)
    return 0


if __name__ == "__main__":
    sys.exit(main())
