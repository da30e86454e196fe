"""What is wrong with what is followed."""

from collections.abc import Sequence

from sqlalchemy import case, select
from sqlmodel import Session, col

from shared.database.conditions import ALERT_KINDS
from shared.database.models import Alert

MOST = 1000


def alerts(session: Session, *, closed: bool = False) -> Sequence[Alert]:
    """Returns the open alerts, the worst and oldest first, or the closed ones, newest first; at most MOST."""
    if closed:
        query = select(Alert).where(col(Alert.closed_at).is_not(None)).order_by(col(Alert.closed_at).desc())
    else:
        rank = case({kind: position for position, kind in enumerate(ALERT_KINDS)}, value=col(Alert.kind))
        query = select(Alert).where(col(Alert.closed_at).is_(None)).order_by(rank, col(Alert.since), col(Alert.id))
    return session.scalars(query.limit(MOST)).all()
