"""The schema that migrations make is the schema that the models declare, on both databases."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from redis import Redis
from sqlalchemy import (
    JSON,
    Boolean,
    DateTime,
    Engine,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    String,
    inspect,
    text,
    update,
)
from sqlmodel import SQLModel, col, select

from services.reader.queries.news import Filter, newest
from services.storage import migrations
from services.storage.migrate import migrate
from services.storage.settings import StorageSettings
from services.storage.store import Store
from shared.contracts import Headline as ParsedHeadline
from shared.contracts import HeadlinesParsed, Kind
from shared.contracts import Page as RawPage
from shared.database.engine import make_engine, transaction
from shared.database.models import (
    Article,
    ArticleAlias,
    Band,
    Headline,
    ImageReport,
    Page,
    Placement,
    Signature,
    Site,
    Source,
    Visit,
)
from shared.later import Later
from shared.pages import MemoryPages
from shared.urls import fingerprint

# Tables of older revisions that have another name now.
RENAMED = {"outbox": "event"}
REVISIONS = sorted(path.name[:4] for path in Path(*migrations.__path__, "versions").glob("[0-9]*.py"))[:-1]


def test_migrations_make_what_the_models_declare(empty_database_url: str) -> None:
    migrate(empty_database_url)
    engine = make_engine(empty_database_url)
    with engine.connect() as connection:
        # Text and unbounded VARCHAR are the same thing in both databases.
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        differences = [
            difference for difference in compare_metadata(context, SQLModel.metadata) if "search" not in str(difference)
        ]
    engine.dispose()
    assert differences == []


def test_migrating_twice_is_migrating_once(empty_database_url: str) -> None:
    migrate(empty_database_url)
    migrate(empty_database_url)


def test_a_filled_database_goes_back_and_forth(empty_database_url: str) -> None:
    migrate(empty_database_url)
    engine = make_engine(empty_database_url)
    with transaction(engine) as session:
        session.add(Source(key="k", name="News", url="https://news.example/", access={"login": "a"}, failures=3))
        session.add(Page(key="k", url="https://news.example/", trace_id="t", moved_to="https://new.example/"))
    migrate(empty_database_url, "0001", back=True)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT name FROM source")).scalars().all() == ["News"]
    migrate(empty_database_url)
    with transaction(engine) as session:
        [source] = session.scalars(select(Source))
        assert (source.name, source.access, source.failures) == ("News", None, 0)
    engine.dispose()


def value(column: Any, number: int) -> Any:
    """A value that fits a column of an older revision; rows of other tables have the same number."""
    if column.name == "url":
        return f"https://news.example/{number}"
    if column.foreign_keys or column.name == "id":
        return number
    values = {
        String: f"{column.name}{number}"[: getattr(column.type, "length", None)], Integer: number,
        Float: float(number), Boolean: True,
        DateTime: datetime(2026, 3, number, tzinfo=UTC), JSON: [], LargeBinary: b"x",
    }  # fmt: skip
    return next(value for kind, value in values.items() if isinstance(column.type, kind))


def filled_tables(engine: Engine, rows: int = 3) -> dict[str, list[dict[str, Any]]]:
    """Fills every table of the revision that a database has, every column of it, and returns the rows by table."""
    metadata = MetaData()
    names = [name for name in inspect(engine).get_table_names() if "_search" not in name and name != "alembic_version"]
    metadata.reflect(engine, only=names)
    with engine.begin() as connection:
        for table in metadata.sorted_tables:
            connection.execute(table.insert(), [
                {column.name: value(column, number) for column in table.columns if not column.computed} for number in range(1, rows + 1)
            ])  # fmt: skip
        return {
            table.name: [dict(row._mapping) for row in connection.execute(table.select().order_by(*table.primary_key))]
            for table in metadata.sorted_tables
        }


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_filled_database_of_every_older_revision_is_brought_up_to_date_with_every_value(
    empty_database_url: str, revision: str
) -> None:
    migrate(empty_database_url, revision)
    engine = make_engine(empty_database_url)
    tables = filled_tables(engine)
    migrate(empty_database_url)
    metadata = MetaData()
    metadata.reflect(engine, only=list(SQLModel.metadata.tables))
    for name, rows in tables.items():
        table = metadata.tables[RENAMED.get(name, name)]
        with engine.connect() as connection:
            upgraded = [row._mapping for row in connection.execute(table.select().order_by(*table.primary_key))]
        assert [{column: row[column] for column in rows[0]} for row in upgraded] == rows, name
    with transaction(engine) as session:
        # The models can read every row and the search index can change.
        for model in (Source, Page, Visit, Article, Headline):
            assert len(session.scalars(select(model)).all()) == 3
        session.execute(update(Article).values(title="Quay"))
        assert len(newest(session, Article, Filter(q="quay"))) == 3
        assert len(newest(session, Headline, Filter(q="text2"))) == 1
    engine.dispose()


def test_what_an_older_version_stored_is_known_by_its_addresses_and_its_visits(empty_database_url: str) -> None:
    migrate(empty_database_url, "0002")
    engine = make_engine(empty_database_url)
    with engine.begin() as connection:
        connection.execute(text(
            "INSERT INTO article (id, key, url, canonical_url, trace_id, title, text, authors, tags, direction, alternates, "
            "live_blog, word_count, evidence, body_hash, version, fetched_at, stored_at, updated_at) VALUES (7, 'canonical', "
            "'u', 'u', 't', 'T', 'X', '[]', '[]', 'ltr', '[]', false, 1, '{}', 'h', 1, :at, :at, :at)"
        ), {"at": "2026-03-01 10:00:00"})  # fmt: skip
        connection.execute(text(
            "INSERT INTO page (key, url, trace_id, origin, triggered_at, first_seen_at, article_id, disposition) "
            "VALUES ('asked', 'u', 't', 'live', :at, :at, 7, 'stored')"
        ), {"at": "2026-03-01 10:00:00"})  # fmt: skip
    migrate(empty_database_url)
    with transaction(engine) as session:
        assert {row.key: row.article_id for row in session.scalars(select(ArticleAlias))} == {
            "canonical": 7,
            "asked": 7,
        }
        assert [(row.trace_id, row.disposition) for row in session.scalars(select(Visit))] == [("t", "stored")]
        session.add(Signature(article_id=7, shingles=1, minhash=b"x"))
        session.add(ImageReport(image_key="k", url="u", reporter="r"))
        session.flush()
        session.add(Band(band=-5, article_id=7))
    migrate(empty_database_url, "0002", back=True)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT title FROM article WHERE id = 7")).scalars().all() == ["T"]
        # The search index is there still, triggers and all.
        connection.execute(text("UPDATE article SET title = 'Changed' WHERE id = 7"))
    migrate(empty_database_url)
    engine.dispose()


def test_what_an_older_version_stored_of_headlines_goes_on_without_a_break(
    empty_database_url: str, redis: "Redis"
) -> None:
    """Before placements: the next look at a listing adds them, and neither a place nor a wording that was there."""
    migrate(empty_database_url, "0003")
    engine = make_engine(empty_database_url)
    with engine.begin() as connection:
        connection.execute(text(
            "INSERT INTO headline (key, site, url, text, page_url, position, block, direction, wordings, places, "
            "top_position, first_seen_at, last_seen_at) VALUES (:key, 'news.example', :url, 'Quay', :front, 3, 'lead', "
            "'ltr', '[]', '[]', 2, :at, :at)"
        ), {
            "key": fingerprint("https://news.example/a"), "url": "https://news.example/a",
            "front": "https://news.example/", "at": "2026-03-01 10:00:00",
        })  # fmt: skip
        connection.execute(text(
            "INSERT INTO page (key, url, trace_id, origin, triggered_at, first_seen_at, disposition) "
            "VALUES ('k', 'u', 't', 'live', :at, :at, 'http-404')"
        ), {"at": "2026-03-01 10:00:00"})  # fmt: skip
    migrate(empty_database_url)
    page = RawPage(
        url="https://news.example/",
        final_url="https://news.example/",
        key="",
        fetched_at=datetime(2026, 3, 2, tzinfo=UTC),
    )
    headline = ParsedHeadline(text="Quay", url="https://news.example/a", position=3, block="lead")
    store = Store(engine, redis, Later(redis), MemoryPages(), StorageSettings())
    store.handle(HeadlinesParsed(page=page, kind=Kind.FRONT, headlines=(headline,)))
    with transaction(engine) as session:
        [row] = session.scalars(select(Headline))
        assert (row.places, row.wordings, row.top_position) == ([], [], 2)
        assert [placement.headline_id for placement in session.scalars(select(Placement))] == [row.id]
        [page_row] = session.scalars(select(Page).where(Page.key == "k"))
        assert (page_row.retries, page_row.retry_at) == (0, None)
    migrate(empty_database_url, "0003", back=True)
    migrate(empty_database_url)
    engine.dispose()


def test_headlines_with_http_addresses_become_one_with_those_of_https(empty_database_url: str) -> None:
    migrate(empty_database_url, "0007")
    engine = make_engine(empty_database_url)
    urls = ("http://news.example/a", "https://news.example/a", "http://news.example/b", "https://news.example/c")
    with engine.begin() as connection:
        for url in urls:
            connection.execute(text(
                "INSERT INTO headline (key, site, url, text, page_url, position, direction, wordings, places, "
                "first_seen_at, last_seen_at) VALUES (:key, 'news.example', :url, 'Quay', 'https://news.example/', 3, "
                "'ltr', '[]', '[]', :at, :at)"
            ), {"key": fingerprint(url), "url": url, "at": "2026-03-01 10:00:00"})  # fmt: skip
    migrate(empty_database_url)
    with transaction(engine) as session:
        rows = session.scalars(select(Headline).order_by(col(Headline.id))).all()
        assert [row.link_key for row in rows] == [fingerprint(url) for url in urls]
        # Where a site has both already, each keeps its own.
        assert [row.key for row in rows] == [fingerprint(url) for url in (*urls[:2], "https://news.example/b", urls[3])]
    migrate(empty_database_url, "0007", back=True)
    migrate(empty_database_url)
    engine.dispose()


def test_sources_of_an_older_version_are_channels_by_themselves(empty_database_url: str) -> None:
    migrate(empty_database_url, "0008")
    engine = make_engine(empty_database_url)
    with engine.begin() as connection:
        insert = text(
            "INSERT INTO source (key, name, url, kind, follow, interval_seconds, priority, state, declared_by, "
            "created_at, next_poll_at, failures, fresh_seconds) VALUES (:kind, :kind, 'https://u.example/', :kind, true, 900, 5, 'active', "
            "'file', :at, :at, 2, 60)"
        )
        for kind in ("feed", "text"):
            connection.execute(insert, {"kind": kind, "at": "2026-03-01 10:00:00"})
    migrate(empty_database_url)
    with transaction(engine) as session:
        rows = {row.key: (row.role, row.site_key, row.edits, row.failures) for row in session.scalars(select(Source))}
        session.add(Site(key="s", name="Gazette", home_page="https://gazette.example/", languages=["fr"]))
    assert rows == {"feed": ("feed", None, [], 2), "text": (None, None, [], 2)}
    migrate(empty_database_url, "0008", back=True)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT fresh_seconds FROM source ORDER BY key")).scalars().all() == [60, 60]
    migrate(empty_database_url)
    engine.dispose()
