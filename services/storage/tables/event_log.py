"""Events: written in the transaction that they report, read from the log by the courier and the reader."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, uuid5

from sqlmodel import Session, col

from services.storage.tables.upsert import Row, Upsert, overwrite
from shared.database import event_log
from shared.database.models import ArticleChange, StoredEvent

_EVENTS = Upsert(StoredEvent, "event_id", returning=(col(StoredEvent.id), col(StoredEvent.event_id)), sort=False)
_CHANGES = Upsert(ArticleChange, "article_id", changes=overwrite("position"))


class Event(NamedTuple):
    """What happened to a URL. The id is made of `occasion`: the same occasion is the same event."""

    type: str
    subject: str
    occasion: str
    data: dict[str, Any]
    time: datetime

    @property
    def event_id(self) -> str:
        return uuid5(NAMESPACE_URL, f"{self.type} {self.subject} {self.occasion}").hex

    @property
    def article_id(self) -> int | None:
        """The article that has changed by it, None if none has."""
        return self.data["article_id"] if self.type.startswith("article.") else None


def write(session: Session, events: Iterable[Event]) -> None:
    """Writes events to the end of the log, in their order, and the places of articles' newest changes.

    An event that is in the log stays as it is. This is the last work of a transaction: others wait from here to its end.
    """
    by_id = {event.event_id: event for event in events}
    if not by_id:
        return
    event_log.lock(session)
    written = sorted((row.id, row.event_id) for row in _EVENTS.write(session, map(_row, by_id.values())))
    changes = ((by_id[event_id].article_id, position) for position, event_id in written)
    _CHANGES.write(session, (
        {"article_id": article_id, "position": position} for article_id, position in changes if article_id
    ))  # fmt: skip


def _row(event: Event) -> Row:
    return {
        "event_id": event.event_id, "type": event.type, "subject": event.subject, "time": event.time, "data": event.data,
    }  # fmt: skip
