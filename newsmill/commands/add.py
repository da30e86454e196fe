"""`newsmill add`: looks at sites and adds them with the channels that are worth polling."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from redis import Redis
from sqlalchemy import select
from sqlmodel import col

from newsmill.discovery.crowd import inspect_all
from newsmill.discovery.look import MOST_REQUESTS, Looker
from newsmill.discovery.page_reader import PageReader
from newsmill.discovery.print_site import site_lines, summary_line
from newsmill.local.redis_server import RedisServer
from newsmill.options import AsJson, DataFolder
from newsmill.output import echo, progress_bar
from newsmill.running_system import LocalSystem, find_system
from services.fetcher.settings import FetcherSettings
from services.fetcher.visitor import Visitor
from services.parser.settings import ParserSettings
from services.storage.settings import StorageSettings
from shared.database.models import Site
from shared.discovery.declarations import declarations
from shared.discovery.entries import Entry, from_lines, from_opml, merge, with_https
from shared.discovery.report import SiteReport, site_record
from shared.errors import SettingsError
from shared.stage import Sender
from shared.urls import fingerprint

ACTOR = "cli"

app = typer.Typer(add_completion=False)


@app.command()
def add(
    urls: Annotated[list[str] | None, typer.Argument(help="Home pages, or feeds.")] = None,
    opml: Annotated[
        Path | None, typer.Option(help="An OPML file of a feed reader.", exists=True, dir_okay=False)
    ] = None,
    file: Annotated[
        Path | None, typer.Option(help="A file with a home page a line.", exists=True, dir_okay=False)
    ] = None,
    *,
    name: Annotated[str | None, typer.Option(help="Name of the site; its own without it.")] = None,
    country: Annotated[str | None, typer.Option(help="Country of the sites, such as FR.")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="A tag of the sites; may be repeated.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Add without asking.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only look.")] = False,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Look at sites, show what can be polled, and add them. No host is asked more than ten times.

    With --json it asks nothing: it adds with --yes and only looks without. Exits with 1 when a site cannot be added.
    """
    entries = _entries(urls or (), opml, file, name, tuple(tag or ()))
    system = find_system(data)
    declarer = _Declarer(system, country) if not dry_run and (yes or not as_json) else None
    reports = []
    for report in _reports(system, entries):
        reports.append(report)
        _print(report, is_single=len(entries) == 1, as_json=as_json)
        if declarer and yes:
            declarer.add([report])
    if len(entries) > 1 and not as_json:
        _print_failures(reports)
    if declarer and not yes and _confirm(reports):
        declarer.add(reports)
    if any(report.error for report in reports):
        raise typer.Exit(1)


class _Declarer:
    """Declares sites to a running system.

    Raises:
        SettingsError: no system runs.
    """

    def __init__(self, system: LocalSystem, country: str | None) -> None:
        self._send: Sender = system.sender(system.redis())
        self._country = country
        self._removed = _removed_sites(system)

    def add(self, reports: Sequence[SiteReport]) -> None:
        """Sends the declarations of the sites that can be added."""
        for report in reports:
            if report.error is None:
                is_removed = fingerprint(report.home_page) in self._removed
                self._send(list(declarations(report, ACTOR, country=self._country, was_removed=is_removed)))


def _entries(
    urls: Sequence[str], opml: Path | None, file: Path | None, name: str | None, tags: tuple[str, ...]
) -> list[Entry]:
    """Returns what is to be added, each home page once."""
    lines = from_lines(file.read_text(encoding="utf-8").splitlines()) if file else ()
    outlines = from_opml(opml.read_bytes(), str(opml)) if opml else ()
    entries = merge([*(Entry(with_https(url)) for url in urls), *lines, *outlines])
    if not entries:
        raise typer.BadParameter("the home page of a site, --opml FILE or --file FILE")
    if name and len(entries) > 1:
        raise typer.BadParameter(f"--name is of one site, and these are {len(entries)}")
    return [replace(entry, name=name or entry.name, tags=(*entry.tags, *tags)) for entry in entries]


def _removed_sites(system: LocalSystem) -> set[str]:
    """Returns the keys of the sites that a person has removed."""
    with system.session() as session:
        return set(session.scalars(select(col(Site.key)).where(col(Site.state) == "removed")))


def _reports(system: LocalSystem, entries: Sequence[Entry]) -> Iterator[SiteReport]:
    """Yields the report of each site as soon as it is there, with progress on a terminal."""
    with _redis(system) as redis, PageReader(system.settings(ParserSettings)) as reader:
        limits = system.settings(StorageSettings).pace()
        visitor = Visitor(system.settings(FetcherSettings), redis, most=MOST_REQUESTS)
        try:
            with progress_bar() as progress:
                bar = progress.add_task("sites", total=len(entries))
                for report in inspect_all(entries, Looker(visitor, reader), limits):
                    progress.advance(bar)
                    yield report
        finally:
            visitor.close()


@contextmanager
def _redis(system: LocalSystem) -> Iterator["Redis"]:
    """Yields the Redis of the running system, so that its hosts' turns are taken; a private one where none runs."""
    try:
        yield system.redis()
    except SettingsError:
        with TemporaryDirectory() as folder, RedisServer(Path(folder), appendonly=False) as server:
            yield Redis.from_url(server.url)


def _print(report: SiteReport, *, is_single: bool, as_json: bool) -> None:
    if as_json:
        echo(json.dumps(site_record(report), ensure_ascii=False))
    elif is_single:
        echo("\n".join(site_lines(report)))
    else:
        echo(summary_line(report))


def _print_failures(reports: Sequence[SiteReport]) -> None:
    failures = [report for report in reports if report.error]
    channels = sum(len(report.channels) for report in reports)
    day = sum(report.requests_a_day for report in reports)
    echo(f"{len(reports) - len(failures)} sites with {channels} channels, {day} requests a day", err=True)
    for report in failures:
        echo(f"cannot be added: {report.url}: {report.error}", err=True)


def _confirm(reports: Sequence[SiteReport]) -> bool:
    sites = [report for report in reports if report.error is None]
    return bool(sites) and typer.confirm(f"Add {len(sites)} {'site' if len(sites) == 1 else 'sites'}?")
