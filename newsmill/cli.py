"""The command `newsmill`."""

import json
import sqlite3
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from shutil import rmtree
from threading import Event
from typing import Annotated, Any, Literal, cast

import requests
import typer
from redis import Redis
from rich.console import Console
from rich.live import Live
from rich.progress import Progress
from sqlmodel import Session

from newsmill import dead, fetching, image, kept, why
from newsmill import export as exporting
from newsmill import parse as parsing
from newsmill.demo_site.server import TRIGGERS as DEMO_TRIGGERS
from newsmill.demo_site.server import DemoSite
from newsmill.doors import DATA, doors, engine, running_redis
from newsmill.local import System, interruptible, running
from newsmill.rules import check
from newsmill.view import Rates, Snapshot, Watch, line, screen
from services.fetcher.explain import explain_host
from services.fetcher.politeness.turns import Politeness, site_of
from services.fetcher.settings import FetcherSettings
from services.reader.history import url_history
from services.reader.settings import ReaderSettings
from shared.contracts import Access, Kind
from shared.database.engine import make_engine
from shared.errors import BadUrl, NewsmillError, SettingsError
from shared.queues import TRIGGERS
from shared.settings import load
from shared.urls import fetchable

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.add_typer(dead.app, name="dead")
app.add_typer(image.app, name="image")
kept.add_commands(app)
rules_app = typer.Typer(no_args_is_help=True, help="How single sites are read.")
app.add_typer(rules_app, name="rules")

LOOK_SECONDS = 0.5
# The system counts as idle when it was so at this many looks in a row.
IDLE_LOOKS = 3

Urls = Annotated[list[str] | None, typer.Argument(help="URLs to fetch at once.")]
Data = Annotated[Path, typer.Option(help="Folder of the database, queues and logs.")]
Port = Annotated[int, typer.Option(help="Port of the reader; the next free one is taken.")]
UntilIdle = Annotated[bool, typer.Option("--until-idle", help="End once everything triggered has its disposition.")]
Json = Annotated[bool, typer.Option("--json", help="The summary as JSON on the last line.")]
Api = Annotated[str | None, typer.Option(help="The reader's address; by default the local one's.")]


def main() -> None:
    """Runs the command; an error that we know is a line on standard error and exit status 2."""
    try:
        app()
    except NewsmillError as error:
        sys.exit(_fail(str(error)))


@app.command()
def run(
    urls: Urls = None, data: Data = DATA, port: Port = 8080, until_idle: UntilIdle = False, as_json: Json = False
) -> None:
    """Start everything on this machine and watch it; Ctrl-C stops it, the data stays."""
    triggers = [{"url": _checked(url), "via": "cli"} for url in urls or []]
    _watch(data, port, {}, triggers, until_idle=until_idle, as_json=as_json)


@app.command()
def demo(data: Data = DATA / "demo", port: Port = 8080, until_idle: UntilIdle = False, as_json: Json = False) -> None:
    """The same against a small invented news site on this machine: no network needed."""
    rmtree(data, ignore_errors=True)
    with DemoSite() as site:
        triggers = [{"url": site.url.rstrip("/") + path, "kind": kind, "via": "cli"} for path, kind in DEMO_TRIGGERS]
        settings = {
            "NEWSMILL_FETCH_ALLOW_NETWORKS": "127.0.0.0/8",
            "NEWSMILL_HOST_INTERVAL": "0.05",
            "NEWSMILL_HOST_IN_FLIGHT": "20",
        }
        _watch(data, port, settings, triggers, until_idle=until_idle, as_json=as_json)


@app.command()
def submit(
    urls: Annotated[list[str], typer.Argument(help="URLs to fetch.")],
    kind: Annotated[Kind | None, typer.Option(help="What the pages are, when you know.")] = None,
    priority: Annotated[int, typer.Option(min=0, max=9)] = 5,
    wait: Annotated[bool, typer.Option("--wait", help="Until each has its disposition.")] = False,
    api: Api = None,
    *,
    fresh: Annotated[bool, typer.Option("--fresh", help="Ask whatever is remembered of the pages.")] = False,
) -> None:
    """Trigger URLs through the reader's API."""
    door = _door(api)
    more: dict[str, Any] = ({"kind": kind.value} if kind else {}) | ({"fresh": True} if fresh else {})
    bodies = [{"url": _checked(url), "priority": priority} | more for url in urls]
    with Progress(console=Console(stderr=True)) as progress:
        sending = progress.add_task("submitted", total=len(bodies))
        ids = []
        for body in bodies:
            ids.append(str(_ask("POST", f"{door}/v1/triggers", body)["id"]))
            progress.advance(sending)
        if not wait:
            for trace_id in ids:
                typer.echo(trace_id)
            return
        ending = progress.add_task("ended", total=len(ids))
        for trace_id in ids:
            typer.echo(json.dumps(_wait(door, trace_id), ensure_ascii=False))
            progress.advance(ending)


