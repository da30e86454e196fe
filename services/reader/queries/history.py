"""The history of a URL: who requested it and when, each step, its disposition, and where it is at this moment."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from time import time
from typing import Any, cast

from redis import Redis
from sqlalchemy import select
from sqlmodel import Session, col

from shared.database.models import Article, ArticleAlias, ArticleVersion, Headline, Page, Source, Visit
from shared.dead import DeadLetters
from shared.errors import BadUrl
from shared.later import CUSTODY, PARKED, TURNS, Later, url_of
from shared.urls import canonical, fingerprint, host_of

LATEST = 50
# A letter whose trace has no visit is looked for among so many of the newest.
NEWEST_LETTERS = 500
ARTICLE_FIELDS = (
    "id", "title", "canonical_url", "published", "publisher", "language", "version", "text_from", "stored_at",
    "updated_at",
)  # fmt: skip
HEADLINE_FIELDS = ("page_url", "text", "position", "block", "first_seen_at", "last_seen_at")
SOURCE_FIELDS = (
    "id", "name", "state", "interval_seconds", "next_poll_at", "last_success_at", "last_disposition", "failures",
    "fresh_seconds", "pace",
)  # fmt: skip


def url_history(session: Session, redis: "Redis", url: str) -> dict[str, Any]:
    """Returns the history of a URL as JSON values; times are ISO 8601, UTC.

    A URL that nobody has requested has no visits. One that is under way has an entry in `now` for each trace.
    """
    try:
        address, key = canonical(url), fingerprint(url)
    except BadUrl as error:
        return {"url": url, "error": str(error), "visits": []}
    page = session.scalars(select(Page).where(col(Page.key) == key)).first()
    visits = _visits(session, key)
    return {
        "url": url, "canonical_url": address, "host": host_of(url),
        "first_seen_at": _time(page.first_seen_at) if page else None,
        "disposition": page.disposition if page else None,
        "visits": visits,
        "now": list(_whereabouts(redis, key, page)),
        "article": _article(session, key, page), "source": _source(session, key),
        "headlines": _headlines(session, key),
        "dead_letters": _dead_letters(redis, address, [visit["trace_id"] for visit in visits]),
    }  # fmt: skip


def _visits(session: Session, key: str) -> list[dict[str, Any]]:
    """Returns the latest visits, oldest first."""
    latest = select(Visit).where(col(Visit.page_key) == key).order_by(col(Visit.id).desc()).limit(LATEST)
    return [_visit(session, visit) for visit in session.scalars(latest)][::-1]


def _visit(session: Session, visit: Visit) -> dict[str, Any]:
    seconds = (visit.ended_at - visit.triggered_at).total_seconds() if visit.ended_at else None
    return {
        "trace_id": visit.trace_id, "via": visit.via, "asked_by": _requester(session, visit), "origin": visit.origin,
        "triggered_at": _time(visit.triggered_at), "steps": visit.steps, "disposition": visit.disposition,
        "stage": visit.stage, "status": visit.status, "detail": visit.detail, "ended_at": _time(visit.ended_at),
        "seconds": seconds, "version": visit.version, "kept": visit.kept,
    }  # fmt: skip


def _requester(session: Session, visit: Visit) -> str | None:
    """Returns the URL of the page that links to the visited URL, or the name of the source that is polled."""
    if visit.cause:
        return session.scalar(select(col(Visit.url)).where(col(Visit.trace_id) == visit.cause))
    if visit.source_id is not None:
        return session.scalar(select(col(Source.name)).where(col(Source.id) == visit.source_id))
    return None


def _article(session: Session, key: str, page: Page | None) -> dict[str, Any] | None:
    row = _article_row(session, key, page)
    if row is None:
        return None
    versions = session.scalars(
        select(ArticleVersion).where(col(ArticleVersion.article_id) == row.id).order_by(col(ArticleVersion.number))
    )
    return _fields(row, ARTICLE_FIELDS) | {
        "versions": [
            _fields(version, ("number", "fetched_at", "title", "text_from", "changes")) for version in versions
        ],
        "story": _story(session, row),
        "original_id": row.original_id,
    }


def _article_row(session: Session, key: str, page: Page | None) -> Article | None:
    # Two queries that an index answers: PostgreSQL reads the whole table for either of two conditions.
    row = session.scalars(select(Article).where(col(Article.key) == key)).first()
    if row is not None:
        return row
    article_id = session.scalar(select(col(ArticleAlias.article_id)).where(col(ArticleAlias.key) == key))
    if article_id is None and page is not None:
        article_id = page.article_id
    return session.get(Article, article_id) if article_id is not None else None


def _story(session: Session, row: Article) -> dict[str, Any] | None:
    if not row.story_id:
        return None
    urls = select(col(Article.url)).where(col(Article.story_id) == row.story_id, col(Article.id) != row.id)
    return {"id": row.story_id, "others": list(session.scalars(urls.limit(LATEST)))}


def _headlines(session: Session, key: str) -> list[dict[str, Any]]:
    rows = session.scalars(
        select(Headline).where(col(Headline.link_key) == key).order_by(col(Headline.id)).limit(LATEST)
    )
    return [_fields(row, HEADLINE_FIELDS) for row in rows]


def _source(session: Session, key: str) -> dict[str, Any] | None:
    row = session.scalars(select(Source).where(col(Source.key) == key)).first()
    return _fields(row, SOURCE_FIELDS) if row else None


def _whereabouts(redis: "Redis", key: str, page: Page | None) -> Iterator[dict[str, Any]]:
    """Yields where the URL is on its way, for each trace of it that has not ended."""
    later = Later(redis)
    recorded = [page.trace_id] if page and page.disposition is None else []
    messages = later.under_way(key) | later.messages(recorded)
    yield from (_position(redis, trace_id, message) for trace_id, message in messages.items())


def _position(redis: "Redis", trace_id: str, message: dict[str, Any]) -> dict[str, Any]:
    since, until = redis.zscore(CUSTODY, trace_id), redis.zscore(PARKED, trace_id)
    attempt: dict[str, Any] = {
        "trace_id": trace_id, "message": message.get("type"), "attempt": message.get("attempt", 1),
    }  # fmt: skip
    if until is not None:
        return attempt | {"state": "parked", "until": _stamp(until), "tries": message.get("tries", [])}
    rank = _rank(redis, _url(message), trace_id)
    if rank is not None:
        return attempt | {"state": "waits for its host's turn", "host": host_of(_url(message)), "before_it": rank}
    return attempt | {"state": "on a queue or with a worker", "since": _stamp(since) if since else None}


def _rank(redis: "Redis", url: str, trace_id: str) -> int | None:
    """Returns how many messages come before a trace among those that wait for its host's turn."""
    try:
        return cast("int | None", redis.zrank(f"{TURNS}:{host_of(url)}", trace_id))
    except BadUrl:
        return None


def _dead_letters(redis: "Redis", address: str, trace_ids: Iterable[str]) -> list[dict[str, Any]]:
    """Returns the letters about these traces, and those of the newest letters that are about the URL, oldest first."""
    dead = DeadLetters(redis)
    letters = {letter.id: letter for letter in dead.of(trace_ids)}
    letters |= {letter.id: letter for letter in dead.newest(NEWEST_LETTERS) if _canonical(letter.url) == address}
    by_age = sorted(letters.values(), key=lambda letter: letter.last.at)
    return [{name: value for name, value in letter.record().items() if name != "payload"} for letter in by_age]


def _url(message: dict[str, Any]) -> str:
    return url_of(message) or ""


def _canonical(url: str | None) -> str | None:
    try:
        return canonical(url) if url else None
    except BadUrl:
        return None


def _fields(row: Any, names: Iterable[str]) -> dict[str, Any]:
    """Returns some columns of a row as JSON values."""
    values = {name: getattr(row, name) for name in names}
    return {name: _time(value) if isinstance(value, datetime) else value for name, value in values.items()}


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="milliseconds") if moment else None


def _stamp(seconds: float) -> str:
    return datetime.fromtimestamp(min(seconds, time() + 10**9), UTC).isoformat(timespec="seconds")
