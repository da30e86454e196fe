"""`newsmill demo`: the whole system against the invented news site in newsmill/demo_site."""

from pathlib import Path
from shutil import rmtree
from typing import Annotated

import typer

from newsmill.commands.run import AsJson, Port, UntilIdle
from newsmill.demo_site.server import TRIGGERS, DemoSite
from newsmill.local.session import run_session
from newsmill.options import DATA

app = typer.Typer(add_completion=False)

Data = Annotated[Path, typer.Option(help="Folder of the demo, emptied at the start.", file_okay=False)]
SETTINGS = {
    # The demo fetches from its own site alone: sources.yaml in the current folder lists real ones.
    "NEWSMILL_SOURCES_FILE": "/dev/null",
    "NEWSMILL_FETCH_ALLOW_NETWORKS": "127.0.0.0/8",
    "NEWSMILL_FETCH_ALLOW_PORTS": "",
    "NEWSMILL_HOST_INTERVAL": "0.05",
    "NEWSMILL_HOST_IN_FLIGHT": "20",
}


@app.command()
def demo(data: Data = DATA / "demo", port: Port = 8080, until_idle: UntilIdle = False, as_json: AsJson = False) -> None:
    """Run everything against a small invented news site on this machine. It needs no network."""
    rmtree(data, ignore_errors=True)
    with DemoSite() as site:
        triggers = [{"url": site.url.rstrip("/") + path, "kind": kind, "via": "cli"} for path, kind in TRIGGERS]
        run_session(data, port, SETTINGS, triggers, until_idle=until_idle, as_json=as_json)
