"""How sites do: /v1/site-states and /v1/sites/{key}/state."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query
from pydantic import BaseModel

from services.reader.api.sites import RowKey
from services.reader.dependencies import BEARER, Sessions
from services.reader.http.routes import BoundedRoute
from services.reader.queries.site_state import SiteState, state_of, state_page
from services.reader.queries.site_wishes import PAGE_SIZE, Wish
from shared.contracts import now_utc

router = APIRouter(prefix="/v1", tags=["sites"], route_class=BoundedRoute, dependencies=[BEARER])


class SiteStates(BaseModel):
    """A page of sites, and of channels that stand by themselves, the worst first. `number` is how many there are on all
    pages; `next` is the number of the page that follows, null at the end."""

    items: list[SiteState]
    number: int
    next: int | None


@router.get("/site-states")
def list_site_states(sessions: Sessions, wish: Annotated[Wish, Query()]) -> SiteStates:
    """How sites do, the worst first: condition, articles a day, freshness, completeness, fields and answers."""
    with sessions() as session:
        page = state_page(session, now_utc(), wish)
    is_last = wish.page * PAGE_SIZE >= page.number
    return SiteStates(items=page.items, number=page.number, next=None if is_last else wish.page + 1)


@router.get("/sites/{key}/state")
def get_site_state(sessions: Sessions, key: RowKey) -> SiteState:
    """How a site does, or a channel that stands by itself."""
    with sessions() as session:
        state = state_of(session, key, now_utc())
    if state is None:
        raise HTTPException(404, f"no site {key}")
    return state
