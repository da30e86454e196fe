"""Retention: raw pages, visits, versions, the index of near-duplicates and events are removed when their time is over,
in small steps, so that no step holds up the storing beside it."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any, NamedTuple

import structlog
from prometheus_client import Counter
from sqlalchemy import Engine, delete, func, select
from sqlmodel import Session, SQLModel, col

from services.storage.archive import files
from services.storage.archive.files import Archive
from services.storage.identity import near_duplicates
from services.storage.settings import StorageSettings
from shared.contracts import now_utc
from shared.database.engine import transaction
from shared.database.models import Article, ArticleVersion, Consumer, Delivery, FeedText, StoredEvent, Visit

log = structlog.get_logger(__name__)

REMOVED = Counter("newsmill_retention_removed_total", "Rows and files whose time was over.", ["what"])
# Rows read in a step, events and files removed.
STEP = 500
EVENTS = 5000
FILES = 20


class Rule(NamedTuple):
    """What is kept for how many days (0: for ever), and the function that removes a step's worth and returns how much."""

    kind: str
    days: int
    remove: Callable[[Session, datetime], int]


class Retention:
    """Removes old rows and files, a step at a time, and begins again after the last.

    Args:
        engine: of the database.
        settings: how long each kind is kept.
    """

    def __init__(self, engine: Engine, settings: StorageSettings) -> None:
        self._engine = engine
        self._settings = settings
        self._archive = Archive(settings.pages_url) if settings.pages_url else None
        # The last row that was read, by table: most rows stay, and must not be read in each step.
        self._last: dict[str, int] = {}

    def step(self) -> dict[str, int]:
        """Removes at most a step's worth of each kind; returns how much of each."""
        removed = {}
        for rule in self._rules():
            before = now_utc() - timedelta(days=rule.days)
            with transaction(self._engine) as session:
                number = rule.remove(session, before) if rule.days else 0
            if number:
                REMOVED.labels(rule.kind).inc(number)
                removed[rule.kind] = number
        removed |= self._pages()
        if removed:
            log.info("retention", **removed)
        return removed

    def _rules(self) -> Iterator[Rule]:
        settings = self._settings
        yield Rule("visits", settings.keep_visits_days, self._visits)
        yield Rule("versions", settings.keep_versions_days, self._versions)
        yield Rule(
            "signatures", settings.story_days, lambda session, before: near_duplicates.forget(session, before, STEP)
        )
        yield Rule("feed-texts", settings.keep_feed_texts_days, _feed_texts)
        yield Rule("events", settings.keep_events_days, _events)
        yield Rule("deliveries", settings.keep_deliveries_days, _deliveries)

    def _pages(self) -> dict[str, int]:
        if self._archive is None or not self._settings.keep_pages_days:
            return {}
        before = now_utc() - timedelta(days=self._settings.keep_pages_days)
        removed = files.forget(self._archive, self._engine, before, FILES)
        REMOVED.labels("page-files").inc(removed)
        return {"page-files": removed} if removed else {}

    def _visits(self, session: Session, before: datetime) -> int:
        """Removes old visits. The newest visit of a page stays, and every visit whose raw page is kept."""
        rows = self._next(session, Visit, col(Visit.ended_at) < before, col(Visit.kept).is_(None))
        newest = select(func.max(col(Visit.id))).where(col(Visit.page_key).in_({row.page_key for row in rows}))
        newest_ids = set(session.scalars(newest.group_by(col(Visit.page_key)))) if rows else set()
        return _delete(session, Visit, [row.id for row in rows if row.id not in newest_ids])

    def _versions(self, session: Session, before: datetime) -> int:
        """Removes old versions. The first version of an article stays, and the one that the article is now."""
        rows = self._next(
            session, ArticleVersion, col(ArticleVersion.fetched_at) < before, col(ArticleVersion.number) > 1
        )
        articles = select(col(Article.id), col(Article.body_hash)).where(
            col(Article.id).in_({row.article_id for row in rows})
        )
        hashes = {int(article_id or 0): body_hash for article_id, body_hash in session.execute(articles)}
        return _delete(session, ArticleVersion, [row.id for row in rows if hashes.get(row.article_id) != row.body_hash])

    def _next(self, session: Session, table: Any, *conditions: Any) -> Sequence[Any]:
        """Returns the next old rows of a table, and after the last ones the first."""
        name = table.__tablename__
        query = select(table).where(col(table.id) > self._last.get(name, 0), *conditions)
        rows = session.scalars(query.order_by(col(table.id)).limit(STEP)).all()
        self._last[name] = rows[-1].id if len(rows) == STEP else 0
        return rows


def _deliveries(session: Session, before: datetime) -> int:
    """Removes what was sent to receivers of watches, or given up. What was matched stays: it is told once for ever."""
    old = select(col(Delivery.id)).where(col(Delivery.ended_at) < before).order_by(col(Delivery.ended_at)).limit(STEP)
    return _delete(session, Delivery, list(session.scalars(old)))


def _events(session: Session, before: datetime) -> int:
    """Removes old events, taken or not, and names the consumers that have not taken them."""
    first = session.execute(
        select(col(StoredEvent.id), col(StoredEvent.time)).order_by(col(StoredEvent.id)).limit(EVENTS)
    )
    # The first that is young ends it: later ones are young too, and are not looked at each time.
    old = [event_id for event_id, _ in takewhile(lambda row: row.time < before, first)]
    if old:
        late = session.scalars(select(col(Consumer.name)).where(col(Consumer.position) < old[-1])).all()
        if late:
            log.error("events are removed that were not taken; see NEWSMILL_KEEP_EVENTS_DAYS", consumers=list(late))
    return _delete(session, StoredEvent, old)


def _feed_texts(session: Session, before: datetime) -> int:
    """Removes full texts of feeds whose pages have been neither read nor refused for so long."""
    old = select(col(FeedText.id)).where(col(FeedText.fetched_at) < before).order_by(col(FeedText.id)).limit(STEP)
    return _delete(session, FeedText, list(session.scalars(old)))


def _delete(session: Session, table: type[SQLModel], ids: Sequence[int | None]) -> int:
    if ids:
        session.execute(delete(table).where(col(table.id).in_(ids)))  # type: ignore[attr-defined] # every table has one
    return len(ids)
