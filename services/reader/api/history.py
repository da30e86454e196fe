"""The history of a URL: /v1/why."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from services.reader.dependencies import BEARER, Broker, Sessions
from services.reader.http.routes import BoundedRoute
from services.reader.queries.history import url_history

router = APIRouter(prefix="/v1", tags=["read"], route_class=BoundedRoute, dependencies=[BEARER])


@router.get("/why")
def why(sessions: Sessions, redis: Broker, url: Annotated[str, Query(min_length=1, max_length=8192)]) -> dict[str, Any]:
    """The history of a URL."""
    with sessions() as session:
        return url_history(session, redis, url)
