"""Digests: what a watch has matched since the last one, each hour or each day at an hour of a time zone."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Engine, select
from sqlmodel import Session, col

from services.courier.watches import payloads
from shared.contracts import now_utc
from shared.database.engine import transaction
from shared.database.models import Delivery, Match, Receiver, Watch
from shared.rhythm import next_digest

# Receivers in a step.
BATCH = 100


class Digests:
    """Writes the digests that are due.

    Args:
        engine: of the database.
        ring: called when there is something to send.
        now: the time.
    """

    def __init__(self, engine: Engine, ring: Callable[[], None], now: Callable[[], datetime] = now_utc) -> None:
        self._engine, self._ring, self._now = engine, ring, now

    def step(self) -> bool:
        """Writes what is due as deliveries, each in the transaction that moves the next time; returns whether any was."""
        moment = self._now()
        with transaction(self._engine) as session:
            due = session.scalars(
                select(Receiver)
                .where(col(Receiver.digest_at) <= moment)
                .order_by(col(Receiver.digest_at))
                .limit(BATCH)
                .with_for_update(skip_locked=True)
            ).all()
            for receiver in due:
                _write(session, receiver, moment)
        if due:
            self._ring()
        return bool(due)


def _write(session: Session, receiver: Receiver, moment: datetime) -> None:
    receiver.digest_at = next_digest(receiver.rhythm, receiver.hour, receiver.zone, moment)
    watch = session.get(Watch, receiver.watch_id)
    assert watch is not None
    matches = session.scalars(
        select(Match)
        .where(col(Match.watch_id) == receiver.watch_id, col(Match.id) > receiver.told_up_to)
        .order_by(col(Match.id))
    ).all()
    # While it is disabled or paused what is matched waits for the next digest.
    if not matches or receiver.state != "active" or watch.state != "active":
        return
    receiver.told_up_to = matches[-1].id or 0
    session.add(
        Delivery(
            receiver_id=receiver.id or 0, message_id=payloads.message_id(), next_at=moment,
            payload=payloads.of_digest(watch, matches, moment),
        )
    )  # fmt: skip
