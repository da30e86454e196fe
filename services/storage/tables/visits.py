"""Visits: each way of a URL through the pipeline, with its one disposition and what happened on the way."""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import or_
from sqlmodel import Session, col

from services.storage.tables.ledger import REMEMBERED, End, ended_well
from services.storage.tables.upsert import Row, Upsert, overwrite
from shared.contracts import Message
from shared.contracts import Page as RawPage
from shared.database.models import Visit

MAX_DETAIL = 2000
_COLUMNS = (
    "page_key", "url", "cause", "via", "source_id", "article_id", "origin", "triggered_at", "fetched_at", "ended_at",
    "disposition", "stage", "status", "detail", "version", "steps",
)  # fmt: skip
_UPSERT = Upsert(
    Visit,
    "trace_id",
    changes=overwrite(*_COLUMNS),
    where=lambda _new: or_(col(Visit.disposition).is_(None), ~ended_well(col(Visit.disposition))),
)


def write(session: Session, ends: Iterable[End]) -> None:
    """Writes one row a trace. A trace that ended well stays so; one that ended badly may still end well."""
    _UPSERT.write(session, map(_row, ends))


def _row(end: End) -> Row:
    message, page = end.message, end.page
    return {
        "trace_id": message.trace_id, "page_key": end.key, "url": end.url, "cause": message.cause,
        "via": message.via, "source_id": message.source_id, "article_id": end.article_id,
        "origin": message.origin.value, "triggered_at": message.triggered_at,
        "fetched_at": page.fetched_at if page else None, "ended_at": end.ended_at, "disposition": end.disposition,
        "stage": end.stage, "status": end.status, "detail": (end.detail or "")[:MAX_DETAIL] or None,
        "version": end.version, "steps": list(_steps(message, page, end.stage)),
    }  # fmt: skip


def _steps(message: Message, page: RawPage | None, stage: str) -> Iterator[dict[str, Any]]:
    """Yields what happened, oldest first."""
    for attempt in message.tries:
        yield {
            "what": "attempt", "at": attempt.at.isoformat(), "stage": attempt.stage, "reason": attempt.reason.value,
            "detail": attempt.detail,
        }  # fmt: skip
    if page is None:
        return
    if page.robots:
        yield {"what": "robots", "detail": page.robots}
    for url in page.redirects:
        yield {"what": "redirect", "url": url}
    if stage != REMEMBERED:
        yield {
            "what": "fetched", "at": page.fetched_at.isoformat(), "url": page.final_url, "status": page.status,
            "bytes": page.size, "media_type": page.media_type, "body_hash": page.body_hash,
        }  # fmt: skip
