"""What one page costs in CPU by the way it is asked for: requests as commonly used, and our layer over urllib3.

60 KB of HTML, gzip, from one kept-alive loopback server without latency; one thread, one page after the other; the
ways take turns in rounds, and the median counts. Ours includes the guard, the clock on every read, and the limits.
"""

import argparse
import gzip
import http.client
import statistics
import time
from collections.abc import Callable

import requests
import urllib3
from fetch import site

from newsmill.local.ports import free_ports
from services.fetcher.settings import FetcherSettings
from services.fetcher.wire.decoding import body
from services.fetcher.wire.web import make_web

LIMIT = 10_000_000


def ways(url: str, port: int) -> dict[str, Callable[[], bytes]]:
    """Each way to get the page, decoded."""
    session, bare = requests.Session(), requests.Session()
    bare.trust_env = False
    manager = urllib3.PoolManager()
    connection = http.client.HTTPConnection("127.0.0.1", port)
    web = make_web(FetcherSettings(fetch_allow_networks="127.0.0.1/32", fetch_allow_ports=""))

    def ours() -> bytes:
        with web.get(url, time.monotonic() + 60) as answer:
            return body(answer, LIMIT)

    def by_hand() -> bytes:
        connection.request("GET", "/news/1", headers={"Accept-Encoding": "gzip"})
        return gzip.decompress(connection.getresponse().read())

    packed = {"Accept-Encoding": "gzip"}
    return {
        "requests.get()": lambda: requests.get(url, timeout=60).content,
        "requests.Session": lambda: session.get(url, timeout=60).content,
        "requests.Session, trust_env off": lambda: bare.get(url, timeout=60).content,
        "Newsmill's Web": ours,
        "urllib3": lambda: manager.request("GET", url, headers=packed).data,
        "http.client": by_hand,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--pages", type=int, default=200, help="of each way in each round")
    options = parser.parse_args()
    port = next(iter(free_ports(18_080, 1)))
    costs: dict[str, list[float]] = {}
    with site(port, 0.0):
        requests_by_way = ways(f"http://127.0.0.1:{port}/news/1", port)
        assert len({get() for get in requests_by_way.values()}) == 1
        for _ in range(options.rounds):
            for name, get in requests_by_way.items():
                began = time.process_time()
                for _ in range(options.pages):
                    get()
                costs.setdefault(name, []).append(1000 * (time.process_time() - began) / options.pages)
    least = statistics.median(costs["urllib3"])
    for name, measured in costs.items():
        median = statistics.median(measured)
        print(f"{name:32} {median:6.2f} ms CPU a page   {median / least:5.2f} x urllib3")


if __name__ == "__main__":
    main()
