"""The life of a URL: who asked for it and when, what happened each time, what became of it, and where it is now."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from time import time
from typing import Annotated, Any, cast

from fastapi import APIRouter, Query
from redis import Redis
from sqlalchemy import or_, select
from sqlmodel import Session, col

from services.reader.dependencies import Broker, Database
from shared.database.models import Article, ArticleAlias, ArticleVersion, Headline, Page, Source, Visit
from shared.dead import DeadLetters
from shared.errors import BadUrl
from shared.later import CUSTODY, MESSAGES, PARKED, TURNS
from shared.urls import canonical, fingerprint, host_of

LATEST = 50
SUMMARY = ("id", "title", "canonical_url", "published", "publisher", "language", "version", "stored_at", "updated_at")

router = APIRouter(prefix="/v1", tags=["read"])


@router.get("/why")
def why(session: Database, redis: Broker, url: Annotated[str, Query(min_length=1, max_length=8192)]) -> dict[str, Any]:
    """Everything that is known of a URL."""
    return life(session, redis, url)


def life(session: Session, redis: "Redis", url: str) -> dict[str, Any]:
    """Everything that is known of a URL, as JSON values; times are ISO 8601, UTC.

    A URL that nobody asked for has no visits; one that is under way has `now`.
    """
    try:
        address, key = canonical(url), fingerprint(url)
    except BadUrl as error:
        return {"url": url, "error": str(error), "visits": []}
    visits = session.scalars(
        select(Visit).where(col(Visit.page_key) == key).order_by(col(Visit.id).desc()).limit(LATEST)
    )
    told = [_visit(session, visit) for visit in visits]
    page = session.scalars(select(Page).where(col(Page.key) == key)).first()
    article = _article(session, key, page)
    return {
        "url": url, "canonical_url": address, "host": host_of(url),
        "first_seen_at": _time(page.first_seen_at) if page else None,
        "disposition": page.disposition if page else None,
        "visits": told[::-1],
        "now": list(_now(redis, key, page)),
        "article": article, "source": _source(session, key), "headlines": _headlines(session, key),
        "dead_letters": _dead(redis, address, [visit["trace_id"] for visit in told]),
    }  # fmt: skip


def _visit(session: Session, visit: Visit) -> dict[str, Any]:
    seconds = (visit.ended_at - visit.triggered_at).total_seconds() if visit.ended_at else None
    return {
        "trace_id": visit.trace_id, "via": visit.via, "asked_by": _asker(session, visit), "origin": visit.origin,
        "triggered_at": _time(visit.triggered_at), "steps": visit.steps, "disposition": visit.disposition,
        "stage": visit.stage, "status": visit.status, "detail": visit.detail, "ended_at": _time(visit.ended_at),
        "seconds": seconds, "version": visit.version, "kept": visit.kept,
    }  # fmt: skip


def _asker(session: Session, visit: Visit) -> str | None:
    """The page where the URL was found, or the source that is polled."""
    if visit.cause:
        return session.scalar(select(col(Visit.url)).where(col(Visit.trace_id) == visit.cause))
    if visit.source_id is not None:
        return session.scalar(select(col(Source.name)).where(col(Source.id) == visit.source_id))
    return None


def _article(session: Session, key: str, page: Page | None) -> dict[str, Any] | None:
    known = select(col(ArticleAlias.article_id)).where(col(ArticleAlias.key) == key)
    row = session.scalars(select(Article).where(or_(col(Article.id).in_(known), col(Article.key) == key))).first()
    if row is None and page is not None and page.article_id is not None:
        row = session.get(Article, page.article_id)
    if row is None:
        return None
    versions = (
        select(ArticleVersion).where(col(ArticleVersion.article_id) == row.id).order_by(col(ArticleVersion.number))
    )
    others = (
        select(col(Article.url)).where(col(Article.story_id) == row.story_id, col(Article.id) != row.id).limit(LATEST)
    )
    told = {name: _plain(getattr(row, name)) for name in SUMMARY}
    return told | {
        "versions": [
            {"number": one.number, "fetched_at": _time(one.fetched_at), "title": one.title, "changes": one.changes}
            for one in session.scalars(versions)
        ],
        "story": {"id": row.story_id, "others": list(session.scalars(others))} if row.story_id else None,
        "original_id": row.original_id,
    }


def _headlines(session: Session, key: str) -> list[dict[str, Any]]:
    rows = session.scalars(select(Headline).where(col(Headline.key) == key).order_by(col(Headline.id)).limit(LATEST))
    names = ("page_url", "text", "position", "block", "first_seen_at", "last_seen_at")
    return [{name: _plain(getattr(row, name)) for name in names} for row in rows]


def _source(session: Session, key: str) -> dict[str, Any] | None:
    row = session.scalars(select(Source).where(col(Source.key) == key)).first()
    names = (
        "id",
        "name",
        "state",
        "interval_seconds",
        "next_poll_at",
        "last_success_at",
        "last_disposition",
        "failures",
    )
    return {name: _plain(getattr(row, name)) for name in names} if row else None


def _now(redis: "Redis", key: str, page: Page | None) -> Iterator[dict[str, Any]]:
    """Where the URL is on its way now, for each trace of it that has not ended."""
    traces = {page.trace_id} if page and page.disposition is None else set()
    for trace, packed in cast("Any", redis.hscan_iter(MESSAGES, count=1000)):
        message = json.loads(packed)
        if trace.decode() in traces or _key(message) == key:
            yield _whereabouts(redis, trace.decode(), message)


def _whereabouts(redis: "Redis", trace_id: str, message: dict[str, Any]) -> dict[str, Any]:
    since, until = redis.zscore(CUSTODY, trace_id), redis.zscore(PARKED, trace_id)
    told: dict[str, Any] = {"trace_id": trace_id, "message": message.get("type"), "attempt": message.get("attempt", 1)}
    url = message.get("url") or message.get("page", {}).get("url", "")
    if until is not None:
        return told | {"state": "parked", "until": _stamp(until), "tries": message.get("tries", [])}
    place = _place(redis, url, trace_id)
    if place is not None:
        return told | {"state": "waits for its host's turn", "host": host_of(url), "before_it": place}
    return told | {"state": "on a queue or with a worker", "since": _stamp(since) if since else None}


def _place(redis: "Redis", url: str, trace_id: str) -> int | None:
    try:
        return cast("int | None", redis.zrank(f"{TURNS}:{host_of(url)}", trace_id))
    except BadUrl:
        return None


def _dead(redis: "Redis", address: str, traces: Iterable[str]) -> list[dict[str, Any]]:
    wanted = set(traces)
    found = (one for one in DeadLetters(redis).every() if one.trace_id in wanted or _canonical(one.url) == address)
    return [{name: value for name, value in one.record().items() if name != "payload"} for one in found]


def _key(message: dict[str, Any]) -> str | None:
    url = message.get("url") or message.get("page", {}).get("url", "")
    try:
        return fingerprint(url)
    except BadUrl:
        return None


def _canonical(url: str | None) -> str | None:
    try:
        return canonical(url) if url else None
    except BadUrl:
        return None


def _plain(value: Any) -> Any:
    return _time(value) if isinstance(value, datetime) else value


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="milliseconds") if moment else None


def _stamp(seconds: float) -> str:
    return datetime.fromtimestamp(min(seconds, time() + 10**9), UTC).isoformat(timespec="seconds")
