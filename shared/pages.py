"""The raw page store: messages carry a key, never a body.

A page in flight is in Redis, compressed, until storage has its disposition; the time to live catches what is never
discarded. Beside the body are the headers of the exchange, without secrets, for the pages that are archived.
"""

import json
import struct
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Protocol
from uuid import uuid4

import zstandard
from redis import Redis

PREFIX = "newsmill:page:"
# Level 1: 60 KB of HTML in about 0.2 ms, to a fifth; higher levels gain a tenth for several times the CPU.
LEVEL = 1
# Marks a body that has a head: its length as a big-endian integer, and so many bytes of JSON.
_MAGIC = b"NM\x01"
_LENGTH = struct.Struct(">I")
# Request headers that are no secret; a login's headers may have any name.
PUBLIC_REQUEST = frozenset({"user-agent", "accept", "accept-encoding", "if-none-match", "if-modified-since", "host"})
SECRET_ANSWER = frozenset({"set-cookie", "set-cookie2", "proxy-authenticate", "www-authenticate", "authorization"})
# How long the page of a dead letter is kept.
DEAD_SECONDS = 30 * 86_400

Headers = tuple[tuple[str, str], ...]


class Http(NamedTuple):
    """An HTTP exchange: the headers of the request, the status line and headers of the answer."""

    request: Headers = ()
    status: int = 200
    phrase: str = "OK"
    answer: Headers = ()

    @classmethod
    def of(cls, request: Mapping[str, str], status: int, phrase: str, answer: Mapping[str, str]) -> "Http":
        """Returns an exchange without its secrets: no cookie, no login."""
        return cls(
            tuple((name, str(value)) for name, value in request.items() if name.lower() in PUBLIC_REQUEST),
            status, phrase, tuple((name, str(value)) for name, value in answer.items() if name.lower() not in SECRET_ANSWER),
        )  # fmt: skip


class Raw(NamedTuple):
    """A page: its decoded body, and the exchange that brought it, unless a version that kept no head stored it."""

    body: bytes
    http: Http | None = None


class Pages(Protocol):
    """put -> key, get(key) -> the same bytes, or None once they are gone; discard(keys) removes them.

    A key that the caller gives is overwritten: a page that is fetched again for the same trace leaves nothing behind.
    """

    def put(self, body: bytes, key: str | None = None, http: Http | None = None) -> str: ...
    def get(self, key: str) -> bytes | None: ...
    def raw(self, keys: Iterable[str]) -> dict[str, Raw]: ...
    def keep(self, *keys: str) -> None: ...
    def discard(self, *keys: str) -> None: ...


class RedisPages:
    """Pages in Redis, each with a time to live in seconds."""

    def __init__(self, redis: "Redis", ttl: int) -> None:
        self._redis = redis
        self._ttl = ttl

    def put(self, body: bytes, key: str | None = None, http: Http | None = None) -> str:
        key = key or uuid4().hex
        # The command itself: redis-py's set() costs half as much again, for every page.
        self._redis.execute_command("SET", PREFIX + key, zstandard.compress(_pack(body, http), LEVEL), "EX", self._ttl)  # type: ignore[no-untyped-call]
        return key

    def get(self, key: str) -> bytes | None:
        packed = self._redis.get(PREFIX + key)
        return _unpack(zstandard.decompress(packed)).body if isinstance(packed, bytes) else None

    def raw(self, keys: Iterable[str]) -> dict[str, Raw]:
        """Pages with their exchanges, without those that are gone or cannot be unpacked."""
        names = list(keys)
        rows = self._redis.mget([PREFIX + key for key in names]) if names else []
        pages = {key: _readable(row) for key, row in zip(names, rows, strict=True) if isinstance(row, bytes)}
        return {key: raw for key, raw in pages.items() if raw is not None}

    def keep(self, *keys: str) -> None:
        """Keeps pages for longer, because their messages are dead letters."""
        for key in keys:
            self._redis.expire(PREFIX + key, DEAD_SECONDS)

    def discard(self, *keys: str) -> None:
        if keys:
            self._redis.unlink(*(PREFIX + key for key in keys))


class MemoryPages:
    """Pages in a dict: for tests and for `newsmill parse`."""

    def __init__(self) -> None:
        self.bodies: dict[str, bytes] = {}

    def put(self, body: bytes, key: str | None = None, http: Http | None = None) -> str:
        key = key or uuid4().hex
        self.bodies[key] = _pack(body, http)
        return key

    def get(self, key: str) -> bytes | None:
        return _unpack(self.bodies[key]).body if key in self.bodies else None

    def raw(self, keys: Iterable[str]) -> dict[str, Raw]:
        """Pages with their exchanges, without those that are gone."""
        return {key: _unpack(self.bodies[key]) for key in keys if key in self.bodies}

    def keep(self, *keys: str) -> None:
        """Nothing expires here."""

    def discard(self, *keys: str) -> None:
        for key in keys:
            self.bodies.pop(key, None)


def _readable(packed: bytes) -> Raw | None:
    try:
        return _unpack(zstandard.decompress(packed))
    except zstandard.ZstdError:
        return None


def _pack(body: bytes, http: Http | None) -> bytes:
    head = json.dumps(http).encode() if http else b"null"
    return _MAGIC + _LENGTH.pack(len(head)) + head + body


def _unpack(packed: bytes) -> Raw:
    start = len(_MAGIC) + _LENGTH.size
    if not packed.startswith(_MAGIC):
        return Raw(packed)  # by a version that kept bodies only
    end = start + _LENGTH.unpack_from(packed, len(_MAGIC))[0]
    head = json.loads(packed[start:end])
    return Raw(packed[end:], _http(head) if head else None)


def _http(fields: list[object]) -> Http:
    request, status, phrase, answer = fields
    return Http(_headers(request), int(str(status)), str(phrase), _headers(answer))


def _headers(rows: Any) -> Headers:
    return tuple((str(name), str(value)) for name, value in rows)
