"""Custody of every URL under way, and the messages that wait. Both are in Redis, never in a Celery ETA.

- **Custody.** Every accepted URL has an entry until its disposition: the message to start again with, and the time when
  it was last put on a queue. kombu pops a message before it records it as unacknowledged, so a worker that is killed in
  between loses it. A message that is in custody and nowhere else is sent again (services/scheduler/recovery.py). An index
  finds the traces of a URL.
- **Parked.** Messages whose handler raised TryLater, each with the time when it is due.
- **Turns.** Messages that wait for their host: `newsmill:turns:HOST`, ordered by priority, then by age. The heap
  `newsmill:turns` holds the time of each host's next turn; services/fetcher/politeness/turns.lua gives the turns.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from typing import Any, cast

from redis import Redis
from redis.exceptions import NoScriptError

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

# Returns the messages that are due and moves them on by a lease, in one step: if a scheduler dies before it has sent a
# message, the next scheduler sends it.
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
# Messages that are too large for custody: the page is parsed again instead.
PARSED = (ArticleParsed, HeadlinesParsed)
# The number of messages that wait for turns, over all hosts.
_WAITING = """
local count = 0
for _, host in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  count = count + redis.call('ZCARD', KEYS[1] .. ':' .. host)
end
return count
"""
# A URL that waits for a turn is sent again after this time, in case its place in the queue was lost.
TURN_CUSTODY_SECONDS = 3600
# Keeps the priorities apart: no time since the epoch is as large.
PRIORITY_STEP = 1e10


class Later:
    """Custody and the messages that wait, in one Redis. Times are seconds since the epoch, UTC."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis
        self._take = redis.register_script(_TAKE)
        self._waiting = redis.register_script(_WAITING)
        self._reclaim = redis.register_script(_RECLAIM)
        self._hold = redis.register_script(files(__package__).joinpath("hold.lua").read_text())

    def hold(self, messages: Iterable[Message], puts: Sequence[tuple[str, bytes]] = ()) -> None:
        """Opens or renews custody of the messages' traces, from now on, and puts texts on Redis lists, in one step.

        A trace can start again with its message in custody. Messages with a parsed page are too large to keep: they renew
        custody only, and the trace would start again with the page.

        Args:
            messages: which are put on queues with it, or afterwards.
            puts: lists and what is put at the head of each.
        """
        everything = list(messages)
        if not everything:
            return
        messages_by_trace = {message.trace_id: message for message in everything if not isinstance(message, PARSED)}
        renewed = {message.trace_id for message in everything} - messages_by_trace.keys()
        arguments: list[Any] = [repr(now()), len(messages_by_trace)]
        for trace_id, message in messages_by_trace.items():
            arguments += trace_id, _pack(message), _member_of(message) or ""
        keys = [CUSTODY, MESSAGES, CUSTODY_URLS, *(key for key, _ in puts)]
        self._evaluate(self._hold, keys, [*arguments, len(renewed), *renewed, *(text for _, text in puts)])

    def _evaluate(self, script: Any, keys: Sequence[str], arguments: Sequence[Any]) -> None:
        """Runs a script. Script.__call__ costs as much again as the command."""
        try:
            self._redis.execute_command("EVALSHA", script.sha, len(keys), *keys, *arguments)  # type: ignore[no-untyped-call]
        except NoScriptError:
            script(keys=keys, args=arguments)

    def _index(self, messages: Iterable[Message], *, opened: int) -> None:
        """Adds traces to the index if custody of any was opened. A trace that is in the index keeps its URL and place."""
        if not opened:
            return
        if entries := {member: 0 for member in map(_member_of, messages) if member}:
            self._redis.zadd(CUSTODY_URLS, cast("Mapping[Any, Any]", entries))

    def under_way(self, key: str) -> dict[str, dict[str, Any]]:
        """Returns the messages in custody about the URL with this fingerprint, as JSON objects by trace."""
        members = cast("list[bytes]", self._redis.zrange(CUSTODY_URLS, f"[{key}:", f"({key};", bylex=True))  # type: ignore[call-overload, arg-type, unused-ignore]
        return self.messages(member.decode(errors="replace").partition(":")[2] for member in members)

    def messages(self, trace_ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        """Returns the messages in custody of these traces, as JSON objects by trace."""
        if not (ids := list(trace_ids)):
            return {}
        packed = cast("list[bytes | None]", self._redis.hmget(MESSAGES, ids))
        return {trace_id: fields_of(row) for trace_id, row in zip(ids, packed, strict=True) if row}

    def renew(self, trace_ids: Iterable[str]) -> None:
        """Renews custody, from now on, of those traces that are in custody."""
        if ids := list(trace_ids):
            self._redis.zadd(CUSTODY, dict.fromkeys(ids, now()), xx=True)

    def park(self, message: Message, seconds: float) -> None:
        """Keeps a message for `seconds` from now. Its trace stays in custody, renewed for that time."""
        due = now() + seconds
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.zadd(CUSTODY, {message.trace_id: due})
            pipe.hset(MESSAGES, message.trace_id, _pack(message))
            pipe.zadd(PARKED, {message.trace_id: due})
            opened, *_ = pipe.execute()
        self._index([message], opened=opened)

    def wait_turn(self, message: Message, host: str, seconds: float, *, first: bool = False) -> None:
        """Keeps a message until its host's turn, in `seconds` or later; `first` puts it before all others of the host."""
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
        """Ends custody of these traces, which have their disposition."""
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
        """Returns the parked messages that are due, as JSON objects. Call sent() once they are on their queue."""
        moment = now()
        return self._loads(self._take(keys=[PARKED, MESSAGES], args=[moment, limit, moment + LEASE_SECONDS]))

    def sent(self, trace_ids: Iterable[str]) -> None:
        """Removes parked messages that are on their queue again."""
        if ids := list(trace_ids):
            self._redis.zrem(PARKED, *ids)

    def overdue(self, before: float, start: int, limit: int) -> list[tuple[str, float, dict[str, Any]]]:
        """Returns the traces that were last put on a queue before a time: id, time, message; `limit` of them from `start`."""
        rows = cast("Any", self._redis.zrange(CUSTODY, "-inf", before, byscore=True, offset=start, num=limit, withscores=True))  # fmt: skip
        if not rows:
            return []
        packed = self._redis.hmget(MESSAGES, [key for key, _ in rows])
        pairs = zip(rows, packed, strict=True)
        return [
            (key.decode(errors="replace"), at, fields_of(message) if message else {}) for (key, at), message in pairs
        ]

    def reclaim(self, trace_id: str, since: float) -> bool:
        """Renews a trace's custody if its time still is `since`. If this returns True, the caller sends the trace again."""
        return bool(self._reclaim(keys=[CUSTODY], args=[trace_id, repr(since), now()]))

    def counts(self) -> dict[str, int]:
        """Returns how many traces are in custody, and how many of them are parked or wait for turns."""
        with self._redis.pipeline(transaction=False) as pipe:
            pipe.zcard(CUSTODY)
            pipe.zcard(PARKED)
            custody, parked = pipe.execute()
        return {"custody": custody, "parked": parked + self.waiting()}

    def waiting(self) -> int:
        """Returns how many messages wait for turns of hosts."""
        return int(cast("Any", self._waiting(keys=[TURNS])))

    @staticmethod
    def _loads(rows: Any) -> list[dict[str, Any]]:
        return [fields_of(row) for row in rows]


def fields_of(packed: bytes | str) -> dict[str, Any]:
    """Returns the fields of a message that waits; of what somebody else wrote, its text, which is no message."""
    try:
        fields = json.loads(packed)
    except (ValueError, RecursionError):
        fields = None
    return fields if isinstance(fields, dict) else {"unreadable": repr(packed)[:2000]}


def url_of(fields: Mapping[str, Any]) -> str | None:
    """Returns the URL that a message is about; None without one."""
    page = fields.get("page")
    url = fields.get("url") or (page.get("url") if isinstance(page, dict) else None)
    return url if isinstance(url, str) else None


def _member_of(message: Message) -> str | None:
    """Returns the member of the index for a message's trace."""
    page = getattr(message, "page", None)
    url = getattr(message, "url", None) or (page.url if page is not None else None)
    return _index_member({"url": url}, message.trace_id)


def _index_member(fields: Mapping[str, Any], trace_id: str) -> str | None:
    """Returns the member of the index for a trace; None when its message has no URL that can be fetched."""
    url = url_of(fields)
    try:
        return f"{fingerprint(url)}:{trace_id}" if url else None
    except BadUrl:
        return None


def _pack(message: Message) -> str:
    return message.model_dump_json()
