"""What the hot queries cost as articles grow in number: CPU milliseconds of each, at 10,000, 100,000 and 1,000,000 articles.

    python bench/scale.py [--articles 1000000] [--database URL]

SQLite in a temporary folder unless another empty database is given; of PostgreSQL, which must run on this machine, the CPU of
the connection's own server process is counted too. Rows are made up: 40 sources, 12 languages, texts of 120 words (what a query
costs hangs on the indexes, not on how long a text is). Prints a line of JSON a size, medians of 25.
"""

import argparse
import json
import random
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

from sqlalchemy import Engine, insert, select, text
from sqlmodel import Session, col

from services.reader.queries import news
from services.reader.queries.history import _article
from services.storage.batch import sort
from services.storage.identity import ladder
from services.storage.migrate import migrate
from services.storage.settings import StorageSettings
from services.storage.store import Rules, write
from services.storage.tables import image_reports, revisits, versions
from services.storage.tables.pacer import Pacer
from shared.contracts import Article as Parsed
from shared.contracts import ArticleParsed
from shared.contracts import Page as RawPage
from shared.database.engine import make_engine
from shared.database.models import Article, ArticleAlias, Headline, Page, Source, Visit
from shared.pages import MemoryPages
from shared.urls import fingerprint

WORDS = [f"word{number}" for number in range(20_000)]
BEGUN = datetime(2024, 1, 1, tzinfo=UTC)
LOT = 5_000
REPEATED = 25
PACE = StorageSettings().pace()


def fill(engine: Engine, start: int, end: int, chance: random.Random) -> None:
    for first in range(start, end, LOT):
        numbers = range(first + 1, min(end, first + LOT) + 1)
        with engine.begin() as connection:
            for table, rows in made(numbers, chance).items():
                connection.execute(insert(table), rows)
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            # Rows have ids of their own: those that storage writes follow them.
            for table in ("article", "headline"):
                connection.exec_driver_sql(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {end})")
        connection.exec_driver_sql("ANALYZE")


def made(numbers: range, chance: random.Random) -> dict[Any, list[dict[str, Any]]]:
    rows: dict[Any, list[dict[str, Any]]] = {Article: [], ArticleAlias: [], Page: [], Visit: [], Headline: []}
    for number in numbers:
        at, url = BEGUN + timedelta(seconds=30 * number), f"https://paper{number % 40}.example/{number}"
        key, source = fingerprint(url), number % 40 + 1
        rows[Article].append({
            "id": number, "key": key, "url": url, "canonical_url": url, "source_id": source, "trace_id": f"t{number}",
            "title": " ".join(chance.choices(WORDS, k=8)), "text": " ".join(chance.choices(WORDS, k=120)),
            "language": f"l{number % 12}", "published_at": at, "stored_at": at, "updated_at": at, "fetched_at": at,
            "body_hash": f"{number:064}", "title_key": f"{number:032}", "story_id": number // 3, "authors": [], "tags": [], "alternates": [], "evidence": {},
        })  # fmt: skip
        rows[ArticleAlias].append({"key": key, "article_id": number})
        rows[Page].append(
            {
                "key": key,
                "url": url,
                "trace_id": f"t{number}",
                "article_id": number,
                "disposition": "stored",
                "first_seen_at": at,
                "triggered_at": at,
            }
        )
        rows[Visit].append(
            {
                "trace_id": f"t{number}",
                "page_key": key,
                "url": url,
                "ended_at": at,
                "disposition": "stored",
                "triggered_at": at,
                "steps": [],
            }
        )
        rows[Headline].append({
            "key": key, "site": f"paper{number % 40}.example", "url": url, "text": " ".join(chance.choices(WORDS, k=8)),
            "page_url": url, "first_seen_at": at, "last_seen_at": at, "article_id": number,
            "wordings": [], "places": [],
        })  # fmt: skip
    return rows


def page(number: int, title: str) -> ArticleParsed:
    url = f"https://new.example/{number}"
    raw = RawPage(url=url, final_url=url, key="", fetched_at=datetime.now(UTC))
    return ArticleParsed(page=raw, article=Parsed(title=f"{title} {number}", text=f"Text {number} of {title}."))


