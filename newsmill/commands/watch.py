"""`newsmill watch`: saved queries that act on what is stored, and whom they tell."""

from typing import Annotated, Any, Literal

import typer

from newsmill.options import AsJson, DataFolder
from newsmill.output import print_record, print_report
from newsmill.running_system import find_system
from newsmill.watches.lines import delivery_lines, match_lines, trial_lines, watch_lines, watch_table
from newsmill.watches.rows import checked, ended, receivers, row_of, shown
from services.reader.queries import watch_changes, watch_trials, watches
from services.reader.queries.watch_changes import NewWatch, WatchChange
from shared.errors import SettingsError

app = typer.Typer(add_completion=False, no_args_is_help=True)

# An account has a name; whoever sits at this machine has not.
OWNER = "local"

Names = Annotated[list[str], typer.Argument(help="Watches: name or id.")]
Name = Annotated[str, typer.Argument(help="A watch: name or id.")]
Webhook = Annotated[list[str] | None, typer.Option(help="URL of a webhook to tell; may be repeated.")]
Notify = Annotated[
    list[str] | None, typer.Option(help="URL of Apprise to tell, such as mailto://… or tgram://…; may be repeated.")
]
Digest = Annotated[Literal["hourly", "daily"] | None, typer.Option(help="Tell these hourly or daily, not at once.")]
Hour = Annotated[int | None, typer.Option(help="Of a daily digest: the hour, 7 unless it is said.")]
Zone = Annotated[str | None, typer.Option(help="Of a daily digest: the time zone, such as Europe/Paris.")]
Limit = Annotated[int, typer.Option(min=1, max=1000, help="How many, the newest.")]


@app.callback()
def watch() -> None:
    """Watch what is stored: saved queries that tell webhooks, services and feeds."""


