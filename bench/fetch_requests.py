"""requests in threads downloading URLs from standard input; run by bench/fetch.py. No politeness, no robots.txt.

Prints JSON: pages, and CPU and wall seconds from a tenth of the answers to nine tenths.
"""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from threading import local

import requests

OWN = local()


def fetch(url: str) -> tuple[float, float]:
    """Downloads a page; when that was, in wall and in CPU seconds."""
    if not hasattr(OWN, "session"):
        OWN.session = requests.Session()
    answer = OWN.session.get(url, timeout=30)
    answer.raise_for_status()
    assert len(answer.content) > 1000
    return time.monotonic(), time.process_time()


def main() -> None:
    with ThreadPoolExecutor(int(sys.argv[1])) as pool:
        times = sorted(pool.map(fetch, sys.stdin.read().split()))
    count = len(times)
    first, last = times[count // 10], times[count * 9 // 10]
    pages = count * 9 // 10 - count // 10
    print(json.dumps({"pages": pages, "seconds": last[0] - first[0], "cpu": last[1] - first[1], "all": count}))


if __name__ == "__main__":
    main()
