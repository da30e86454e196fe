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

from shared.worker.watchdog import MOST_SILENT, answers, watch

SERVER = """
import http.server, signal, sys, time
signal.signal(signal.SIGUSR1, lambda *_: time.sleep(1000))
class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(int(sys.argv[2]))
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Health).serve_forever()
"""


class Worker:
    """A process that answers every request with one status."""

    def __init__(self, status: int) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}/healthz"
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVER, str(port), str(status)], stderr=subprocess.DEVNULL
        )
        until_it_answers(self.url)


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until_it_answers(url: str) -> None:
    deadline = time.monotonic() + 30
    while not answers(url, 1):
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


def test_a_worker_whose_loop_hangs_is_ended_though_it_takes_connections(worker: Worker) -> None:
    worker.process.send_signal(signal.SIGUSR1)
    assert watch(worker.process, worker.url, 0.02) == os.EX_SOFTWARE


CHECK_SECONDS = 0.02
WATCHING = """
import subprocess, sys
from shared.worker.watchdog import watch
process = subprocess.Popen([sys.executable, "-c", *sys.argv[3:]])
sys.stdout.write(f"{process.pid}\\n")
sys.stdout.flush()
sys.exit(watch(process, sys.argv[1], float(sys.argv[2])))
"""


def test_a_worker_that_was_paused_with_its_watchdog_goes_on() -> None:
    """`docker pause` stops both: checks that were not made count for nothing."""
    port = free_port()
    url = f"http://127.0.0.1:{port}/"
    command = [sys.executable, "-c", WATCHING, url, str(CHECK_SECONDS), SERVER, str(port), "200"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as watchdog:
        assert watchdog.stdout is not None
        worker_id = int(watchdog.stdout.readline())
        until_it_answers(url)
        for number in (signal.SIGSTOP, signal.SIGCONT):
            os.kill(worker_id, number)
            watchdog.send_signal(number)
            # Many times as long as it takes to end a worker that is silent.
            time.sleep(20 * MOST_SILENT * CHECK_SECONDS)
        assert answers(url, 5)
        assert watchdog.poll() is None
        os.kill(worker_id, signal.SIGTERM)
        assert watchdog.wait(30) == 128 + signal.SIGTERM


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
    # `code` is a module that runs until it is told to stop: it waits for lines of Python.
    module = [sys.executable, "-m", "shared.worker.watchdog", "http://127.0.0.1:1/", "code"]
    with subprocess.Popen(module, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as watchdog:
        assert watchdog.stderr is not None
        assert any(b"InteractiveConsole" in line for line in watchdog.stderr)
        watchdog.send_signal(signal.SIGTERM)
        assert watchdog.wait(30) == 128 + signal.SIGTERM
