"""Sends what waits, side by side: due deliveries are claimed, sent, and how that ended is written down.

A delivery is claimed by moving its next attempt behind the time that an attempt may take: of a courier that is killed meanwhile
another takes it over then, with the same message id. A receiver that fails rests, and holds up no other.
"""

from collections import Counter as Tally
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, NamedTuple

import structlog
from sqlalchemy import Engine, or_, select
from sqlmodel import col

from services.courier.watches.outcomes import Patience, record
from services.courier.webhooks import Answer
from shared.contracts import now_utc
from shared.database.engine import transaction
from shared.database.models import Delivery, Receiver

log = structlog.get_logger(__name__)

# Deliveries of one receiver at a time, and of one that has failed last.
SIDE_BY_SIDE, PROBES = 2, 1


class Order(NamedTuple):
    """A delivery that is to be sent now."""

    delivery_id: int
    receiver_id: int
    kind: str
    url: str
    secret: str
    message_id: str
    payload: dict[str, Any]
    failing: bool


Send = Callable[[Order, datetime], Answer]


class Deliveries:
    """Sends deliveries in threads.

    Args:
        engine: of the database.
        senders: what sends to each kind of receiver; they end within the lease.
        patience: how long receivers are waited for.
        threads: deliveries side by side. Receivers that fail take half of them at most.
        lease: how long an attempt may take.
        ring: called when a thread is free again.
    """

    def __init__(
        self,
        engine: Engine,
        senders: Mapping[str, Send],
        patience: Patience,
        *,
        threads: int,
        lease: timedelta,
        ring: Callable[[], None],
    ) -> None:
        self._engine, self._senders, self._patience = engine, senders, patience
        self._threads, self._lease, self._ring = threads, lease, ring
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="delivery")
        self._lock = Lock()
        self._busy: Tally[int] = Tally()
        self._probing: Tally[int] = Tally()

    def step(self) -> bool:
        """Begins to send what is due and finds a free thread; returns whether there was any."""
        orders = self._claim()
        for order in orders:
            self._pool.submit(self._deliver, order).add_done_callback(_report)
        return bool(orders)

    def drain(self) -> None:
        """Waits for what is being sent."""
        self._pool.shutdown(wait=True)

    def _claim(self) -> list[Order]:
        moment = now_utc()
        orders = []
        with transaction(self._engine) as session:
            for delivery, receiver in session.execute(_due(moment, self._full(), 4 * self._threads)):
                order = _order(delivery, receiver)
                if self._take(order):
                    delivery.next_at = moment + self._lease
                    orders.append(order)
        return orders

    def _full(self) -> list[int]:
        """Returns the receivers that are being told as much as may be side by side."""
        with self._lock:
            return [receiver_id for receiver_id, number in self._busy.items() if number >= SIDE_BY_SIDE]

    def _take(self, order: Order) -> bool:
        """Takes a thread for an order, if one is free for it."""
        with self._lock:
            most = PROBES if order.failing else SIDE_BY_SIDE
            probes_full = order.failing and self._probing.total() >= max(1, self._threads // 2)
            if self._busy.total() >= self._threads or self._busy[order.receiver_id] >= most or probes_full:
                return False
            self._busy[order.receiver_id] += 1
            self._probing[order.receiver_id] += order.failing
            return True

    def _free(self, order: Order) -> None:
        with self._lock:
            for tally, number in ((self._busy, 1), (self._probing, int(order.failing))):
                tally[order.receiver_id] -= number
                if not tally[order.receiver_id]:
                    del tally[order.receiver_id]
        self._ring()

    def _deliver(self, order: Order) -> None:
        try:
            answer = self._senders[order.kind](order, now_utc())
            with transaction(self._engine) as session:
                record(session, order.delivery_id, answer, now_utc(), self._patience)
        finally:
            # What could not be written down is sent again when its lease is over.
            self._free(order)


def _report(attempt: Future[None]) -> None:
    if (error := attempt.exception()) is not None:
        log.error("how a delivery ended could not be written down: it is sent again", error=type(error).__name__)


def _due(moment: datetime, full: list[int], limit: int) -> Any:
    """Returns the query of what is due: what was never tried first."""
    rested = or_(col(Receiver.rest_until).is_(None), col(Receiver.rest_until) <= moment)
    return (
        select(Delivery, Receiver)
        .join(Receiver, col(Receiver.id) == col(Delivery.receiver_id))
        .where(col(Delivery.state) == "waiting", col(Delivery.next_at) <= moment, rested)
        .where(col(Receiver.state) == "active", col(Receiver.id).not_in(full))
        .order_by(col(Delivery.attempts), col(Delivery.id))
        .limit(limit)
        .with_for_update(of=Delivery, skip_locked=True)
    )


def _order(delivery: Delivery, receiver: Receiver) -> Order:
    return Order(
        delivery.id or 0, receiver.id or 0, receiver.kind, receiver.url, receiver.secret or "", delivery.message_id,
        delivery.payload, receiver.failures > 0,
    )  # fmt: skip
