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
        later.hold(outgoing)
        for route, priority, items in batches(outgoing):
            try:
                _send(app, route, MOST_URGENT if at_once else priority, [encode(item) for item in items])
            except OperationalError as error:
                # Kombu's own name for it: callers that wait for Redis must not have to know kombu.
                raise Unavailable(f"queue {route.queue}: {error}") from error

    return send


def _send(app: Celery, route: Route, priority: int, items: Sequence[Any]) -> None:
    app.send_task(
        route.task,
        args=[items],
        queue=route.queue,
        priority=celery_priority(priority),
        headers={"enqueued_at": clock.now()},
        ignore_result=True,
        # Nobody reads the pages' text in Celery's own log, and abridging it costs time.
        argsrepr="",
        kwargsrepr="",
    )
