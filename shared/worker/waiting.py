"""What waits behind a message: a stage that works in batches takes it along, so that a transaction serves many lists.

Taken messages lie among kombu's unacknowledged ones, as those that Celery delivers, until the stage is done with them: a
worker that dies leaves them to be delivered again.
"""

import time
from collections.abc import Iterator, Sequence
from importlib.resources import files
from typing import Any, NamedTuple, cast
from uuid import uuid4

import structlog
from redis import Redis
from redis.exceptions import ResponseError

from shared.clock import now
from shared.queues import Route, queue_keys
from shared.worker.envelope import list_of
from shared.worker.pressure import idle

log = structlog.get_logger(__name__)

UNACKED, UNACKED_INDEX = "unacked", "unacked_index"
# Of a batch: a parsed article is about 10 KB of JSON, and a list has ten.
MOST_MESSAGES = 12
MOST_BYTES = 4_000_000
# From the beginning of a batch to that of the next while the stage before has more to do than it can: what is handed on
# then has waited longer anyway, and an article costs half as much in a batch of fifty as in one of five.
BUSY_SECONDS = 1.0


class Taken(NamedTuple):
    """A message that was taken along: kombu's tag of it, the list that it came from, its text, its id and its items."""

    tag: bytes
    origin: bytes
    text: bytes
    id: str
    items: Sequence[Any]


class Waiting:
    """The messages that wait in a stage's queue.

    Args:
        redis: the server of the queues.
        route: of the stage.
        before: of the stage that hands on to it.
    """

    def __init__(self, redis: "Redis", route: Route, before: Route) -> None:
        self._redis = redis
        self._route = route
        self._before = before
        self._keys = [UNACKED, UNACKED_INDEX, *queue_keys(route.queue)]
        self._script = redis.register_script(files(__package__).joinpath("take.lua").read_text())
        self._earliest = 0.0

    def take(self) -> list[Taken]:
        """Returns messages that wait now, unacknowledged. What this worker cannot read stays for Celery's consumer.

        Called again within BUSY_SECONDS while messages wait before the stage before, it waits for the remainder first.
        """
        if (rest := self._earliest - time.monotonic()) > 0 and not idle(self._redis, self._before.queue):
            time.sleep(rest)
        self._earliest = time.monotonic() + BUSY_SECONDS
        arguments: list[str | float] = [self._route.queue, f"{uuid4().hex}-", now(), MOST_MESSAGES, MOST_BYTES]
        try:
            rows = cast("list[list[bytes]]", self._script(keys=self._keys, args=arguments))
        except ResponseError as error:
            # Redis is full, or a queue's key is no list: the delivered message is handled alone.
            log.warning("nothing taken along", queue=self._route.queue, error=str(error))
            return []
        return list(self._readable(rows))

    def done(self, taken: Sequence[Taken]) -> None:
        """Acknowledges messages."""
        if taken:
            tags = [message.tag for message in taken]
            with self._redis.pipeline(transaction=True) as pipe:
                pipe.hdel(UNACKED, *cast("Any", tags))
                pipe.zrem(UNACKED_INDEX, *tags)
                pipe.execute()

    def give_back(self, taken: Sequence[Taken]) -> None:
        """Puts messages back to where they came from, in their old order."""
        for message in reversed(taken):
            with self._redis.pipeline(transaction=True) as pipe:
                pipe.rpush(cast("Any", message.origin), message.text)
                pipe.hdel(UNACKED, cast("Any", message.tag))
                pipe.zrem(UNACKED_INDEX, message.tag)
                pipe.execute()

    def _readable(self, rows: Sequence[Sequence[bytes]]) -> Iterator[Taken]:
        """Yields messages up to the first that is no list of the stage; this and what follows is put back."""
        for number, (tag, origin, text) in enumerate(rows):
            try:
                message_id, items = list_of(text, self._route.task)
            except ValueError:
                self.give_back([Taken(*row, "", ()) for row in rows[number:]])  # type: ignore[call-arg, arg-type] # tag, origin, text
                return
            yield Taken(tag, origin, text, message_id, items)
