"""`newsmill sites`: the sites that are followed and their channels; whether a file of them can be read."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from sqlmodel import Session

from newsmill.options import AsJson, DataFolder
from newsmill.output import echo, print_record, print_report, table
from newsmill.running_system import find_system
from newsmill.sites.alerts import alert_lines
from newsmill.sites.changes import changed_fields, request, row_of
from newsmill.sites.file_report import sources_lines, sources_report
from newsmill.sites.rows import SITE_COLUMNS, channel_lines, site_lines, site_row
from services.reader.queries import sites as site_rows
from services.reader.queries.alerts import alerts
from services.reader.queries.opml import opml, outlets
from services.reader.queries.site_state import state_of
from services.reader.queries.sites import State
from shared.contracts import now_utc
from shared.database.models import Site, Source

app = typer.Typer(add_completion=False, no_args_is_help=True)

Names = Annotated[list[str], typer.Argument(help="Sites or channels: address, host, name or key.")]
Name = Annotated[str, typer.Argument(help="A site or a channel: address, host, name or key.")]


@app.callback(invoke_without_command=True)
def sites(
    context: typer.Context,
    *,
    worst_first: Annotated[
        bool, typer.Option("--trouble", help="List what is wrong, the worst first, as `sites trouble` does.")
    ] = False,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """List, show, change or remove sites; check a file of them."""
    if context.invoked_subcommand is None and worst_first:
        trouble(data, as_json)
    elif context.invoked_subcommand is None or worst_first or data or as_json:
        raise typer.BadParameter("options without a command go with --trouble; give others behind their command")


@app.command("list")
def list_sites(
    state: Annotated[
        Literal["active", "paused", "removed"] | None, typer.Option(help="Only sites in this state.")
    ] = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """List the sites, and the channels that belong to none. Removed ones are left out unless they are asked for."""
    with find_system(data).session() as session:
        print_report(_listing(session, state), _listing_lines, as_json=as_json)


@app.command()
def show(name: Name, data: DataFolder = None, as_json: AsJson = False) -> None:
    """Show a site: how it does, and when each of its channels is asked next, and why."""
    with find_system(data).session() as session:
        row = row_of(session, name)
        channels = site_rows.channels(session, row.key) if isinstance(row, Site) else [row]
        site = row.model_dump(mode="json") if isinstance(row, Site) else None
        state = state_of(session, row.key, now_utc())
        report = {"site": site, "state": state and state.model_dump(mode="json"), "channels": _dump(channels)}
    print_report(report, site_lines, as_json=as_json)


@app.command()
def edit(
    name: Name,
    new_name: Annotated[str | None, typer.Option("--name", help="How it is shown.")] = None,
    country: Annotated[str | None, typer.Option(help="Of a site: its country, such as FR.")] = None,
    language: Annotated[list[str] | None, typer.Option(help="Of a site: a language; may be repeated.")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="Of a site: a tag; may be repeated.")] = None,
    *,
    least: Annotated[
        int | None, typer.Option(help="Of a site: seconds between two polls of a channel, at least.")
    ] = None,
    most: Annotated[
        int | None, typer.Option(help="Of a site: seconds between two polls of a channel, at most.")
    ] = None,
    revisit: Annotated[
        list[float] | None,
        typer.Option(help="Of a site: an age in hours at which articles are looked at again; may be repeated."),
    ] = None,
    interval: Annotated[int | None, typer.Option(help="Of a channel: seconds between two polls.")] = None,
    clear: Annotated[
        list[str] | None,
        typer.Option(
            help="What to set back to nothing: country, language, tag, least, most or revisit of a site, interval of a "
            "channel; may be repeated."
        ),
    ] = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Change a site or a channel. The file of sites does not undo it."""
    options = {
        "name": new_name, "country": country, "language": language, "tag": tag, "least": least, "most": most,
        "revisit": revisit, "interval": interval,
    }  # fmt: skip
    _change([name], changed_fields(options, clear or ()), "change", data, as_json)


