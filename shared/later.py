"""What must wait, in Redis and never in a Celery ETA: custody, what comes back at a time, and dead letters.

- **Custody.** Every URL accepted has an entry until its disposition. kombu pops a message before it records it
  as unacknowledged, so a worker killed in between loses it; what stays in custody too long is issued again.
- **Parked.** A message that said TryLater, due at a time.
- **Turns.** A message that waits for its host: `newsmill:turns:HOST`, first by priority, then by age. The heap
  `newsmill:turns` says when each host's next may go; services/fetcher/politeness.lua hands them out.
- **Dead letters.** What no retry can cure, with its cause, for a person to look at.
"""

import json
from collections.abc import Iterable, Mapping
from time import time
from typing import Any, NamedTuple, cast

from pydantic import ValidationError
from redis import Redis

from shared.contracts import AnyMessage, Message, Reason, decode

CUSTODY = "newsmill:custody"
PARKED = "newsmill:parked"
TURNS = "newsmill:turns"
MESSAGES = "newsmill:waiting"
ATTEMPTS = "newsmill:deliveries:"
DEAD = "newsmill:dead"
DEAD_LIMIT = 100_000

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


class DeadLetter(NamedTuple):
    """A message set aside: `cause` names why in one word, `where` the line; `payload` is the message as it came."""

    stage: str
    cause: str
    detail: str
    where: str
    trace_id: str
    attempts: int
    payload: Any


class Later:
    """What waits. Times are seconds since the epoch, UTC."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis
        self._take = redis.register_script(_TAKE)
        self._waiting = redis.register_script(_WAITING)

    def hold(self, messages: Iterable[Message]) -> None:
        """Opens or renews custody of the messages' traces, as of now."""
        entries = {message.trace_id: _pack(message) for message in messages}
        if entries:
            with self._redis.pipeline(transaction=True) as pipe:
                pipe.hset(MESSAGES, mapping=cast("Mapping[Any, Any]", entries))
                pipe.zadd(CUSTODY, dict.fromkeys(entries, time()))
                pipe.execute()

    def park(self, message: Message, seconds: float) -> None:
        """Keeps a message until `seconds` from now; its trace stays in custody, renewed for as long."""
        due = time() + seconds
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.hset(MESSAGES, message.trace_id, _pack(message))
            pipe.zadd(PARKED, {message.trace_id: due})
            pipe.zadd(CUSTODY, {message.trace_id: due})
            pipe.execute()

    def wait_turn(self, message: Message, host: str, seconds: float, *, first: bool = False) -> None:
        """Keeps a message until its host's turn, which comes in `seconds` or later; `first`: before all that wait."""
        rank = -1 if first else 9 - message.priority
        place = rank * PRIORITY_STEP + message.triggered_at.timestamp()
        now = time()
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.hset(MESSAGES, message.trace_id, _pack(message))
            pipe.zadd(f"{TURNS}:{host}", {message.trace_id: place})
            pipe.zadd(TURNS, {host: now + seconds}, lt=True)
            pipe.zadd(CUSTODY, {message.trace_id: now + max(seconds, TURN_CUSTODY_SECONDS)})
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
        now = time()
        return self._loads(self._take(keys=[PARKED, MESSAGES], args=[now, limit, now + LEASE_SECONDS]))

    def sent(self, trace_ids: Iterable[str]) -> None:
        """These parked messages are on their queue again."""
        if ids := list(trace_ids):
            self._redis.zrem(PARKED, *ids)

    def overdue(self, before: float, limit: int = 500) -> list[dict[str, Any]]:
        """Messages in custody since before `before`, as JSON objects, and their custody renewed."""
        return self._loads(self._take(keys=[CUSTODY, MESSAGES], args=[before, limit, time()]))

    def counts(self) -> dict[str, int]:
        """How many traces are in custody, how many of them parked (for turns, too), and how many dead letters."""
        with self._redis.pipeline(transaction=False) as pipe:
            pipe.zcard(CUSTODY)
            pipe.zcard(PARKED)
            pipe.xlen(DEAD)
            custody, parked, dead = pipe.execute()
        return {"custody": custody, "parked": parked + self.waiting(), "dead": dead}

    def waiting(self) -> int:
        """How many messages wait for turns of hosts."""
        return int(cast("Any", self._waiting(keys=[TURNS])))

    def begun_before(self, stage: str, trace_ids: Iterable[str], remember_seconds: int) -> bool:
        """Marks traces as begun at a stage. True if any was begun before and never accounted for: a redelivery."""
        with self._redis.pipeline(transaction=False) as pipe:
            for trace_id in trace_ids:
                pipe.set(_attempts(stage, trace_id), 0, nx=True, ex=remember_seconds)
            return not all(pipe.execute())

    def deliveries(self, stage: str, trace_id: str) -> int:
        """Counts one more delivery of a redelivered trace, and returns how many that makes after the first."""
        return self._redis.incr(_attempts(stage, trace_id))

    def accounted(self, stage: str, trace_ids: Iterable[str]) -> None:
        """These traces are done at this stage, so their deliveries need no more counting."""
        if keys := [_attempts(stage, trace_id) for trace_id in trace_ids]:
            self._redis.unlink(*keys)

    def readable(self, stage: str, items: Iterable[dict[str, Any]]) -> list[AnyMessage]:
        """What waited, as messages. One that this version cannot read is set aside, so that it stops no other."""
        messages: list[AnyMessage] = []
        for item in items:
            try:
                messages.append(decode(item))
            except ValidationError as error:
                trace_id = str(item.get("trace_id", ""))
                letter = DeadLetter(stage, Reason.MALFORMED.value, str(error)[:2000], "", trace_id, 1, item)
                self.set_aside(letter)
                self.release([trace_id])
        return messages

    def set_aside(self, letter: DeadLetter) -> None:
        """Keeps a dead letter; the oldest go when there are more than DEAD_LIMIT."""
        # What lies here may be anything at all, halves of surrogate pairs included: JSON in ASCII holds those.
        fields = letter._asdict() | {"payload": json.dumps(letter.payload, default=str)}
        encoded = {name: str(value).encode(errors="replace") for name, value in fields.items()}
        self._redis.xadd(DEAD, cast("dict[Any, Any]", encoded), maxlen=DEAD_LIMIT, approximate=True)

    def dead(self, limit: int = 100) -> list[tuple[str, DeadLetter]]:
        """The newest dead letters with their ids, newest first."""
        rows = cast("list[tuple[bytes, dict[bytes, bytes]]]", self._redis.xrevrange(DEAD, count=limit))
        return [(key.decode(), _letter(fields)) for key, fields in rows]

    @staticmethod
    def _loads(rows: Any) -> list[dict[str, Any]]:
        return [json.loads(row) for row in rows]


def _attempts(stage: str, trace_id: str) -> bytes:
    return f"{ATTEMPTS}{stage}:{trace_id}".encode(errors="replace")


def _pack(message: Message) -> str:
    return message.model_dump_json()


def _letter(fields: dict[bytes, bytes]) -> DeadLetter:
    text = {key.decode(): value.decode(errors="replace") for key, value in fields.items()}
    return DeadLetter(
        stage=text["stage"],
        cause=text["cause"],
        detail=text["detail"],
        where=text["where"],
        trace_id=text["trace_id"],
        attempts=int(text["attempts"]),
        payload=json.loads(text["payload"]),
    )
