"""What sends: messages go to their queues, several in one Celery message.

A Celery message is written here as kombu would write it, in a third of the CPU that `app.send_task` takes for it (ADR 16):
Celery publishes nothing that its consumer needs besides. docs/celery.md has the envelope, `shared/worker/envelope.py` what must
be right about it.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import uuid4

from pydantic_core import to_json

from shared import clock
from shared.contracts import Message, encode
from shared.later import Later
from shared.queues import MOST_URGENT, Route, batches, celery_priority, queue_keys
from shared.stage import Sender


def make_sender(later: Later) -> Sender:
    """Returns a function that takes messages into custody and to their queues, in one step.

    The function raises RedisError while Redis is away: nothing may be acknowledged then.

    Args:
        later: custody, on the server of the queues.
    """

    def send(messages: Iterable[Message], *, at_once: bool = False) -> None:
        outgoing = list(messages)
        if not outgoing:
            return
        # Before custody, however long the rest takes: custody takes a message that says a later time for lost.
        enqueued_at = clock.now()
        puts = []
        for route, priority, items in batches(outgoing):
            rank = celery_priority(MOST_URGENT if at_once else priority)
            text = _celery_message(route, rank, [encode(item) for item in items], enqueued_at)
            puts.append((queue_keys(route.queue)[rank], text))
        later.hold(outgoing, puts)

    return send


def _celery_message(route: Route, priority: int, items: Sequence[Any], enqueued_at: float) -> bytes:
    """Returns a task with its list of items as it lies in a queue."""
    return to_json({
        "body": to_json([[items], {}, None]).decode(),
        "content-encoding": "utf-8",
        "content-type": "application/json",
        "headers": {
            "task": route.task, "id": str(uuid4()), "retries": 0, "ignore_result": True, "enqueued_at": enqueued_at,
        },
        "properties": {
            "delivery_tag": str(uuid4()), "priority": priority,
            "delivery_info": {"exchange": "", "routing_key": route.queue},
        },
    })  # fmt: skip
