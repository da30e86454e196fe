"""What a watch would have matched lately, and a delivery to see whether its receivers can be told."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from uuid import uuid4

from pydantic import BaseModel
from sqlalchemy import select
from sqlmodel import Session, col

from services.reader.queries.search import stored_since
from shared.contracts import now_utc
from shared.database.models import Alert, Article, Delivery, Receiver, Site, Watch
from shared.query import stored
from shared.query.parse import parse
from shared.query.tree import Every

SPAN = timedelta(days=7)
# Matches that a trial looks for. A search of PostgreSQL finds a few more than a watch (docs/queries.md): these are left out.
MOST, CANDIDATES = 100, 200


class TrialMatch(BaseModel):
    """Something that a watch would have matched."""

    title: str
    url: str | None
    at: datetime


class Trial(BaseModel):
    """What a watch would have matched since `since`, newest first: at most MOST; and the test deliveries by receiver."""

    since: datetime
    matches: list[TrialMatch]
    deliveries: dict[int, int]


def trial(session: Session, watch: Watch) -> Trial:
    """Returns what a watch would have matched, and writes a test delivery for each receiver that is active.

    A story that the watch folds counts once.
    """
    since = now_utc() - SPAN
    candidates = _articles(session, watch, since) if watch.about == "articles" else _alerts(session, watch, since)
    return Trial(since=since, matches=list(islice(candidates, MOST)), deliveries=_deliveries(session, watch))


def _articles(session: Session, watch: Watch, since: datetime) -> Iterator[TrialMatch]:
    node = parse(watch.query)
    if node is None:
        return
    query = select(col(Article.id)).where(*stored_since(session, node, since))
    ids = session.scalars(query.order_by(col(Article.id).desc()).limit(CANDIDATES)).all()
    stories: set[int] = set()
    for row, text in reversed(stored.articles(session, (article_id or 0 for article_id in ids))):
        if text.matches(node) and not (watch.fold and row.story_id in stories):
            stories |= {row.story_id} if row.story_id else set()
            yield TrialMatch(title=row.title, url=row.url, at=row.stored_at)


def _alerts(session: Session, watch: Watch, since: datetime) -> Iterator[TrialMatch]:
    node = parse(watch.query) or Every(())
    query = (
        select(Alert, Site)
        .outerjoin(Site, col(Site.key) == col(Alert.site_key))
        .where(col(Alert.opened_at) >= since)
        .order_by(col(Alert.id).desc())
        .limit(CANDIDATES)
    )
    for alert, site in session.execute(query):
        data = {"subject": alert.subject, "name": alert.name, "cause": alert.cause}
        if stored.of_alert(alert.kind, data, alert.url or alert.subject, site).matches(node):
            yield TrialMatch(title=f"{alert.name}: {alert.kind}", url=alert.url, at=alert.opened_at)


def _deliveries(session: Session, watch: Watch) -> dict[int, int]:
    moment = now_utc()
    payload = {
        "type": "watch.test", "timestamp": moment.isoformat(),
        "data": {"watch": {"id": watch.id, "name": watch.name, "query": watch.query}},
    }  # fmt: skip
    active = select(Receiver).where(col(Receiver.watch_id) == watch.id, col(Receiver.state) == "active")
    deliveries = {
        receiver.id or 0: Delivery(
            receiver_id=receiver.id or 0, message_id=f"msg_{uuid4().hex}", payload=payload, next_at=moment
        )
        for receiver in session.scalars(active.order_by(col(Receiver.id))).all()
    }  # fmt: skip
    session.add_all(deliveries.values())
    session.flush()
    return {receiver_id: delivery.id or 0 for receiver_id, delivery in deliveries.items()}
