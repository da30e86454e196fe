"""`newsmill image`: the reports and blocks of one image."""

import json
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import exists, select
from sqlmodel import Session, col

from newsmill.options import AsJson, DataFolder
from newsmill.output import print_record
from newsmill.running_system import find_system
from newsmill.urls import fetchable_option
from services.reader.queries.images import ImageState, image_state
from shared.contracts import ImageJudged
from shared.database.models import Image
from shared.errors import SettingsError
from shared.urls import fingerprint

app = typer.Typer(add_completion=False, no_args_is_help=True)

Url = Annotated[str, typer.Argument(help="URL of the image.")]
Detail = Annotated[str | None, typer.Option("--why", help="The reason, kept in the image's history.")]


@app.callback()
def image() -> None:
    """Show, block or unblock an image."""


@app.command()
def show(url: Url, data: DataFolder = None) -> None:
    """Show an image's state, its number of reporters, and its history. The result is JSON."""
    with find_system(data).session() as session:
        record = image_state(session, url)
        if not _is_known(session, url, record):
            raise SettingsError(
                f"{url}: an unknown image; no stored article has it and nobody has reported or blocked it"
            )
        typer.echo(json.dumps(record.model_dump(), ensure_ascii=False, indent=2))


@app.command()
def block(url: Url, why: Detail = None, data: DataFolder = None, as_json: AsJson = False) -> None:
    """Hide an image and every copy of it."""
    _judge(url, why, data, blocked=True, as_json=as_json)


@app.command()
def unblock(url: Url, why: Detail = None, data: DataFolder = None, as_json: AsJson = False) -> None:
    """Show an image again. Reports from before no longer count."""
    _judge(url, why, data, blocked=False, as_json=as_json)


def _judge(url: str, detail: str | None, data: Path | None, *, blocked: bool, as_json: bool) -> None:
    system = find_system(data)
    system.sender(system.redis())(
        [ImageJudged(url=fetchable_option(url), blocked=blocked, actor="cli", detail=detail, via="cli")]
    )
    verb = "block" if blocked else "unblock"
    print_record({"url": url, "requested": verb}, f"{verb} requested: {url}", as_json=as_json, err=True)


def _is_known(session: Session, url: str, record: ImageState) -> bool:
    return bool(record.reporters or record.audit) or bool(
        session.scalar(select(exists().where(col(Image.key) == fingerprint(url))))
    )
