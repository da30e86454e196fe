"""What is due at all: the one question of each second, since mostly nothing is, and five queries cost five times as much."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select
from sqlmodel import Session, col

from shared.database.engine import Instant
from shared.database.models import Page, Site, Source


class Agenda(NamedTuple):
    """What may be due: sources or sites to look at or pages to retry (`fetches`), and articles to look at again (`revisits`)."""

    fetches: bool
    revisits: bool


def _passed(column: Any) -> Any:
    """Returns the condition that a time has come."""
    return col(column).is_not(None) & (col(column) <= bindparam("moment", type_=Instant()))


_DUE = select(
    select(1).where(col(Source.state) == "active", _passed(Source.next_poll_at)).exists(),
    select(1).where(_passed(Page.retry_at)).exists(),
    select(1).where(col(Site.state) == "active", _passed(Site.discover_at)).exists(),
    select(1).where(_passed(Page.revisit_at)).exists(),
)


def agenda(session: Session, moment: datetime) -> Agenda:
    """Returns what may be due at a moment. What has been sent and has not ended counts, and so does what is paused by its site."""
    *fetches, revisits = session.execute(_DUE, {"moment": moment}).one()
    return Agenda(any(fetches), bool(revisits))
