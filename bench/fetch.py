"""Pages a CPU second: Newsmill's fetcher beside Scrapy on one server, interleaved in one run.

The server is 200 hosts on loopback addresses that answer with 60 KB of HTML, gzip, after 150 ms. Newsmill's figure is
of the whole fetcher process: taking URLs from Celery's queue, politeness and robots.txt in Redis, storing the page
there and sending it on to the parser. Scrapy's is of downloading alone. Measured from a tenth of the pages to nine
tenths, so that neither start nor tail counts.
"""

import argparse
import json
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from newsmill.local import free_ports
from newsmill.redis_server import RedisServer
from shared.contracts import FetchRequested
from shared.later import Later
from shared.settings import Settings, environment
from shared.worker import connect, make_app, make_courier

HERE = Path(__file__).parent
HOSTS = 200
DONE = re.compile(r'^newsmill_stage_items_total\{outcome="ok",reason="",stage="fetch"\} (\S+)$', re.MULTILINE)


@contextmanager
def site(port: int, latency: float) -> Iterator[int]:
    command = [sys.executable, str(HERE / "fetch_site.py"), str(port), "--latency", str(latency)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as server:
        assert server.stdout
        server.stdout.readline()
        try:
            yield server.pid
        finally:
            server.kill()


def urls(port: int, pages: int) -> list[str]:
    """Shuffled over the hosts."""
    listed = [f"http://127.0.1.{n % HOSTS + 1}:{port}/news/{n // HOSTS}" for n in range(pages)]
    random.Random(1).shuffle(listed)  # noqa: S311 - an order
    return listed


def cpu(pid: int) -> float:
    """CPU seconds of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


def done(ports: list[int]) -> float:
    """Pages fetched so far, as the fetchers count them."""
    total = 0.0
    for port in ports:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
                total += sum(map(float, DONE.findall(answer.read().decode())))
        except OSError:
            continue
    return total


def newsmill(port: int, pages: int, processes: int, settings: dict[str, str], server: int) -> dict[str, Any]:
    """One run of so many fetcher processes."""
    with tempfile.TemporaryDirectory() as folder, RedisServer(Path(folder), appendonly=False) as redis:
        own = Settings(redis_url=redis.url)
        courier = make_courier(make_app(own), Later(connect(own)))
        listed = urls(port, pages)
        for start in range(0, pages, 1000):
            courier(FetchRequested(url=url) for url in listed[start : start + 1000])
        metrics = list(free_ports(9301, processes))
        fetchers = [fetcher(redis.url, number, settings) for number in metrics]
        try:
            return measured(pages, metrics, [one.pid for one in fetchers], server)
        finally:
            for one in fetchers:
                one.terminate()
            for one in fetchers:
                one.wait(30)


def fetcher(redis_url: str, metrics_port: int, settings: dict[str, str]) -> "subprocess.Popen[bytes]":
    env = environment() | {
        "NEWSMILL_REDIS_URL": redis_url, "NEWSMILL_METRICS_PORT": str(metrics_port), "NEWSMILL_LOG_LEVEL": "WARNING",
        "NEWSMILL_FETCH_ALLOW_NETWORKS": "127.0.0.0/8", "NEWSMILL_FETCH_ALLOW_PORTS": "",
        "NEWSMILL_HOST_INTERVAL": "0", "NEWSMILL_HOST_IN_FLIGHT": "10",
    } | settings  # fmt: skip
    command = [sys.executable, "-m", "services.fetcher.worker"]
    return subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def measured(pages: int, metrics: list[int], pids: list[int], server: int) -> dict[str, Any]:
    """Rates from a tenth of the pages to nine tenths."""

    def until(share: float) -> tuple[float, float, list[float], float]:
        deadline = time.monotonic() + 300
        while (count := done(metrics)) < share * pages:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{count:.0f} of {pages} pages in 300 s")
            time.sleep(0.1)
        return time.monotonic(), count, [cpu(pid) for pid in pids], cpu(server)

    began, first, cpu_before, server_before = until(0.1)
    ended, last, cpu_after, server_after = until(0.9)
    seconds, fetched = ended - began, last - first
    used = [after - before for before, after in zip(cpu_before, cpu_after, strict=True)]
    return {
        "pages_per_second": fetched / seconds,
        "cpu_ms_per_page": 1000 * sum(used) / fetched,
        "cores_busy": [round(one / seconds, 2) for one in used],
        "server_cores": round((server_after - server_before) / seconds, 2),
    }


def scrapy(port: int, pages: int, concurrent: int) -> dict[str, Any]:
    """One run of Scrapy, newest of PyPI."""
    command = [
        str(Path(sys.executable).with_name("uv")), "run", "--quiet", "--no-project", "--with", "scrapy",
        "python", str(HERE / "fetch_scrapy.py"), str(concurrent), "10",
    ]  # fmt: skip
    run = subprocess.run(command, input="\n".join(urls(port, pages)), capture_output=True, text=True, check=True)
    found = json.loads(run.stdout.splitlines()[-1])
    return {
        "pages_per_second": found["pages"] / found["seconds"],
        "cpu_ms_per_page": 1000 * found["cpu"] / found["pages"],
        "cores_busy": [round(found["cpu"] / found["seconds"], 2)],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=8000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--latency", type=float, default=0.15)
    parser.add_argument("--processes", default="1,2", help="fetcher processes of each run of Newsmill")
    parser.add_argument("--scrapy", default="100,200", help="CONCURRENT_REQUESTS of each run of Scrapy; empty for none")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a setting of the fetcher")
    given = parser.parse_args()
    settings = dict(one.split("=", 1) for one in given.set)
    results: dict[str, list[dict[str, Any]]] = {}
    port = next(iter(free_ports(18_080, 1)))
    with site(port, given.latency) as server:
        for _ in range(given.rounds):
            for processes in map(int, given.processes.split(",")):
                found = newsmill(port, given.pages * processes, processes, settings, server)
                results.setdefault(f"newsmill, {processes} process(es)", []).append(found)
            for concurrent in map(int, filter(None, given.scrapy.split(","))):
                found = scrapy(port, given.pages // 2, concurrent)
                results.setdefault(f"scrapy, {concurrent} at a time", []).append(found)
    report(results)


def report(results: dict[str, list[dict[str, Any]]]) -> None:
    """The median of each, and ours against the best of Scrapy's."""
    medians = {
        name: {key: statistics.median(run[key] for run in runs) for key in ("pages_per_second", "cpu_ms_per_page")}
        for name, runs in results.items()
    }
    for name, median in medians.items():
        busy = ", ".join(str(run["cores_busy"]) for run in results[name])
        print(
            f"{name:28} {median['pages_per_second']:7.0f} pages/s {median['cpu_ms_per_page']:6.2f} ms CPU/page  cores {busy}"
        )
    costs = {
        kind: [m["cpu_ms_per_page"] for name, m in medians.items() if name.startswith(kind)]
        for kind in ("newsmill", "scrapy")
    }
    if all(costs.values()):
        print(f"pages a CPU second, newsmill / scrapy: {min(costs['scrapy']) / costs['newsmill'][0]:.1f}")


if __name__ == "__main__":
    main()
