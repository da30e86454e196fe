"""Revisits: pages of articles that are due to be looked at again, behind all that is new and within a budget.

When a page is due is in the ledger (services/storage/tables/revisits.py); here it is only read.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import cast
from uuid import NAMESPACE_URL, uuid5

from redis import Redis
from sqlalchemy import func, select
from sqlmodel import Session, col

from services.scheduler.ledger_lookup import knowledge
from shared.contracts import REVISIT, Access, FetchRequested
from shared.database.models import Page, Site, Source
from shared.worker.pressure import Pressure

CLAIM = "newsmill:revisiting:"
# Behind what is new: 5 is a source's usual priority.
PRIORITY = 1
_SPENT = "newsmill:revisits:"
_HOUR = timedelta(hours=1)


class Budget:
    """How many revisits may still be sent in this hour: as set, and only while the fetchers have room.

    Args:
        redis: that counts them for all schedulers.
        pressure: of the queues.
        a_day: revisits a day.
    """

    def __init__(self, redis: "Redis", pressure: Pressure, a_day: int) -> None:
        self._redis = redis
        self._pressure = pressure
        self._an_hour = -(-a_day // 24)

    def room(self, moment: datetime) -> int:
        """Returns how many may be sent now."""
        # What is no number is set aside when the next revisit is counted.
        text = cast("bytes | None", self._redis.get(_key(moment))) or b"0"
        spent = int(text) if text.isdigit() else 0
        return max(0, min(self._an_hour - spent, self._pressure.room(PRIORITY)))

    def spend(self, moment: datetime, count: int) -> None:
        """Counts revisits as sent."""
        if count:
            self._redis.incrby(_key(moment), count)
            self._redis.expire(_key(moment), 2 * _HOUR)


def due(session: Session, moment: datetime, limit: int, full_after: timedelta) -> Mapping[str, FetchRequested]:
    """Returns the fetches that are due, the longest due first, by the key by which one scheduler claims each.

    The same revisit has the same trace, whoever sends it and however often.

    Args:
        session: of the database, only read.
        moment: now.
        limit: how many at most.
        full_after: age of a page's last whole copy after which it is requested without conditions.
    """
    query = (
        select(Page, Source)
        .outerjoin(Source, col(Source.id) == col(Page.source_id))
        .outerjoin(Site, col(Site.key) == col(Source.site_key))
        .where(col(Page.revisit_at).is_not(None), col(Page.revisit_at) <= moment)
        .where(
            func.coalesce(col(Source.state), "active") == "active", func.coalesce(col(Site.state), "active") == "active"
        )
        .order_by(col(Page.revisit_at))
        .limit(limit)
    )
    rows = session.execute(query)
    return {f"{CLAIM}{page.id}:{page.trace_id}": _fetch(page, source, moment, full_after) for page, source in rows}


def _fetch(page: Page, source: Source | None, moment: datetime, full_after: timedelta) -> FetchRequested:
    access = Access(**source.access).model_copy(update={"sitemaps": False}) if source and source.access else None
    return FetchRequested(
        trace_id=uuid5(NAMESPACE_URL, f"revisit {page.trace_id}").hex, cause=page.cause, source_id=page.source_id,
        url=page.url, follow=False, via=REVISIT, priority=PRIORITY, access=access, **knowledge(page, moment, full_after),
    )  # fmt: skip


def _key(moment: datetime) -> str:
    return f"{_SPENT}{moment:%Y%m%d%H}"
