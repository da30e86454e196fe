"""What became of the stories that the channels of sites have listed: /v1/coverage."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query

from services.reader.dependencies import BEARER, Broker, Sessions
from services.reader.http.routes import BoundedRoute
from services.reader.queries.coverage import find, report
from shared.contracts import now_utc

# Days that can be asked for.
FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(9999, 12, 30)

router = APIRouter(prefix="/v1", tags=["read"], route_class=BoundedRoute, dependencies=[BEARER])


@router.get("/coverage")
def get_coverage(
    sessions: Sessions,
    redis: Broker,
    site: Annotated[str | None, Query(max_length=8192, pattern=r"^[^\x00]*$")] = None,
    day: Annotated[date | None, Query(ge=FIRST_DAY, le=LAST_DAY)] = None,
    missing: Annotated[bool, Query()] = False,
) -> dict[str, Any]:
    """What became of the stories that the channels of each site listed first on a UTC day, today where none is given.

    `site` is a name, a home page or a key; `missing` adds the stories that are not stored, each with the reason.
    """
    with sessions() as session:
        outlet = find(session, site) if site else None
        if site and outlet is None:
            raise HTTPException(404, f"no site {site!r}: name one by its name, its home page or its key")
        return report(session, redis, day or now_utc().date(), outlet, missing=missing)
