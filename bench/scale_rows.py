"""Fills a migrated, empty database with invented articles: a million in some minutes, with all that belongs to them.

Articles and the index of near-duplicates are made here, the other tables out of the articles by the database itself. Secondary
indexes and triggers are dropped meanwhile, and made again as the schema has them.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Any

import numpy as np
from sqlalchemy import Engine

from services.storage.identity.minhash import LEAD_SLOTS, ROWS, SLOTS, signature
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
BAND_LOT = 500_000

_TIMES = ("fetched_at", "stored_at", "updated_at", "published_at")
_COLUMNS = (
    "id", "key", "url", "canonical_url", "source_id", "trace_id", "title", "text", "language", "story_id", "body_hash",
    "title_key", *_TIMES, "authors", "tags", "alternates", "evidence", "direction", "live_blog", "word_count", "version",
)  # fmt: skip
_CONSTANTS = ("[]", "[]", "[]", "{}", "ltr", False, TEXT, 1)
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
    f" FROM article JOIN article AS writer ON writer.id = article.id % {WRITERS} + 1 ORDER BY article.id",
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
    f" WHERE headline.id > (SELECT max(id) FROM headline) - {PAPERS * FRONT}",
    "INSERT INTO event (event_id, type, subject, time, data) SELECT key, 'article.stored', url, stored_at, '{}' FROM article ORDER BY id",
    "INSERT INTO article_change (article_id, position) SELECT id, id FROM article ORDER BY id",
)  # fmt: skip
# As the triggers have it (migrations 0005 and 0025).
_SQLITE_SEARCH = (
    "INSERT INTO article_search(rowid, words) SELECT id, newsmill_words(title || ' ' || text) FROM article",
    "INSERT INTO headline_search(rowid, words) SELECT id, newsmill_words(text) FROM headline",
)
_SQLITE_FAST = ("synchronous=OFF", "foreign_keys=OFF", "journal_mode=OFF", "cache_size=-500000")
_SQLITE_DDL = "SELECT type, name, sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql IS NOT NULL AND tbl_name NOT LIKE '%_search%'"
_POSTGRES_FAST = ("session_replication_role = replica", "maintenance_work_mem = '512MB'", "TimeZone = 'UTC'")
_POSTGRES_DDL = (
    "SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
    " AND indexname NOT IN (SELECT conname FROM pg_constraint)"
)
_BINARY_ROW = np.dtype(
    [("columns", ">i2"), ("size", ">i4"), ("band", ">i8"), ("next_size", ">i4"), ("article_id", ">i8")]
)


def paper_url(number: int) -> str:
    """Returns the front page of the paper that an article of this number is in."""
    return f"https://paper{number % PAPERS}.example/"


def texts(chance: np.random.Generator, number: int, words: int) -> list[str]:
    """Returns so many texts of so many words."""
    choice = (chance.random((number, words)) ** 3 * len(WORDS)).astype(np.intp)
    return [" ".join(map(WORDS.__getitem__, row)) for row in choice.tolist()]


def fill(engine: Engine, articles: int, seed: int = 4) -> None:
    """Fills a migrated, empty database."""
    connection = engine.raw_connection()
    postgres = engine.dialect.name == "postgresql"
    definitions = _strip(connection, postgres=postgres)
    bands = _articles(connection, articles, np.random.default_rng(seed), postgres=postgres)
    for statement in _STATEMENTS:
        connection.execute(statement)
    (_copy_bands if postgres else _insert_bands)(connection, bands)
    for statement in (*(() if postgres else _SQLITE_SEARCH), *definitions):
        connection.execute(statement)
    if postgres:
        for table in ("article", "story"):
            connection.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")
    connection.commit()
    _count(connection, engine, postgres=postgres)


def _strip(connection: Any, *, postgres: bool) -> list[str]:
    """Drops secondary indexes and triggers, and has the connection write fast; returns what makes them again."""
    for setting in _POSTGRES_FAST if postgres else _SQLITE_FAST:
        connection.execute(f"SET {setting}" if postgres else f"PRAGMA {setting}")
    rows = connection.execute(_POSTGRES_DDL if postgres else _SQLITE_DDL).fetchall()
    for kind, name, _ in rows:
        connection.execute(f"DROP {kind} {name}")
    return [definition for _, _, definition in rows]


def _articles(connection: Any, articles: int, chance: np.random.Generator, *, postgres: bool) -> tuple[Any, Any]:
    """Writes sources, articles and signatures; returns the bands, in their order, with the ids of their articles."""
    begun = now_utc()
    sources = ((number + 1, fingerprint(paper_url(number)), f"Paper {number}", paper_url(number), *[str(begun)] * 2) for number in range(PAPERS))  # fmt: skip
    names = ("id", "key", "name", "url", "created_at", "next_poll_at")
    constants = {"follow": True, "priority": 5, "state": "active", "declared_by": "file", "failures": 0}
    _insert(
        connection, "source", (*names, *constants), ((*row, *constants.values()) for row in sources), postgres=postgres
    )
    bands = chance.integers(-(2**63), 2**63, (articles + 1, BANDS), dtype=np.int64)
    for first in range(1, articles + 1, LOT):
        numbers = range(first, min(first + LOT, articles + 1))
        rows = list(_rows(numbers, articles, begun, chance))
        _insert(connection, "article", _COLUMNS, rows, postgres=postgres)
        signed = [_signature(row, bands, chance) for row in rows]
        _insert(connection, "signature", ("article_id", "shingles", "minhash", "seen_at"), signed, postgres=postgres)
    order = np.argsort(bands[1:], axis=None)
    return bands[1:].ravel()[order], order // BANDS + 1


def _rows(numbers: range, articles: int, end: Any, chance: np.random.Generator) -> Iterator[tuple[Any, ...]]:
    titles, bodies = texts(chance, len(numbers), TITLE), texts(chance, len(numbers), TEXT)
    for number, title, body in zip(numbers, titles, bodies, strict=True):
        url, paper = f"{paper_url(number)}{number}", number % PAPERS
        at = f"{end - timedelta(seconds=SECONDS_APART * (articles - number)):%Y-%m-%d %H:%M:%S.%f}"
        digest = sha256(f"{title}\n\n{body}".encode()).hexdigest()
        story = number // 15 + 1 if number % 5 == 0 else None
        yield (
            number, fingerprint(url), url, url, paper + 1, f"t{number}", title, body, f"l{number % LANGUAGES}", story, digest, digest[:32],
            at, at, at, at, *_CONSTANTS,
        )  # fmt: skip


def _signature(row: Sequence[Any], bands: Any, chance: np.random.Generator) -> tuple[Any, ...]:
    """Returns the row of an article's signature, and enters its bands."""
    number, text, at = row[0], row[7], row[12]
    if number % SIGNED == 0 and (own := signature(text)):
        bands[number] = own.bands()
        return number, own.shingles, own.packed(), at
    return number, TEXT, chance.bytes(4 * (SLOTS + LEAD_SLOTS)), at


