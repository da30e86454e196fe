"""URLs as arguments of commands."""

import typer

from shared.errors import BadUrl
from shared.urls import fetchable


def fetchable_option(url: str) -> str:
    """Returns the URL in the form in which it is fetched.

    Raises:
        typer.BadParameter: nothing can be fetched from it; the text says why.
    """
    try:
        return fetchable(url)
    except BadUrl as error:
        raise typer.BadParameter(str(error)) from None
