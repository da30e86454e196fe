"""INSERT … ON CONFLICT: a statement a table, built once for both databases and executed with a batch's rows.

SQLite executes it once a row. PostgreSQL gets a batch's rows as an array a column, in one statement: each execution costs
client and server about as much as ten more rows in an array.

Rows are written in the order of their keys, because two workers that insert the same keys in different orders would
deadlock on PostgreSQL.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Row as ResultRow
from sqlalchemy import Table, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Session, SQLModel

Row = Mapping[str, Any]
Insert = postgresql.Insert | sqlite.Insert
# From the values of the inserted row (SQL's `excluded`) to the columns that an existing row takes over.
Changes = Callable[[Any], dict[str, Any]]
# From the inserted row's values to the condition under which an existing row is changed at all.
Condition = Callable[[Any], Any]


class Upsert:
    """The statement that writes rows of a table. A row whose key exists changes that row, or nothing.

    Args:
        table: whose rows are written.
        key: the names of the columns that make a row unique.
        changes: what an existing row takes over; without it an existing row stays as it is.
        where: when it does so; always if it is not given.
        returning: columns that `write` returns of each row that was inserted or changed.
        sort: whether rows are written in the order of their keys; otherwise as they come, under a lock of the caller's.
    """

    def __init__(
        self,
        table: type[SQLModel],
        *key: str,
        changes: Changes | None = None,
        where: Condition | None = None,
        returning: Sequence[Any] = (),
        sort: bool = True,
    ) -> None:
        # The bare table, not the mapped class: the ORM's own bulk insert knows no ON CONFLICT.
        self._table: Table = table.__table__  # type: ignore[attr-defined] # SQLModel declares it on table models only
        self._key = key
        self._changes = changes
        self._where = where
        self._returning = returning
        self._sort = sort
        self._sqlite = self._complete(sqlite.insert(self._table))
        # By the names of the rows' columns.
        self._postgres: dict[tuple[str, ...], Any] = {}

    def write(self, session: Session, rows: Iterable[Row]) -> Sequence[ResultRow[Any]]:
        """Writes rows, the last one of each key.

        All rows have the same columns. Returns the columns of `returning`, in no particular order.
        """
        ordered = in_key_order(rows, *self._key) if self._sort else list(rows)
        if not ordered:
            return ()
        if is_postgres(session):
            columns = tuple(ordered[0])
            arrays = {_array(name): [row[name] for row in ordered] for name in columns}
            result = session.execute(self._of_arrays(columns), arrays)
        else:
            result = session.execute(self._sqlite, ordered)
        return result.all() if self._returning else ()

    def _of_arrays(self, columns: tuple[str, ...]) -> Any:
        """Returns the statement that takes an array a column."""
        if columns not in self._postgres:
            # One dimension: a value of a JSON column may be a list itself.
            arrays = (bindparam(_array(name), type_=ARRAY(self._table.c[name].type, dimensions=1)) for name in columns)
            rows = select(*(func.unnest(array) for array in arrays))
            self._postgres[columns] = self._complete(postgresql.insert(self._table).from_select(columns, rows))
        return self._postgres[columns]

    def _complete(self, statement: Insert) -> Any:
        statement = _on_conflict(statement, self._key, self._changes, self._where)
        return statement.returning(*self._returning) if self._returning else statement


def overwrite(*columns: str) -> Changes:
    """Returns the changes by which an existing row takes over these columns."""
    return lambda new: {name: new[name] for name in columns}


def _array(column: str) -> str:
    """Returns the name of the parameter with a column's values. A column's own name is taken by SQLAlchemy."""
    return f"{column}_values"


def is_postgres(session: Session) -> bool:
    """Whether the session talks to PostgreSQL rather than SQLite."""
    return session.get_bind().dialect.name == "postgresql"


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