def measured(engine: Engine, size: int, chance: random.Random) -> dict[str, float]:
    def some() -> str:
        number = chance.randint(1, size)
        return fingerprint(f"https://paper{number % 40}.example/{number}")

    def hot_queries(session: Session) -> dict[str, Callable[[], Any]]:
        conditions = news.Filter
        return {
            "newest": lambda: news.newest(session, Article, conditions()),
            "newest of a source": lambda: news.newest(session, Article, conditions(source=chance.randint(1, 40))),
            "newest of a language": lambda: news.newest(session, Article, conditions(language="l7")),
            "deep in the list": lambda: news.newest(session, Article, conditions(before=size // 2)),
            "search, two words": lambda: news.newest(
                session, Article, conditions(q=" ".join(chance.choices(WORDS, k=2)))
            ),
            "search in headlines": lambda: news.newest(session, Headline, conditions(q=chance.choice(WORDS))),
            "an article by address": lambda: _article(session, some(), None),
            "its story": lambda: news.articles_of_story(session, chance.randint(1, size // 3)),
            "a page of the ledger": lambda: session.scalars(select(Page).where(col(Page.key) == some())).all(),
            "visits of a page": lambda: session.scalars(select(Visit).where(col(Visit.page_key) == some())).all(),
            "the ladder, 50 pages": lambda: ladder.find(
                session, [ladder.candidate(message) for message in batch(size)]
            ),
        }

    def batch(of: int) -> list[ArticleParsed]:
        return [page(chance.randint(of, 10 * of), "Council weighs the quay") for _ in range(50)]

    with Session(engine) as session:
        clock = cpu_clock(session)
        # What runs for the first time is compiled and planned.
        milliseconds = {
            name: median([timed(query, clock) for _ in range(REPEATED + 5)][5:])
            for name, query in hot_queries(session).items()
        }
        milliseconds["storing, an article"] = median([timed(lambda: storing(session, batch(size)), clock) for _ in range(10)][3:]) / 50  # fmt: skip
    return {name: round(value, 2) for name, value in milliseconds.items()}


def storing(session: Session, messages: list[ArticleParsed]) -> None:
    rules = Rules(
        versions.Limits(3600, 100), image_reports.Rules(3, "none", b""), 60, [], Pacer(PACE, timedelta(days=1)),
        revisits.Rules([timedelta(hours=1)], timedelta(minutes=5)),
    )  # fmt: skip
    write(session, sort(messages), rules, MemoryPages())
    session.rollback()


def cpu_clock(session: Session) -> Callable[[], float]:
    """A clock of the CPU seconds of this process and, on PostgreSQL, of the connection's server process."""
    if session.get_bind().dialect.name != "postgresql":
        return process_time
    backend = Path(f"/proc/{session.scalar(text('SELECT pg_backend_pid()'))}/schedstat")
    return lambda: process_time() + int(backend.read_text().split()[0]) / 1e9


def timed(query: Callable[[], Any], clock: Callable[[], float]) -> float:
    begun = clock()
    query()
    return (clock() - begun) * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=1_000_000)
    parser.add_argument("--database")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        address = options.database or f"sqlite:///{Path(folder) / 'scale.db'}"
        migrate(address)
        engine, chance, rows = make_engine(address), random.Random(4), 0
        with engine.begin() as connection:
            sources = [
                {
                    "created_at": BEGUN,
                    "next_poll_at": BEGUN,
                    "key": f"s{n}",
                    "name": f"Paper {n}",
                    "url": f"https://paper{n}.example/",
                }
                for n in range(40)
            ]
            connection.execute(insert(Source), sources)
        for size in (size for size in (10_000, 100_000, 1_000_000) if size <= options.articles):
            fill(engine, rows, size, chance)
            rows = size
            print(json.dumps({"articles": size, **measured(engine, size, chance)}), flush=True)
        engine.dispose()


if __name__ == "__main__":
    main()