@app.command()
def pause(names: Names, data: DataFolder = None, as_json: AsJson = False) -> None:
    """Poll sites or channels no more until they are resumed."""
    _change(names, {"state": "paused"}, "pause", data, as_json)


@app.command()
def resume(names: Names, data: DataFolder = None, as_json: AsJson = False) -> None:
    """Poll sites or channels again that were paused or removed."""
    _change(names, {"state": "active"}, "resume", data, as_json)


@app.command()
def poll(names: Names, data: DataFolder = None, as_json: AsJson = False) -> None:
    """Poll sites or channels at once."""
    _change(names, {"poll": True}, "poll", data, as_json)


@app.command()
def remove(names: Names, data: DataFolder = None, as_json: AsJson = False) -> None:
    """Follow sites or channels no more. What they brought stays."""
    _change(names, {"state": "removed"}, "removal", data, as_json)


@app.command()
def undo(names: Names, data: DataFolder = None, as_json: AsJson = False) -> None:
    """Set back what the last change of sites or channels has changed: an edit, a pause, a removal."""
    _change(names, {"undo": True}, "undo", data, as_json)


@app.command()
def export(
    as_opml: Annotated[
        bool, typer.Option("--opml", help="As OPML, for feed readers and `newsmill add --opml`.")
    ] = False,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Print the sites: with --opml their feeds, without it the addresses of their home pages for `newsmill add --file`."""
    with find_system(data).session() as session:
        rows = outlets(session)
        if as_opml:
            echo(opml(rows))
            return
        records = [site.model_dump(mode="json") | {"channels": _dump(channels)} for site, channels in rows]
    print_report({"sites": records}, _home_pages, as_json=as_json)


@app.command()
def trouble(data: DataFolder = None, as_json: AsJson = False) -> None:
    """List what is wrong, the worst first: sites that fail, are silent or have changed, languages, tags and watches that yield nothing."""
    with find_system(data).session() as session:
        report = {"alerts": [alert.model_dump(mode="json") for alert in alerts(session)]}
    print_report(report, alert_lines, as_json=as_json)


@app.command()
def check(
    file: Annotated[
        Path, typer.Argument(help="A YAML file like deploy/sources.yaml.", exists=True, dir_okay=False)
    ] = Path("sources.yaml"),
    as_json: AsJson = False,
) -> None:
    """Read a file of sites and sources and show them, or what is wrong with it. Exits with 1 when it is wrong."""
    report = sources_report(file)
    print_report(report, sources_lines, as_json=as_json)
    if report["error"]:
        raise typer.Exit(1)


def _change(names: Iterable[str], fields: Mapping[str, Any], verb: str, data: Path | None, as_json: bool) -> None:
    for row in request(find_system(data), names, fields):
        url = row.home_page if isinstance(row, Site) else row.url
        print_record({"url": url, "key": row.key, "requested": verb}, f"{verb} requested: {url}", as_json=as_json)


def _listing(session: Session, state: State | None) -> dict[str, Any]:
    """Returns the sites and the channels by themselves as JSON values."""
    channels = site_rows.channels(session)
    numbers = Counter(channel.site_key for channel in channels if channel.site_key)
    single = [channel for channel in site_rows.channels(session, None, state) if not channel.site_key]
    rows = [site.model_dump(mode="json") | {"channels": numbers[site.key]} for site in site_rows.sites(session, state)]
    return {"sites": rows, "channels": _dump(single)}


def _dump(channels: Iterable[Source]) -> list[dict[str, Any]]:
    return [channel.model_dump(mode="json") for channel in channels]


def _home_pages(report: Mapping[str, Any]) -> Iterator[str]:
    return (site["home_page"] for site in report["sites"])


def _listing_lines(report: Mapping[str, Any]) -> Iterator[str]:
    if report["sites"]:
        yield from table([SITE_COLUMNS, *(site_row(site, site["channels"]) for site in report["sites"])])
    if report["channels"]:
        yield "channels by themselves"
        yield from channel_lines(report["channels"])
    if not report["sites"] and not report["channels"]:
        yield "no sites: add one with `newsmill add https://outlet.example`, or list it in the file of sites"
