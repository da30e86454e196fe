"""The raw page store: messages carry a key, never a body.

What is in flight lies in Redis, compressed, until storage has the page's disposition; the time to live is
only the net below.
"""

from typing import Protocol
from uuid import uuid4

import zstandard
from redis import Redis

PREFIX = "newsmill:page:"
# Level 1: 60 KB of HTML in about 0.2 ms, to a fifth; higher levels gain a tenth for several times the CPU.
LEVEL = 1


class Pages(Protocol):
    """put -> key, get(key) -> the same bytes, or None once they are gone; discard(keys) when nobody needs them.

    With a key of the caller's, what lies there is written over: a page that is fetched again for the same trace leaves
    nothing behind.
    """

    def put(self, body: bytes, key: str | None = None) -> str: ...
    def get(self, key: str) -> bytes | None: ...
    def discard(self, *keys: str) -> None: ...


class RedisPages:
    """Pages in Redis, each with a time to live in seconds."""

    def __init__(self, redis: "Redis", ttl: int) -> None:
        self._redis = redis
        self._ttl = ttl

    def put(self, body: bytes, key: str | None = None) -> str:
        key = key or uuid4().hex
        # The command itself: redis-py's set() costs half as much again, for every page.
        self._redis.execute_command("SET", PREFIX + key, zstandard.compress(body, LEVEL), "EX", self._ttl)  # type: ignore[no-untyped-call]
        return key

    def get(self, key: str) -> bytes | None:
        packed = self._redis.get(PREFIX + key)
        return zstandard.decompress(packed) if isinstance(packed, bytes) else None

    def discard(self, *keys: str) -> None:
        if keys:
            self._redis.unlink(*(PREFIX + key for key in keys))


class MemoryPages:
    """Pages in a dict: for tests and for `newsmill parse`."""

    def __init__(self) -> None:
        self.bodies: dict[str, bytes] = {}

    def put(self, body: bytes, key: str | None = None) -> str:
        key = key or uuid4().hex
        self.bodies[key] = body
        return key

    def get(self, key: str) -> bytes | None:
        return self.bodies.get(key)

    def discard(self, *keys: str) -> None:
        for key in keys:
            self.bodies.pop(key, None)
