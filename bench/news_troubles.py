"""What somebody has to look after, for a database of bench/news_world.py and its Redis: watches and how telling went, images
that were reported, and a pipeline in which something stands still. Used by docs/pictures/pages.py.
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from math import sin
from time import time
from typing import Any, cast

from redis import Redis
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from shared.brake import OUTCOMES
from shared.contracts import FetchRequested, encode, now_utc
from shared.database.models import (
    Account,
    Article,
    Audit,
    Delivery,
    ImageAudit,
    ImageBlock,
    ImageReport,
    Match,
    Receiver,
    Watch,
)
from shared.dead import DeadLetters, letter
from shared.later import TURNS
from shared.queues import QUEUES
from shared.urls import fingerprint
from shared.worker.pressure import PAUSED, WORKERS

WATCHES = (
    ("Ferries", "ferry", "mailto://desk@news.example", "daily"),
    ("Harbour and quay", '"old quay" OR harbour', "https://hooks.example/news", "at-once"),
)
FAULTS = (
    ("fetch", "crashed", "KeyError: 'location'", "services/fetcher/journey.py:88", 3),
    ("parse", "crashed", "UnicodeDecodeError: invalid start byte", "services/parser/page/decode.py:41", 2),
    ("trigger", "malformed", "no URL that can be fetched: ftp://news.example/", "services/scheduler/triggers.py:57", 1),
)  # fmt: skip
CHANGES: tuple[tuple[str, str, str, str, dict[str, Any]], ...] = (
    ("bo", "session", "retry_dead", "/pipeline/dead/retry", {"number": 3}),
    ("bo", "session", "change_site", "harrow-gazette.example pause", {}),
    ("ada", "session", "add_user", "cleo", {"role": "reader"}),
    ("ada", "session", "change_role", "bo", {"role": "editor"}),
)
HOSTS = ("harrow-gazette.example", "varenne-mail.example", "ribalta-post.example")
MINUTES = 360


def add_troubles(engine: Engine, redis: "Redis") -> None:
    """Adds to a filled database and an empty Redis what somebody has to look after; does nothing where there is a watch."""
    with Session(engine) as session, session.begin():
        if session.scalars(select(Watch).limit(1)).first() is None:
            newest = session.scalars(select(Article).order_by(col(Article.id).desc()).limit(40)).all()
            _watches(session, newest, now_utc())
            _images(session, newest, now_utc())
        if session.scalars(select(Account).limit(1)).first() is None:
            _people(session, now_utc())
    _pipeline(redis)


def _people(session: Session, now: datetime) -> None:
    for name, role in (("ada", "admin"), ("bo", "editor"), ("cleo", "reader")):
        session.add(
            Account(name=name, role=role, created_at=now - timedelta(days=40), signed_in_at=now - timedelta(hours=3))
        )
    for minutes, (actor, via, action, subject, detail) in enumerate(CHANGES):
        at = now - timedelta(minutes=7 + 50 * minutes)
        session.add(
            Audit(at=at, actor=actor, via=via, address="192.0.2.7", action=action, subject=subject, detail=detail)
        )


def _watches(session: Session, articles: Sequence[Article], now: datetime) -> None:
    for number, (name, query, url, rhythm) in enumerate(WATCHES):
        watch = Watch(name=name, query=query, feed_secret=f"{number:024}")
        session.add(watch)
        session.flush()
        kind = "webhook" if url.startswith("https:") else "notification"
        receiver = Receiver(
            watch_id=watch.id or 0, kind=kind, url=url, rhythm=rhythm, hour=7 if rhythm == "daily" else None, zone="UTC"
        )
        session.add(receiver)
        session.flush()
        for place, article in enumerate(articles[number::4]):
            at = article.stored_at + timedelta(seconds=1)
            session.add(
                Match(
                    watch_id=watch.id or 0,
                    subject=f"article:{article.id}",
                    article_id=article.id,
                    kind="new",
                    title=article.title,
                    url=article.url,
                    matched_at=at,
                )
            )
            fails = place == 1
            session.add(Delivery(
                receiver_id=receiver.id or 0, message_id=f"m{number}-{place}", state="failed" if fails else "delivered", attempts=8 if fails else 1,
                created_at=at, next_at=at, ended_at=now if fails else at, status=503 if fails else 200, error="the receiver answered 503" if fails else None,
            ))  # fmt: skip


def _images(session: Session, articles: Sequence[Article], now: datetime) -> None:
    pictures = [cast("str", article.lead_image) for article in articles]
    for number, reason in ((0, "shows a wound"), (0, "wrong person"), (1, "advertisement"), (2, "")):
        reported = now - timedelta(minutes=7 * (number + 1))
        count = session.query(ImageReport).count()
        session.add(
            ImageReport(
                image_key=fingerprint(pictures[number]),
                url=pictures[number],
                reporter=f"r{count}",
                reason=reason or None,
                reported_at=reported,
            )
        )
    for url in pictures[5:7]:
        session.add(ImageBlock(subject=fingerprint(url), url=url, reports=3, changed_at=now - timedelta(hours=2)))
        session.add(
            ImageAudit(
                subject=fingerprint(url), url=url, action="blocked", actor="reports", at=now - timedelta(hours=2)
            )
        )


def _pipeline(redis: "Redis") -> None:
    store, minute = DeadLetters(redis), int(time() // 60)
    for stage in ("fetch", "parse", "store"):
        redis.hset(WORKERS, f"{stage} news-1", f"{time() + 3600:.0f}")
        for back in range(MINUTES):
            handled = int(120 + 60 * sin(back / 40) + 17 * sin(back / 3))
            redis.hset(f"{OUTCOMES}{stage}:{minute - back}", mapping={"handled": handled, "dead": int(back % 97 == 0)})
    for stage, cause, detail, where, number in FAULTS:
        for place in range(number):
            request = FetchRequested(trace_id=f"{stage}{place}", url=f"https://{HOSTS[place]}/{stage}/{place}")
            store.set_aside(letter(stage, cause, detail, encode(request), trace_id=request.trace_id, where=where))
    redis.hset(PAUSED, "parse news-1", json.dumps([time(), "queue store: 1200 messages of 1000"]))
    for place, host in enumerate(HOSTS):
        redis.zadd(TURNS, {host: time() + 9 * (place + 1)})
        redis.zadd(f"{TURNS}:{host}", {f"t{number}": number for number in range(4 * (place + 1))})
    assert {stage for stage, *_ in FAULTS} <= {*QUEUES, "trigger"}
