"""Services that fork from this process, so that what they import is loaded once and is in memory once."""

import contextlib
import os
import runpy
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from multiprocessing import get_context
from pathlib import Path

from newsmill.local.preload import choose_metrics
from shared.settings import set_environment

LOOK_SECONDS = 0.05
# Signals that the command handles (`session.py`).
HANDLED = (signal.SIGINT, signal.SIGTERM)


class Forked:
    """A module that runs as `python -m` does, in a forked process, with what `subprocess.Popen` has of it.

    The process has a session of its own, none of what this one has open, and its output appended to a file.

    Args:
        name: what it is called in `top`.
        module: the module.
        environment: of the process.
        log: the file.
    """

    def __init__(self, name: str, module: str, environment: Mapping[str, str], log: Path) -> None:
        self._process = get_context("fork").Process(target=_run, args=(name, module, environment, log), name=name)
        # Until it has its own, a signal that comes at once would call the command's handler in it.
        signal.pthread_sigmask(signal.SIG_BLOCK, HANDLED)
        try:
            self._process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, HANDLED)

    @property
    def pid(self) -> int:
        """The process's id."""
        assert self._process.pid is not None
        return self._process.pid

    def poll(self) -> int | None:
        """Returns its exit status, None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Waits until it has ended, and returns its exit status.

        Raises:
            subprocess.TimeoutExpired: it still runs after `timeout` seconds.
        """
        # Not by join(timeout), which waits for the end of a pipe that the process has closed (`_reopen`).
        deadline = None if timeout is None else time.monotonic() + timeout
        while (status := self.poll()) is None:
            if deadline is not None and time.monotonic() >= deadline:
                raise subprocess.TimeoutExpired(self._process.name, timeout or 0.0)
            time.sleep(LOOK_SECONDS)
        return status

    def terminate(self) -> None:
        """Tells it to stop."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)


def _run(name: str, module: str, environment: Mapping[str, str], log: Path) -> None:
    os.setsid()
    for number in HANDLED:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, HANDLED)
    _reopen(log)
    set_environment(environment)
    choose_metrics()
    Path("/proc/self/comm").write_text(name)
    del sys.argv[1:]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def _reopen(log: Path) -> None:
    """Closes what the command has open, its lock and its pipe to the guardian too: its death must be noticed."""
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    nothing = os.open(os.devnull, os.O_RDONLY)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
    for source, target in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(source, target)
    os.close(nothing)
    os.close(output)
    # Whatever stands in their place in the command may write elsewhere.
    sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
