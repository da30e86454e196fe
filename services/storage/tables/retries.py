"""Retries: a page whose end may pass is asked for again by itself, as long as a listing shows its link.

Pages are often announced before they are published, and servers fail for an hour. The scheduler sends what is due
(services/scheduler/retries.py); the ledger keeps when.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select
from sqlmodel import Session, col

from services.storage.tables.ledger import REMEMBERED, End
from services.storage.tables.membership import among
from shared.contracts import Origin, Reason
from shared.database.models import Headline, Page, Placement

MAY_PASS = frozenset(
    {
        Reason.HTTP_404, Reason.HTTP_429, Reason.HTTP_5XX, Reason.TIMEOUT, Reason.CONNECTION, Reason.DNS,
        Reason.HOST_DOWN, Reason.HOST_BUSY, Reason.ROBOTS_UNREACHABLE,
    }
)  # fmt: skip


class Retry(NamedTuple):
    """How many retries of a page were planned in a row, and when the next one is due; None if there is none."""

    retries: int = 0
    retry_at: datetime | None = None


NO_RETRY = Retry()


def plan(session: Session, ends: Iterable[End], delays: Sequence[timedelta]) -> dict[str, Retry]:
    """Returns the retries of pages whose ends may pass, by their keys in the ledger.

    Only a young story is retried: one that no visit has stored, and that was first seen less than twice the time ago
    that all delays take together.

    Args:
        session: of the transaction, before the ends are written.
        ends: of the batch.
        delays: from each end to the next visit; after the last there is none.
    """
    passing = {end.key: end for end in ends if _may_pass(end)}
    if not passing:
        return {}
    pages = _pages(session, passing)
    listed_keys = _listed(session, passing)
    youth = 2 * sum(delays, timedelta())
    retries = {}
    for key, end in passing.items():
        page = pages.get(key)
        retry = Retry(page.retries, page.retry_at) if page else NO_RETRY
        if page and page.trace_id == end.message.trace_id and page.disposition is not None:
            retries[key] = retry  # a redelivery
        elif key in listed_keys and retry.retries < len(delays) and _young(page, end, youth):
            retries[key] = Retry(retry.retries + 1, end.ended_at + delays[retry.retries])
        else:
            retries[key] = Retry(retry.retries)
    return retries


def _may_pass(end: End) -> bool:
    live = end.message.origin is Origin.LIVE
    return live and end.stage != REMEMBERED and end.disposition in MAY_PASS


def _young(page: Page | None, end: End, youth: timedelta) -> bool:
    return page is None or (page.article_id is None and end.ended_at - page.first_seen_at < youth)


def _pages(session: Session, keys: Mapping[str, End]) -> dict[str, Page]:
    # Read anew: this transaction may have written since it read them first.
    query = select(Page).where(among(session, Page.key, keys)).execution_options(populate_existing=True)
    return {page.key: page for page in session.scalars(query)}


def _listed(session: Session, keys: Mapping[str, End]) -> set[str]:
    query = select(col(Headline.link_key)).join(Placement, col(Placement.headline_id) == col(Headline.id))
    return set(session.scalars(query.where(among(session, Headline.link_key, keys))))
