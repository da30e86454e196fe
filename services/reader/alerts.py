"""What is wrong with what is followed: /v1/alerts, and `newsmill sites trouble`."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy import case, select
from sqlmodel import Session, col

from services.reader.dependencies import Sessions
from services.reader.http.routes import BoundedRoute
from services.reader.records import Listing
from shared.database.models import Alert

router = APIRouter(prefix="/v1", tags=["sites"], route_class=BoundedRoute)

# The worst first: what brings nothing at all, before what has changed.
_ORDER = ("failing", "silent", "changed")
MOST = 1000


@router.get("/alerts")
def list_alerts(
    sessions: Sessions,
    closed: Annotated[bool, Query(description="The closed ones, newest first, instead of the open ones.")] = False,
) -> Listing[Alert]:
    """The open alerts, the worst first: sites that are silent, fail or have changed, languages and tags that are silent."""
    with sessions() as session:
        return Listing[Alert](items=list(alerts(session, closed=closed)))


def alerts(session: Session, *, closed: bool = False) -> Sequence[Alert]:
    """Returns the open alerts, the worst and oldest first, or the closed ones, newest first; at most MOST."""
    if closed:
        query = select(Alert).where(col(Alert.closed_at).is_not(None)).order_by(col(Alert.closed_at).desc())
    else:
        rank = case({kind: position for position, kind in enumerate(_ORDER)}, value=col(Alert.kind))
        query = select(Alert).where(col(Alert.closed_at).is_(None)).order_by(rank, col(Alert.since), col(Alert.id))
    return session.scalars(query.limit(MOST)).all()