def _insert(
    connection: Any, table: str, columns: Sequence[str], rows: Iterable[tuple[Any, ...]], *, postgres: bool
) -> None:
    names = ", ".join(columns)
    if not postgres:
        values = ", ".join("?" * len(columns))
        connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({values})", rows)
        return
    with connection.cursor().copy(f"COPY {table} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _insert_bands(connection: Any, bands: tuple[Any, Any]) -> None:
    for first in range(0, len(bands[0]), BAND_LOT):
        lot = (column[first : first + BAND_LOT].tolist() for column in bands)
        connection.executemany("INSERT INTO band (band, article_id) VALUES (?, ?)", zip(*lot, strict=True))


def _copy_bands(connection: Any, bands: tuple[Any, Any]) -> None:
    """Copies bands in PostgreSQL's binary format (COPY, File Formats)."""
    rows = np.empty(len(bands[0]), _BINARY_ROW)
    rows["columns"], rows["size"], rows["next_size"], rows["band"], rows["article_id"] = 2, 8, 8, *bands
    with connection.cursor().copy("COPY band (band, article_id) FROM STDIN (FORMAT binary)") as copy:
        copy.write(b"PGCOPY\n\xff\r\n\0" + bytes(8))
        for first in range(0, len(rows), BAND_LOT):
            copy.write(rows[first : first + BAND_LOT].tobytes())
        copy.write(b"\xff\xff")


def _count(connection: Any, engine: Engine, *, postgres: bool) -> None:
    """Has the planner know the tables, as it does where articles come one by one, and closes the connection."""
    if postgres:
        connection.driver_connection.autocommit = True
        connection.execute("VACUUM ANALYZE")
    connection.detach()
    connection.close()
    if not postgres:
        Statistics(engine).step()
