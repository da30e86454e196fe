"""The pipeline: what waits and how fast it goes, and the dead letters to be mended."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import ValidationError

from services.reader.api import dead
from services.reader.api.dead import Choice, LetterId
from services.reader.dependencies import Broker, Config, Send
from services.reader.http.forms import form_fields
from services.reader.http.routes import BoundedRoute
from services.reader.pages.rendering import render
from services.reader.queries.pipeline import POINT_MINUTES, pipeline
from shared.brake import OUTCOMES_MINUTES
from shared.dead import DeadLetters

# Letters on a page, and those among which an example of each cause is looked for.
SHOWN, EXAMPLES = 100, 200

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse, route_class=BoundedRoute)
Fields = Annotated[dict[str, str], Depends(form_fields)]


@router.get("/pipeline")
def show_pipeline(
    request: Request,
    redis: Broker,
    sent: Annotated[int | None, Query(ge=0)] = None,
    dropped: Annotated[int | None, Query(ge=0)] = None,
) -> HTMLResponse:
    """Queues, rates, workers, hosts, stages that stand still, and the dead letters by cause."""
    store = DeadLetters(redis)
    examples = {(letter.stage, letter.last.cause): letter for letter in reversed(store.newest(EXAMPLES))}
    causes = sorted(store.counts().items(), key=lambda item: (-item[1], item[0]))
    return render(
        request, "pipeline.html", state=pipeline(redis), causes=causes, examples=examples, sent=sent, dropped=dropped,
        hours=OUTCOMES_MINUTES // 60, point_minutes=POINT_MINUTES,
    )  # fmt: skip


@router.get("/pipeline/dead")
def show_letters(request: Request, redis: Broker, stage: dead.Name, cause: dead.Name) -> HTMLResponse:
    """The letters of a stage and cause."""
    store = DeadLetters(redis)
    letters = list(Choice(stage=stage, cause=cause).letters(store))
    return render(
        request, "dead_letters.html", stage=stage, cause=cause, letters=letters[:SHOWN],
        number=store.counts().get((stage, cause), len(letters)),
    )  # fmt: skip


@router.get("/pipeline/dead/{letter_id}")
def show_letter(request: Request, redis: Broker, letter_id: LetterId) -> HTMLResponse:
    """A letter with its message and its history."""
    letter = DeadLetters(redis).get(letter_id)
    if letter is None:
        raise HTTPException(404, f"no dead letter {letter_id}: it was sent again or dropped")
    return render(request, "dead_letter.html", letter=letter, record=letter.record())


@router.post("/pipeline/dead/retry")
def retry_dead(request: Request, redis: Broker, send: Send, fields: Fields) -> RedirectResponse:
    """Sends letters on their way again."""
    outcome = dead.retry_letters(request, redis, send, _choice(fields))
    return RedirectResponse(f"/pipeline?sent={outcome.number}#dead", 303)


@router.post("/pipeline/dead/drop")
def drop_dead(request: Request, redis: Broker, settings: Config, fields: Fields) -> RedirectResponse:
    """Drops letters."""
    outcome = dead.drop_letters(request, redis, settings, _choice(fields))
    return RedirectResponse(f"/pipeline?dropped={outcome.number}#dead", 303)


@router.post("/pipeline/resume")
def resume_stage(request: Request, redis: Broker, fields: Fields) -> RedirectResponse:
    """Lets a stage that brakes go on."""
    stage = fields.get("stage", "")
    if stage not in {"fetch", "parse", "store"}:
        raise HTTPException(422, f"no stage {stage!r}")
    dead.release_brake(request, redis, stage)
    return RedirectResponse("/pipeline", 303)


def _choice(fields: dict[str, str]) -> Choice:
    values: dict[str, Any] = {name: fields[name] for name in ("stage", "cause", "where") if fields.get(name)}
    try:
        return Choice(**values, ids=[fields["id"]] if fields.get("id") else [], all=fields.get("all") == "yes")
    except ValidationError:
        raise HTTPException(422, "this form names no letters") from None
