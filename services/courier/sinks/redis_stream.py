"""The Redis stream `newsmill:events`."""

import json
from collections.abc import Sequence

from redis import Redis

from shared.database.event_log import LoggedEvent, cloud_event
from shared.queues import EVENTS


class RedisStream:
    """Adds events to the stream, as CloudEvents in the field `event`.

    Args:
        redis: the server that holds the stream.
        limit: how many events the stream keeps, approximately.
    """

    def __init__(self, redis: "Redis", limit: int) -> None:
        self._redis = redis
        self._limit = limit

    def send(self, events: Sequence[LoggedEvent]) -> None:
        """Raises RedisError while Redis is away or full; the events wait in the log, which needs no memory of Redis."""
        with self._redis.pipeline(transaction=False) as pipe:
            for event in events:
                text = json.dumps(cloud_event(event), ensure_ascii=False)
                pipe.xadd(EVENTS, {"event": text}, maxlen=self._limit)
            pipe.execute()
