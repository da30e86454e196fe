"""The engine, and column types that mean the same on both databases."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Engine, Integer, event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import ArgumentError
from sqlalchemy.types import TypeDecorator
from sqlmodel import Session, create_engine

from shared.database.search import FUNCTION, words
from shared.errors import SettingsError


class Instant(TypeDecorator[datetime]):
    """A point in time, UTC, aware on both databases; SQLite knows no time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - as above
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


Json = JSON().with_variant(JSONB(), "postgresql")
# SQLite numbers rows by itself only for INTEGER.
Id = BigInteger().with_variant(Integer(), "sqlite")


def make_engine(address: str, *, connections: int = 8) -> Engine:
    """Returns an engine for a database address, with at most so many connections. It must not cross a fork.

    SQLite runs with a write-ahead log, so that the reader reads while the storage worker writes.

    Raises:
        SettingsError: the address cannot be read. It is not repeated, since it may hold a password.
    """
    try:
        return _engine(address, connections)
    except (ArgumentError, ValueError):
        raise SettingsError(
            "NEWSMILL_DATABASE_URL cannot be read: write sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME, and the "
            "password in NEWSMILL_DATABASE_PASSWORD"
        ) from None


def _engine(address: str, connections: int) -> Engine:
    if not address.startswith("sqlite"):
        return create_engine(address, pool_pre_ping=True, pool_size=connections, max_overflow=0)
    arguments = {"timeout": 30, "check_same_thread": False}
    engine = create_engine(address, connect_args=arguments, pool_size=connections, max_overflow=0)
    event.listen(engine, "connect", _sqlite_setup)
    return engine


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """A session whose work is committed at the end, or rolled back whole."""
    with Session(engine) as session, session.begin():
        yield session


def _sqlite_setup(connection: Any, _record: Any) -> None:
    # The triggers of the search index call it.
    connection.create_function(FUNCTION, 1, lambda document: " ".join(words(document)), deterministic=True)
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=30000", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
