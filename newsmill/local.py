"""Everything on one machine: a private Redis, SQLite, and each service as a process of its own."""

import contextlib
import fcntl
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from shutil import rmtree
from threading import Event
from types import FrameType
from typing import IO

import requests

from newsmill.redis_server import RedisServer
from services.storage.migrate import migrate
from shared.errors import SettingsError
from shared.settings import environment

SERVICES = ("storage", "parser", "fetcher", "scheduler", "reader")
HEALTHY_WITHIN = 60.0
STOP_WITHIN = 25.0
# A service that dies this often within so many seconds is not going to recover by itself.
RESTARTS = 3
RESTARTS_WITHIN = 600.0
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Layout:
    """Where a local system keeps its things, and where its doors are."""

    data: Path
    reader_port: int
    metrics_ports: Mapping[str, int]
    redis_url: str

    @property
    def database_url(self) -> str:
        return f"sqlite:///{(self.data / 'newsmill.db').resolve()}"

    @property
    def reader_url(self) -> str:
        return f"http://{LOOPBACK}:{self.reader_port}"

    def metrics_url(self, service: str) -> str:
        """Where a service shows its metrics."""
        port = self.reader_port if service == "reader" else self.metrics_ports[service]
        return f"http://{LOOPBACK}:{port}"

    def variables(self, service: str) -> dict[str, str]:
        """What a service's environment has besides its own."""
        run = self.data / "run"
        return {
            "NEWSMILL_REDIS_URL": self.redis_url,
            "NEWSMILL_DATABASE_URL": self.database_url,
            "NEWSMILL_METRICS_HOST": LOOPBACK,
            "NEWSMILL_METRICS_PORT": str(self.metrics_ports.get(service, 0)),
            "NEWSMILL_READER_HOST": LOOPBACK,
            "NEWSMILL_READER_PORT": str(self.reader_port),
            "NEWSMILL_BEAT_FILE": str(run / "beat"),
            "NEWSMILL_PAGES_URL": str((self.data / "pages").resolve()),
        } | ({"PROMETHEUS_MULTIPROC_DIR": str(run / "metrics")} if service == "parser" else {})


@dataclass
class Service:
    """A service's process; it is started again when it dies, a few times."""

    name: str
    env: Mapping[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    started: list[float] = field(default_factory=list)

    def start(self) -> None:
        """Starts the process in a session of its own, so that Ctrl-C reaches it through us and in order."""
        with self.log.open("ab") as log:
            command = [sys.executable, "-m", f"services.{self.name}.worker"]
            self.process = subprocess.Popen(  # noqa: S603 - our own module
                command, env=dict(self.env), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        self.started.append(time.monotonic())

    def keep_alive(self) -> None:
        """Starts it again if it has died.

        Raises:
            SettingsError: it has died too often; the end of its log says why.
        """
        if self.process is None or self.process.poll() is None:
            return
        lately = sum(time.monotonic() - at < RESTARTS_WITHIN for at in self.started)
        if lately > RESTARTS:
            raise SettingsError(f"{self.name} died {lately} times. The end of {self.log}:\n{self.tail()}")
        self.start()

    def tail(self, lines: int = 15) -> str:
        """The end of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def stop(self, deadline: float) -> None:
        """Waits until a process that was told to stop has; kills it after the deadline."""
        if self.process is None:
            return
        try:
            self.process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class System:
    """The running system: entered healthy, left stopped."""

    def __init__(self, layout: Layout, settings: Mapping[str, str]) -> None:
        self.layout = layout
        logs = layout.data / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        base = environment() | dict(settings)
        self.services = [Service(name, base | layout.variables(name), logs / f"{name}.log") for name in SERVICES]

    def start(self) -> None:
        """Migrates the database, starts every service and waits until each is healthy.

        Raises:
            SettingsError: one does not become healthy; the text has the end of its log.
        """
        rmtree(self.layout.data / "run", ignore_errors=True)
        (self.layout.data / "run" / "metrics").mkdir(parents=True)
        migrate(self.layout.database_url)
        for service in self.services:
            service.start()
        deadline = time.monotonic() + HEALTHY_WITHIN
        for service in self.services:
            self._wait(service, deadline)
        doors = {"reader": self.layout.reader_url, "redis": self.layout.redis_url, "database": self.layout.database_url}
        doors["pages"] = str((self.layout.data / "pages").resolve())
        (self.layout.data / "run.json").write_text(json.dumps(doors, indent=2) + "\n")

    def watch(self) -> None:
        """Starts again what has died."""
        for service in self.services:
            service.keep_alive()

    def stop(self) -> None:
        """Tells every service to finish, the door first, and waits for them."""
        (self.layout.data / "run.json").unlink(missing_ok=True)
        for service in reversed(self.services):
            if service.process is not None and service.process.poll() is None:
                service.process.terminate()
        deadline = time.monotonic() + STOP_WITHIN
        for service in self.services:
            service.stop(deadline)

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
    """The whole system, in a data folder: up and healthy inside, stopped after, the data kept.

    Raises:
        SettingsError: it is running already, there is no Redis, or a service does not come up.
    """
    data.mkdir(parents=True, exist_ok=True)
    with _only_one(data), RedisServer(data / "redis", appendonly=True) as redis:
        ports = dict(zip(SERVICES, free_ports(9101, len(SERVICES)), strict=True))
        system = System(Layout(data, next(iter(free_ports(reader_port, 1))), ports, redis.url), settings)
        try:
            system.start()
            yield system
        finally:
            system.stop()


def free_ports(first: int, count: int) -> Iterable[int]:
    """The first `count` ports from `first` on that nobody listens on."""
    found: list[int] = []
    for port in range(first, 65_536):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                continue
        found.append(port)
        if len(found) == count:
            break
    return found


def interruptible() -> Event:
    """Makes SIGTERM end this process as Ctrl-C does, so that both stop everything.

    The event says that it is to end, should the exception be lost: Python drops one that comes up in a finalizer.
    """
    stopped = Event()

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        stopped.set()
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, interrupt)
    return stopped


@contextlib.contextmanager
def _only_one(data: Path) -> Iterator[None]:
    lock: IO[str]
    with (data / "run.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise SettingsError(f"Newsmill is running in {data} already; stop it, or choose another --data") from None
        yield
