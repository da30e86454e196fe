"""What is wrong with what is followed: /v1/alerts."""

from typing import Annotated

from fastapi import APIRouter, Query

from services.reader.api.records import Listing
from services.reader.dependencies import BEARER, Sessions
from services.reader.http.routes import BoundedRoute
from services.reader.queries.alerts import alerts
from shared.database.models import Alert

router = APIRouter(prefix="/v1", tags=["sites"], route_class=BoundedRoute, dependencies=[BEARER])


@router.get("/alerts")
def list_alerts(
    sessions: Sessions,
    closed: Annotated[bool, Query(description="The closed ones, newest first, instead of the open ones.")] = False,
) -> Listing[Alert]:
    """The open alerts, the worst first: sites that are silent, fail or have changed, languages, tags and watches that are silent."""
    with sessions() as session:
        return Listing[Alert](items=list(alerts(session, closed=closed)))
