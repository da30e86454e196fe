"""Politeness as the sites see it: three fetchers of which one is killed on the way, and a burst for one host.

First: 40 hosts, 30 pages each, one request a second to each host. A third of the way one fetcher is killed with SIGKILL.
Prints the smallest gap between two requests at each host by the server's own clock, robots.txt included.

Second: pages of 100 other hosts, asked for after a burst of 10,000 URLs of one host, and without the burst. Prints how
long the other hosts' pages waited.
"""

import argparse
import json
import random
import signal
import statistics
import subprocess
import tempfile
import time
import urllib.request
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

from fetch import fetcher, site
from redis import Redis

from newsmill.local.ports import free_ports
from newsmill.local.redis_server import RedisServer
from shared.contracts import FetchRequested
from shared.later import Later
from shared.settings import Settings
from shared.worker.connection import connect
from shared.worker.sender import make_sender

SEEN: dict[str, list[float]] = defaultdict(list)


def request_times(port: int) -> dict[str, list[float]]:
    """When each host was asked so far, by the server's clock; the server tells each time once."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/log", timeout=30) as answer:
        for host, times in json.load(answer).items():
            SEEN[host] += times
    return SEEN


def submit(redis_url: str, urls: list[str]) -> None:
    own = Settings(redis_url=redis_url)
    redis = connect(own)
    send = make_sender(Later(redis))
    for start in range(0, len(urls), 1000):
        send(FetchRequested(url=url) for url in urls[start : start + 1000])


def start(redis_url: str, count: int, interval: str) -> list["subprocess.Popen[bytes]"]:
    settings = {"NEWSMILL_HOST_INTERVAL": interval, "NEWSMILL_HOST_IN_FLIGHT": "2"}
    return [fetcher(redis_url, port, settings) for port in free_ports(9301, count)]


def stop(running: list["subprocess.Popen[bytes]"]) -> None:
    for process in running:
        process.terminate()
    for process in running:
        process.wait(30)


def gaps(port: int, interval: float) -> None:
    """Three fetchers and a kill."""
    hosts, pages = 40, 30
    urls = [f"http://127.0.1.{host + 1}:{port}/{page}" for page in range(pages) for host in range(hosts)]
    random.Random(1).shuffle(urls)
    with tempfile.TemporaryDirectory() as folder, RedisServer(Path(folder), appendonly=False) as redis:
        submit(redis.url, urls)
        running = start(redis.url, 3, str(interval))
        killed = False
        deadline = time.monotonic() + 240
        while (count := sum(map(len, request_times(port).values()))) < 0.9 * len(urls) and time.monotonic() < deadline:
            if not killed and count > len(urls) / 3:
                running[0].send_signal(signal.SIGKILL)
                killed = True
            time.sleep(0.5)
        stop(running)
    times_by_host = {host: times for host, times in request_times(port).items() if host.startswith("127.0.1.")}
    smallest = sorted(min(later - earlier for earlier, later in pairwise(times)) for times in times_by_host.values())
    middle = statistics.median(
        later - earlier for times in times_by_host.values() for earlier, later in pairwise(times)
    )
    total = sum(map(len, times_by_host.values()))
    print(
        f"{len(times_by_host)} hosts, {total} requests, interval {interval:g} s, one of three fetchers killed: {killed}"
    )
    print(
        f"smallest gap of each host: {smallest[0]:.3f} s at least, {smallest[-1]:.3f} s at most; median gap {middle:.3f} s"
    )


def burst(port: int, size: int, first_host: int) -> None:
    """How long pages of other hosts wait behind a burst."""
    others = [f"http://127.0.2.{first_host + n}:{port}/page" for n in range(100)]
    with tempfile.TemporaryDirectory() as folder, RedisServer(Path(folder), appendonly=False) as redis:
        submit(redis.url, [f"http://127.0.3.{first_host}:{port}/{n}" for n in range(size)])
        running = start(redis.url, 1, "1")
        while size and not request_times(port).get(f"127.0.3.{first_host}"):
            time.sleep(0.1)
        time.sleep(0 if size else 5)
        began = time.monotonic()
        submit(redis.url, others)
        hosts = [f"127.0.2.{first_host + n}" for n in range(100)]
        deadline = began + 120
        while not all(len(request_times(port).get(host, [])) >= 2 for host in hosts) and time.monotonic() < deadline:
            time.sleep(0.1)
        times_by_host = request_times(port)
        waits = sorted(times_by_host[host][1] - began for host in hosts if len(times_by_host.get(host, [])) >= 2)
        parked = Redis.from_url(redis.url).zcard(f"newsmill:turns:127.0.3.{first_host}")
        stop(running)
    print(
        f"{size:6} URLs of one host first: robots.txt and page of {len(waits)} others after {statistics.median(waits):.1f} s "
        f"(median), {waits[-1]:.1f} s (last); {parked} of the burst wait for their turn"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--interval", type=float, default=1.0)
    interval = parser.parse_args().interval
    port = next(iter(free_ports(18_080, 1)))
    with site(port, 0.05):
        gaps(port, interval)
        burst(port, 0, 1)
        burst(port, 10_000, 101)


if __name__ == "__main__":
    main()
