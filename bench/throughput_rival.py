"""What a team builds in a day: Scrapy, trafilatura and a table, run by bench/throughput in an environment of its own.

    python bench/throughput_rival.py DATABASE < URLS

Prints JSON: pages stored, and CPU and wall seconds from the first request to the last row; start-up is taken off.
"""

import json
import sys
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import scrapy
import trafilatura
from scrapy.crawler import CrawlerProcess
from sqlalchemy import Column, Engine, MetaData, String, Table, Text, create_engine, insert, select
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

ARTICLES = Table(
    "rival_article", MetaData(), Column("url", String, primary_key=True), Column("title", Text), Column("author", Text),
    Column("date", String), Column("image", Text), Column("text", Text),
)  # fmt: skip
BATCH = 50


class Rows:
    """Items that go to the table in batches."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._rows: list[dict[str, Any]] = []
        self.count = 0

    def add(self, row: dict[str, Any]) -> None:
        self._rows.append(row)
        if len(self._rows) >= BATCH:
            self.write()

    def write(self) -> None:
        if self._rows:
            with self._engine.begin() as connection:
                stored = select(ARTICLES.c.url).where(ARTICLES.c.url.in_([row["url"] for row in self._rows]))
                known_urls = set(connection.scalars(stored))
                rows = [row for row in self._rows if row["url"] not in known_urls]
                if rows:
                    connection.execute(insert(ARTICLES), rows)
        self.count += len(self._rows)
        self._rows = []


class News(scrapy.Spider):
    """Reads every page that it is given and stores its article."""

    name = "news"
    rows: Rows

    async def start(self) -> AsyncIterator[Any]:
        for url in sys.stdin.read().split():
            yield scrapy.Request(url, dont_filter=True)

    def parse(self, response: Any) -> None:
        document = trafilatura.bare_extraction(response.body, url=response.url, with_metadata=True)
        fields = ("title", "author", "date", "image", "text")
        self.rows.add({"url": response.url} | {name: document and getattr(document, name) for name in fields})


def main() -> None:
    engine = create_engine(sys.argv[1])
    # The other process may make the table at the same moment.
    with suppress(IntegrityError, OperationalError, ProgrammingError):
        ARTICLES.metadata.create_all(engine)
    News.rows = Rows(engine)
    process = CrawlerProcess(
        {
            "CONCURRENT_REQUESTS": 32, "CONCURRENT_REQUESTS_PER_DOMAIN": 10, "DOWNLOAD_DELAY": 0, "ROBOTSTXT_OBEY": True,
            "LOG_LEVEL": "ERROR", "TELNETCONSOLE_ENABLED": False, "COOKIES_ENABLED": False,
        }
    )  # fmt: skip
    started, used = time.monotonic(), time.process_time()
    process.crawl(News)
    process.start()
    News.rows.write()
    seconds, cpu = time.monotonic() - started, time.process_time() - used
    print(json.dumps({"pages": News.rows.count, "seconds": seconds, "cpu": cpu}))


if __name__ == "__main__":
    main()
