"""Retries: pages whose last visits ended in a way that may pass, and that are due to be asked for again.

When a page is due is in the ledger (services/storage/tables/retries.py); here it is only read.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import select
from sqlmodel import Session, col

from shared.contracts import Access, FetchRequested
from shared.database.models import Page, Source

CLAIM = "newsmill:retrying:"


def due(session: Session, moment: datetime, limit: int) -> Sequence[tuple[str, FetchRequested]]:
    """Returns the fetches that are due, the longest due first, each with the key by which one scheduler claims it.

    The same retry has the same trace, whoever sends it and however often.
    """
    query = (
        select(Page, Source)
        .outerjoin(Source, col(Source.id) == col(Page.source_id))
        .where(col(Page.retry_at).is_not(None), col(Page.retry_at) <= moment)
        .order_by(col(Page.retry_at))
        .limit(limit)
    )
    return [
        (f"{CLAIM}{page.id}:{page.retries}:{page.trace_id}", _fetch(page, source))
        for page, source in session.execute(query)
    ]


def _fetch(page: Page, source: Source | None) -> FetchRequested:
    access = Access(**source.access).model_copy(update={"sitemaps": False}) if source and source.access else None
    return FetchRequested(
        trace_id=uuid5(NAMESPACE_URL, f"retry {page.trace_id}").hex, cause=page.cause, source_id=page.source_id,
        url=page.url, follow=False, via="retry", priority=source.priority if source else 5, access=access,
    )  # fmt: skip
