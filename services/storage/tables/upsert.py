"""INSERT … ON CONFLICT: a statement a table, built once for both databases and executed with a batch's rows.

Rows are written in the order of their keys, because two workers that insert the same keys in different orders would
deadlock on PostgreSQL.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Row as ResultRow
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

Row = Mapping[str, Any]
Insert = postgresql.Insert | sqlite.Insert
# From the values of the inserted row (SQL's `excluded`) to the columns that an existing row takes over.
Changes = Callable[[Any], dict[str, Any]]
# From the inserted row's values to the condition under which an existing row is changed at all.
Condition = Callable[[Any], Any]

# SQLite takes 32,766 variables in one statement.
CHUNK = 500

T = TypeVar("T")


class Upsert:
    """The statement that writes rows of a table. A row whose key exists changes that row, or nothing.

    Args:
        table: whose rows are written.
        key: the names of the columns that make a row unique.
        changes: what an existing row takes over; without it an existing row stays as it is.
        where: when it does so; always if it is not given.
        returning: columns that `write` returns of each row that was inserted or changed.
    """

    def __init__(
        self,
        table: type[SQLModel],
        *key: str,
        changes: Changes | None = None,
        where: Condition | None = None,
        returning: Sequence[Any] = (),
    ) -> None:
        self._key = key
        self._returns_rows = bool(returning)
        self._statements: dict[str, Any] = {}
        for dialect in (postgresql, sqlite):
            # The bare table, not the mapped class: the ORM's own bulk insert knows no ON CONFLICT.
            statement = dialect.insert(table.__table__)  # type: ignore[attr-defined] # SQLModel declares it on table models only
            statement = _on_conflict(statement, key, changes, where)
            name = dialect.dialect.name
            self._statements[name] = statement.returning(*returning) if returning else statement

    def write(self, session: Session, rows: Iterable[Row]) -> Sequence[ResultRow[Any]]:
        """Writes rows in the order of their keys, the last one of each key.

        All rows have the same columns. Returns the columns of `returning`, in no particular order.
        """
        ordered = in_key_order(rows, *self._key)
        if not ordered:
            return ()
        result = session.execute(self._statements[session.get_bind().dialect.name], ordered)
        return result.all() if self._returns_rows else ()


def overwrite(*columns: str) -> Changes:
    """Returns the changes by which an existing row takes over these columns."""
    return lambda new: {name: new[name] for name in columns}


def is_postgres(session: Session) -> bool:
    """Whether the session talks to PostgreSQL rather than SQLite."""
    return session.get_bind().dialect.name == "postgresql"


def chunks(values: Iterable[T]) -> Iterator[list[T]]:
    """Yields values in lists that fit the variables of one statement."""
    remaining = iter(values)
    while chunk := list(islice(remaining, CHUNK)):
        yield chunk


def in_key_order(rows: Iterable[Row], *key: str) -> list[Row]:
    """Returns rows in the order of their keys, the last one of each key."""
    unique = {tuple(row[name] for name in key): row for row in rows}
    return [row for _, row in sorted(unique.items(), key=lambda item: item[0])]


def _on_conflict(statement: Insert, key: Sequence[str], changes: Changes | None, where: Condition | None) -> Insert:
    if changes is None:
        return statement.on_conflict_do_nothing(index_elements=key)
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=key, set_=changes(new), where=where(new) if where is not None else None
    )
