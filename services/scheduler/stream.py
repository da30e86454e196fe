"""Redis Streams read as one of a group, so that several schedulers share them and a dead one loses nothing."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from redis import Redis
from redis.exceptions import ResponseError

GROUP = "scheduler"
# What a dead scheduler had read is taken over after this long.
CLAIM_MS = 30_000

Fields = Mapping[bytes, bytes]
Entry = tuple[bytes, Fields]


class Stream:
    """A stream of which this reader is one of a group.

    Args:
        redis: a client of this thread.
        name: the stream's key.
        reader: this reader's name, unique among the group.
    """

    def __init__(self, redis: "Redis", name: str, reader: str) -> None:
        self._redis = redis
        self.name = name
        self.reader = reader

    def join(self) -> None:
        """Makes the stream and the group where they are not yet."""
        try:
            self._redis.xgroup_create(self.name, GROUP, id="0", mkstream=True)
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise

    def read(self, count: int, block_ms: int | None = None) -> list[Entry]:
        """What another reader left unfinished, else what is new; waits for that when told to."""
        claim = self._redis.xautoclaim(self.name, GROUP, self.reader, CLAIM_MS, count=count)
        entries = cast("list[tuple[bytes, Fields | None]]", cast("Any", claim)[1])
        if not entries:
            new = self._redis.xreadgroup(GROUP, self.reader, {self.name: ">"}, count=count, block=block_ms)
            entries = [entry for _, rows in cast("Any", new or []) for entry in rows]
        # An entry that somebody deleted has no fields, in Redis 6 not even an id.
        self.done([entry_id for entry_id, fields in entries if entry_id and not fields])
        return [(entry_id, fields) for entry_id, fields in entries if fields]

    def done(self, ids: Sequence[bytes]) -> None:
        """These entries are accounted for."""
        if ids:
            with self._redis.pipeline(transaction=True) as pipe:
                pipe.xack(self.name, GROUP, *ids)
                pipe.xdel(self.name, *ids)
                pipe.execute()

    def __len__(self) -> int:
        return int(cast("Any", self._redis.xlen(self.name)))
