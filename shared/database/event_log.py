"""The log of events: what has happened, in an order that readers can rely on (docs/adr/0020).

The id of an event is its position. Events become visible in the order of their ids: a reader that has seen an event has
seen or could have seen all before it, so that one number says how far it is. Whoever writes events calls lock() first.
"""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import CursorResult, bindparam, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from shared.contracts import now_utc
from shared.database.models import Consumer, StoredEvent

# PostgreSQL's advisory lock from the first event of a transaction to its commit.
LOCK = 4_157_003
SOURCE = "/newsmill/storage"
_FOLLOWING = (
    select(*map(col, (StoredEvent.id, StoredEvent.event_id, StoredEvent.type, StoredEvent.subject, StoredEvent.time, StoredEvent.data)))
    .where(col(StoredEvent.id) > bindparam("after"))
    .order_by(col(StoredEvent.id))
    .limit(bindparam("most"))
)  # fmt: skip


class LoggedEvent(NamedTuple):
    """An event with its position. `id` stays the same when the event is delivered again."""

    position: int
    id: str
    type: str
    subject: str
    time: datetime
    data: dict[str, Any]


def lock(session: Session) -> None:
    """Keeps other transactions from writing events until this one ends, so that ids go up as commits do.

    SQLite has one writer anyhow. Nothing but the commit should follow the events, or others wait for it.
    """
    if _is_postgres(session):
        session.execute(select(func.pg_advisory_xact_lock(LOCK)))


def read(session: Session, after: int, limit: int) -> list[LoggedEvent]:
    """Returns the events that follow a position, oldest first, at most so many."""
    rows = session.execute(_FOLLOWING, {"after": after, "most": limit})
    return [LoggedEvent(*row) for row in rows]


def newest(session: Session) -> int:
    """Returns the position of the newest event, 0 if there is none."""
    return session.scalar(select(func.max(col(StoredEvent.id)))) or 0


def enroll(session: Session, name: str, *, from_start: bool) -> None:
    """Makes a consumer where there is none of the name: at the beginning of the log, or behind its newest event."""
    insert = postgresql.insert if _is_postgres(session) else sqlite.insert
    position = 0 if from_start else newest(session)
    row = {"name": name, "position": position, "updated_at": now_utc()}
    session.execute(insert(Consumer).values(row).on_conflict_do_nothing(index_elements=["name"]))


def position(session: Session, name: str) -> int:
    """Returns the position up to which a consumer has taken everything.

    Raises:
        LookupError: there is no consumer of the name; enroll() makes one.
    """
    value = session.scalar(select(col(Consumer.position)).where(col(Consumer.name) == name))
    if value is None:
        raise LookupError(f"no consumer {name!r} in the table consumer: enroll it first")
    return value


def advance(session: Session, name: str, old: int, new: int) -> bool:
    """Moves a consumer from one position to another; False if it was moved meanwhile, and then nothing is changed."""
    statement = update(Consumer).where(col(Consumer.name) == name, col(Consumer.position) == old)
    result: CursorResult[Any] = session.execute(statement.values(position=new, updated_at=now_utc()))  # type: ignore[assignment] # of an UPDATE
    return result.rowcount == 1


def cloud_event(event: LoggedEvent) -> dict[str, Any]:
    """Returns an event as CloudEvents 1.0 in structured JSON, with its position as the extension `sequence`."""
    return {
        "specversion": "1.0",
        "id": event.id,
        "source": SOURCE,
        "type": event.type,
        "subject": event.subject,
        "time": event.time.isoformat(),
        "sequence": str(event.position),
        "recordedtime": now_utc().isoformat(),
        "datacontenttype": "application/json",
        "data": event.data,
    }


def _is_postgres(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"
