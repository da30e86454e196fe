"""Fills a migrated, empty database with invented articles: a million in some minutes, with all that belongs to them.

Articles and the index of near-duplicates are made here, the other tables out of the articles by the database itself. Secondary
indexes and triggers are dropped meanwhile, and made again as the schema has them.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import numpy as np
from sqlalchemy import Engine

from services.storage.identity.minhash import LEAD_SLOTS, ROWS, SLOTS, signature
from services.storage.settings import StorageSettings
from services.storage.statistics import Statistics
from shared.contracts import now_utc
from shared.urls import fingerprint

PAPERS, LANGUAGES, FRONT, WRITERS = 40, 12, 40, 400
# Words are as frequent as in prose: the first of 20,000 is one in 27.
WORDS = [f"word{number}" for number in range(20_000)]
TITLE, TEXT = 8, 120
SECONDS_APART = 26
# Every so manyth article may be retold by a page of the bench and has the signature of its text; the others' are made up.
SIGNED = 25
BANDS = (SLOTS + LEAD_SLOTS) // ROWS
LOT = 5_000
# What storage keeps unless told otherwise: a million articles are 300 days, and near-duplicates are looked for among those of 30.
KEPT = StorageSettings()


def newest(days: int) -> int:
    """Returns how many articles so many days bring."""
    return days * 86_400 // SECONDS_APART


_SOURCE = (
    "id", "key", "name", "url", "created_at", "next_poll_at", "follow", "priority", "state", "declared_by", "failures",
)  # fmt: skip
_ARTICLE = (
    "id", "key", "url", "canonical_url", "source_id", "trace_id", "title", "text", "language", "story_id", "body_hash", "title_key",
    "fetched_at", "stored_at", "updated_at", "published_at", "authors", "tags", "alternates", "evidence", "direction", "live_blog",
    "word_count", "version",
)  # fmt: skip
_SIGNATURE = ("article_id", "shingles", "minhash", "seen_at")
# An article's images are its own, but for the last, the portrait of its writer, at the address of the article with the writer's number.
_PLACES = " UNION ALL ".join(f"SELECT {place} AS place" for place in range(5))
_IMAGE = "SELECT id, substr(key, 1, 31) || place, url || '/' || place || '.jpg', place FROM article CROSS JOIN"
_STATEMENTS = (
    "INSERT INTO story (id, created_at) SELECT story_id, min(stored_at) FROM article WHERE story_id IS NOT NULL GROUP BY story_id",
    "INSERT INTO article_alias (key, article_id) SELECT key, id FROM article ORDER BY id",
    "INSERT INTO article_version (article_id, number, title, text, body_hash, fetched_at)"
    " SELECT id, 1, title, text, body_hash, fetched_at FROM article ORDER BY id",
    "INSERT INTO article_version (article_id, number, title, text, body_hash, fetched_at)"
    " SELECT id, 2, title, text, body_hash, fetched_at FROM article WHERE id % 10 = 0 ORDER BY id",
    f"INSERT INTO image (article_id, key, url, position) {_IMAGE} ({_PLACES}) AS places ORDER BY id, place",
    "INSERT INTO image (article_id, key, url, position, content_hash, size, media_type)"
    " SELECT article.id, writer.key, writer.url, 5, writer.key || writer.key, 9000, 'image/jpeg'"
    " FROM article JOIN article AS writer ON writer.id = article.id % 400 + 1 ORDER BY article.id",
    "INSERT INTO page (key, url, source_id, article_id, trace_id, origin, triggered_at, first_seen_at, fetched_at, ended_at, disposition, stage, status)"
    " SELECT key, url, source_id, id, trace_id, 'live', stored_at, stored_at, stored_at, stored_at, 'stored', 'store', 200 FROM article ORDER BY id",
    "INSERT INTO visit (trace_id, page_key, url, via, source_id, article_id, origin, triggered_at, fetched_at, ended_at, disposition, stage, status, version, steps)"
    " SELECT trace_id, key, url, 'headline', source_id, id, 'live', stored_at, stored_at, stored_at, 'stored', 'store', 200, 1, '[]' FROM article ORDER BY id",
    "INSERT INTO headline (key, link_key, site, url, text, page_url, source_id, article_id, position, places, block, language, direction,"
    " authors, tags, wordings, in_front, first_seen_at, last_seen_at)"
    " SELECT a.key, a.key, 'paper' || (a.id % 40) || '.example', a.url, a.title, source.url, a.source_id, a.id, a.id % 40, '[]', 'section', a.language, 'ltr',"
    " '[]', '[]', '[]', true, a.stored_at, a.stored_at FROM article AS a JOIN source ON source.id = a.source_id ORDER BY a.id",
    "INSERT INTO placement (page_key, headline_id, page_url, kind, position, block, seen_at)"
    " SELECT source.key, headline.id, page_url, 'front', position, block, last_seen_at FROM headline JOIN source ON source.id = source_id"
    " WHERE headline.id > (SELECT max(id) FROM headline) - 1600",
    "INSERT INTO event (event_id, type, subject, time, data) SELECT key, 'article.stored', url, stored_at, '{}' FROM article"  # noqa: S608 - a number of ours
    f" WHERE id > (SELECT max(id) FROM article) - {newest(KEPT.keep_events_days)} ORDER BY id",
    "INSERT INTO article_change (article_id, position) SELECT id, id FROM article ORDER BY id",
)  # fmt: skip


def paper_url(number: int) -> str:
    """Returns the front page of the paper that an article of this number is in."""
    return f"https://paper{number % PAPERS}.example/"


def texts(chance: np.random.Generator, number: int, words: int) -> list[str]:
    """Returns so many texts of so many words."""
    choice = (chance.random((number, words)) ** 3 * len(WORDS)).astype(np.intp)
    return [" ".join(map(WORDS.__getitem__, row)) for row in choice.tolist()]


def fill(engine: Engine, articles: int) -> None:
    """Fills a migrated, empty database."""
    table = Postgres(engine) if engine.dialect.name == "postgresql" else Sqlite(engine)
    definitions = table.strip()
    _write_articles(table, articles, np.random.default_rng(4))
    for statement in (*_STATEMENTS, *table.LAST, *definitions):
        table.connection.execute(statement)
    table.connection.commit()
    table.count()


class Sqlite:
    """Writes rows into SQLite."""

    FAST = ("PRAGMA synchronous=OFF", "PRAGMA foreign_keys=OFF", "PRAGMA journal_mode=OFF", "PRAGMA cache_size=-500000")
    DEFINITIONS = "SELECT type, name, sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql IS NOT NULL AND tbl_name NOT LIKE '%_search%'"
    # As the triggers have it (migrations 0005 and 0025).
    LAST = (
        "INSERT INTO article_search(rowid, words) SELECT id, newsmill_words(title || ' ' || text) FROM article",
        "INSERT INTO headline_search(rowid, words) SELECT id, newsmill_words(text) FROM headline",
    )

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.connection: Any = engine.raw_connection()

    def strip(self) -> list[str]:
        """Drops secondary indexes and triggers, and has the connection write fast; returns what makes them again."""
        for statement in self.FAST:
            self.connection.execute(statement)
        rows = self.connection.execute(self.DEFINITIONS).fetchall()
        for kind, name, _ in rows:
            self.connection.execute(f"DROP {kind} {name}")
        return [definition for _, _, definition in rows]

    def insert(self, table: str, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
        """Writes rows of a table."""
        values = ", ".join("?" * len(columns))
        self.connection.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({values})", rows)  # noqa: S608 - names of ours

    def count(self) -> None:
        """Has the planner know the tables, as where articles come one by one; nobody else gets the fast connection."""
        self.connection.invalidate()
        Statistics(self.engine).step()


class Postgres(Sqlite):
    """Writes rows into PostgreSQL."""

    FAST = ("SET session_replication_role = replica", "SET maintenance_work_mem = '512MB'", "SET TimeZone = 'UTC'")
    DEFINITIONS = (
        "SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
        " AND indexname NOT IN (SELECT conname FROM pg_constraint)"
    )
    # Rows have numbers of their own here: those that storage writes follow them.
    LAST = (
        "SELECT setval(pg_get_serial_sequence('article', 'id'), max(id)) FROM article",
        "SELECT setval(pg_get_serial_sequence('story', 'id'), max(id)) FROM story",
    )

    def insert(self, table: str, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
        """Writes rows of a table."""
        with self.connection.cursor().copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)

    def count(self) -> None:
        """Has the planner know the tables, and closes the connection."""
        self.connection.driver_connection.autocommit = True
        self.connection.execute("VACUUM ANALYZE")
        self.connection.invalidate()


def _write_articles(table: Sqlite, articles: int, chance: np.random.Generator) -> None:
    """Writes sources, articles and the index of near-duplicates: each band in its order, as no index would be in memory."""
    now = now_utc()
    papers = range(PAPERS)
    table.insert("source", _SOURCE, ((paper + 1, fingerprint(paper_url(paper)), f"Paper {paper}", paper_url(paper), str(now), str(now), True, 5, "active", "file", 0) for paper in papers))  # fmt: skip
    # Older ones are forgotten (services/storage/retention.py).
    oldest = max(1, articles + 1 - newest(KEPT.story_days))
    bands = chance.integers(-(2**63), 2**63, (articles + 1 - oldest, BANDS), dtype=np.int64)
    for first in range(1, articles + 1, LOT):
        rows = list(
            _rows(
                range(first, min(first + LOT, articles + 1)), now - timedelta(seconds=SECONDS_APART * articles), chance
            )
        )
        table.insert("article", _ARTICLE, rows)
        signed = [row for row in rows if row[0] >= oldest]
        table.insert("signature", _SIGNATURE, [_signature(row, bands[row[0] - oldest], chance) for row in signed])
    order = np.argsort(bands, axis=None)
    for part in np.array_split(order, len(bands) // LOT + 1):
        lot = bands.ravel()[part].tolist(), (part // BANDS + oldest).tolist()
        table.insert("band", ("band", "article_id"), zip(*lot, strict=True))


def _rows(numbers: range, begun: datetime, chance: np.random.Generator) -> Iterator[tuple[Any, ...]]:
    """Yields the rows of articles with these numbers."""
    titles, bodies = texts(chance, len(numbers), TITLE), texts(chance, len(numbers), TEXT)
    for number, title, body in zip(numbers, titles, bodies, strict=True):
        url = f"{paper_url(number)}{number}"
        at = f"{begun + timedelta(seconds=SECONDS_APART * number):%Y-%m-%d %H:%M:%S.%f}"
        digest = sha256(f"{title}\n\n{body}".encode()).hexdigest()
        story = number // 15 + 1 if number % 5 == 0 else None
        yield (
            number, fingerprint(url), url, url, number % PAPERS + 1, f"t{number}", title, body, f"l{number % LANGUAGES}", story,
            digest, digest[:32], at, at, at, at, "[]", "[]", "[]", "{}", "ltr", False, TEXT, 1,
        )  # fmt: skip


def _signature(row: Sequence[Any], own_bands: Any, chance: np.random.Generator) -> tuple[Any, ...]:
    """Returns the row of an article's signature, and enters its bands."""
    number, text, at = row[0], row[7], row[12]
    if number % SIGNED == 0 and (own := signature(text)):
        own_bands[:] = own.bands()
        return number, own.shingles, own.packed(), at
    return number, TEXT, chance.bytes(4 * (SLOTS + LEAD_SLOTS)), at
