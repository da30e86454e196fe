"""What storing an article costs beside reading it: CPU milliseconds of real pages, on SQLite and PostgreSQL.

    python bench/storing.py CORPUS [--pages 400] [--batch 50] [--rounds 3] [--postgres URL]

Each page of the corpus is read by the parser, sent through JSON as on the wire, and stored as the storage worker does,
with its raw page in Redis and an archive in a folder. Reading and storing take turns in one process, so that a slow
machine slows both alike. Prints a line of JSON a database: medians of the rounds, each in an empty database.
"""

import argparse
import json
import logging
import random
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any
from uuid import uuid4

import structlog
from extract_corpus import Page as CorpusPage
from extract_corpus import pages as corpus_pages
from redis import Redis
from sqlalchemy import create_engine, make_url, text

from newsmill.local.redis_server import RedisServer
from services.parser.listing.child_sitemaps import SitemapLimits
from services.parser.parse import parse
from services.storage.migrate import migrate
from services.storage.settings import StorageSettings
from services.storage.store import Store
from shared.contracts import Message, Page, PageFetched, encode
from shared.database.engine import make_engine
from shared.errors import BadUrl, Drop, Reject
from shared.later import Later
from shared.outcomes import Limits
from shared.pages import Http, RedisPages
from shared.stage import Stage
from shared.urls import canonical

SITEMAPS = SitemapLimits(50, 3, None, 1000)
LIMITS = Limits(5, 3, 600)


def address_of(page: CorpusPage, number: int) -> str:
    """The page's own URL, or a made-up one where the corpus has none that could be fetched."""
    try:
        return canonical(page.url.strip())
    except BadUrl:
        return f"https://site{number % 150}.example/{number}"


def fetched(page: CorpusPage, number: int, pages: RedisPages) -> PageFetched:
    """A page of the corpus as the fetcher would send it, its bytes in the page store."""
    url = address_of(page, number)
    key = pages.put(page.raw, None, Http((), 200, "OK", (("Content-Type", "text/html"),)))
    raw = Page(
        url=url, final_url=url, key=key, media_type="text/html", size=len(page.raw), fetched_at=datetime.now(UTC)
    )
    return PageFetched(page=raw)


def read(message: PageFetched, pages: RedisPages) -> list[dict[str, Any]]:
    """What the parser sends of a page, as JSON objects; nothing of a page that it drops."""
    try:
        return [encode(parsed) for parsed in parse(message, pages=pages, max_bytes=10_000_000, child_sitemaps=SITEMAPS)]
    except (Drop, Reject):
        return []


def discard(_messages: Iterator[Message], *, at_once: bool = False) -> None:  # noqa: ARG001 - a Sender's signature
    """Sends nothing on: what follows from storing is no part of it."""
    list(_messages)


def stage(redis: "Redis", address: str, folder: Path) -> Stage:
    later = Later(redis)
    settings = StorageSettings(database_url=address, pages_url=str(folder))
    store = Store(make_engine(address), redis, later, RedisPages(redis, 600), settings)
    return Stage("store", store.handle, handle_batch=store.handle_batch, send=discard, redis=redis, limits=LIMITS)


def batches(corpus: Sequence[CorpusPage], size: int) -> Iterator[list[tuple[int, CorpusPage]]]:
    numbered = list(enumerate(corpus))
    for start in range(0, len(numbered), size):
        yield numbered[start : start + size]


def measured(corpus: Sequence[CorpusPage], batch: int, address: str) -> dict[str, float]:
    """CPU milliseconds a page of reading and of storing, in a database that is empty."""
    with tempfile.TemporaryDirectory() as folder, RedisServer(Path(folder), appendonly=False) as server:
        redis = Redis.from_url(server.url)
        pages, store = RedisPages(redis, 600), stage(redis, address, Path(folder) / "pages")
        reading, storing, count = 0.0, 0.0, 0
        for numbered in batches(corpus, batch):
            messages = [fetched(page, number, pages) for number, page in numbered]
            begun = process_time()
            items = [item for message in messages for item in read(message, pages)]
            read_at = process_time()
            wire = json.loads(json.dumps(items))
            sent_at = process_time()
            store.run(wire, uuid4().hex)
            reading, storing = reading + read_at - begun, storing + process_time() - sent_at
            count += len({item["trace_id"] for item in items})
    return {"reading": 1000 * reading / count, "storing": 1000 * storing / count, "pages": count}


def databases(postgres: str | None) -> Iterator[tuple[str, str]]:
    """The name and address of an empty database of each kind, migrated."""
    with tempfile.TemporaryDirectory() as folder:
        address = f"sqlite:///{folder}/newsmill.db"
        migrate(address)
        yield "SQLite", address
    if postgres:
        admin, name = create_engine(postgres, isolation_level="AUTOCOMMIT"), f"bench_{uuid4().hex[:8]}"
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
            address = make_url(postgres).set(database=name).render_as_string(hide_password=False)
            migrate(address)
            yield "PostgreSQL", address
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--pages", type=int, default=400)
    parser.add_argument("--batch", type=int, default=50, help="pages stored in one transaction")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--postgres", help="address of a server on which databases may be made")
    options = parser.parse_args()
    everything = list(corpus_pages(options.corpus))
    corpus = random.Random(7).sample(everything, min(options.pages, len(everything)))
    rounds: dict[str, list[dict[str, float]]] = {}
    for _ in range(options.rounds):
        for name, address in databases(options.postgres):
            rounds.setdefault(name, []).append(measured(corpus, options.batch, address))
    for name, figures in rounds.items():
        middle = {key: round(median(figure[key] for figure in figures), 2) for key in figures[0]}
        print(json.dumps({"database": name} | middle | {"ratio": round(middle["storing"] / middle["reading"], 3)}))


if __name__ == "__main__":
    main()
