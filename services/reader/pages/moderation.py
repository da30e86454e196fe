"""The page of images: those that are reported, those that are blocked, and what was decided."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import ValidationError

from services.reader.access.visitors import visitor_of
from services.reader.api.images import Judgement, judge_image
from services.reader.dependencies import Sessions
from services.reader.http.forms import form_fields
from services.reader.http.routes import BoundedRoute
from services.reader.pages.pictures import wants_pictures, with_pictures
from services.reader.pages.rendering import render
from services.reader.queries import images

SHOWN = 100

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse, route_class=BoundedRoute)


@router.get("/images")
def show_images(
    request: Request,
    sessions: Sessions,
    blocked: Annotated[str, Query(max_length=8192)] = "",
    shown: Annotated[str, Query(max_length=8192)] = "",
) -> HTMLResponse:
    """The images to judge. `blocked` and `shown` are those that were judged last, whose judgement can be undone."""
    with sessions() as session:
        page = render(
            request, "images.html", reported=images.reported(session, SHOWN), blocked=images.blocked(session, SHOWN),
            decisions=images.decisions(session, SHOWN), just_blocked=blocked, just_shown=shown,
            pictures=wants_pictures(request),
        )  # fmt: skip
    return with_pictures(request, page)


@router.post("/images/judgements")
def judge(request: Request, fields: Annotated[dict[str, str], Depends(form_fields)]) -> RedirectResponse:
    """Blocks an image on every copy, or shows it again."""
    url, is_blocked = fields.get("url", ""), fields.get("blocked") == "yes"
    try:
        judgement = Judgement(
            url=url, blocked=is_blocked, actor=visitor_of(request).name, detail=fields.get("detail") or None
        )
    except ValidationError:
        raise HTTPException(422, "no image's URL, or a reason of more than 200 characters") from None
    judge_image(request, judgement)
    return RedirectResponse(f"/images?{urlencode({'blocked' if is_blocked else 'shown': url})}", 303)
