"""INSERT … ON CONFLICT in the two dialects we store in: one statement, rows in lots, in key order.

Key order because two workers that insert the same keys in different orders would deadlock on PostgreSQL.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

# SQLite takes 32,766 variables a statement; a row has up to 20.
LOT = 500

Insert = postgresql.Insert | sqlite.Insert


def insert(session: Session, table: type[SQLModel]) -> Insert:
    """The dialect's own INSERT, which knows ON CONFLICT."""
    return postgresql.insert(table) if is_postgres(session) else sqlite.insert(table)


def is_postgres(session: Session) -> bool:
    """Whether the session talks to PostgreSQL rather than SQLite."""
    return session.get_bind().dialect.name == "postgresql"


def lots(rows: Iterable[Mapping[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Rows in lots that fit one statement."""
    remaining = iter(rows)
    while lot := [dict(row) for row in islice(remaining, LOT)]:
        yield lot


def in_key_order(rows: Iterable[Mapping[str, Any]], *key: str) -> Sequence[Mapping[str, Any]]:
    """Rows by key, one a key: the last one given."""
    unique = {tuple(row[name] for name in key): row for row in rows}
    return [unique[one] for one in sorted(unique)]
