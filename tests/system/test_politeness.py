"""Politeness as a site sees it: three fetcher processes, one killed on the way, and a burst."""

import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from threading import Thread

import pytest

pytestmark = [pytest.mark.process, pytest.mark.timing]
ROOT = Path(__file__).parents[2]


class Sites:
    """Hosts on loopback addresses that remember when each was asked for what."""

    def __init__(self) -> None:
        self.received: dict[str, list[tuple[float, str]]] = defaultdict(list)
        sites = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                sites.received[self.connection.getsockname()[0]].append((time.monotonic(), self.path))
                status, body = (404, b"") if self.path == "/robots.txt" else (200, b"<p>news</p>")
                self.send_response(status)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("0.0.0.0", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_port
        Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def pages(self, host: str) -> list[str]:
        return [path for _, path in self.received[host] if path != "/robots.txt"]

    def gaps(self, host: str) -> list[float]:
        times = [at for at, _ in self.received[host]]
        return [later - earlier for earlier, later in pairwise(times)]


@pytest.fixture
def sites() -> Iterator[Sites]:
    sites = Sites()
    yield sites
    sites.server.shutdown()
    sites.server.server_close()


@contextmanager
def fetchers(redis_url: str, folder: Path, count: int, **settings: str) -> Iterator[list["subprocess.Popen[bytes]"]]:
    """So many fetcher processes, stopped in the end."""
    running = []
    for number in range(count):
        env = os.environ | {
            "NEWSMILL_REDIS_URL": redis_url, "NEWSMILL_METRICS_PORT": "0", "NEWSMILL_FETCH_ALLOW_NETWORKS": "127.0.0.0/8",
            "NEWSMILL_FETCH_ALLOW_PORTS": "", **settings,
        }  # fmt: skip
        with (folder / f"fetcher{number}.log").open("wb") as log:
            command = [sys.executable, "-m", "services.fetcher.worker"]
            running.append(subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log))
    try:
        yield running
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(30)


def submit(redis_url: str, urls: list[str]) -> None:
    """Puts fetches on the queue as the scheduler does, from a process of its own."""
    program = (
        "import sys\n"
        "from shared.contracts import FetchRequested\n"
        "from shared.later import Later\n"
        "from shared.settings import Settings\n"
        "from shared.worker.connection import connect\n"
        "from shared.worker.sender import make_sender\n"
        "redis = connect(Settings())\n"
        "courier = make_sender(Later(redis))\n"
        "courier(FetchRequested(url=url) for url in sys.stdin.read().split())\n"
    )
    env = os.environ | {"NEWSMILL_REDIS_URL": redis_url}
    subprocess.run([sys.executable, "-c", program], input="\n".join(urls).encode(), cwd=ROOT, env=env, check=True)


def wait(until: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if until():
            return True
        time.sleep(0.1)
    return False


def test_three_fetchers_and_a_kill_never_ask_a_host_inside_its_interval(
    redis_url: str, redis, sites: Sites, tmp_path: Path
) -> None:
    hosts, each, interval = [f"127.0.2.{n}" for n in range(1, 9)], 12, 0.5
    urls = [f"http://{host}:{sites.port}/{n}" for n in range(each) for host in hosts]
    submit(redis_url, urls)
    # What the killed one had been granted lapses with its lease, a little more than a page may take.
    settings = {"NEWSMILL_HOST_INTERVAL": str(interval), "NEWSMILL_FETCH_TOTAL_TIMEOUT": "5"}
    with fetchers(redis_url, tmp_path, 3, **settings) as running:
        assert wait(lambda: all(len(sites.pages(host)) >= 3 for host in hosts), 40)
        running[0].send_signal(signal.SIGKILL)
        # What the killed one held comes back later (custody); the others go on with the rest.
        assert wait(lambda: sum(len(set(sites.pages(host))) for host in hosts) >= 0.7 * len(urls), 90)
    assert min(min(sites.gaps(host)) for host in hosts) >= interval


def test_a_burst_for_one_host_holds_up_no_other(redis_url: str, redis, sites: Sites, tmp_path: Path) -> None:
    burst = [f"http://127.0.3.1:{sites.port}/{n}" for n in range(2000)]
    others = [f"http://127.0.3.{n}:{sites.port}/page" for n in range(2, 22)]
    submit(redis_url, [*burst, *others])
    settings = {"NEWSMILL_HOST_INTERVAL": "1", "NEWSMILL_OBEY_ROBOTS": "false"}
    with fetchers(redis_url, tmp_path, 1, **settings):
        assert wait(lambda: all(sites.pages(url.split("/")[2].split(":")[0]) for url in others), 60)
        held_up = len(sites.pages("127.0.3.1"))
        assert redis.zcard("newsmill:turns:127.0.3.1") > 1800
    # A restart loses nobody's place.
    assert redis.zcard("newsmill:turns:127.0.3.1") > 1800
    with fetchers(redis_url, tmp_path, 1, **settings):
        assert wait(lambda: len(sites.pages("127.0.3.1")) >= held_up + 3, 30)
    assert min(sites.gaps("127.0.3.1")) >= 1
