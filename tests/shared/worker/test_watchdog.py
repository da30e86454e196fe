"""The watchdog of a container: it ends a worker that is frozen, and no other."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from shared.worker.watchdog import answers, watch

SERVER = """
import http.server, sys
class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(int(sys.argv[2]))
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Health).serve_forever()
"""


class Worker:
    """A process that answers every request with one status."""

    def __init__(self, status: int) -> None:
        with closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}/healthz"
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVER, str(port), str(status)], stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + 30
        while not answers(self.url, 1):
            assert time.monotonic() < deadline


@pytest.fixture
def worker(request: pytest.FixtureRequest) -> Iterator[Worker]:
    worker = Worker(getattr(request, "param", 200))
    yield worker
    worker.process.kill()
    worker.process.wait()


def test_a_frozen_worker_is_ended(worker: Worker) -> None:
    worker.process.send_signal(signal.SIGSTOP)
    assert watch(worker.process, worker.url, 0.02) == os.EX_SOFTWARE
    assert worker.process.returncode == -signal.SIGKILL


@pytest.mark.parametrize("worker", [200, 503], indirect=True)
def test_a_worker_that_answers_is_left_alone_until_it_ends(worker: Worker) -> None:
    killer = subprocess.Popen(
        [sys.executable, "-c", f"import os, time; time.sleep(1); os.kill({worker.process.pid}, 15)"]
    )
    assert watch(worker.process, worker.url, 0.02) == 128 + signal.SIGTERM
    killer.wait()


def test_what_a_worker_exits_with_is_what_the_container_exits_with() -> None:
    process = subprocess.Popen([sys.executable, "-c", "raise SystemExit(2)"])
    assert watch(process, "http://127.0.0.1:1/", 5) == 2


def test_the_signal_to_stop_reaches_the_worker() -> None:
    module = [sys.executable, "-m", "shared.worker.watchdog", "http://127.0.0.1:1/", "http.server"]
    watchdog = subprocess.Popen(
        [*module], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=os.environ | {"PYTHONUNBUFFERED": "1"}
    )
    assert watchdog.stdout is not None
    assert b"Serving" in watchdog.stdout.readline()
    watchdog.send_signal(signal.SIGINT)
    assert watchdog.wait(30) in (0, 128 + signal.SIGINT)
    watchdog.stdout.close()
