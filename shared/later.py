"""What must wait, in Redis and never in a Celery ETA: custody, and what comes back at a time.

- **Custody.** Every URL accepted has an entry until its disposition: the message to begin again with, and when it was
  last put on a queue. kombu pops a message before it records it as unacknowledged, so a worker killed in between loses
  it; what is in custody and nowhere else is issued again (services/scheduler/recovery.py).
- **Parked.** A message that said TryLater, due at a time.
- **Turns.** A message that waits for its host: `newsmill:turns:HOST`, first by priority, then by age. The heap
  `newsmill:turns` says when each host's next may go; services/fetcher/politeness/turns.lua hands them out.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, cast

from redis import Redis
from redis.exceptions import OutOfMemoryError

from shared.clock import now
from shared.contracts import ArticleParsed, HeadlinesParsed, Message

CUSTODY = "newsmill:custody"
PARKED = "newsmill:parked"
TURNS = "newsmill:turns"
MESSAGES = "newsmill:waiting"
ATTEMPTS = "newsmill:deliveries:"

# Hands out what is due and keeps it for another lease, in one step: a scheduler that dies before it has sent
# a message again leaves it to the next one.
_TAKE = """
local ids = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
local found = {}
for _, id in ipairs(ids) do
  local message = redis.call('HGET', KEYS[2], id)
  redis.call('ZADD', KEYS[1], ARGV[3], id)
  if message then found[#found + 1] = message else redis.call('ZREM', KEYS[1], id) end
end
return found
"""
LEASE_SECONDS = 30
_RECLAIM = """
local seen = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not seen or tonumber(seen) ~= tonumber(ARGV[2]) then return 0 end
redis.call('ZADD', KEYS[1], ARGV[3], ARGV[1])
return 1
"""
# What was read from a page; from the page it can be read again.
READ = (ArticleParsed, HeadlinesParsed)
# How many wait for turns, over all hosts.
_WAITING = """
local count = 0
for _, host in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  count = count + redis.call('ZCARD', KEYS[1] .. ':' .. host)
end
return count
"""
# What waits for a turn is asked for anew once in this time, should its place in the queue be lost.
TURN_CUSTODY_SECONDS = 3600
# Keeps the priorities apart: no time since the epoch is as large.
PRIORITY_STEP = 1e10


class CeleryMessage(NamedTuple):
    """The Celery message that brings items to a stage: its id is the same each time that the broker delivers it.

    What custody issues again comes in another message, which may be under way beside the first.
    """

    stage: str
    id: str = ""


class Later:
    """What waits. Times are seconds since the epoch, UTC."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis
        self._take = redis.register_script(_TAKE)
        self._waiting = redis.register_script(_WAITING)
        self._reclaim = redis.register_script(_RECLAIM)

    def hold(self, messages: Iterable[Message]) -> None:
        """Opens or renews custody of the messages' traces, as of now, before they are put on a queue.

        From a message in custody its trace can begin again. What was read from a page would be too large to keep:
        the page is read again.
        """
        given = list(messages)
        entries = {message.trace_id: _pack(message) for message in given if not isinstance(message, READ)}
        with self._redis.pipeline(transaction=True) as pipe:
            if entries:
                pipe.hset(MESSAGES, mapping=cast("Mapping[Any, Any]", entries))
                pipe.zadd(CUSTODY, dict.fromkeys(entries, now()))
            if read := [message.trace_id for message in given if message.trace_id not in entries]:
                pipe.zadd(CUSTODY, dict.fromkeys(read, now()), xx=True)
            pipe.execute()

    def renew(self, trace_ids: Iterable[str]) -> None:
        """These traces go back to a queue now, if they are in custody."""
        if ids := list(trace_ids):
            self._redis.zadd(CUSTODY, dict.fromkeys(ids, now()), xx=True)

    def park(self, message: Message, seconds: float) -> None:
        """Keeps a message until `seconds` from now; its trace stays in custody, renewed for as long."""
        due = now() + seconds
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.hset(MESSAGES, message.trace_id, _pack(message))
            pipe.zadd(PARKED, {message.trace_id: due})
            pipe.zadd(CUSTODY, {message.trace_id: due})
            pipe.execute()

    def wait_turn(self, message: Message, host: str, seconds: float, *, first: bool = False) -> None:
        """Keeps a message until its host's turn, which comes in `seconds` or later; `first`: before all that wait."""
        rank = -1 if first else 9 - message.priority
        place = rank * PRIORITY_STEP + message.triggered_at.timestamp()
        moment = now()
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.hset(MESSAGES, message.trace_id, _pack(message))
            pipe.zadd(f"{TURNS}:{host}", {message.trace_id: place})
            pipe.zadd(TURNS, {host: moment + seconds}, lt=True)
            pipe.zadd(CUSTODY, {message.trace_id: moment + max(seconds, TURN_CUSTODY_SECONDS)})
            pipe.zrem(PARKED, message.trace_id)
            pipe.execute()

    def release(self, trace_ids: Iterable[str]) -> None:
        """Closes custody: these traces have their disposition."""
        if ids := list(trace_ids):
            with self._redis.pipeline(transaction=True) as pipe:
                pipe.zrem(CUSTODY, *ids)
                pipe.zrem(PARKED, *ids)
                pipe.hdel(MESSAGES, *ids)
                pipe.execute()

    def due(self, limit: int = 500) -> list[dict[str, Any]]:
        """Parked messages whose time has come, as JSON objects. Call sent() once they are on their queue."""
        moment = now()
        return self._loads(self._take(keys=[PARKED, MESSAGES], args=[moment, limit, moment + LEASE_SECONDS]))

    def sent(self, trace_ids: Iterable[str]) -> None:
        """These parked messages are on their queue again."""
        if ids := list(trace_ids):
            self._redis.zrem(PARKED, *ids)

    def overdue(self, before: float, start: int, limit: int) -> list[tuple[str, float, dict[str, Any]]]:
        """Traces that were last put on a queue before a time: id, when, and the message; a part of the list."""
        rows = cast("Any", self._redis.zrange(CUSTODY, "-inf", before, byscore=True, offset=start, num=limit, withscores=True))  # fmt: skip
        if not rows:
            return []
        packed = self._redis.hmget(MESSAGES, [key for key, _ in rows])
        pairs = zip(rows, packed, strict=True)
        return [(key.decode(), at, json.loads(message) if message else {}) for (key, at), message in pairs]

    def reclaim(self, trace_id: str, seen: float) -> bool:
        """Renews a trace's custody if it still is as it was seen: whoever reclaims it issues it again."""
        return bool(self._reclaim(keys=[CUSTODY], args=[trace_id, repr(seen), now()]))

    def counts(self) -> dict[str, int]:
        """How many traces are in custody, and how many of them parked (for turns, too)."""
        with self._redis.pipeline(transaction=False) as pipe:
            pipe.zcard(CUSTODY)
            pipe.zcard(PARKED)
            custody, parked = pipe.execute()
        return {"custody": custody, "parked": parked + self.waiting()}

    def waiting(self) -> int:
        """How many messages wait for turns of hosts."""
        return int(cast("Any", self._waiting(keys=[TURNS])))

    def begun_before(self, carrier: CeleryMessage, trace_ids: Iterable[str], remember_seconds: int) -> bool:
        """Marks the traces of a message as begun. True if any was begun before and never accounted for: a redelivery.

        A full Redis can mark nothing: then none counts as begun, so that what frees memory goes on.
        """
        with self._redis.pipeline(transaction=False) as pipe:
            for trace_id in trace_ids:
                pipe.set(_attempts(carrier, trace_id), 0, nx=True, ex=remember_seconds)
            try:
                return not all(pipe.execute())
            except OutOfMemoryError:
                return False

    def deliveries(self, carrier: CeleryMessage, trace_id: str) -> int:
        """Counts one more delivery of a trace in a redelivered message; returns how many that makes after the first."""
        return self._redis.incr(_attempts(carrier, trace_id))

    def accounted(self, carrier: CeleryMessage, trace_ids: Iterable[str]) -> None:
        """These traces of a message are done at its stage, so their deliveries need no more counting."""
        if keys := [_attempts(carrier, trace_id) for trace_id in trace_ids]:
            self._redis.unlink(*keys)

    @staticmethod
    def _loads(rows: Any) -> list[dict[str, Any]]:
        return [json.loads(row) for row in rows]


def _attempts(carrier: CeleryMessage, trace_id: str) -> bytes:
    return f"{ATTEMPTS}{carrier.stage}:{carrier.id}:{trace_id}".encode(errors="replace")


def _pack(message: Message) -> str:
    return message.model_dump_json()
