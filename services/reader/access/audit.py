"""The audit: who changed what, when and from where."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from shared.database.models import Audit


def write(
    session: Session, actor: str, via: str, action: str, subject: str = "", /, *, address: str = "", **detail: Any
) -> None:
    """Adds an entry. The caller commits."""
    session.add(Audit(actor=actor, via=via, address=address[:64], action=action, subject=subject, detail=detail))


def newest(session: Session, limit: int, *, before: int | None = None, actor: str | None = None) -> Sequence[Audit]:
    """Returns the newest entries, of an actor and before an entry's id where these are given."""
    query = select(Audit).order_by(col(Audit.id).desc()).limit(limit)
    if before is not None:
        query = query.where(col(Audit.id) < before)
    return session.scalars(query if actor is None else query.where(col(Audit.actor) == actor)).all()
