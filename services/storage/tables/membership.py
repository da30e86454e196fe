"""A column's value among many: one statement however many values there are, so that it is compiled and planned once.

`IN (…)` has a variable a value: every length is another statement, which SQLAlchemy, the driver and the database read anew.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import JSON, ColumnElement, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Session, col

from services.storage.tables.upsert import is_postgres


def among(session: Session, column: Any, values: Iterable[Any]) -> ColumnElement[bool]:
    """Returns the condition that a column has one of these values, which are texts or whole numbers.

    They are one parameter: an array on PostgreSQL, JSON on SQLite.
    """
    element, items = col(column), list(values)
    if is_postgres(session):
        return element == any_(bindparam(None, items, type_=ARRAY(column.type), unique=True))
    listed = func.json_each(bindparam(None, items, type_=JSON(), unique=True)).table_valued("value")
    return element.in_(select(listed.c.value))
