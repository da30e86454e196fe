"""`newsmill warc`: kept pages as one WARC file."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Engine, select
from sqlmodel import Session, col

from newsmill.commands.replay import open_archive
from newsmill.options import AsJson, DataFolder, Since, Until, with_zone
from newsmill.output import print_record, progress_bar
from newsmill.running_system import find_system
from services.storage.archive import warc as warc_format
from shared.contracts import now_utc
from shared.database.models import Visit

app = typer.Typer(add_completion=False)


@app.command()
def warc(
    out: Annotated[Path, typer.Argument(help="A .warc.gz to write.", dir_okay=False)],
    since: Since = None,
    until: Until = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Write kept pages to one WARC 1.1 file. `newsmill import` can read it."""
    system = find_system(data)
    engine, archive = system.engine(), open_archive(system)
    written = 0
    with progress_bar() as progress, out.open("wb") as stream:
        stream.write(warc_format.info(out.name, now_utc()))
        places = list(_places(engine, with_zone(since), with_zone(until)))
        for place in progress.track(places, description=out.name):
            record = archive.read(place)
            if record is not None and record.page is not None:
                stream.write(warc_format.record(place, record.page, record.raw))
                written += 1
    print_record({"file": str(out), "pages": written}, f"{written} pages in {out}", as_json=as_json, err=True)


def _places(engine: Engine, since: datetime | None, until: datetime | None) -> Iterator[str]:
    """Yields where each kept page is in the archive."""
    query = select(col(Visit.kept)).where(col(Visit.kept).is_not(None)).order_by(col(Visit.kept))
    if since:
        query = query.where(col(Visit.fetched_at) >= since)
    if until:
        query = query.where(col(Visit.fetched_at) < until)
    with Session(engine) as session:
        yield from (place for place in session.scalars(query) if place)
