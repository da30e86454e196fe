"""The page of the audit, for admins."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from services.reader.access.audit import newest
from services.reader.api.cursors import BIGGEST_ID
from services.reader.dependencies import Sessions
from services.reader.http.routes import BoundedRoute
from services.reader.pages.rendering import render

PAGE_SIZE = 100

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse, route_class=BoundedRoute)


@router.get("/audit")
def audit(
    request: Request,
    sessions: Sessions,
    actor: Annotated[str, Query(max_length=64, pattern=r"^[^\x00]*$")] = "",
    before: Annotated[int | None, Query(ge=1, le=BIGGEST_ID)] = None,
) -> HTMLResponse:
    """What was changed, newest first."""
    with sessions() as session:
        rows = newest(session, PAGE_SIZE + 1, before=before, actor=actor or None)
    older = rows[PAGE_SIZE - 1].id if len(rows) > PAGE_SIZE else None
    return render(request, "audit.html", entries=rows[:PAGE_SIZE], actor=actor, older=older)
