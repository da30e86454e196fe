"""Who changed what: /v1/audit."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AfterValidator, Field

from services.reader.access.audit import newest
from services.reader.api.cursors import decode_cursor, encode_cursor, valid_cursor
from services.reader.api.records import Listing
from services.reader.dependencies import BEARER, Sessions
from services.reader.http.routes import BoundedRoute
from shared.database.models import Audit

router = APIRouter(prefix="/v1", tags=["accounts"], route_class=BoundedRoute, dependencies=[BEARER])

Cursor = Annotated[str, Field(max_length=64), AfterValidator(valid_cursor)]
Actor = Annotated[str, Field(max_length=64, pattern=r"^[^\x00]*$")]


@router.get("/audit")
def list_audit(
    sessions: Sessions,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[Cursor | None, Query()] = None,
    actor: Annotated[Actor | None, Query(description="Only what this user changed.")] = None,
) -> Listing[Audit]:
    """What was changed, by whom, when and from where, newest first. For admins."""
    with sessions() as session:
        rows = newest(session, limit + 1, before=decode_cursor(cursor) if cursor else None, actor=actor)
    following = rows[limit - 1].id if len(rows) > limit else None
    return Listing[Audit](items=list(rows[:limit]), next=encode_cursor(following) if following else None)
