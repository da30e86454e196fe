"""The pages of sites: all by trouble, and one with its channels, coverage, fetches and front page."""

from datetime import datetime, timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import AwareDatetime, BaseModel, Field

from services.reader.api.sites import RowKey
from services.reader.dependencies import Broker, Sessions
from services.reader.http.routes import BoundedRoute
from services.reader.pages.rendering import render
from services.reader.pages.site_changes import changes
from services.reader.queries.site_page import SitePage, site_page
from services.reader.queries.site_state import state_page
from services.reader.queries.site_wishes import PAGE_SIZE, Wish
from shared.contracts import now_utc
from shared.database.models import Site

# A change is applied by the storage worker: for so long its page asks again whether it has been.
_PATIENCE = timedelta(seconds=30)

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse, route_class=BoundedRoute)


@router.get("/sites")
def sites(request: Request, sessions: Sessions, wish: Annotated[Wish, Query()]) -> HTMLResponse:
    """Every site by trouble."""
    with sessions() as session:
        chosen = state_page(session, now_utc(), wish)
    has_more = wish.page * PAGE_SIZE < chosen.number
    return render(
        request, "sites.html", chosen=chosen, states=chosen.items, wish=wish,
        newer=_page(wish, wish.page - 1) if wish.page > 1 else None, older=_page(wish, wish.page + 1) if has_more else None,
    )  # fmt: skip


class Done(BaseModel):
    """What was done before a page is shown: when a change was `sent`, that all was `polled`, which story is requested `again`."""

    sent: AwareDatetime | None = None
    polled: bool = False
    again: str | None = Field(None, max_length=8192)


@router.get("/sites/{key}")
def site(
    request: Request, sessions: Sessions, redis: Broker, key: RowKey, done: Annotated[Done, Query()]
) -> HTMLResponse:
    """A site, or a channel that stands by itself."""
    moment = now_utc()
    with sessions() as session:
        view = site_page(session, redis, key, moment)
        is_waiting = _is_waiting(view, done, moment)
        if view is None and not is_waiting:
            raise HTTPException(404, f"no site {key}")
        page = _site_page(request, view, done, is_waiting) if view else render(request, "site_waiting.html")
    if is_waiting:
        page.headers["Refresh"] = "1"
    return page


def _page(wish: Wish, number: int) -> str:
    values = wish.model_dump(exclude_defaults=True, exclude={"page"})
    return f"/sites?{urlencode(values | {'page': number})}"


def _site_page(request: Request, shown: SitePage, done: Done, is_waiting: bool) -> HTMLResponse:
    site_row = shown.row if isinstance(shown.row, Site) else None
    return render(request, "site.html", shown=shown, site=site_row, done=done, is_waiting=is_waiting, changes=changes)


def _is_waiting(shown: SitePage | None, done: Done, moment: datetime) -> bool:
    """Whether a change that was sent has not been applied yet, as far as one may wait for that."""
    if done.sent is None or moment - done.sent > _PATIENCE:
        return False
    rows = (shown.row, *shown.channels) if shown else ()
    moments = [instant for row in rows for instant in (row.changed_at, row.created_at) if instant]
    return not any(instant >= done.sent for instant in moments)
