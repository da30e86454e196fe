"""What the tests of watches store: watches with receivers, articles and alerts with their events."""

import base64
import secrets
from itertools import count
from typing import Any
from uuid import uuid4

from sqlalchemy import Engine, select
from sqlmodel import Session, col

from services.courier.consumers import Consumer, Round
from services.courier.watches.matching import Matching
from shared.contracts import now_utc
from shared.database.engine import transaction
from shared.database.models import Article, Delivery, Match, Receiver, StoredEvent, Story, Watch

SECRET = "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()
NUMBERS = count(1)


def add_watch(engine: Engine, query: str, *receivers: dict[str, Any], **columns: Any) -> int:
    with transaction(engine) as session:
        watch = Watch(name=query or "all", query=query, feed_secret=uuid4().hex, **columns)
        session.add(watch)
        session.flush()
        for receiver in receivers:
            session.add(
                Receiver(
                    **{"watch_id": watch.id, "kind": "webhook", "url": "http://hook.example/", "secret": SECRET}
                    | receiver
                )
            )
        return watch.id or 0


def add_article(session: Session, title: str, **columns: Any) -> Article:
    key = uuid4().hex
    url = f"https://gazette.example/{next(NUMBERS)}"
    article = Article(**{
        "key": key, "url": url, "canonical_url": url, "trace_id": key, "title": title, "text": "It was said.", "body_hash": key,
        "publisher": "The Gazette", "language": "en",
    } | columns)  # fmt: skip
    session.add(article)
    session.flush()
    return article


def add_event(session: Session, kind: str, url: str, **data: Any) -> None:
    session.add(StoredEvent(event_id=uuid4().hex, type=kind, subject=url, time=now_utc(), data=data))


def store(engine: Engine, title: str, *, origin: str = "live", **columns: Any) -> int:
    """Stores an article with its event."""
    with transaction(engine) as session:
        article = add_article(session, title, **columns)
        add_event(session, "article.stored", article.url, article_id=article.id, origin=origin)
        return article.id or 0


def edit(engine: Engine, article_id: int, **columns: Any) -> None:
    with transaction(engine) as session:
        article = session.get_one(Article, article_id)
        for name, value in columns.items():
            setattr(article, name, value)
        add_event(session, "article.updated", article.url, article_id=article_id, origin="live")


def add_story(engine: Engine) -> int:
    with transaction(engine) as session:
        story = Story()
        session.add(story)
        session.flush()
        return story.id or 0


def courier(engine: Engine, redis: Any, holder: str = "here", batch: int = 3) -> Round:
    consumer = Consumer("watches", write=Matching(lambda: None).write, from_start=True)
    return Round(engine, redis, consumer, batch=batch, holder=holder)


def match_all(engine: Engine, redis: Any) -> None:
    round_ = courier(engine, redis)
    while round_.step():
        pass


def matched(engine: Engine, watch_id: int) -> list[tuple[str, str]]:
    with transaction(engine) as session:
        rows = session.scalars(select(Match).where(col(Match.watch_id) == watch_id).order_by(col(Match.id)))
        return [(match.kind, match.title) for match in rows]


def deliveries(engine: Engine) -> list[Delivery]:
    with Session(engine) as session:
        return list(session.scalars(select(Delivery).order_by(col(Delivery.id))))


def only_receiver(engine: Engine) -> Receiver:
    with Session(engine) as session:
        return session.scalars(select(Receiver)).one()
