"""One service as a process."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from newsmill.local.forked import Forked
from newsmill.local.guardian import end_groups
from shared.errors import SettingsError

# A service that dies this often within so many seconds is not going to recover by itself.
RESTARTS = 3
RESTARTS_WITHIN = 600.0
LAST_LINES = 15


class Process(Protocol):
    """What a service needs of its process, of `subprocess.Popen` or a forked one."""

    @property
    def pid(self) -> int: ...
    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def terminate(self) -> None: ...


@dataclass
class Service:
    """The process of a service. It is started again when it dies, at most `RESTARTS` times within `RESTARTS_WITHIN` seconds.

    After that the whole system ends with an error: one without a service would look healthy and do nothing.

    `guard` is called with the process group of each process that is started; `forks` says whether it shares memory with this one.
    """

    name: str
    module: str
    env: Mapping[str, str]
    log: Path
    guard: Callable[[int], None]
    forks: bool = False
    process: Process | None = None
    started: list[float] = field(default_factory=list)

    def start(self) -> None:
        """Starts the process in a session of its own, so that Ctrl-C stops the services in order."""
        self.process = self._fork() if self.forks else self._spawn()
        self.guard(self.process.pid)
        self.started.append(time.monotonic())

    def _fork(self) -> Process:
        return Forked(self.name, self.module, self.env, self.log)

    def _spawn(self) -> Process:
        with self.log.open("ab") as log:
            return subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-m", self.module], env=dict(self.env), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    def run(self) -> int:
        """Runs the process to its end, and returns its exit status."""
        self.start()
        assert self.process is not None
        return self.process.wait()

    def keep_alive(self) -> None:
        """Starts the process again if it has died.

        Raises:
            SettingsError: it died too often; the end of its log says why.
        """
        if self.process is None or self.process.poll() is None:
            return
        # Its children are of no use without it: Celery's pool and beat.
        end_groups([self.process.pid])
        deaths = sum(time.monotonic() - at < RESTARTS_WITHIN for at in self.started)
        if deaths > RESTARTS:
            raise SettingsError(f"{self.name} died {deaths} times. The end of {self.log}:\n{self.tail()}")
        self.start()

    def tail(self) -> str:
        """Returns the last lines of its log, where it says why the process has ended."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-LAST_LINES:])

    def stop(self, deadline: float) -> None:
        """Waits until the process has ended or the deadline is past (monotonic clock), then kills what is left of its group."""
        if self.process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(max(0.1, deadline - time.monotonic()))
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
