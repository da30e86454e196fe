"""Custody of every URL under way, and the messages that wait, in Redis and never in a Celery ETA.

- **Custody.** Every URL that was accepted has an entry until its disposition: the message to begin again with, and when
  it was last put on a queue. kombu pops a message before it records it as unacknowledged, so a worker killed in between
  loses it; what is in custody and nowhere else is issued again (services/scheduler/recovery.py). An index finds the
  traces of a URL.
- **Parked.** A message whose handler raised TryLater, due at a time.
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
from shared.errors import BadUrl
from shared.urls import fingerprint

CUSTODY = "newsmill:custody"
# Members are KEY:TRACE with the URL's fingerprint as key, all of score 0: a URL's traces are found by their prefix.
CUSTODY_URLS = "newsmill:custody:urls"
PARKED = "newsmill:parked"
TURNS = "newsmill:turns"
MESSAGES = "newsmill:waiting"
ATTEMPTS = "newsmill:deliveries:"

# Returns what is due and keeps it for another lease, in one step: a scheduler that dies before it has sent a message
# leaves it to the next one.
_TAKE = """
local ids = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
local messages = {}
for _, id in ipairs(ids) do
  local message = redis.call('HGET', KEYS[2], id)
  redis.call('ZADD', KEYS[1], ARGV[3], id)
  if message then messages[#messages + 1] = message else redis.call('ZREM', KEYS[1], id) end
end
return messages
"""
LEASE_SECONDS = 30
_RECLAIM = """
local since = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not since or tonumber(since) ~= tonumber(ARGV[2]) then return 0 end
redis.call('ZADD', KEYS[1], ARGV[3], ARGV[1])
return 1
"""
# Too large to keep in custody; the page is parsed again instead.
PARSED = (ArticleParsed, HeadlinesParsed)
# How many wait for turns, over all hosts.
_WAITING = """
local count = 0
for _, host in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  count = count + redis.call('ZCARD', KEYS[1] .. ':' .. host)
end
return count
"""
# A URL that waits for a turn is issued again after this time, in case its place in the queue was lost.
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
    """Custody, and what waits. Times are seconds since the epoch, UTC."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis
        self._take = redis.register_script(_TAKE)
        self._waiting = redis.register_script(_WAITING)
        self._reclaim = redis.register_script(_RECLAIM)

    def hold(self, messages: Iterable[Message]) -> None:
        """Opens or renews custody of the messages' traces, as of now, before they are put on a queue.

        A trace can begin again with its message in custody. What was parsed from a page would be too large to keep:
        the page is parsed again.
        """
        kept, parsed = {}, []
        for message in messages:
            if isinstance(message, PARSED):
                parsed.append(message.trace_id)
            else:
                kept[message.trace_id] = message
        with self._redis.pipeline(transaction=True) as pipe:
            if kept:
                packed = {trace_id: _pack(message) for trace_id, message in kept.items()}
                pipe.zadd(CUSTODY, dict.fromkeys(kept, now()))
                pipe.hset(MESSAGES, mapping=cast("Mapping[Any, Any]", packed))
            if renewed := [trace_id for trace_id in parsed if trace_id not in kept]:
                pipe.zadd(CUSTODY, dict.fromkeys(renewed, now()), xx=True)
            replies = pipe.execute()
        self._index(kept.values(), opened=bool(kept) and replies[0])

    def _index(self, messages: Iterable[Message], *, opened: int) -> None:
        """Adds traces to the index if custody of any was opened; a trace that is in it keeps its URL, and its place."""
        if not opened:
            return
        members = (
            _index_member(message.model_dump(include={"url": True, "page": {"url"}}), message.trace_id)
            for message in messages
        )
        if entries := {member: 0 for member in members if member}:
            self._redis.zadd(CUSTODY_URLS, cast("Mapping[Any, Any]", entries))

    def under_way(self, key: str) -> dict[str, dict[str, Any]]:
        """The messages in custody about the URL with this fingerprint, as JSON objects by trace."""
        members = cast("list[bytes]", self._redis.zrange(CUSTODY_URLS, f"[{key}:", f"({key};", bylex=True))  # type: ignore[call-overload, arg-type, unused-ignore]
        return self.messages(member.decode().partition(":")[2] for member in members)

    def messages(self, trace_ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        """The messages in custody of these traces, as JSON objects by trace."""
        if not (ids := list(trace_ids)):
            return {}
        packed = cast("list[bytes | None]", self._redis.hmget(MESSAGES, ids))
        return {trace_id: json.loads(row) for trace_id, row in zip(ids, packed, strict=True) if row}

    def renew(self, trace_ids: Iterable[str]) -> None:
        """Renews custody of these traces, as of now, if they are in custody."""
        if ids := list(trace_ids):
            self._redis.zadd(CUSTODY, dict.fromkeys(ids, now()), xx=True)

    def park(self, message: Message, seconds: float) -> None:
        """Keeps a message until `seconds` from now; its trace stays in custody, renewed for as long."""
        due = now() + seconds
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.zadd(CUSTODY, {message.trace_id: due})
            pipe.hset(MESSAGES, message.trace_id, _pack(message))
            pipe.zadd(PARKED, {message.trace_id: due})
            opened, *_ = pipe.execute()
        self._index([message], opened=opened)

    def wait_turn(self, message: Message, host: str, seconds: float, *, first: bool = False) -> None:
        """Keeps a message until its host's turn, which comes in `seconds` or later; `first` puts it before all others."""
        rank = -1 if first else 9 - message.priority
        place = rank * PRIORITY_STEP + message.triggered_at.timestamp()
        moment = now()
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.zadd(CUSTODY, {message.trace_id: moment + max(seconds, TURN_CUSTODY_SECONDS)})
            pipe.hset(MESSAGES, message.trace_id, _pack(message))
            pipe.zadd(f"{TURNS}:{host}", {message.trace_id: place})
            pipe.zadd(TURNS, {host: moment + seconds}, lt=True)
            pipe.zrem(PARKED, message.trace_id)
            opened, *_ = pipe.execute()
        self._index([message], opened=opened)

    def release(self, trace_ids: Iterable[str]) -> None:
        """Closes custody of these traces, which have their disposition."""
        if ids := list(trace_ids):
            members = [_index_member(fields, trace_id) for trace_id, fields in self.messages(ids).items()]
            with self._redis.pipeline(transaction=True) as pipe:
                if indexed := list(filter(None, members)):
                    pipe.zrem(CUSTODY_URLS, *indexed)
                pipe.zrem(CUSTODY, *ids)
                pipe.zrem(PARKED, *ids)
                pipe.hdel(MESSAGES, *ids)
                pipe.execute()

    def due(self, limit: int = 500) -> list[dict[str, Any]]:
        """Parked messages whose time has come, as JSON objects. Call sent() once they are on their queue."""
        moment = now()
        return self._loads(self._take(keys=[PARKED, MESSAGES], args=[moment, limit, moment + LEASE_SECONDS]))

    def sent(self, trace_ids: Iterable[str]) -> None:
        """Removes parked messages that are on their queue again."""
        if ids := list(trace_ids):
            self._redis.zrem(PARKED, *ids)

    def overdue(self, before: float, start: int, limit: int) -> list[tuple[str, float, dict[str, Any]]]:
        """Traces that were last put on a queue before a time, `limit` of them from `start` on: id, time, message."""
        rows = cast("Any", self._redis.zrange(CUSTODY, "-inf", before, byscore=True, offset=start, num=limit, withscores=True))  # fmt: skip
        if not rows:
            return []
        packed = self._redis.hmget(MESSAGES, [key for key, _ in rows])
        pairs = zip(rows, packed, strict=True)
        return [(key.decode(), at, json.loads(message) if message else {}) for (key, at), message in pairs]

    def reclaim(self, trace_id: str, since: float) -> bool:
        """Renews a trace's custody if it still is from `since`. The caller for whom it is true issues it again."""
        return bool(self._reclaim(keys=[CUSTODY], args=[trace_id, repr(since), now()]))

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
        """Ends the counting of deliveries for traces of a message that are done at its stage."""
        if keys := [_attempts(carrier, trace_id) for trace_id in trace_ids]:
            self._redis.unlink(*keys)

    @staticmethod
    def _loads(rows: Any) -> list[dict[str, Any]]:
        return [json.loads(row) for row in rows]


def _attempts(carrier: CeleryMessage, trace_id: str) -> bytes:
    return f"{ATTEMPTS}{carrier.stage}:{carrier.id}:{trace_id}".encode(errors="replace")


def _index_member(fields: Mapping[str, Any], trace_id: str) -> str | None:
    """The place of a trace in the index by its message's URL; None when it has no URL that can be fetched."""
    page = fields.get("page")
    url = fields.get("url") or (page.get("url") if isinstance(page, dict) else None)
    try:
        return f"{fingerprint(url)}:{trace_id}" if isinstance(url, str) else None
    except BadUrl:
        return None


def _pack(message: Message) -> str:
    return message.model_dump_json()
