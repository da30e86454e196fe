"""`newsmill import`: saved pages and lists of URLs as a backfill."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import Progress

from newsmill.imports.importer import Importer
from newsmill.imports.importer import Progress as Report
from newsmill.imports.items import size
from newsmill.options import AsJson, DataFolder
from newsmill.output import print_record, progress_bar
from newsmill.running_system import find_system
from services.storage.settings import StorageSettings
from shared.pages import RedisPages
from shared.worker.pressure import Pressure

app = typer.Typer(add_completion=False)

# What a reason for a skipped item means for the person who imports.
CURES = {"no-url": "a saved page needs its address: a `saved from url` comment, a canonical link or an og:url"}


@app.command("import")
def import_pages(
    files: Annotated[
        list[Path], typer.Argument(help="WARC files, folders of saved pages, .txt lists of URLs.", exists=True)
    ],
    again: Annotated[bool, typer.Option("--again", help="Begin anew with files that were read before.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until everything has its disposition.")] = False,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Send saved pages to the parser and lists of URLs to the fetcher. After a kill it goes on where it stopped."""
    system = find_system(data)
    redis, limits = system.redis(), system.settings(StorageSettings)
    pages, sender, pressure = RedisPages(redis, limits.page_ttl), system.sender(redis), Pressure(redis, limits)
    with progress_bar() as progress:
        for path in files:
            importer = Importer(redis, pages, sender, pressure, _reporter(progress, path))
            if again:
                importer.forget(path)
            tally = importer.run(path)
            if wait:
                importer.wait_for(tally.traces)
            record = {
                "file": str(path),
                "sent": len(tally.traces),
                "skipped": dict(tally.skipped),
                "damaged": tally.damaged,
            }
            print_record(record, summary(record), as_json=as_json)


def summary(record: Mapping[str, Any]) -> str:
    """Returns the result of a file for a person: how many were sent, how many skipped for which reason, the cure,
    and the first places (bytes of a file, numbers of a folder's pages) that are damaged.
    """
    skipped = ", ".join(f"{number} {reason}" for reason, number in record["skipped"].items()) or "none"
    cures = "".join(f"\n  {reason}: {CURES[reason]}" for reason in record["skipped"] if reason in CURES)
    places = "".join(f"\n  {place['reason']} at {place['at']}" for place in record["damaged"])
    return f"{record['file']}: {record['sent']} sent; skipped: {skipped}{cures}{places}"


def _reporter(progress: Progress, path: Path) -> Report:
    bar = progress.add_task(path.name, total=size(path))

    def report(place: int, reason: str) -> None:
        if place < 0:
            progress.update(bar, description=f"{path.name}: {-place} under way")
        else:
            progress.update(bar, completed=place, description=f"{path.name}: waits, {reason}" if reason else path.name)

    return report
