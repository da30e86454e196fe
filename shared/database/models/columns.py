"""Columns that tables share."""

from typing import Any

from sqlalchemy import Column, false
from sqlmodel import Field

from shared.contracts import now_utc
from shared.database.engine import Id, Instant, Json


def identifier() -> Any:
    """Returns a column for the number of a row, counted up."""
    return Field(default=None, sa_column=Column(Id, primary_key=True, autoincrement=True))


def json_column(empty: Any) -> Any:
    """Returns a column for JSON.

    Args:
        empty: makes the value of a row that has none.
    """
    return Field(default_factory=empty, sa_column=Column(Json, nullable=False))


def instant(*, null: bool = True, index: bool = False) -> Any:
    """Returns a column for an instant, UTC. One that may not be null is now unless it is set."""
    column = Column(Instant, nullable=null, index=index)
    return Field(default=None, sa_column=column) if null else Field(default_factory=now_utc, sa_column=column)


def flag() -> Any:
    """Returns a column for a truth value that is false unless it is set."""
    return Field(default=False, sa_column_kwargs={"server_default": false()})
