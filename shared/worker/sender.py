"""What sends: messages go to their queues, several in one Celery message."""

from collections.abc import Iterable, Sequence
from typing import Any

from celery import Celery
from kombu.exceptions import OperationalError

from shared import clock
from shared.contracts import Message, encode
from shared.errors import Unavailable
from shared.later import Later
from shared.queues import MOST_URGENT, Route, batches, celery_priority
from shared.stage import Sender


def make_sender(app: Celery, later: Later) -> Sender:
    """Returns a function that takes messages to their queues. Each message is in custody before it is sent.

    The function raises RedisError or Unavailable while Redis is away: nothing may be acknowledged then.
    """

    def send(messages: Iterable[Message], *, at_once: bool = False) -> None:
        outgoing = list(messages)
        # Before custody, however long the rest takes: custody takes a message that says a later time for lost.
        enqueued_at = clock.now()
        later.hold(outgoing)
        for route, priority, items in batches(outgoing):
            try:
                rank = MOST_URGENT if at_once else priority
                _send(app, route, rank, [encode(item) for item in items], enqueued_at)
            except OperationalError as error:
                # Kombu's own name for it: callers that wait for Redis must not have to know kombu.
                raise Unavailable(f"queue {route.queue}: {error}") from error

    return send


def _send(app: Celery, route: Route, priority: int, items: Sequence[Any], enqueued_at: float) -> None:
    app.send_task(
        route.task,
        args=[items],
        queue=route.queue,
        priority=celery_priority(priority),
        headers={"enqueued_at": enqueued_at},
        ignore_result=True,
        # Nobody reads the pages' text in Celery's own log, and abridging it costs time.
        argsrepr="",
        kwargsrepr="",
    )
