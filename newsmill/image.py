"""`newsmill image`: whether an image is blocked and why; to block it, or to show it again."""

import json
from typing import Annotated

import typer
from sqlmodel import Session

from newsmill.doors import courier, engine, running_redis
from services.reader.image_reports import image_state
from shared.contracts import ImageJudged

app = typer.Typer(no_args_is_help=True, help="Images that were reported or blocked.")

Url = Annotated[str, typer.Argument(help="Of the image.")]
Why = Annotated[str | None, typer.Option(help="Written down with it.")]


@app.command()
def show(url: Url) -> None:
    """An image's state, its number of reporters, and what was done when."""
    with Session(engine()) as session:
        typer.echo(json.dumps(image_state(session, url).model_dump(), ensure_ascii=False, indent=2))


@app.command()
def block(url: Url, why: Why = None) -> None:
    """Hide an image on every copy."""
    courier(running_redis())([ImageJudged(url=url, blocked=True, actor="cli", detail=why, via="cli")])


@app.command()
def unblock(url: Url, why: Why = None) -> None:
    """Show it again; reports from before count no more."""
    courier(running_redis())([ImageJudged(url=url, blocked=False, actor="cli", detail=why, via="cli")])