@app.command()
def add(
    query: Annotated[str, typer.Argument(help="As in a search (docs/queries.md); of alerts it may be empty.")] = "",
    name: Annotated[str | None, typer.Option(help="How it is called; else as its query.")] = None,
    *,
    webhook: Webhook = None,
    notify: Notify = None,
    digest: Digest = None,
    hour: Hour = None,
    zone: Zone = None,
    alerts: Annotated[bool, typer.Option("--alerts", help="Watch the alerts of sites, not articles.")] = False,
    every_paper: Annotated[
        bool, typer.Option("--every-paper", help="Tell a story for each article, not once.")
    ] = False,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Add a watch, which acts on what is stored from now on."""
    new = checked(NewWatch, {
        "name": name or query[:200] or "alerts", "query": query, "about": "alerts" if alerts else "articles",
        "fold": not every_paper,
        "receivers": receivers((*(webhook or ()), *(notify or ())), digest, hour, zone),
    })  # fmt: skip
    with find_system(data).session() as session, session.begin():
        row, secrets = watch_changes.add(session, new, OWNER)
        report = {"watch": shown(session, row), "secrets": secrets}
    print_report(report, watch_lines, as_json=as_json)


@app.command("list")
def list_watches(data: DataFolder = None, as_json: AsJson = False) -> None:
    """List the watches."""
    with find_system(data).session() as session:
        report = {"watches": [row.model_dump(mode="json") for row in watches.watches(session)]}
    print_report(report, watch_table, as_json=as_json)


@app.command()
def show(name: Name, data: DataFolder = None, as_json: AsJson = False) -> None:
    """Show a watch: whom it tells, and the addresses of its feeds."""
    with find_system(data).session() as session:
        report = {"watch": shown(session, row_of(session, name))}
    print_report(report, watch_lines, as_json=as_json)


@app.command()
def matches(name: Name, limit: Limit = 50, data: DataFolder = None, as_json: AsJson = False) -> None:
    """Show what a watch has matched, newest first."""
    with find_system(data).session() as session:
        rows = watches.matches(session, row_of(session, name).id or 0, limit)
    print_report({"matches": [match.model_dump(mode="json") for match in rows]}, match_lines, as_json=as_json)


@app.command()
def edit(
    name: Name,
    new_name: Annotated[str | None, typer.Option("--name", help="How it is called.")] = None,
    query: Annotated[str | None, typer.Option(help="What it asks for.")] = None,
    *,
    webhook: Webhook = None,
    notify: Notify = None,
    digest: Digest = None,
    hour: Hour = None,
    zone: Zone = None,
    drop: Annotated[list[int] | None, typer.Option(help="Id of a receiver to tell no more; may be repeated.")] = None,
    enable: Annotated[
        list[int] | None, typer.Option(help="Id of a disabled receiver to tell again; may be repeated.")
    ] = None,
    fold: Annotated[
        bool | None, typer.Option("--fold/--every-paper", help="Tell a story once, or for each article.")
    ] = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Change a watch, add and drop receivers."""
    fields = {
        "name": new_name, "query": query, "fold": fold, "remove": drop or [], "enable": enable or [],
        "add": receivers((*(webhook or ()), *(notify or ())), digest, hour, zone),
    }  # fmt: skip
    with find_system(data).session() as session, session.begin():
        row = row_of(session, name)
        try:
            secrets = watch_changes.change(session, row, checked(WatchChange, fields))
        except ValueError as error:
            raise SettingsError(f"{name}: {error}") from None
        report = {"watch": shown(session, row), "secrets": secrets}
    print_report(report, watch_lines, as_json=as_json)


@app.command()
def pause(names: Names, data: DataFolder = None, as_json: AsJson = False) -> None:
    """Let watches match nothing until they are resumed."""
    _change(names, {"state": "paused"}, "paused", data, as_json)


@app.command()
def resume(names: Names, data: DataFolder = None, as_json: AsJson = False) -> None:
    """Let watches act again on what is stored from now on."""
    _change(names, {"state": "active"}, "active", data, as_json)


@app.command()
def remove(names: Names, data: DataFolder = None, as_json: AsJson = False) -> None:
    """Remove watches with what they have matched and what was sent of that."""
    with find_system(data).session() as session, session.begin():
        removed = [(row.name, row) for row in [row_of(session, name) for name in names]]
        for _, row in removed:
            watch_changes.remove(session, row)
    for name, _ in removed:
        print_record({"watch": name, "state": "removed"}, f"removed: {name}", as_json=as_json)


@app.command("test")
def trial(
    name: Name,
    wait: Annotated[float, typer.Option(help="Seconds to wait for the test deliveries.")] = 20.0,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Show what a watch would have matched in the last seven days, and tell its receivers that this is a test."""
    system = find_system(data)
    with system.session() as session, session.begin():
        row = row_of(session, name)
        watch_id, tried = row.id or 0, watch_trials.trial(session, row)
    engine = system.engine()
    tests = ended(engine, watch_id, list(tried.deliveries.values()), wait if tried.deliveries else 0)
    engine.dispose()
    report = tried.model_dump(mode="json") | {"deliveries": [delivery.model_dump(mode="json") for delivery in tests]}
    print_report(report, trial_lines, as_json=as_json)


@app.command()
def deliveries(
    name: Name,
    state: Annotated[
        Literal["waiting", "delivered", "failed"] | None, typer.Option(help="Only those in this state.")
    ] = None,
    limit: Limit = 50,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Show what was sent to the receivers of a watch and how that went, newest first."""
    with find_system(data).session() as session:
        rows = watches.deliveries(session, row_of(session, name).id or 0, limit, state=state)
    report = {"deliveries": [delivery.model_dump(mode="json") for delivery in rows]}
    print_report(report, delivery_lines, as_json=as_json)


@app.command()
def resend(
    name: Name,
    ids: Annotated[list[int] | None, typer.Argument(help="Ids of deliveries.")] = None,
    failed: Annotated[bool, typer.Option("--failed", help="All that failed.")] = False,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Send deliveries again, under their message ids."""
    with find_system(data).session() as session, session.begin():
        row = row_of(session, name)
        deliveries = watches.deliveries_to_resend(session, row.id or 0, ids or [], failed=failed)
        if missing := set(ids or []) - {delivery.id for delivery in deliveries}:
            raise SettingsError(f"{name} has no delivery {min(missing)}; `newsmill watch deliveries` shows them")
        try:
            for delivery in deliveries:
                watch_changes.resend(session, delivery)
        except ValueError as error:
            raise SettingsError(f"{name}: {error}") from None
        number = len(deliveries)
    print_record({"watch": name, "resent": number}, f"sent again: {number}", as_json=as_json)


def _change(names: list[str], fields: dict[str, Any], verb: str, data: Any, as_json: bool) -> None:
    with find_system(data).session() as session, session.begin():
        rows = [row_of(session, name) for name in names]
        for row in rows:
            watch_changes.change(session, row, WatchChange(**fields))
        names = [row.name for row in rows]
    for name in names:
        print_record({"watch": name, "state": verb}, f"{verb}: {name}", as_json=as_json)
