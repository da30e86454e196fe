"""Options that several commands have."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

DATA = Path("data")

DataFolder = Annotated[
    Path | None,
    typer.Option(
        "--data",
        help="Data folder of the system. Without it the environment counts, then a system in ./data or ./data/demo.",
        file_okay=False,
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Since = Annotated[datetime | None, typer.Option(help="Fetched at or after this time; UTC when it names no zone.")]
Until = Annotated[datetime | None, typer.Option(help="Fetched before this time; UTC when it names no zone.")]


def with_zone(moment: datetime | None) -> datetime | None:
    """Returns a moment with a time zone: its own, else UTC."""
    return moment.replace(tzinfo=moment.tzinfo or UTC) if moment else None
