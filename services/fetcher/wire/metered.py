"""A request under way, and an answer that is read within its limits of time and size."""

import io
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse, parse_headers
from socket import socket
from time import monotonic
from typing import Any

from shared.contracts import Reason
from shared.errors import Drop

# A head larger than this is an attack or a mistake.
HEAD_LIMIT = 65_536
# What TLS, chunks and a compressor that makes a page larger may add to it.
WIRE_MARGIN = 262_144
# Statuses that come before the answer. After 101 (Switching Protocols) nothing comes that is HTTP.
INTERIM = range(102, 200)


@dataclass(slots=True)
class Exchange:
    """One request on the wire: the seconds that each part took, None where it did not happen.

    `sent_at` is when the first byte of the request went out, on the monotonic clock; `first_byte` counts from then.
    `wire_bytes` is the size of the answer before decompression, head included.
    """

    url: str = ""
    address: str | None = None
    reused: bool = False
    dns: float | None = None
    connect: float | None = None
    tls: float | None = None
    sent_at: float | None = None
    first_byte: float | None = None
    wire_bytes: int = 0


@dataclass(slots=True)
class Call:
    """A request under way: its end on the monotonic clock, its record, the largest answer in bytes, and its turn."""

    ends: float
    exchange: Exchange
    limit: int
    turn: Callable[[], None] | None = None
    wire: io.RawIOBase | None = None

    def begin(self, *, reused: bool) -> None:
        """Waits for the turn; the next byte that is sent is the request's first."""
        self.exchange.reused = reused
        if self.turn is not None:
            self.turn()
            # A connection that proves dead is replaced within the same turn.
            self.turn = None
        self.exchange.sent_at = monotonic()


CALL: ContextVar[Call] = ContextVar("call")


class MeteredStream(io.RawIOBase):
    """The bytes of a socket, up to a time and a number.

    A read timeout would never end an answer that comes at a byte a second.
    """

    def __init__(self, sock: socket, call: Call) -> None:
        self._sock = sock
        self._raw: Any = sock.makefile("rb", buffering=0)
        self._read_timeout = sock.gettimeout() or 60.0
        self._call = call
        self.limit = HEAD_LIMIT

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int | None:
        remaining = self._call.ends - monotonic()
        if remaining <= 0:
            raise TimeoutError("the time for the whole page is over")
        if remaining < self._read_timeout:
            self._sock.settimeout(remaining)
        count: int | None = self._raw.readinto(buffer)
        self._count(count or 0)
        return count

    def _count(self, count: int) -> None:
        exchange = self._call.exchange
        if not exchange.wire_bytes and exchange.sent_at:
            exchange.first_byte = monotonic() - exchange.sent_at
        exchange.wire_bytes += count
        if exchange.wire_bytes > self.limit + HEAD_LIMIT:
            if self.limit == HEAD_LIMIT:
                raise HTTPException(f"a head of more than {HEAD_LIMIT} bytes")
            raise Drop(Reason.TOO_LARGE, f"more than {self.limit} bytes on the wire (NEWSMILL_FETCH_MAX_BYTES)")

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Source:
    """An object that http.client takes for a socket."""

    def __init__(self, metered: MeteredStream) -> None:
        self._metered = metered

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self._metered, 65_536)


class MeteredResponse(HTTPResponse):
    """An answer whose head and body are read within the time and limits of its call."""

    def __init__(self, sock: socket, *args: Any, **kwargs: Any) -> None:
        call = CALL.get()
        call.wire = self._metered = MeteredStream(sock, call)
        super().__init__(_Source(self._metered), *args, **kwargs)  # type: ignore[arg-type]

    def _read_status(self) -> tuple[str, int, str]:
        """Reads the status of the final answer: http.client passes over 100 (Continue), not over 103 (Early Hints).

        What may come before it (RFC 9110 §15.2) counts against the limit of the head.
        """
        status: tuple[str, int, str] = super()._read_status()  # type: ignore[misc] # typeshed leaves it out
        while status[1] in INTERIM:
            parse_headers(self.fp)
            status = super()._read_status()  # type: ignore[misc]
        return status

    def begin(self) -> None:
        super().begin()
        self._metered.limit = CALL.get().limit + WIRE_MARGIN
