"""Placements: where listings show headlines now. A listing that no longer shows a headline has none of it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from services.storage.tables.ledger import End
from services.storage.tables.membership import among
from services.storage.tables.upsert import Row, Upsert, overwrite
from shared.contracts import Reason
from shared.database.models import Headline, Page, Placement

_UPSERT = Upsert(
    Placement, "page_key", "headline_id", changes=overwrite("page_url", "kind", "position", "block", "seen_at")
)  # fmt: skip


class Look(NamedTuple):
    """When a listing was looked at; `page_key` is its key in the ledger."""

    page_key: str
    seen_at: datetime


def latest(session: Session, page_keys: Iterable[str]) -> dict[str, datetime]:
    """Returns when listings were last looked at, by their keys; nothing of one that shows no headline."""
    keys = list(page_keys)
    if not keys:
        return {}
    query = select(col(Placement.page_key), func.max(Placement.seen_at)).where(among(session, Placement.page_key, keys))
    return dict(tuple(row) for row in session.execute(query.group_by(col(Placement.page_key))))


def of_headlines(session: Session, headline_ids: Iterable[int]) -> dict[int, list[Placement]]:
    """Returns the placements of headlines, by the headlines' ids."""
    placements: dict[int, list[Placement]] = {}
    ids = list(headline_ids)
    if not ids:
        return placements
    for placement in session.scalars(select(Placement).where(among(session, Placement.headline_id, ids))):
        placements.setdefault(placement.headline_id, []).append(placement)
    return placements


def write(session: Session, rows: Iterable[Row], looks: Sequence[Look]) -> None:
    """Writes what listings show, and removes what they showed before they were looked at these times."""
    _UPSERT.write(session, rows)
    headline_ids: set[int] = set()
    for look in looks:
        obsolete = delete(Placement).where(
            col(Placement.page_key) == look.page_key, col(Placement.seen_at) < look.seen_at
        )
        headline_ids |= set(session.scalars(obsolete.returning(col(Placement.headline_id))))
    _stop_retries(session, headline_ids)


def confirm(session: Session, ends: Iterable[End]) -> None:
    """Moves on when headlines were last seen whose listings have not changed since."""
    unchanged = {end.key: end for end in ends if end.disposition == Reason.NOT_MODIFIED}
    for key, seen_at in latest(session, unchanged).items():
        end = unchanged[key]
        moment = end.page.fetched_at if end.page else end.ended_at
        if moment <= seen_at:
            continue
        shown_ids = select(col(Placement.headline_id)).where(col(Placement.page_key) == key)
        older_headlines = update(Headline).where(col(Headline.id).in_(shown_ids), col(Headline.last_seen_at) < moment)
        session.execute(older_headlines.values(last_seen_at=moment))
        session.execute(update(Placement).where(col(Placement.page_key) == key).values(seen_at=moment))


def _stop_retries(session: Session, headline_ids: Iterable[int]) -> None:
    """Ends the retries of pages that no listing shows any more."""
    ids = list(headline_ids)
    if not ids:
        return
    sibling = aliased(Headline)
    # Several items of a feed may lead to places on one page.
    placed = select(col(sibling.id)).join(Placement, col(Placement.headline_id) == col(sibling.id))
    placed = placed.where(col(sibling.link_key) == col(Headline.link_key))
    keys = select(col(Headline.link_key)).where(among(session, Headline.id, ids), ~placed.exists())
    pages = update(Page).where(col(Page.key).in_(keys), col(Page.retry_at).is_not(None))
    session.execute(pages.values(retry_at=None))
