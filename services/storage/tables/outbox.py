"""Events: written in the transaction that they report, sent to the stream `newsmill:events` after it.

Each is sent at least once: a worker that dies between the stream and the delete sends an event again, with the same id.
"""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, uuid5

from redis import Redis
from sqlalchemy import Engine, delete, select
from sqlmodel import Session, col

from services.storage.tables.upsert import Row, Upsert
from shared.contracts import now_utc
from shared.database.engine import transaction
from shared.database.models import Outbox
from shared.queues import EVENTS

_UPSERT = Upsert(Outbox, "event_id")


class Event(NamedTuple):
    """What happened to a URL. The id is made of `occasion`: the same occasion is the same event."""

    type: str
    subject: str
    occasion: str
    data: dict[str, Any]
    time: datetime


def write(session: Session, events: Iterable[Event]) -> None:
    """Writes events into the outbox. An event that is in it already stays as it is."""
    _UPSERT.write(session, map(_row, events))


def relay(engine: Engine, redis: "Redis", *, batch: int, limit: int) -> int:
    """Sends the events in the outbox to the stream, oldest first; returns how many there were.

    Args:
        engine: of the database.
        redis: the server that holds the stream.
        batch: events in one transaction.
        limit: how many events the stream keeps, approximately.
    """
    sent = 0
    while True:
        with transaction(engine) as session:
            rows = session.scalars(
                select(Outbox).order_by(col(Outbox.id)).limit(batch).with_for_update(skip_locked=True)
            ).all()
            if not rows:
                return sent
            with redis.pipeline(transaction=False) as pipe:
                for row in rows:
                    pipe.xadd(EVENTS, {"event": json.dumps(_cloud_event(row), ensure_ascii=False)}, maxlen=limit)
                pipe.execute()
            # By event id: SQLite gives a deleted row's number to the next event, which was not sent yet.
            session.execute(delete(Outbox).where(col(Outbox.event_id).in_([row.event_id for row in rows])))
        sent += len(rows)


def _row(event: Event) -> Row:
    event_id = uuid5(NAMESPACE_URL, f"{event.type} {event.subject} {event.occasion}").hex
    return {
        "event_id": event_id, "type": event.type, "subject": event.subject, "time": event.time, "data": event.data,
    }  # fmt: skip


def _cloud_event(row: Outbox) -> dict[str, Any]:
    """CloudEvents 1.0, structured JSON."""
    return {
        "specversion": "1.0",
        "id": row.event_id,
        "source": "/newsmill/storage",
        "type": row.type,
        "subject": row.subject,
        "time": row.time.isoformat(),
        "recordedtime": now_utc().isoformat(),
        "datacontenttype": "application/json",
        "data": row.data,
    }
