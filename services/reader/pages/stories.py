"""Stories: what several newspapers tell, by how many and how fast; and one story with who was first."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from services.reader.dependencies import Sessions
from services.reader.http.routes import BoundedRoute
from services.reader.pages.forms import Text
from services.reader.pages.languages import language_name
from services.reader.pages.rendering import render
from services.reader.queries import stories
from services.reader.queries.outlets import choices
from shared.contracts import now_utc

TIMES = (("6", "last 6 hours"), ("24", "last day"), ("72", "last 3 days"), ("168", "last week"))

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse, route_class=BoundedRoute)


class StoriesPage(BaseModel):
    """The filters in the page's address."""

    hours: Annotated[int, Field(ge=1, le=24 * 7)] = 24
    language: Text = None


@router.get("/stories")
def show_stories(request: Request, sessions: Sessions, query: Annotated[StoriesPage, Query()]) -> HTMLResponse:
    """The stories that most newspapers tell."""
    with sessions() as session:
        rows = stories.largest(session, query.hours, query.language)
        languages = [(code, language_name(code)) for code in choices(session).languages]
    return render(request, "stories.html", rows=rows, query=query, times=TIMES, languages=languages)


@router.get("/stories/{id}")
def show_story(
    request: Request,
    sessions: Sessions,
    id: Annotated[int, Path(ge=1, le=2**63 - 1)],  # noqa: A002 - the path's own name
) -> HTMLResponse:
    """One story: its articles in order of time."""
    with sessions() as session:
        tellings = stories.tellings(session, id)
    if not tellings:
        raise HTTPException(404, f"no story {id}: it may have become part of another one")
    begin, end = tellings[0].stored_at, tellings[-1].stored_at
    times = [telling.stored_at for telling in tellings]
    return render(
        request, "story.html", tellings=tellings, story_id=id, curve=stories.curve(times, begin, max(end, now_utc())),
        papers=len({telling.publisher or telling.site or telling.url for telling in tellings}),
    )  # fmt: skip
