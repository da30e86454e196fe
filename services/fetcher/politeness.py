"""Politeness across the cluster: one slot a host, in Redis, shared by every fetcher.

A trace that must wait longer than PATIENCE keeps its slot while it is parked, so a long queue for one host is
worked off in order and holds up nobody else. `planned` is the next free slot; `last` the latest start that was
granted, and no start is granted less than the interval after it: a slot claimed late moves `last`, never closer.
"""

import json
from collections.abc import Sequence
from typing import Any

from redis import Redis

from shared.urls import host_of

HOST = "newsmill:host:"
SLOW = "newsmill:slow:"
SLOT = "newsmill:slot:"
# Waits as long as this are slept through; what must wait longer is parked and comes back.
PATIENCE = 1.0
# How long a host stays slowed down after its last complaint, and how many times its interval may double.
SLOW_SECONDS = 600
DOUBLINGS = 6
DAY = 86_400

# KEYS: host, slow, slot. ARGV: interval, patience, host name, doublings, how long to remember.
# Returns seconds to wait, as text: a number would lose its fraction. Up to patience the start is granted.
_RESERVE = """
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local interval, patience = tonumber(ARGV[1]), tonumber(ARGV[2])
local host = redis.call('HMGET', KEYS[1], 'planned', 'last', 'rest', 'latency')
local function number(text) return tonumber(text or 0) or 0 end
if interval > 0 then interval = math.max(interval, math.min(number(host[4]), 60)) end
local complaints = math.min(number(redis.call('GET', KEYS[2])), tonumber(ARGV[4]))
if complaints > 0 then interval = math.max(interval, 1) * 2 ^ complaints end
local earliest = math.max(now, number(host[3]))
if host[2] then earliest = math.max(earliest, number(host[2]) + interval) end
local at = tonumber(redis.call('HGET', KEYS[3], ARGV[3]) or nil)
if at and at - now > patience then return string.format('%.6f', at - now) end
local kept = at ~= nil
at = math.max(earliest, at or number(host[1]))
if kept and at - now > patience then at, kept = math.max(at, number(host[1])), false end
if not kept then redis.call('HSET', KEYS[1], 'planned', string.format('%.6f', at + interval)) end
local keep = math.ceil(at - now + interval) + tonumber(ARGV[5])
if at - now <= patience then
  redis.call('HSET', KEYS[1], 'last', string.format('%.6f', at))
  redis.call('HDEL', KEYS[3], ARGV[3])
else
  redis.call('HSET', KEYS[3], ARGV[3], string.format('%.6f', at))
  redis.call('EXPIRE', KEYS[3], keep)
end
redis.call('EXPIRE', KEYS[1], keep)
return string.format('%.6f', at - now)
"""


# KEYS: host, slow. ARGV: latency, how long to remember a host that has no slot taken.
_ANSWERED = """
redis.call('HSET', KEYS[1], 'latency', ARGV[1])
if redis.call('TTL', KEYS[1]) < 0 then redis.call('EXPIRE', KEYS[1], ARGV[2]) end
local complaints = tonumber(redis.call('GET', KEYS[2]) or 0)
if complaints > 1 then redis.call('DECR', KEYS[2]) else redis.call('DEL', KEYS[2]) end
"""


class Politeness:
    """Slots of hosts.

    Args:
        redis: shared by all fetchers.
        interval: seconds between two starts at one host.
    """

    def __init__(self, redis: "Redis", interval: float) -> None:
        self._redis = redis
        self._interval = interval
        self._reserve = redis.register_script(_RESERVE)
        self._answered = redis.register_script(_ANSWERED)

    def reserve(self, host: str, trace_id: str, crawl_delay: float = 0) -> float:
        """Seconds that a trace must wait for its turn at a host.

        Up to PATIENCE the turn is granted: sleep, then go. Otherwise the slot is kept for the trace: park it
        and ask again when it is back.
        """
        keys = [HOST + host, SLOW + host, SLOT + trace_id]
        interval = max(self._interval, crawl_delay)
        wait: Any = self._reserve(keys=keys, args=[interval, PATIENCE, host, DOUBLINGS, SLOW_SECONDS])
        return max(0.0, float(wait))

    def complained(self, host: str, rest: float | None = None) -> None:
        """A host is overloaded or away: its interval doubles for a time, and for `rest` seconds it is left alone."""
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.incr(SLOW + host)
            pipe.expire(SLOW + host, SLOW_SECONDS)
            if rest:
                seconds, micros = self._redis.time()
                pipe.hset(HOST + host, "rest", f"{seconds + micros / 1e6 + rest:.6f}")
                pipe.expire(HOST + host, DAY + SLOW_SECONDS)
            pipe.execute()

    def answered(self, host: str, seconds: float) -> None:
        """A host answered well, in `seconds`: no sooner is it asked again, and one complaint is forgiven."""
        self._answered(keys=[HOST + host, SLOW + host], args=[f"{seconds:.3f}", DAY])

    def keep_trail(self, trace_id: str, urls: Sequence[str], seconds: float) -> None:
        """Remembers how far redirects had led when a trace had to wait, so that it goes on from there."""
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.hset(SLOT + trace_id, "trail", json.dumps(list(urls)))
            pipe.expire(SLOT + trace_id, int(seconds) + SLOW_SECONDS)
            pipe.execute()

    def take_trail(self, trace_id: str) -> list[str]:
        """The URLs of keep_trail(), once; or none."""
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.hget(SLOT + trace_id, "trail")
            pipe.hdel(SLOT + trace_id, "trail")
            found, _ = pipe.execute()
        return [str(url) for url in json.loads(found)] if found else []


def site_of(url: str) -> str:
    """Whose turn a URL takes: its host, and www.HOST is HOST.

    Raises:
        BadUrl: as shared.urls.check().
    """
    return host_of(url).removeprefix("www.")
