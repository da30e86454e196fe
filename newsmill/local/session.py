"""A session of `newsmill run`: the system is started, shown until it is idle or interrupted, and summed up."""

import contextlib
import json
import signal
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Event
from types import FrameType
from typing import Any, cast

from redis import Redis
from rich.console import Console
from rich.live import Live

from newsmill.local.system import System, running
from newsmill.local.view import Rates, line, screen
from newsmill.local.watch import Snapshot, Watch
from newsmill.output import echo
from shared.queues import TRIGGERS

LOOK_SECONDS = 0.5
# Seconds after which the view shows that Redis does not answer.
ANSWER_WITHIN = 5.0
# The system counts as idle when it was so at this many looks in a row.
IDLE_LOOKS = 3


def run_session(
    data: Path,
    port: int,
    settings: Mapping[str, str],
    triggers: Sequence[Mapping[str, str]],
    *,
    until_idle: bool,
    as_json: bool,
) -> None:
    """Runs the system in a data folder and prints the summary at its end.

    Args:
        data: the data folder.
        port: of the reader; the next free one is taken.
        settings: variables for the services besides those of the environment.
        triggers: sent at the start.
        until_idle: ends when everything triggered has its disposition.
        as_json: prints the summary as JSON.
    """
    stopped = interruptible()
    started = time.monotonic()
    with running(data, port, settings) as system:
        redis = Redis.from_url(system.layout.redis_url, socket_timeout=ANSWER_WITHIN)
        watch = Watch(system.layout, redis)
        _print_addresses(system, time.monotonic() - started)
        for trigger in triggers:
            redis.xadd(TRIGGERS, cast("dict[Any, Any]", trigger))
        try:
            last = _show(system, watch, stopped, until_idle=until_idle)
        except KeyboardInterrupt:
            last = watch.look()
            echo("stopping …", err=True)
    summary = last.summary() | {"seconds": round(time.monotonic() - started, 1)}
    echo(json.dumps(summary) if as_json else _summary_line(summary))


def interruptible() -> Event:
    """Makes SIGTERM end this process as Ctrl-C does, so that both stop everything.

    The event is set as well as the exception raised, because Python drops an exception that is raised in a finalizer.
    """
    stopped = Event()

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        stopped.set()
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, interrupt)
    return stopped


def _print_addresses(system: System, seconds: float) -> None:
    layout = system.layout
    echo(f"healthy after {seconds:.1f} s")
    echo(f"reader   {layout.reader_url}")
    for service in system.services:
        echo(f"metrics  {layout.metrics_url(service.name)}/metrics  ({service.name})")
    echo(f"trigger  redis-cli -s {layout.redis_url.removeprefix('unix://')} XADD {TRIGGERS} '*' url URL")


def _show(system: System, watch: Watch, stopped: Event, *, until_idle: bool) -> Snapshot:
    """Shows the system until it is idle (where it is to end then) or interrupted, and returns the last snapshot."""
    display, rates, idle = Display(system), Rates(), 0
    with display:
        while True:
            snapshot = watch.look()
            display.update(snapshot, rates.add(snapshot))
            idle = idle + 1 if snapshot.idle else 0
            if until_idle and idle >= IDLE_LOOKS:
                return snapshot
            system.watch()
            if stopped.wait(LOOK_SECONDS):
                raise KeyboardInterrupt


class Display(contextlib.ExitStack):
    """The live view on a terminal; elsewhere a line whenever something has changed."""

    def __init__(self, system: System) -> None:
        super().__init__()
        self._layout = system.layout
        console = Console()
        self._live = self.enter_context(Live(console=console, auto_refresh=False)) if console.is_terminal else None
        self._line = ""

    def update(self, snapshot: Snapshot, rates: Mapping[str, float]) -> None:
        """Shows a snapshot and the items a second of each stage."""
        if self._live is not None:
            self._live.update(screen(snapshot, rates, self._layout), refresh=True)
        elif (text := line(snapshot, rates)) != self._line:
            echo(text)
            self._line = text


def _summary_line(summary: Mapping[str, Any]) -> str:
    pages = ", ".join(f"{number} {end}" for end, number in sorted(summary["pages"].items())) or "none"
    return (
        f"{summary['articles']} articles, {summary['headlines']} headlines; pages: {pages}; "
        f"{summary['dead_letters']} dead letters; {summary['seconds']} s"
    )
