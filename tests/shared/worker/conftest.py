"""A worker as a process of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from redis import Redis

WITHIN_SECONDS = 60.0


@dataclass(frozen=True)
class Worker:
    """A running echo.py, the port of its metrics, and its log."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path


@contextmanager
def started(redis_url: str, folder: Path, pool: str, **settings: str) -> Iterator[Worker]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    metrics = folder / "metrics"
    metrics.mkdir()
    env = os.environ | {
        "NEWSMILL_REDIS_URL": redis_url,
        "PYTHONPATH": str(Path(__file__).parents[3]),
        "PYTHONSAFEPATH": "1",
        **settings,
    }
    if pool == "prefork":
        env["PROMETHEUS_MULTIPROC_DIR"] = str(metrics)
    script = Path(__file__).with_name("echo.py")
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([sys.executable, str(script), pool, str(port)], env=env, stdout=log, stderr=log)
    try:
        yield Worker(process, port, folder / "log")
    finally:
        process.send_signal(signal.SIGCONT)
        process.kill()
        process.wait()


@pytest.fixture
def worker(request: pytest.FixtureRequest, redis: "Redis", redis_url: str, tmp_path: Path) -> Iterator[Worker]:
    """A worker on a pool: the test's parameter, or `solo`."""
    with started(redis_url, tmp_path, getattr(request, "param", "solo")) as running:
        yield running


def eventually(condition: Callable[[], bool], log: Path | None = None) -> None:
    """Waits until something holds; the end of the log says why it did not."""
    deadline = time.monotonic() + WITHIN_SECONDS
    while not condition():
        assert time.monotonic() < deadline, log.read_text()[-3000:] if log else "it never held"
        time.sleep(0.02)
