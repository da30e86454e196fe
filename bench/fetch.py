"""Pages a CPU second: Newsmill's fetcher beside Scrapy on one server, interleaved in one run.

The server is 200 hosts on loopback addresses that answer with 60 KB of HTML, gzip, after 150 ms. Newsmill's figure is
of the whole fetcher process: taking URLs from Celery's queue, politeness and robots.txt in Redis, storing the page
there and sending it on to the parser. Scrapy's is of downloading alone, its queue in memory. Both are measured from a
tenth of the pages to nine tenths, so that neither start nor tail counts, and with the same limit for each host.
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

from cpu import busy, cpu
from redis import Redis

from newsmill.local.ports import free_ports
from newsmill.local.redis_server import RedisServer
from shared.contracts import FetchRequested
from shared.later import Later
from shared.settings import Settings, environment
from shared.worker.connection import connect
from shared.worker.sender import make_sender

HERE = Path(__file__).parent
HOSTS = 200
# Requests at a time to one host, for all alike.
IN_FLIGHT = 10
ITEMS = re.compile(r'^newsmill_stage_items_total\{outcome="(\w+)",reason="\w*",stage="fetch"\} (\S+)$', re.MULTILINE)
PATIENCE = 300.0
# Reading /metrics costs the fetcher some milliseconds.
LOOK_SECONDS = 0.25
BESIDE = ("redis", "server", "others")
FIGURES = ("pages_per_second", "cpu_ms_per_page", "cores")
NOTE = """\
cores: CPU seconds a second of all processes of a kind; 1.00 a process is all that one can use. Newsmill's CPU includes
its queues (Celery), politeness and robots.txt in Redis, and storing the page; Redis' own is told apart. Scrapy's
includes neither. On a machine of two cores, two fetchers share them with Redis and the server; "others" is what the
rest of the machine did meanwhile, and where it is not near nothing, read no rate."""


@contextmanager
def site(port: int, latency: float) -> Iterator[int]:
    """The server, as its process id."""
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
    random.Random(1).shuffle(listed)
    return listed


def outcomes(ports: list[int]) -> tuple[float, float]:
    """Pages fetched so far and items that ended in another way, as the fetchers count them."""
    fetched = unfetched = 0.0
    for port in ports:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
                counts = ITEMS.findall(answer.read().decode())
        except OSError:
            continue
        fetched += sum(float(count) for outcome, count in counts if outcome == "ok")
        unfetched += sum(float(count) for outcome, count in counts if outcome != "ok")
    return fetched, unfetched


def newsmill(port: int, pages: int, processes: int, settings: dict[str, str], server: int) -> dict[str, Any]:
    """One run of so many fetcher processes."""
    with tempfile.TemporaryDirectory() as folder, RedisServer(Path(folder), appendonly=False) as redis:
        own = Settings(redis_url=redis.url)
        queues = connect(own)
        send = make_sender(Later(queues))
        listed = urls(port, pages)
        for start in range(0, pages, 1000):
            send(FetchRequested(url=url) for url in listed[start : start + 1000])
        queue: Any = Redis.from_url(redis.url).info("server")
        metrics = list(free_ports(9301, processes))
        fetchers = [fetcher(redis.url, number, settings) for number in metrics]
        try:
            return measured(pages, metrics, fetchers, {"redis": queue["process_id"], "server": server})
        finally:
            for fetcher in fetchers:
                fetcher.terminate()
            for fetcher in fetchers:
                fetcher.wait(30)


def fetcher(redis_url: str, metrics_port: int, settings: dict[str, str]) -> "subprocess.Popen[bytes]":
    """A fetcher process that may go to loopback addresses."""
    env = environment() | {
        "NEWSMILL_REDIS_URL": redis_url, "NEWSMILL_METRICS_PORT": str(metrics_port), "NEWSMILL_LOG_LEVEL": "WARNING",
        "NEWSMILL_FETCH_ALLOW_NETWORKS": "127.0.0.0/8", "NEWSMILL_FETCH_ALLOW_PORTS": "",
        "NEWSMILL_HOST_INTERVAL": "0", "NEWSMILL_HOST_IN_FLIGHT": str(IN_FLIGHT),
    } | settings  # fmt: skip
    command = [sys.executable, "-m", "services.fetcher.worker"]
    return subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def measured(
    pages: int, metrics: list[int], fetchers: list["subprocess.Popen[bytes]"], beside: dict[str, int]
) -> dict[str, Any]:
    """Rates from a tenth of the pages to nine tenths; `beside` are other processes whose CPU is told apart."""

    def until(share: float) -> dict[str, float]:
        deadline = time.monotonic() + PATIENCE
        while (counts := outcomes(metrics))[0] < share * pages:
            if dead := [fetcher.returncode for fetcher in fetchers if fetcher.poll() is not None]:
                raise SystemExit(f"a fetcher ended with {dead[0]}: is a --set wrong?")
            if time.monotonic() > deadline:
                raise SystemExit(f"{counts[0]:.0f} of {pages} pages in {PATIENCE:.0f} s, {counts[1]:.0f} other ends")
            time.sleep(LOOK_SECONDS)
        own = sum(cpu(fetcher.pid) for fetcher in fetchers)
        used = {"own": own} | {name: cpu(pid) for name, pid in beside.items()} | {"machine": busy()}
        return {"at": time.monotonic(), "fetched": counts[0], "other": counts[1]} | used

    first, last = until(0.1), until(0.9)
    spent = {name: last[name] - first[name] for name in first}
    seconds = spent["at"]
    return {
        "pages_per_second": spent["fetched"] / seconds,
        "cpu_ms_per_page": 1000 * spent["own"] / spent["fetched"],
        "cores": spent["own"] / seconds,
        "parked_or_dropped": spent["other"],
        "others_cores": max(0.0, spent["machine"] - spent["own"] - sum(spent[name] for name in beside)) / seconds,
    } | {f"{name}_cores": spent[name] / seconds for name in beside}


def scrapy(port: int, pages: int, concurrent: int) -> dict[str, Any]:
    """One run of Scrapy, newest of PyPI, in an environment of its own."""
    uv = str(Path(sys.executable).with_name("uv"))
    python = [uv, "run", "--quiet", "--no-project", "--isolated", "--with", "scrapy", "python"]
    return peer([*python, str(HERE / "fetch_scrapy.py"), str(concurrent), str(IN_FLIGHT)], port, pages)


def requests(port: int, pages: int, threads: int) -> dict[str, Any]:
    """One run of requests as most use it: a session a thread."""
    return peer([sys.executable, str(HERE / "fetch_requests.py"), str(threads)], port, pages)


def peer(command: list[str], port: int, pages: int) -> dict[str, Any]:
    """One run of somebody else, who takes URLs from standard input."""
    run = subprocess.run(command, input="\n".join(urls(port, pages)), stdout=subprocess.PIPE, text=True, check=True)
    report = json.loads(run.stdout.splitlines()[-1])
    if report["all"] != pages:
        raise SystemExit(f"{command[-2]} fetched {report['all']} of {pages} pages")
    return {
        "pages_per_second": report["pages"] / report["seconds"],
        "cpu_ms_per_page": 1000 * report["cpu"] / report["pages"],
        "cores": report["cpu"] / report["seconds"],
    }


def numbers(text: str) -> list[int]:
    return [int(item) for item in text.split(",") if item]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=8000, help="a process")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--latency", type=float, default=0.15, help="seconds before each answer of the server")
    parser.add_argument("--processes", type=numbers, default="1,2", help="fetcher processes of each run of Newsmill")
    parser.add_argument(
        "--scrapy", type=numbers, default="100,200,400", help="CONCURRENT_REQUESTS of each run of Scrapy"
    )
    parser.add_argument("--peers", action="store_true", help="also requests in 64 threads, for orientation")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a setting of the fetcher")
    parser.add_argument("--json", action="store_true", help="every run, as JSON")
    return parser.parse_args()


def runs(options: argparse.Namespace) -> dict[str, list[dict[str, Any]]]:
    """Rounds in which everyone has a turn: a machine that slows down does so for all."""
    settings = dict(setting.split("=", 1) for setting in options.set)
    results: dict[str, list[dict[str, Any]]] = {}
    port = next(iter(free_ports(18_080, 1)))
    with site(port, options.latency) as server:
        for _ in range(options.rounds):
            for count in options.processes:
                name = f"newsmill, {count} process{'es' * (count > 1)}"
                results.setdefault(name, []).append(newsmill(port, options.pages * count, count, settings, server))
            for count in options.scrapy:
                results.setdefault(f"scrapy, {count} at a time", []).append(scrapy(port, options.pages, count))
            if options.peers:
                results.setdefault("requests, 64 threads", []).append(requests(port, options.pages // 2, 64))
    return results


def medians(results: dict[str, list[dict[str, Any]]]) -> dict[str, dict[str, float]]:
    """Of each figure of each kind of run."""
    return {
        name: {key: statistics.median(round_[key] for round_ in rounds) for key in rounds[0]}
        for name, rounds in results.items()
    }


def ratio(middle: dict[str, dict[str, float]]) -> float | None:
    """Pages a CPU second of one process of ours to the best of Scrapy's; None if either did not run."""
    costs = {
        kind: [row["cpu_ms_per_page"] for name, row in middle.items() if name.startswith(kind)]
        for kind in ("newsmill", "scrapy")
    }
    return min(costs["scrapy"]) / costs["newsmill"][0] if all(costs.values()) else None


def report(middle: dict[str, dict[str, float]], rounds: int) -> None:
    """A table of medians, the ratio and what it means."""
    print(f"median of {rounds} rounds{'':17} pages/s   CPU ms/page   cores   Redis  server  others")
    for name, row in middle.items():
        rate, cost, cores = (row[figure] for figure in FIGURES)
        beside = "".join(f"{row[f'{who}_cores']:8.2f}" for who in BESIDE if f"{who}_cores" in row)
        print(f"{name:32} {rate:8.0f} {cost:13.2f} {cores:7.2f}{beside}")
    print(NOTE)
    if (quotient := ratio(middle)) is not None:
        print(f"pages a CPU second, Newsmill (one process) / Scrapy (its best): {quotient:.2f}")


def main() -> None:
    options = arguments()
    results = runs(options)
    middle = medians(results)
    if options.json:
        print(json.dumps({"runs": results, "medians": middle, "ratio": ratio(middle)}, indent=2))
    else:
        report(middle, options.rounds)


if __name__ == "__main__":
    main()
