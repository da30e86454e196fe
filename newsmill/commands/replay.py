"""`newsmill replay`: kept pages read again with the present parser."""

import json
from collections.abc import Callable
from typing import Annotated

import typer

from newsmill.options import AsJson, DataFolder, Since, Until, with_zone
from newsmill.output import echo, progress_bar
from newsmill.replay.comparison import compare_pages
from newsmill.replay.kept_pages import FIELDS, KeptPage, Selection, count_pages, kept_pages
from newsmill.running_system import LocalSystem, find_system
from services.storage.archive.files import Archive
from services.storage.settings import StorageSettings
from shared.errors import SettingsError
from shared.pages import RedisPages
from shared.worker.pressure import Pressure

app = typer.Typer(add_completion=False)


@app.command()
def replay(
    *,
    since: Since = None,
    until: Until = None,
    source: Annotated[str | None, typer.Option(help="Name or id of a source.")] = None,
    url: Annotated[str | None, typer.Option(help="One page.")] = None,
    where: Annotated[str | None, typer.Option(help="FIELD=missing: articles that lack it.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Read at most so many pages.")] = None,
    examples: Annotated[int, typer.Option(min=0, help="Show so many differences of each field.")] = 3,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Report and change nothing.")] = False,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Read kept pages again with the present parser and update what is stored. It reports what differs."""
    selection = Selection(with_zone(since), with_zone(until), source, url, _missing_field(where), limit)
    system = find_system(data)
    engine, archive = system.engine(), open_archive(system)
    update = None if dry_run else _updater(system)
    with progress_bar() as progress:
        bar = progress.add_task("pages", total=count_pages(engine, selection))
        pages = kept_pages(engine, archive, selection)
        report = compare_pages(pages, update, examples, lambda number: progress.advance(bar, number))
    for line in [json.dumps(report.record(), ensure_ascii=False)] if as_json else report.lines():
        echo(line)


def open_archive(system: LocalSystem) -> Archive:
    """Returns the kept pages of a system.

    Raises:
        SettingsError: it keeps none.
    """
    url = system.settings(StorageSettings).pages_url
    if not url:
        raise SettingsError(
            f"no kept pages in {system.data / 'pages'}: name the folder of a system with --data, or set NEWSMILL_PAGES_URL"
        )
    return Archive(url)


def _updater(system: LocalSystem) -> Callable[[KeptPage], None]:
    limits, redis = system.settings(StorageSettings), system.redis()
    pages, send, pressure = RedisPages(redis, limits.page_ttl), system.sender(redis), Pressure(redis, limits)

    def update(kept: KeptPage) -> None:
        pressure.wait("import")
        message = kept.message()
        pages.put(kept.record.raw.body, message.page.key)
        send([message])

    return update


def _missing_field(where: str | None) -> str | None:
    if where is None:
        return None
    name, _, state = where.partition("=")
    if state != "missing" or name not in FIELDS:
        raise typer.BadParameter(f"--where {where}: FIELD=missing, where FIELD is one of {', '.join(FIELDS)}")
    return name
