"""The engine, and column types that mean the same on both databases."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from math import inf
from time import monotonic
from typing import Any

from sqlalchemy import JSON, BigInteger, Connection, DateTime, Engine, Integer, event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import ArgumentError
from sqlalchemy.types import TypeDecorator
from sqlmodel import Session, create_engine

from shared.database.search import FUNCTION, HOST_FUNCTION, host_of_address, words
from shared.errors import SettingsError


class Instant(TypeDecorator[datetime]):
    """A point in time, UTC, aware on both databases; SQLite knows no time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - as above
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


# Memory of a sort or a map of rows, for who asks much. A map that has no room forgets rows and keeps pages, and the words of
# all articles on them are cut anew: trends of a month took 7 s, with a million articles.
POSTGRES_MEMORY = "32MB"
# Seconds after which a connection of SQLite is opened anew: what its planner knows of the tables is read when it is opened.
SQLITE_RECYCLE = 3600
# Instructions of SQLite's machine between two looks at the clock: about a millisecond.
SQLITE_STEPS = 10_000
Json = JSON().with_variant(JSONB(), "postgresql")
# SQLite numbers rows by itself only for INTEGER.
Id = BigInteger().with_variant(Integer(), "sqlite")


def make_engine(address: str, *, connections: int = 8, statement_seconds: float | None = None) -> Engine:
    """Returns an engine for a database address. It must not cross a fork.

    SQLite runs with a write-ahead log, so that the reader reads while the storage worker writes.

    Args:
        address: of the database.
        connections: the most that are open at a time.
        statement_seconds: a statement that takes longer is ended with an OperationalError, see is_overtime().

    Raises:
        SettingsError: the address cannot be read. It is not repeated, since it may hold a password.
    """
    try:
        return _engine(address, connections, statement_seconds)
    except (ArgumentError, ValueError):
        raise SettingsError(
            "NEWSMILL_DATABASE_URL cannot be read: write sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME, and the "
            "password in NEWSMILL_DATABASE_PASSWORD"
        ) from None


def _engine(address: str, connections: int, statement_seconds: float | None) -> Engine:
    if not address.startswith("sqlite"):
        # Compiling a query takes longer than the query.
        limits = f"-c statement_timeout={int((statement_seconds or 0) * 1000)} -c work_mem={POSTGRES_MEMORY} -c jit=off"
        options = {"options": limits} if statement_seconds else {}
        return create_engine(
            address, connect_args=options, pool_pre_ping=True, pool_size=connections, max_overflow=0
        )  # fmt: skip
    arguments = {"timeout": 30, "check_same_thread": False}
    engine = create_engine(
        address, connect_args=arguments, pool_size=connections, max_overflow=0, pool_recycle=SQLITE_RECYCLE
    )
    event.listen(engine, "connect", _sqlite_setup)
    if statement_seconds:
        _limit_sqlite(engine, statement_seconds)
    return engine


def is_overtime(error: BaseException) -> bool:
    """Whether an error of a statement is that it took longer than the engine's `statement_seconds`."""
    original = getattr(error, "orig", None)
    # PostgreSQL's query_canceled, and what SQLite calls a statement that its progress handler has ended.
    return (
        getattr(original, "sqlstate", "") == "57014" or getattr(original, "sqlite_errorname", "") == "SQLITE_INTERRUPT"
    )


def _limit_sqlite(engine: Engine, statement_seconds: float) -> None:
    """Ends statements that take too long, rows that are still to be fetched included."""

    def watch(connection: Any, record: Any) -> None:
        connection.set_progress_handler(lambda: monotonic() > record.info.get("ends", inf), SQLITE_STEPS)

    def begin(connection: Connection, *_: Any) -> None:
        connection.info["ends"] = monotonic() + statement_seconds

    event.listen(engine, "connect", watch)
    event.listen(engine, "before_cursor_execute", begin)


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """A session whose work is committed at the end, or rolled back whole."""
    with Session(engine) as session, session.begin():
        yield session


def _sqlite_setup(connection: Any, _record: Any) -> None:
    # The triggers of the search index call it.
    connection.create_function(FUNCTION, 1, lambda document: " ".join(words(document)), deterministic=True)
    connection.create_function(HOST_FUNCTION, 1, host_of_address, deterministic=True)
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=30000", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