@app.command()
def fetch(
    url: Annotated[str, typer.Argument(help="A page.")],
    login: Annotated[str | None, typer.Option(help="Of the access file.")] = None,
    proxy: Annotated[str | None, typer.Option(help="Of the access file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="All of it as JSON.")] = False,
) -> None:
    """Fetch a page as the fetcher would, in its turn, and show the whole exchange; nothing is stored."""
    access = Access(login=login, proxy=proxy) if login or proxy else None
    report = fetching.fetch(load(FetcherSettings), _redis_or_none(), _checked(url), access)
    _show_report(report, fetching.fetch_lines, as_json=as_json)
    if report["end"] != "fetched":
        raise typer.Exit(1)


@app.command()
def host(
    name: Annotated[str, typer.Argument(help="A host, as example.com.")],
    pause: Annotated[bool, typer.Option("--pause", help="Keep every fetcher off it.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Let them at it again.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="All of it as JSON.")] = False,
) -> None:
    """Show when a host may be asked, why then, and who waits for it; or pause it."""
    settings, redis = load(FetcherSettings), running_redis()
    site = site_of(f"http://{name}/")
    if pause or resume:
        Politeness(redis, settings).pause(site, paused=pause)
    _show_report(explain_host(settings, redis, site), fetching.host_lines, as_json=as_json)


@app.command()
def parse(
    file: Annotated[Path | None, typer.Argument(help="A page on this disk.")] = None,
    url: Annotated[str | None, typer.Option(help="The URL it came from.")] = None,
    kind: Annotated[Kind | None, typer.Option(help="What it is; decided from its bytes when not given.")] = None,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help="Read {id, path, url, kind?} lines from standard input.")
    ] = False,
) -> None:
    """Print what the parser makes of a page."""
    if jsonl:
        for out in parsing.parse_lines(sys.stdin):
            typer.echo(out)
    elif file is None:
        raise typer.BadParameter("a FILE, or --jsonl with lines on standard input")
    else:
        typer.echo(json.dumps(parsing.parse_file(file, url, kind), ensure_ascii=False, indent=2))


@app.command("why")
def why_(
    url: Annotated[str, typer.Argument(help="Any URL, ended, under way or never seen.")],
    as_json: Annotated[bool, typer.Option("--json", help="All of it as JSON.")] = False,
) -> None:
    """Tell the life of a URL: who asked, what happened, how it ended, what was stored."""
    with Session(engine()) as session:
        told = url_history(session, running_redis(), url)
    _show_report(told, why.lines, as_json=as_json)


@app.command()
def export(
    what: Annotated[Literal["articles", "headlines"], typer.Argument()],
    format: Annotated[Literal["jsonl", "csv"], typer.Option()] = "jsonl",  # noqa: A002 - the option's name
    since: Annotated[datetime | None, typer.Option(help="Stored since then, UTC.")] = None,
    out: Annotated[Path | None, typer.Option(help="A file; standard output when not given.")] = None,
) -> None:
    """Stream what is stored."""
    moment = since.replace(tzinfo=since.tzinfo or UTC) if since else None
    database = engine()
    if out is None:
        exporting.export(database, what, format, moment, sys.stdout)
        return
    with out.open("w", encoding="utf-8", newline="") as stream:
        rows = exporting.export(database, what, format, moment, stream)
    typer.echo(f"{rows} {what} in {out}", err=True)


@app.command()
def backup(out: Annotated[Path, typer.Argument(help="A file to write.")]) -> None:
    """Copy the SQLite database of a system, running or not, to a file; PostgreSQL has pg_dump."""
    database = engine().url
    if database.get_backend_name() != "sqlite" or not database.database:
        raise SettingsError("the database is PostgreSQL: use pg_dump, as deploy/README.md tells")
    with closing(sqlite3.connect(database.database)) as source, closing(sqlite3.connect(out)) as target:
        source.backup(target, pages=1000)
    typer.echo(f"{out}: {out.stat().st_size} bytes", err=True)


@rules_app.command("check")
def rules_check(
    rule: Annotated[Path, typer.Argument(help="A file like those in services/parser/rules.", exists=True)],
    pages: Annotated[list[Path], typer.Argument(help="HTML files of the site.", exists=True)],
    url: Annotated[str | None, typer.Option(help="Where the pages stand.")] = None,
) -> None:
    """Show what each selector of a rule finds on pages, and the article and headlines that come of it.

    Exits with 1 where a selector matches on none of them.
    """
    told = check(rule, pages, url)
    for line_ in told.lines:
        typer.echo(line_)
    if told.unmatched:
        raise typer.Exit(1)


def _watch(
    data: Path,
    port: int,
    settings: Mapping[str, str],
    triggers: Sequence[Mapping[str, str]],
    *,
    until_idle: bool,
    as_json: bool,
) -> None:
    stopped = interruptible()
    started = time.monotonic()
    with running(data, port, settings) as system:
        redis = Redis.from_url(system.layout.redis_url)
        watch = Watch(system.layout, redis, make_engine(system.layout.database_url))
        _tell_doors(system, time.monotonic() - started)
        for trigger in triggers:
            redis.xadd(TRIGGERS, cast("dict[Any, Any]", trigger))
        try:
            last = _show(system, watch, stopped, until_idle=until_idle)
        except KeyboardInterrupt:
            last = watch.look()
            typer.echo("stopping …", err=True)
    summary = last.summary() | {"seconds": round(time.monotonic() - started, 1)}
    typer.echo(json.dumps(summary) if as_json else _told(summary))


def _tell_doors(system: System, seconds: float) -> None:
    layout = system.layout
    typer.echo(f"healthy after {seconds:.1f} s")
    typer.echo(f"reader   {layout.reader_url}")
    for service in system.services:
        typer.echo(f"metrics  {layout.metrics_url(service.name)}/metrics  ({service.name})")
    typer.echo(f"trigger  redis-cli -s {layout.redis_url.removeprefix('unix://')} XADD {TRIGGERS} '*' url URL")


def _show(system: System, watch: Watch, stopped: Event, *, until_idle: bool) -> Snapshot:
    """Shows the system until it is idle (when asked to end then) or interrupted; returns the last look."""
    rates, console, idle, told = Rates(), Console(), 0, ""
    snapshot = watch.look()
    with Live(console=console, auto_refresh=False, transient=False) if console.is_terminal else _Plain() as live:
        while True:
            snapshot = watch.look()
            per_second = rates.add(snapshot)
            if isinstance(live, Live):
                live.update(screen(snapshot, per_second, system.layout), refresh=True)
            elif (now := line(snapshot, per_second)) != told:
                typer.echo(now)
                told = now
            idle = idle + 1 if snapshot.idle else 0
            if until_idle and idle >= IDLE_LOOKS:
                return snapshot
            system.watch()
            if stopped.wait(LOOK_SECONDS):
                raise KeyboardInterrupt


class _Plain:
    """Where there is no terminal: lines."""

    def __enter__(self) -> "_Plain":
        return self

    def __exit__(self, *_: object) -> None:
        return None


def _told(summary: Mapping[str, Any]) -> str:
    pages = ", ".join(f"{number} {end}" for end, number in sorted(summary["pages"].items())) or "none"
    return (
        f"{summary['articles']} articles, {summary['headlines']} headlines; pages: {pages}; "
        f"{summary['dead_letters']} dead letters; {summary['seconds']} s"
    )


def _checked(url: str) -> str:
    try:
        return fetchable(url)
    except BadUrl as error:
        raise typer.BadParameter(str(error)) from None


def _door(api: str | None) -> str:
    if api:
        return api.rstrip("/")
    return str(doors().get("reader", "http://127.0.0.1:8080"))


def _show_report(report: dict[str, Any], lines: Callable[[Mapping[str, Any]], Iterable[str]], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False, indent=2))
        return
    for line_ in lines(report):
        typer.echo(line_)


def _redis_or_none() -> "Redis | None":
    """The Redis of the system that runs, so that its turns are taken; None where none runs."""
    try:
        return running_redis()
    except SettingsError:
        return None


def _ask(method: str, url: str, body: Any = None) -> dict[str, Any]:
    token = load(ReaderSettings).reader_token
    headers = {"Authorization": f"Bearer {token.get_secret_value()}"} if token else {}
    try:
        answer = requests.request(method, url, json=body, headers=headers, timeout=30)
    except requests.ConnectionError:
        raise SettingsError(f"no reader at {url}: start one with `newsmill run`, or name it with --api") from None
    if not answer.ok:
        raise SettingsError(f"{url}: HTTP {answer.status_code}: {answer.text[:500]}")
    found: dict[str, Any] = answer.json()
    return found


def _wait(door: str, trace_id: str) -> dict[str, Any]:
    while True:
        state = _ask("GET", f"{door}/v1/triggers/{trace_id}")
        if state["state"] == "ended":
            return state
        time.sleep(0.3)


def _fail(text: str) -> int:
    typer.echo(text, err=True)
    return 2


if __name__ == "__main__":
    main()
