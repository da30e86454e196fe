"""Scrapy downloading URLs from standard input; run by bench/fetch.py in an environment of its own.

Prints JSON: pages, and CPU and wall seconds from a tenth of the answers to nine tenths.
"""

import json
import sys
import time
from collections.abc import AsyncIterator
from typing import Any

import scrapy
from scrapy.crawler import CrawlerProcess

TIMES: list[tuple[float, float]] = []


class Pages(scrapy.Spider):
    """Takes each page's bytes, and no more."""

    name = "pages"

    async def start(self) -> AsyncIterator[Any]:
        for url in sys.stdin.read().split():
            yield scrapy.Request(url, dont_filter=True)

    def parse(self, response: Any) -> None:
        if response.status == 200 and len(response.body) > 1000:
            TIMES.append((time.monotonic(), time.process_time()))


def main() -> None:
    concurrent = int(sys.argv[1])
    process = CrawlerProcess(
        {
            "CONCURRENT_REQUESTS": concurrent,
            "CONCURRENT_REQUESTS_PER_DOMAIN": int(sys.argv[2]),
            "DOWNLOAD_DELAY": 0,
            # At its default of 5 MB, pages on their way to the callback hold up downloads: a quarter of the core idles.
            "SCRAPER_SLOT_MAX_ACTIVE_SIZE": 500_000_000,
            "ROBOTSTXT_OBEY": True,
            "LOG_LEVEL": "ERROR",
            "TELNETCONSOLE_ENABLED": False,
            "COOKIES_ENABLED": False,
            "RETRY_ENABLED": False,
        }
    )
    process.crawl(Pages)
    process.start()
    # From a tenth to nine tenths: neither the start nor the tail.
    count = len(TIMES)
    first, last = TIMES[count // 10], TIMES[count * 9 // 10]
    pages = count * 9 // 10 - count // 10
    print(json.dumps({"pages": pages, "seconds": last[0] - first[0], "cpu": last[1] - first[1], "all": count}))


if __name__ == "__main__":
    main()
