"""What the reader's own search of headlines costs: milliseconds of CPU of each kind of query (median and slowest of 15).

    python bench/search_headlines.py [--headlines 1000000] [--database URL]

SQLite in a temporary folder unless another empty database is given. Half of the made-up headlines are of nine words with
spaces between them, half of 24 Chinese characters, both as frequent as in news (Zipf's law). Prints a line of JSON at 10,000
headlines, 30,000 and so on: what a headline cost to write, the size of the index, and for each kind the milliseconds and how
many queries found rows. CPU time is that of this process and of the server's, which must run on the same Linux machine: other
work on it does not count.
"""

import argparse
import json
import random
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

from search import CHINESE, HEADLINE, LATIN, texts
from sqlalchemy import insert, text
from sqlmodel import Session

from services.reader.queries import news
from services.storage.migrate import migrate
from shared.database.engine import make_engine
from shared.database.models import Headline

LOT = 5_000
STEPS = (10_000, 30_000, 100_000, 300_000, 1_000_000)
SEEN = datetime(2026, 3, 1, tzinfo=UTC)
REPEATS = 15
SIZES = {
    "sqlite": "SELECT sum(pgsize) >> 20 FROM dbstat WHERE name LIKE 'headline_search%'",
    "postgresql": "SELECT pg_relation_size('ix_headline_search') >> 20",
}


def rows(first: int, wordings: list[str]) -> list[dict[str, Any]]:
    """Returns rows of headlines, numbered from `first`."""
    return [
        {
            "key": f"{number:032}", "site": "news.example", "url": f"https://news.example/{number}", "text": wording,
            "page_url": "https://news.example/", "first_seen_at": SEEN, "last_seen_at": SEEN, "wordings": [], "places": [],
            "authors": [], "tags": [],
        }
        for number, wording in enumerate(wordings, first)
    ]  # fmt: skip


def cpu_seconds(session: Session) -> float:
    """Returns the CPU time that this process and the session's server process have taken."""
    if session.get_bind().dialect.name == "sqlite":
        return process_time()
    # Nanoseconds on the CPU come first (Documentation/scheduler/sched-stats.rst of Linux).
    statistics = Path(f"/proc/{session.scalar(text('SELECT pg_backend_pid()'))}/schedstat")
    return process_time() + int(statistics.read_text().split()[0]) / 1e9


def fill(session: Session, first: int, wordings: list[str]) -> float:
    """Writes headlines, numbered from `first`, and returns the milliseconds that each cost."""
    begun = cpu_seconds(session)
    for start in range(0, len(wordings), LOT):
        session.connection().execute(insert(Headline), rows(first + start, wordings[start : start + LOT]))
        session.commit()
    milliseconds = (cpu_seconds(session) - begun) * 1000 / len(wordings)
    session.execute(text("ANALYZE"))
    session.commit()
    return milliseconds


def searches(wordings: list[str], chance: random.Random) -> Iterator[tuple[str, list[str]]]:
    """Yields each kind of query with examples of it; a word's rank is its place among the most frequent."""

    def latin(first: int, last: int) -> str:
        return chance.choice(LATIN[first:last])

    def chinese(length: int) -> str:
        start = chance.randrange(HEADLINE[1] - length)
        return chance.choice(wordings[1::2])[start : start + length]

    kinds = {
        "one of the 10 most frequent words": lambda: latin(0, 10),
        "a word of middle rank": lambda: latin(100, 1_000),
        "a rare word": lambda: latin(9_000, 10_000),
        "a word without its accent": lambda: latin(100, 1_000).replace("é", "e"),
        "a frequent and a rare word": lambda: f"{latin(0, 10)} {latin(5_000, 10_000)}",
        "two frequent words": lambda: f"{latin(0, 10)} {latin(0, 10)}",
        "two words side by side": lambda: f'"{latin(0, 10)} {latin(0, 10)}"',
        "either of two words": lambda: f"{latin(100, 1_000)} or {latin(100, 1_000)}",
        "the beginning of a word": lambda: latin(100, 1_000)[:5] + "*",
        "one word without another": lambda: f"{latin(100, 1_000)} -{latin(0, 10)}",
        "a word that no headline has": lambda: f"nowhere{chance.randrange(1_000)}",
        "one frequent character": lambda: chance.choice(CHINESE[:10]),
        "two characters": lambda: chinese(2),
        "three characters": lambda: chinese(3),
        "six characters": lambda: chinese(6),
    }
    for kind, example in kinds.items():
        yield kind, [example() for _ in range(REPEATS)]


def measured(session: Session, examples: list[str]) -> dict[str, Any]:
    """Returns what queries cost and how many of them find something."""
    milliseconds, found = [], 0
    for example in examples:
        begun = cpu_seconds(session)
        found += bool(news.newest(session, Headline, news.Filter(q=example)))
        milliseconds.append((cpu_seconds(session) - begun) * 1000)
        session.expunge_all()
    return {
        "ms": round(median(milliseconds), 1),
        "slowest": round(max(milliseconds), 1),
        "found": f"{found}/{len(examples)}",
    }


def measured_all(session: Session, wordings: list[str], chance: random.Random) -> dict[str, Any]:
    """Returns the size of the index, and what each kind of query costs."""
    size = {"index, MB": session.scalar(text(SIZES[session.get_bind().dialect.name]))}
    return size | {kind: measured(session, examples) for kind, examples in searches(wordings, chance)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--headlines", type=int, default=STEPS[-1])
    parser.add_argument("--database")
    options = parser.parse_args()
    chance, count = random.Random(4), 0
    with tempfile.TemporaryDirectory() as folder:
        address = options.database or f"sqlite:///{Path(folder) / 'headlines.db'}"
        migrate(address)
        engine = make_engine(address)
        with Session(engine) as session:
            for size in sorted({min(step, options.headlines) for step in STEPS}):
                wordings = texts(size - count, chance, HEADLINE)
                result = {"headlines": size, "ms to write": round(fill(session, count, wordings), 3)}
                print(json.dumps(result | measured_all(session, wordings, chance)), flush=True)
                count = size
        engine.dispose()


if __name__ == "__main__":
    main()
