"""`newsmill audit`: who changed what."""

import json
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer

from newsmill.options import AsJson, DataFolder
from newsmill.output import print_report
from newsmill.running_system import find_system
from services.reader.access.audit import newest

app = typer.Typer(add_completion=False)


@app.command()
def audit(
    actor: Annotated[str | None, typer.Option("--user", help="Only what this user changed.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many entries.")] = 50,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Show who changed what, when and from where, newest first."""
    with find_system(data).session() as session:
        entries = [entry.model_dump(mode="json") for entry in newest(session, limit, actor=actor)]
    print_report({"entries": entries}, _lines, as_json=as_json)


def _lines(report: Mapping[str, Any]) -> Iterator[str]:
    if not report["entries"]:
        yield "nothing was changed yet"
    for entry in report["entries"]:
        who = f"{entry['actor']} ({entry['via']}{' ' if entry['address'] else ''}{entry['address']})"
        detail = json.dumps(entry["detail"], ensure_ascii=False) if entry["detail"] else ""
        yield f"{entry['at'][:19]}  {who}  {entry['action']}  {entry['subject']}  {detail}".rstrip()
