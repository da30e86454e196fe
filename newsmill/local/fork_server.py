"""A process that services fork from, so that what all of them import is loaded once and is in memory once.

    python -m newsmill.local.fork_server DATA

It reads requests from standard input, a JSON object a line, and answers each with the new process's id. It ends at the end
of input. Its argument, the data folder, tells whose it is in a list of processes. It has no threads, and what it imports opens nothing and keeps nothing of the environment.
"""

import contextlib
import gc
import importlib
import json
import os
import runpy
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from shared.settings import set_environment

# What at least two services import. Not numpy, which starts threads, and not prometheus_client, which chooses at import by
# the environment of its service how it counts.
LIBRARIES = (
    "celery.apps.worker", "celery.beat", "celery.concurrency.solo", "celery.worker.autoscale", "celery.worker.consumer",
    "kombu.transport.redis", "pydantic_settings", "redis", "shared.contracts", "shared.database.engine",
    "shared.database.models", "shared.queues", "sqlalchemy.dialects.postgresql", "sqlalchemy.dialects.sqlite", "sqlmodel",
    "structlog",
)  # fmt: skip
LOOK_SECONDS = 0.05
# Of processes that ended while the fork server is gone: nobody knows their own.
UNKNOWN_STATUS = 1


class Forked(NamedTuple):
    """A process of the fork server, with what `subprocess.Popen` has of it."""

    pid: int
    server: "subprocess.Popen[str]"

    def poll(self) -> int | None:
        """Returns None while it runs; its exit status is not known here."""
        if self.server.poll() is not None:
            return UNKNOWN_STATUS
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return UNKNOWN_STATUS
        return None

    def wait(self, timeout: float | None = None) -> int:
        """Waits until it has ended.

        Raises:
            subprocess.TimeoutExpired: it still runs after `timeout` seconds.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while (status := self.poll()) is None:
            if deadline is not None and time.monotonic() >= deadline:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0.0)
            time.sleep(LOOK_SECONDS)
        return status

    def terminate(self) -> None:
        """Tells it to stop."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)


class ForkServer:
    """The fork server as `newsmill run` holds it. It is started with its first process at the latest, and again when it has died.

    Args:
        environment: of the fork server itself; processes have their own.
        data: the data folder of the system.
    """

    def __init__(self, environment: Mapping[str, str], data: Path) -> None:
        self._environment = environment
        self._data = data
        self._process: subprocess.Popen[str] | None = None

    def fork(self, name: str, module: str, environment: Mapping[str, str], log: Path) -> Forked:
        """Runs a module as `python -m` does, in a session of its own, with its output appended to a file.

        Args:
            name: what the process is called in `top`.
            module: the module.
            environment: of the process.
            log: the file.

        Raises:
            OSError: the fork server died before it answered.
        """
        server = self._running()
        assert server.stdin is not None
        assert server.stdout is not None
        request = {"name": name, "module": module, "environment": dict(environment), "log": str(log)}
        server.stdin.write(json.dumps(request) + "\n")
        server.stdin.flush()
        answer = server.stdout.readline()
        if not answer:
            raise OSError(f"the process that services fork from has ended, and {module} was not started")
        return Forked(int(answer), server)

    def start(self) -> None:
        """Starts the fork server, so that it imports while something else is done."""
        self._running()

    def close(self) -> None:
        """Ends the fork server; what it has forked must have ended."""
        if self._process is not None:
            self._process.communicate()
            self._process = None

    def _running(self) -> "subprocess.Popen[str]":
        if self._process is not None and self._process.poll() is not None:
            self.close()
        if self._process is None:
            self._process = subprocess.Popen(  # noqa: S603 - this module
                [sys.executable, "-m", __name__, str(self._data)], env=dict(self._environment), stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, text=True, start_new_session=True,
            )  # fmt: skip
        return self._process


def serve(requests: TextIO, answers: TextIO) -> dict[str, Any] | None:
    """Forks a process for each request. Returns in each of them with its request, and at the end of input with None."""
    signal.signal(signal.SIGCHLD, _reap)
    for line in iter(requests.readline, ""):
        pid = os.fork()
        if pid == 0:
            request: dict[str, Any] = json.loads(line)
            return request
        answers.write(f"{pid}\n")
        answers.flush()
    return None


def become(request: Mapping[str, Any]) -> None:
    """Makes a forked process that of its request: its session, environment, output and signals."""
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    set_environment(request["environment"])
    log = os.open(request["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    os.close(log)
    os.close(nothing)
    Path("/proc/self/comm").write_text(request["name"])
    del sys.argv[1:]


def _reap(*_: object) -> None:
    """Takes note of processes that have ended, so that their ids are free."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def main() -> None:
    """Serves until the end of input; in a forked process, runs the module of its request."""
    for library in LIBRARIES:
        importlib.import_module(library)
    # What no garbage collection touches stays in memory that all share.
    gc.collect()
    gc.freeze()
    if request := serve(sys.stdin, sys.stdout):
        become(request)
        runpy.run_module(request["module"], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
