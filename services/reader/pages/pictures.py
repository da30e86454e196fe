"""Whether pictures are shown. They come from the newspapers, who would see who reads: so only in a browser that asked for them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from services.reader.http.forms import form_fields
from services.reader.http.headers import WITH_PICTURES
from services.reader.http.routes import BoundedRoute

COOKIE = "pictures"
YEAR_SECONDS = 365 * 86_400

router = APIRouter(include_in_schema=False, route_class=BoundedRoute)


def wants_pictures(request: Request) -> bool:
    """Returns whether the browser that sends a request shows pictures."""
    return request.cookies.get(COOKIE) == "on"


def with_pictures(request: Request, page: HTMLResponse) -> HTMLResponse:
    """Returns a page whose policy lets it load pictures, where they are wanted."""
    if wants_pictures(request):
        page.headers["Content-Security-Policy"] = WITH_PICTURES
    return page


@router.post("/pictures")
def choose_pictures(request: Request, fields: Annotated[dict[str, str], Depends(form_fields)]) -> RedirectResponse:
    """Keeps in a cookie whether pictures are shown."""
    answer = RedirectResponse("/", 303)
    choice = "on" if fields.get("pictures") == "on" else "off"
    secure = request.url.scheme == "https"
    answer.set_cookie(COOKIE, choice, max_age=YEAR_SECONDS, httponly=True, samesite="lax", secure=secure)
    return answer
