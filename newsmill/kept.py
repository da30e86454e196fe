"""The commands that work on kept and saved pages: `newsmill import`, `newsmill replay`, `newsmill warc`."""

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from redis import Redis
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy import select
from sqlmodel import Session, col

from newsmill import replay as replaying
from newsmill.doors import courier, engine, running_redis, settings
from newsmill.importing import Importer, size
from services.storage.archive import warc as format_
from services.storage.archive.files import Archive
from services.storage.settings import StorageSettings
from shared.contracts import now_utc
from shared.database.models import Visit
from shared.errors import SettingsError
from shared.pages import RedisPages
from shared.worker.pressure import Pressure

Moment = Annotated[datetime | None, typer.Option(help="UTC.")]
Json = Annotated[bool, typer.Option("--json", help="As JSON.")]


def add_commands(app: typer.Typer) -> None:
    """Puts these commands on the command line."""
    app.command("import")(import_)
    app.command("replay")(replay)
    app.command("warc")(warc)


def import_(
    files: Annotated[
        list[Path], typer.Argument(help="WARC files, folders of saved pages, .txt lists of URLs.", exists=True)
    ],
    again: Annotated[bool, typer.Option("--again", help="From the beginning, though they were read before.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Until everything has its disposition.")] = False,
    as_json: Json = False,
) -> None:
    """Feed saved pages to the parser and URLs to the fetcher, as a backfill; killed, it goes on where it was."""
    redis, limits = running_redis(), settings(StorageSettings)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        for path in files:
            bar = progress.add_task(path.name, total=size(path))

            def moved(at: int, why: str, bar: object = bar, name: str = path.name) -> None:
                text = f"{name}: waits, {why}" if why else name if at >= 0 else f"{name}: {-at} under way"
                progress.update(bar, completed=at if at >= 0 else None, description=text)  # type: ignore[arg-type]

            importer = Importer(
                redis, RedisPages(redis, limits.page_ttl), courier(redis), Pressure(redis, limits), moved
            )
            if again:
                importer.forget(path)
            tally = importer.run(path)
            progress.update(bar, completed=size(path))
            if wait:
                importer.wait_for(tally.traces)
            told = {"file": str(path), "sent": tally.sent, "skipped": dict(tally.skipped)}
            typer.echo(
                json.dumps(told) if as_json else f"{path}: {tally.sent} sent; skipped: {dict(tally.skipped) or 'none'}"
            )


def replay(
    *,
    since: Moment = None,
    until: Moment = None,
    source: Annotated[str | None, typer.Option(help="Name or id of a source.")] = None,
    url: Annotated[str | None, typer.Option(help="One page.")] = None,
    where: Annotated[str | None, typer.Option(help="FIELD=missing: articles that lack it.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Pages at most.")] = None,
    examples: Annotated[int, typer.Option(min=0, help="Shown of each field.")] = 3,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Report, change nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Read kept pages again with today's parser, report what differs, and update what is stored."""
    wanted = replaying.Wanted(_utc(since), _utc(until), source, url, _missing(where), limit)
    update = None if dry_run else _updater(running_redis())
    with Progress(TextColumn("{task.completed} pages"), console=Console(stderr=True)) as progress:
        bar = progress.add_task("", total=None)
        kept = replaying.kept_pages(engine(), _archive(), wanted)
        report = replaying.replay(kept, update, examples, lambda pages: progress.advance(bar, pages))
    for line in [json.dumps(report.record(), ensure_ascii=False)] if as_json else report.lines():
        typer.echo(line)


def warc(
    out: Annotated[Path, typer.Argument(help="A .warc.gz to write.")], since: Moment = None, until: Moment = None
) -> None:
    """Write kept pages to one WARC 1.1 file."""
    archive, written = _archive(), 0
    query = select(col(Visit.kept)).where(col(Visit.kept).is_not(None)).order_by(col(Visit.kept))
    if since:
        query = query.where(col(Visit.fetched_at) >= _utc(since))
    if until:
        query = query.where(col(Visit.fetched_at) < _utc(until))
    with Session(engine()) as session, out.open("wb") as stream:
        stream.write(format_.info(out.name, now_utc()))
        for place in session.scalars(query):
            record = archive.read(place or "")
            if record is not None and record.page is not None:
                stream.write(format_.record(place or "", record.page, record.raw))
                written += 1
    typer.echo(f"{written} pages in {out}", err=True)


def _archive() -> Archive:
    url = settings(StorageSettings).pages_url
    if not url:
        raise SettingsError("NEWSMILL_PAGES_URL is not set: no pages are kept")
    return Archive(url)


def _updater(redis: "Redis") -> Callable[[replaying.Kept], None]:
    limits = settings(StorageSettings)
    pages, send, pressure = RedisPages(redis, limits.page_ttl), courier(redis), Pressure(redis, limits)

    def update(one: replaying.Kept) -> None:
        pressure.wait("import")
        message = replaying.message(one)
        pages.put(one.record.raw.body, message.page.key)
        send([message])

    return update


def _missing(where: str | None) -> str | None:
    if where is None:
        return None
    name, _, what = where.partition("=")
    if what != "missing" or name not in replaying.FIELDS:
        sys.stderr.write(f"fields: {', '.join(replaying.FIELDS)}\n")
        raise typer.BadParameter(f"--where {where}: FIELD=missing")
    return name


def _utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=moment.tzinfo or UTC) if moment else None
