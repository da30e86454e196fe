"""`newsmill backup`: a copy of the SQLite database."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import TaskID

from newsmill.options import AsJson, DataFolder
from newsmill.output import print_record, progress_bar
from newsmill.running_system import find_system
from shared.errors import SettingsError

app = typer.Typer(add_completion=False)

PAGES_A_STEP = 1000


@app.command()
def backup(
    out: Annotated[Path, typer.Argument(help="A file to write, in a folder that exists.", dir_okay=False)],
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Copy the SQLite database to a file. The system may be running. PostgreSQL has pg_dump."""
    if not out.parent.is_dir():
        raise SettingsError(f"{out}: there is no folder {out.parent}; create it first")
    database = find_system(data).engine().url
    if database.get_backend_name() != "sqlite" or not database.database:
        raise SettingsError("the database is PostgreSQL: use pg_dump, as deploy/README.md describes")
    copy_database(Path(database.database), out)
    size = out.stat().st_size
    print_record({"file": str(out), "bytes": size}, f"{out}: {size} bytes", as_json=as_json, err=True)


def copy_database(source: Path, target: Path) -> None:
    """Copies a SQLite database that may be written to meanwhile, and shows the progress in database pages."""
    # The copy holds what the data folder holds: only its owner may read it.
    target.touch(mode=0o600)
    with (
        progress_bar() as progress,
        closing(sqlite3.connect(source)) as origin,
        closing(sqlite3.connect(target)) as copy,
    ):
        bar: TaskID = progress.add_task(target.name, total=None)
        origin.backup(
            copy,
            pages=PAGES_A_STEP,
            progress=lambda _, left, total: progress.update(bar, completed=total - left, total=total),
        )
