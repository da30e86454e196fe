"""A column's value among many: one statement however many values there are, so that it is compiled and planned once.

`IN (…)` has a variable a value: every length is another statement, which SQLAlchemy, the driver and the database read anew.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import (
    JSON,
    BindParameter,
    ColumnElement,
    CursorResult,
    Select,
    TableValuedAlias,
    any_,
    bindparam,
    delete,
    func,
    select,
)
from sqlalchemy import Row as ResultRow
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Session, SQLModel, col

from services.storage.tables.upsert import is_postgres


def among(session: Session, column: Any, values: Iterable[Any]) -> ColumnElement[bool]:
    """Returns the condition that a column has one of these values, which are texts or whole numbers.

    They are one parameter: an array on PostgreSQL, JSON on SQLite.
    """
    return _among(column, is_postgres(session), value=list(values), unique=True)


class _Statement:
    """A statement on the rows in which a column has one of some values, written out as SQL once for a database.

    For what every batch asks: SQLAlchemy takes longer to make a statement, or to find that it has made it before, than the
    database to execute it.
    """

    def __init__(self, statement: Any, column: Any) -> None:
        self._statement = statement
        self._column = column
        # By the database's name.
        self._written_out: dict[str, str] = {}

    def _execute(self, session: Session, values: Sequence[Any]) -> CursorResult[*tuple[Any, ...]]:
        session.flush()
        connection = session.connection()
        postgres = connection.dialect.name == "postgresql"
        if connection.dialect.name not in self._written_out:
            statement = self._statement.where(self._condition(postgres))
            self._written_out[connection.dialect.name] = str(statement.compile(dialect=connection.dialect))
        parameters: Any = {"values": values} if postgres else (json.dumps(values),)
        return connection.exec_driver_sql(self._written_out[connection.dialect.name], parameters)

    def _condition(self, postgres: bool) -> ColumnElement[bool]:
        return _among(self._column, postgres)


class Lookup(_Statement):
    """A query for the rows in which a column has one of some values.

    Args:
        query: for columns that the driver returns as they are (texts, numbers, bytes), without the condition on the
            values and without other values.
        column: that has one of the values, which are texts or whole numbers.
    """

    def __init__(self, query: Select[*tuple[Any, ...]], column: Any) -> None:
        super().__init__(query, column)

    def rows(self, session: Session, values: Iterable[Any]) -> Sequence[ResultRow[*tuple[Any, ...]]]:
        """Returns the rows; without a value there is none, and the database is not asked."""
        listed = list(values)
        return self._execute(session, listed).all() if listed else ()


class NewestLookup(Lookup):
    """A query for the newest row of each value, of however many there are. The table's rows have an `id`."""

    def _condition(self, postgres: bool) -> ColumnElement[bool]:
        # An index of column and id answers each value at once.
        listed, row_id = _listed(self._column, postgres), self._column.class_.id
        rows = self._statement.with_only_columns(func.max(row_id)).where(col(self._column) == listed.c.value)
        return col(row_id).in_(select(rows.correlate(listed).scalar_subquery()).select_from(listed))


class Deletion(_Statement):
    """Deletes the rows of a table in which a column has one of some values, which are texts or whole numbers."""

    def __init__(self, table: type[SQLModel], column: Any) -> None:
        super().__init__(delete(table), column)

    def execute(self, session: Session, values: Iterable[Any]) -> None:
        """Deletes the rows; objects of the session that stand for them are not told."""
        if listed := list(values):
            self._execute(session, listed)


def _among(column: Any, postgres: bool, **options: Any) -> ColumnElement[bool]:
    element = col(column)
    if postgres:
        return element == any_(_array(column, **options))
    listed = _listed(column, postgres, **options)
    return element.in_(select(listed.c.value))


def _listed(column: Any, postgres: bool, **options: Any) -> TableValuedAlias:
    """Returns the values as rows of a table with the column `value`."""
    if postgres:
        return func.unnest(_array(column, **options)).table_valued("value").render_derived()
    return func.json_each(bindparam("values", type_=JSON(), **options)).table_valued("value")


def _array(column: Any, **options: Any) -> BindParameter[Any]:
    return bindparam("values", type_=ARRAY(column.type), **options)
