"""Fields of the forms that filter a page: left empty they say nothing."""

from typing import Annotated

from pydantic import BeforeValidator, Field


def given(value: object) -> object:
    """Returns None for a field that was left empty."""
    return (value.strip() or None) if isinstance(value, str) else value


# PostgreSQL takes no NUL in a text.
Text = Annotated[str | None, Field(max_length=500, pattern=r"^[^\x00]*$"), BeforeValidator(given)]
