"""`newsmill image`: the reports and blocks of one image."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import exists, select
from sqlmodel import Session, col

from newsmill.options import AsJson, DataFolder
from newsmill.output import echo, print_record, print_report
from newsmill.running_system import find_system
from newsmill.urls import fetchable_option
from services.reader.queries.images import ImageState, blocked, image_state, reported
from shared.contracts import ImageJudged
from shared.database.models import Image
from shared.errors import SettingsError
from shared.urls import fingerprint

app = typer.Typer(add_completion=False, no_args_is_help=True)

Url = Annotated[str, typer.Argument(help="URL of the image.")]
Detail = Annotated[str | None, typer.Option("--why", help="The reason, kept in the image's history.")]


@app.callback()
def image() -> None:
    """List, show, block or unblock images."""


@app.command("list")
def list_images(
    limit: Annotated[int, typer.Option(min=1, help="How many of each.")] = 50,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """List the images that are reported and not blocked, and those that are blocked."""
    with find_system(data).session() as session:
        report = {
            "reported": [image.model_dump(mode="json") for image in reported(session, limit)],
            "blocked": [image.model_dump(mode="json") for image in blocked(session, limit)],
        }
    print_report(report, _lines, as_json=as_json)


@app.command()
def show(url: Url, data: DataFolder = None) -> None:
    """Show an image's state, its number of reporters, and its history. The result is JSON."""
    with find_system(data).session() as session:
        record = image_state(session, url)
        if not _is_known(session, url, record):
            raise SettingsError(
                f"{url}: an unknown image; no stored article has it and nobody has reported or blocked it"
            )
        echo(json.dumps(record.model_dump(), ensure_ascii=False, indent=2))


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


def _lines(report: Mapping[str, Any]) -> Iterator[str]:
    if not (report["reported"] or report["blocked"]):
        yield "no image is reported or blocked"
    for image in report["reported"]:
        yield f"reported by {image['reporters']}  {image['url']}  {'; '.join(image['reasons'])}".rstrip()
    for image in report["blocked"]:
        yield f"blocked since {image['changed_at'][:19]}  {image['url']}"
