"""Visits: each way of a URL through the pipeline, with its one disposition and what happened on the way."""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import or_
from sqlmodel import Session, col

from services.storage.tables.ledger import REMEMBERED, SUCCESS, End, key_of
from services.storage.tables.upsert import in_key_order, insert, lots
from shared.contracts import Message, now_utc
from shared.contracts import Page as RawPage
from shared.database.models import Visit

MOST_DETAIL = 2000


def close(session: Session, ends: Iterable[End]) -> None:
    """Writes one row a trace. Written again it stays as it ended well; a bad end may still turn into a good one."""
    rows = in_key_order((_row(end) for end in ends), "trace_id")
    for lot in lots(rows):
        statement = insert(session, Visit).values(lot)
        changed = {name: statement.excluded[name] for name in lot[0] if name != "trace_id"}
        session.execute(
            statement.on_conflict_do_update(
                index_elements=["trace_id"],
                set_=changed,
                where=or_(col(Visit.disposition).is_(None), col(Visit.disposition).not_in(SUCCESS)),
            )
        )


def _row(end: End) -> dict[str, Any]:
    message, page = end.message, end.page
    return {
        "trace_id": message.trace_id, "page_key": key_of(end.url), "url": end.url, "cause": message.cause,
        "via": message.via, "source_id": message.source_id, "article_id": end.article_id,
        "origin": message.origin.value, "triggered_at": message.triggered_at,
        "fetched_at": page.fetched_at if page else None, "ended_at": now_utc(), "disposition": end.disposition,
        "stage": end.stage, "status": end.status, "detail": (end.detail or "")[:MOST_DETAIL] or None,
        "version": end.version, "steps": list(_steps(message, page, end)),
    }  # fmt: skip


def _steps(message: Message, page: RawPage | None, end: End) -> Iterator[dict[str, Any]]:
    """What happened, oldest first."""
    for tried in message.tries:
        yield {
            "what": "attempt", "at": tried.at.isoformat(), "stage": tried.stage, "reason": tried.reason.value,
            "detail": tried.detail,
        }  # fmt: skip
    if page is None:
        return
    if page.robots:
        yield {"what": "robots", "detail": page.robots}
    for url in page.redirects:
        yield {"what": "redirect", "url": url}
    if end.stage != REMEMBERED:
        yield {
            "what": "fetched", "at": page.fetched_at.isoformat(), "url": page.final_url, "status": page.status,
            "bytes": page.size, "media_type": page.media_type, "body_hash": page.body_hash,
        }  # fmt: skip
