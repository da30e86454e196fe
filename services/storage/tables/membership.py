"""A column's value among many: one statement however many values there are, so that it is compiled and planned once.

`IN (…)` has a variable a value: every length is another statement, which SQLAlchemy, the driver and the database read anew.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import JSON, ColumnElement, Select, any_, bindparam, func, select
from sqlalchemy import Row as ResultRow
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Session, col

from services.storage.tables.upsert import is_postgres


def among(session: Session, column: Any, values: Iterable[Any]) -> ColumnElement[bool]:
    """Returns the condition that a column has one of these values, which are texts or whole numbers.

    They are one parameter: an array on PostgreSQL, JSON on SQLite.
    """
    return _among(column, is_postgres(session), value=list(values), unique=True)


class Lookup:
    """A query for the rows in which a column has one of some values, written out as SQL once for a database.

    For what every batch asks: SQLAlchemy takes longer to make a query, or to find that it has made it before, than the
    database to answer it.

    Args:
        query: for columns that the driver returns as they are (texts, numbers, bytes), without the condition on the
            values and without other values.
        column: that has one of the values, which are texts or whole numbers.
    """

    def __init__(self, query: Select[*tuple[Any, ...]], column: Any) -> None:
        self._query = query
        self._column = column
        # By the database's name.
        self._written_out: dict[str, str] = {}

    def rows(self, session: Session, values: Iterable[Any]) -> Sequence[ResultRow[*tuple[Any, ...]]]:
        """Returns the rows; without a value there is none, and the database is not asked."""
        listed = list(values)
        if not listed:
            return ()
        session.flush()
        connection = session.connection()
        postgres = connection.dialect.name == "postgresql"
        if connection.dialect.name not in self._written_out:
            query = self._query.where(_among(self._column, postgres))
            self._written_out[connection.dialect.name] = str(query.compile(dialect=connection.dialect))
        parameters: Any = {"values": listed} if postgres else (json.dumps(listed),)
        return connection.exec_driver_sql(self._written_out[connection.dialect.name], parameters).all()


def _among(column: Any, postgres: bool, **options: Any) -> ColumnElement[bool]:
    element = col(column)
    if postgres:
        return element == any_(bindparam("values", type_=ARRAY(column.type), **options))
    listed = func.json_each(bindparam("values", type_=JSON(), **options)).table_valued("value")
    return element.in_(select(listed.c.value))
