"""INSERT … ON CONFLICT: a statement a table, written out as SQL once for a database and executed with a batch's rows.

SQLite executes it once a row, or with all rows where it returns some: each execution that fires a trigger has the search
index written out (FTS5 does so at each savepoint). PostgreSQL gets a batch's rows as an array a column, in one statement: each execution costs
client and server about as much as ten more rows in an array. The driver gets the SQL and the values: SQLAlchemy's own way
from a statement and rows to these took longer than SQLite took to write most rows.

Rows are written in the order of their keys, because two workers that insert the same keys in different orders would
deadlock on PostgreSQL.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain, repeat
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, bindparam, func, select
from sqlalchemy import Row as ResultRow
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import Dialect
from sqlmodel import Session, SQLModel

# Of a statement; from SQLite 3.32 on it takes 32,766.
SQLITE_VARIABLES = 30_000

_PSYCOPG_PARAMETER = re.compile(r"%\((\w+)\)s")

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
        # By the database's name and the names of the rows' columns.
        self._written_out: dict[tuple[str, tuple[str, ...]], _Sql] = {}

    def write(self, session: Session, rows: Iterable[Row]) -> Sequence[ResultRow[Any]]:
        """Writes rows, the last one of each key.

        All rows have the same columns. Returns the columns of `returning`, in no particular order.
        """
        ordered = in_key_order(rows, *self._key) if self._sort else list(rows)
        if not ordered:
            return ()
        connection = session.connection()
        sql = self._sql(connection.dialect, tuple(ordered[0]))
        if connection.dialect.name == "postgresql":
            result = connection.exec_driver_sql(sql.text, sql.arrays(ordered))
            return result.all() if self._returning else ()
        return _execute_sqlite(connection, sql, ordered, returning=bool(self._returning))

    def _sql(self, dialect: Dialect, columns: tuple[str, ...]) -> "_Sql":
        """Returns the statement for rows with these columns."""
        key = dialect.name, columns
        if key not in self._written_out:
            by_parameter = {name: name for name in columns}
            statement: Insert = sqlite.insert(self._table)
            if dialect.name == "postgresql":
                by_parameter, statement = {_array(name): name for name in columns}, self._of_arrays(columns)
            self._written_out[key] = _sql(self._complete(statement), dialect, by_parameter)
        return self._written_out[key]

    def _of_arrays(self, columns: tuple[str, ...]) -> postgresql.Insert:
        """Returns the statement that takes an array a column."""
        # One dimension: a value of a JSON column may be a list itself.
        arrays = (bindparam(_array(name), type_=ARRAY(self._table.c[name].type, dimensions=1)) for name in columns)
        return postgresql.insert(self._table).from_select(columns, select(*(func.unnest(array) for array in arrays)))

    def _complete(self, statement: Insert) -> Any:
        statement = _on_conflict(statement, self._key, self._changes, self._where)
        return statement.returning(*self._returning) if self._returning else statement


class _Parameter(NamedTuple):
    """A parameter of a statement: the column whose values it takes, or None and the value that it always has; `convert`
    makes a value what the driver takes, where it is not that already; `of_row` says that it is part of a row's values."""

    name: str
    column: str | None
    value: Any
    convert: Callable[[Any], Any] | None
    of_row: bool


class _Sql(NamedTuple):
    """A statement as the driver takes it."""

    text: str
    parameters: Sequence[_Parameter]

    def tuples(self, rows: Sequence[Row]) -> list[tuple[Any, ...]]:
        """Returns the parameters of an execution for each row, by position."""
        return list(zip(*(_values(parameter, rows) for parameter in self.parameters), strict=False))

    def together(self, rows: Sequence[Row]) -> tuple[str, tuple[Any, ...]]:
        """Returns the statement that inserts all rows in one execution, with its parameters by position."""
        own = [parameter for parameter in self.parameters if parameter.of_row]
        values = zip(*(_values(parameter, rows) for parameter in own), strict=False)
        one_row = f"({', '.join('?' * len(own))})"
        text = self.text.replace(one_row, ", ".join([one_row] * len(rows)), 1)
        rest = [next(iter(_values(parameter, rows))) for parameter in self.parameters if not parameter.of_row]
        return text, (*chain.from_iterable(values), *rest)

    def arrays(self, rows: Sequence[Row]) -> dict[str, Any]:
        """Returns the parameters of one execution with an array a column, by name."""
        values: dict[str, Any] = {}
        for name, column, constant, convert, _ in self.parameters:
            value = constant if column is None else [row[column] for row in rows]
            values[name] = convert(value) if convert else value
        return values


def _values(parameter: _Parameter, rows: Sequence[Row]) -> Iterable[Any]:
    _, column, value, convert, _ = parameter
    if column is None:
        return repeat(convert(value) if convert else value)
    values = [row[column] for row in rows]
    return map(convert, values) if convert else values


def _sql(statement: Any, dialect: Dialect, columns: Mapping[str, str]) -> _Sql:
    """Writes a statement out; `columns` are the names of the columns whose values it takes, by those of its parameters."""
    compiled = statement.compile(dialect=dialect, column_keys=list(columns.values()))
    binds = {name: bind for bind, name in compiled.bind_names.items()}
    # What the model gives a column that the rows do not name.
    defaults = {column.name: column.default.arg for column in compiled.insert_prefetch}
    values = compiled.params | defaults
    parameters = [
        _Parameter(name, columns.get(name), values[name], _converter(binds[name].type, dialect), name in columns or name in defaults)
        for name in compiled.positiontup or binds
    ]  # fmt: skip
    # Of the driver's two formats the binary one, in which no character of a text need be escaped.
    return _Sql(_PSYCOPG_PARAMETER.sub(r"%(\1)b", compiled.string), parameters)


def _converter(column_type: Any, dialect: Dialect) -> Callable[[Any], Any] | None:
    """Returns what makes a value of this type what the driver takes; None where it is that already."""
    convert: Callable[[Any], Any] | None = column_type.dialect_impl(dialect).bind_processor(dialect)
    return convert


def _execute_sqlite(
    connection: Connection, sql: _Sql, rows: Sequence[Row], *, returning: bool
) -> Sequence[ResultRow[Any]]:
    if not returning:
        connection.exec_driver_sql(sql.text, sql.tuples(rows))
        return ()
    returned: list[ResultRow[Any]] = []
    step = SQLITE_VARIABLES // len(sql.parameters)
    for start in range(0, len(rows), step):
        returned += connection.exec_driver_sql(*sql.together(rows[start : start + step])).all()
    return returned


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
