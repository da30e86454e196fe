"""What follows from how an attempt ended: done, tried again later, given up, or its receiver is told no more."""

import random
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog
from prometheus_client import Counter
from sqlalchemy import select, update
from sqlmodel import Session, col

from services.courier.watches import payloads
from services.courier.webhooks import Answer
from shared.database.models import Delivery, Receiver, Watch
from shared.database.receivers import address

log = structlog.get_logger(__name__)

DELIVERIES = Counter("newsmill_watch_deliveries_total", "Attempts to tell receivers of watches.", ["kind", "outcome"])

# After how long a delivery is tried again, as Standard Webhooks recommends, with the first steps shorter.
DELAYS = tuple(
    timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
)
# The longest rest of a receiver: its other deliveries are not to wait as long as the one that failed.
LONGEST_REST = timedelta(minutes=15)
# What an attempt counts as, by the state in which it leaves the delivery.
OUTCOMES = {"delivered": "delivered", "waiting": "retried", "failed": "failed"}
# Each delay is up to this part shorter or longer, so that what failed together is not tried together.
JITTER = 0.2


class Patience(NamedTuple):
    """How long receivers are waited for: each delay between attempts, and failures until a receiver is disabled."""

    disable_after: timedelta
    delays: Sequence[timedelta] = DELAYS


class _Attempt(NamedTuple):
    """An attempt that has ended."""

    delivery: Delivery
    receiver: Receiver
    answer: Answer
    moment: datetime


def record(session: Session, delivery_id: int, answer: Answer, moment: datetime, patience: Patience) -> None:
    """Writes how an attempt ended, within a transaction."""
    delivery = session.get(Delivery, delivery_id, with_for_update=True)
    receiver = session.get(Receiver, delivery.receiver_id, with_for_update=True) if delivery else None
    if delivery is None or receiver is None:
        # The watch was removed while it was told.
        return
    delivery.attempts += 1
    delivery.status, delivery.error = answer.status, answer.detail or None
    if answer.outcome == "delivered":
        _end(delivery, "delivered", moment)
        receiver.failures, receiver.failing_since, receiver.rest_until = 0, None, None
    else:
        _fail(session, _Attempt(delivery, receiver, answer, moment), patience)
    DELIVERIES.labels(receiver.kind, OUTCOMES[delivery.state]).inc()


def _fail(session: Session, attempt: _Attempt, patience: Patience) -> None:
    delivery, receiver, answer, moment = attempt
    receiver.failures += 1
    receiver.failing_since = receiver.failing_since or moment
    requested_delay = timedelta(seconds=answer.retry_after or 0)
    receiver.rest_until = moment + min(max(_delay(receiver.failures, patience), requested_delay), LONGEST_REST)
    if answer.outcome == "gone":
        disable(session, receiver, "it answered 410: it wants no more", moment)
    elif moment - receiver.failing_since >= patience.disable_after:
        disable(session, receiver, f"it has failed since {receiver.failing_since.isoformat()}: {answer.detail}", moment)
    elif delivery.attempts > len(patience.delays):
        _end(delivery, "failed", moment)
    else:
        delivery.next_at = moment + max(_delay(delivery.attempts, patience), requested_delay)


def disable(session: Session, receiver: Receiver, reason: str, moment: datetime) -> None:
    """Tells a receiver no more, gives up what waits for it, and says so to the others of its watch."""
    receiver.state, receiver.reason = "disabled", reason
    given_up = {"state": "failed", "ended_at": moment, "error": f"the receiver is disabled: {reason}"}
    waiting = (col(Delivery.receiver_id) == receiver.id, col(Delivery.state) == "waiting")
    session.flush()
    session.execute(update(Delivery).where(*waiting).values(given_up).execution_options(synchronize_session="fetch"))
    watch = session.get(Watch, receiver.watch_id)
    assert watch is not None
    receiver_address = address(receiver.kind, receiver.url)
    log.warning("a receiver is disabled", watch=watch.name, receiver=receiver_address, reason=reason)
    session.add_all(
        Delivery(
            receiver_id=other_receiver.id or 0, message_id=payloads.message_id(), next_at=moment,
            payload=payloads.of_disabled(watch, receiver_address, reason, moment),
        )
        for other_receiver in _other_receivers(session, receiver)
    )  # fmt: skip


def _other_receivers(session: Session, receiver: Receiver) -> Iterable[Receiver]:
    return session.scalars(
        select(Receiver).where(
            col(Receiver.watch_id) == receiver.watch_id,
            col(Receiver.state) == "active",
            col(Receiver.id) != receiver.id,
        )
    )


def _end(delivery: Delivery, state: str, moment: datetime) -> None:
    delivery.state, delivery.ended_at = state, moment


def _delay(attempts: int, patience: Patience) -> timedelta:
    delay = patience.delays[min(attempts, len(patience.delays)) - 1]
    return delay * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - no secret
