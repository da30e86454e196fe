"""Watches as pages: all of them, a new one with what it would have matched, one with its matches, and its deliveries."""

from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException, Path, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, BeforeValidator, Field
from sqlmodel import Session

from services.reader.api.watches import as_visible
from services.reader.dependencies import Sessions
from services.reader.http.routes import BoundedRoute
from services.reader.pages.forms import given
from services.reader.pages.rendering import render
from services.reader.queries import watch_trials, watches
from services.reader.queries.watches import ShownWatch
from shared.database.models import Watch
from shared.query.parse import parse

PAGE_SIZE = 50
# Matches of a trial that are shown with a new watch.
SHOWN = 10
STATES = (("waiting", "waiting"), ("delivered", "delivered"), ("failed", "failed"))

WatchId = Annotated[int, Path(ge=1, le=2**63 - 1)]

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse, route_class=BoundedRoute)


class Draft(BaseModel):
    """A watch that is not yet made, in the address of its form."""

    q: str = Field("", max_length=4000, pattern=r"^[^\x00]*$")
    name: str = Field("", max_length=200, pattern=r"^[^\x00]*$")
    about: Literal["articles", "alerts"] = "articles"


class Place(BaseModel):
    """Where a list begins, and of deliveries which."""

    before: Annotated[int | None, Field(ge=1, le=2**63 - 1), BeforeValidator(given)] = None
    state: Annotated[Literal["waiting", "delivered", "failed"] | None, BeforeValidator(given)] = None


@router.get("/watches")
def show_watches(request: Request, sessions: Sessions) -> HTMLResponse:
    """Every watch."""
    with sessions() as session:
        rows = [as_visible(request, watch) for watch in watches.watches(session)]
    return render(request, "watches.html", rows=rows)


@router.get("/watches/new")
def draw_up_watch(request: Request, sessions: Sessions, draft: Annotated[Draft, Query()]) -> HTMLResponse:
    """The form of a new watch, with what it would have matched in the last days."""
    with sessions() as session:
        trial = _trial(session, draft)
    fields = {"name": draft.name or draft.q[:200], "query": draft.q, "about": draft.about}
    return render(request, "watch_new.html", fields=fields, trial=trial, shown=SHOWN, errors=())


@router.get("/watches/{id}")
def show_watch(
    request: Request,
    sessions: Sessions,
    id: WatchId,  # noqa: A002 - the path's own name
    place: Annotated[Place, Query()],
) -> HTMLResponse:
    """A watch with its receivers and its matches, newest first."""
    with sessions() as session:
        watch = as_visible(request, shown_watch(session, id))
        rows = watches.matches(session, id, PAGE_SIZE + 1, place.before)
    return watch_page(request, watch, rows, place.before)


@router.get("/watches/{id}/deliveries")
def show_deliveries(
    request: Request,
    sessions: Sessions,
    id: WatchId,  # noqa: A002 - as above
    place: Annotated[Place, Query()],
) -> HTMLResponse:
    """What was sent to the receivers of a watch, newest first."""
    with sessions() as session:
        watch = shown_watch(session, id)
        rows = watches.deliveries(session, id, PAGE_SIZE + 1, place.before, place.state)
    older = f"/watches/{id}/deliveries?before={rows[PAGE_SIZE - 1].id}" if len(rows) > PAGE_SIZE else None
    if older and place.state:
        older += f"&state={place.state}"
    return render(
        request, "deliveries.html", watch=watch, rows=rows[:PAGE_SIZE], place=place, older=older, states=STATES
    )


def watch_page(
    request: Request,
    watch: ShownWatch,
    matches: list[watches.ShownMatch],
    before: int | None = None,
    *,
    errors: tuple[str, ...] = (),
    secrets: dict[int, str] | None = None,
) -> HTMLResponse:
    """Returns the page of a watch.

    Args:
        request: that it answers.
        watch: the watch.
        matches: of a page, and one more where another page follows.
        before: where the page begins.
        errors: what was wrong with a form that was sent.
        secrets: those that were made for new webhooks, by receiver; they are shown this once.
    """
    older = f"/watches/{watch.id}?before={matches[PAGE_SIZE - 1].id}" if len(matches) > PAGE_SIZE else None
    return render(
        request, "watch.html", 422 if errors else 200, watch=watch, matches=matches[:PAGE_SIZE], older=older, before=before,
        errors=errors, secrets=secrets or {},
    )  # fmt: skip


def shown_watch(session: Session, watch_id: int) -> ShownWatch:
    """Returns a watch.

    Raises:
        HTTPException: 404, there is none with this id.
    """
    watch = watches.watch(session, watch_id)
    if watch is None:
        raise HTTPException(404, f"no watch {watch_id}")
    return watch


def _trial(session: Session, draft: Draft) -> watch_trials.Trial | None:
    """Returns what a watch would have matched; None where it asks for nothing yet."""
    if draft.about == "articles" and parse(draft.q) is None:
        return None
    # It is never added to the session: a watch without an id has no receivers, so that nobody is told.
    watch = Watch(name=draft.name, query=draft.q, about=draft.about, feed_secret="")
    return watch_trials.trial(session, watch)
