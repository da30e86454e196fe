"""`newsmill run`: the whole system on this machine, watched until Ctrl-C."""

from pathlib import Path
from typing import Annotated

import typer

from newsmill.local.session import run_session
from newsmill.options import DATA
from newsmill.urls import fetchable_option

app = typer.Typer(add_completion=False)

Data = Annotated[Path, typer.Option(help="Folder of the database, queues and logs.", file_okay=False)]
Port = Annotated[int, typer.Option(help="Port of the reader; the next free one is taken.")]
UntilIdle = Annotated[bool, typer.Option("--until-idle", help="End when every triggered URL has its disposition.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the summary as JSON on the last line.")]


@app.command()
def run(
    urls: Annotated[list[str] | None, typer.Argument(help="URLs to fetch at once.")] = None,
    data: Data = DATA,
    port: Port = 8080,
    until_idle: UntilIdle = False,
    as_json: AsJson = False,
) -> None:
    """Start everything on this machine and watch it. Ctrl-C stops it; the data stays."""
    triggers = [{"url": fetchable_option(url), "via": "cli"} for url in urls or []]
    run_session(data, port, {}, triggers, until_idle=until_idle, as_json=as_json)
