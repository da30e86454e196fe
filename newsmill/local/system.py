"""The whole system: every service as a process, a Redis of its own, and a lock on the data folder."""

import contextlib
import fcntl
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from shutil import rmtree

import requests

from newsmill.local.guardian import Guardian
from newsmill.local.layout import Layout
from newsmill.local.ports import free_ports, is_free
from newsmill.local.preload import preload
from newsmill.local.redis_server import RedisServer
from newsmill.local.run_file import RUN_FILE, run_record
from newsmill.local.service import Service
from shared.errors import SettingsError
from shared.settings import environment

SERVICES = {
    "storage": "services.storage.worker",
    "parser": "services.parser.worker",
    "fetcher": "services.fetcher.worker",
    # With the courier in it.
    "scheduler": "newsmill.local.light_services",
    "reader": "services.reader.worker",
}
# The fetcher's libraries must be imported after gevent has replaced parts of Python's (services/fetcher/worker.py).
OWN_INTERPRETER = frozenset({"fetcher"})
# Elsewhere than on Linux a process that has loaded libraries may not fork safely: macOS ends some that do.
FORKING = sys.platform == "linux"
HEALTHY_WITHIN = 60.0
STOP_WITHIN = 25.0
FIRST_METRICS_PORT = 9101


class System:
    """The running system: entered healthy, left stopped."""

    def __init__(self, layout: Layout, settings: Mapping[str, str], guard: Callable[[int], None]) -> None:
        self.layout = layout
        logs = layout.data / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        self._settings = environment() | dict(settings)
        self._guard = guard
        self.services = [
            Service(
                name, module, self._settings | layout.variables(name), logs / f"{name}.log", guard,
                FORKING and name not in OWN_INTERPRETER,
            )
            for name, module in SERVICES.items()
        ]  # fmt: skip

    def start(self) -> None:
        """Migrates the database, starts every service and waits until each is healthy.

        Raises:
            SettingsError: the database cannot be migrated, or a service does not become healthy; the text has the end of
                its log.
        """
        rmtree(self.layout.data / "run", ignore_errors=True)
        (self.layout.data / "run" / "metrics").mkdir(parents=True)
        # Its own interpreter loads while this one does.
        self._start("fetcher")
        if FORKING:
            preload()
        # It has no database, as the fetcher, and reads its model while that is migrated.
        self._start("parser")
        self._migrate()
        self._start("storage", "scheduler", "reader")
        deadline = time.monotonic() + HEALTHY_WITHIN
        for service in self.services:
            self._wait(service, deadline)
        self._write_run_file()

    def watch(self) -> None:
        """Starts the services again that have died."""
        for service in self.services:
            service.keep_alive()

    def stop(self) -> None:
        """Tells every service to finish, the reader first, and waits for them."""
        (self.layout.data / RUN_FILE).unlink(missing_ok=True)
        for service in reversed(self.services):
            if service.process is not None and service.process.poll() is None:
                service.process.terminate()
        deadline = time.monotonic() + STOP_WITHIN
        for service in self.services:
            service.stop(deadline)

    def _start(self, *names: str) -> None:
        for service in self.services:
            if service.name in names:
                service.start()

    def _migrate(self) -> None:
        """Brings the database to the newest schema, in a process that ends: nothing else needs what that loads."""
        log = self.layout.data / "logs" / "migrate.log"
        log.unlink(missing_ok=True)
        migration = Service(
            "migrate", "services.storage.migrate", self._settings | self.layout.variables(""), log, self._guard, FORKING
        )
        if migration.run():
            raise SettingsError(f"the database cannot be migrated. The end of {log}:\n{migration.tail()}")

    def _write_run_file(self) -> None:
        record = run_record(self.layout.reader_url, self._settings | self.layout.variables(""))
        file = self.layout.data / RUN_FILE
        # Whoever sees it can read all of it.
        part = file.with_suffix(".part")
        part.write_text(json.dumps(record, indent=2) + "\n")
        part.replace(file)

    def _wait(self, service: Service, deadline: float) -> None:
        url = self.layout.metrics_url(service.name) + "/healthz"
        while time.monotonic() < deadline:
            service.keep_alive()
            with contextlib.suppress(requests.RequestException):
                if requests.get(url, timeout=2).ok:
                    return
            time.sleep(0.1)
        raise SettingsError(
            f"{service.name} is not healthy after {HEALTHY_WITHIN:.0f} s. The end of its log:\n{service.tail()}"
        )


@contextlib.contextmanager
def running(data: Path, reader_port: int, settings: Mapping[str, str]) -> Iterator[System]:
    """Runs the whole system in a data folder: healthy inside the context, stopped after it, the data kept.

    Everything that it writes is readable by its owner only.

    Raises:
        SettingsError: it is running already, there is no Redis, or a service does not become healthy.
    """
    os.umask(0o077)
    data.mkdir(parents=True, exist_ok=True)
    data.chmod(0o700)
    with _locked(data), Guardian() as guardian, RedisServer(data / "redis", appendonly=True) as redis:
        guardian.guard(redis.group)
        system = _started(lambda: System(_layout(data, reader_port, redis.url), settings, guardian.guard))
        try:
            yield system
        finally:
            system.stop()


def _started(make: Callable[[], System]) -> System:
    """Returns a system, healthy. If another program takes one of its ports before it listens there, it starts once more on others.

    Raises:
        SettingsError: as `System.start`.
    """
    system = make()
    problem = _start(system)
    if problem and not all(map(is_free, system.layout.ports)):
        system = make()
        problem = _start(system)
    if problem:
        raise problem
    return system


def _start(system: System) -> SettingsError | None:
    """Starts a system. If that fails, stops it and returns why."""
    with contextlib.ExitStack() as stack:
        stack.callback(system.stop)
        try:
            system.start()
        except SettingsError as error:
            return error
        stack.pop_all()
    return None


def _layout(data: Path, reader_port: int, redis_url: str) -> Layout:
    """Returns a layout with ports that are free now."""
    ports = dict(zip(SERVICES, free_ports(FIRST_METRICS_PORT, len(SERVICES)), strict=True))
    [port] = free_ports(reader_port, 1)
    return Layout(data, port, ports, redis_url)


@contextlib.contextmanager
def _locked(data: Path) -> Iterator[None]:
    """Holds the lock of a data folder. The lock file has the process id of its holder."""
    with (data / "run.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            raise SettingsError(
                f"Newsmill is running in {data} already (process {holder}); stop it, or choose another --data"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
