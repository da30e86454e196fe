"""urllib3's connections with our guard, our limits and our turns in them."""

import io
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from socket import gaierror, socket
from time import monotonic
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, InvalidHeader, NameResolutionError, NewConnectionError

from services.fetcher.wire.guard import Guard
from shared.contracts import Reason
from shared.errors import Drop

# A head larger than this is an attack or a mistake.
HEAD_LIMIT = 65_536
# What TLS, chunks and a compressor that makes a page larger may add to it.
WIRE_MARGIN = 262_144


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


class _Metered(io.RawIOBase):
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

    def __init__(self, metered: _Metered) -> None:
        self._metered = metered

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self._metered, 65_536)


class MeteredResponse(HTTPResponse):
    """An answer whose head and body are read within the time and limits of its call."""

    def __init__(self, sock: socket, *args: Any, **kwargs: Any) -> None:
        call = CALL.get()
        call.wire = self._metered = _Metered(sock, call)
        super().__init__(_Source(self._metered), *args, **kwargs)  # type: ignore[arg-type]

    def begin(self) -> None:
        super().begin()
        self._metered.limit = CALL.get().limit + WIRE_MARGIN


def guarded_pools(guard: Guard | None) -> dict[str, type[HTTPConnectionPool]]:
    """Returns the classes of urllib3's pools by scheme; without a guard for connections to a proxy, which the operator chose."""

    class Plain(HTTPConnection):
        response_class = MeteredResponse
        getresponse = _closing_refused(HTTPConnection.getresponse)

        def _new_conn(self) -> socket:
            return _dial(guard, self) if guard else _timed(super()._new_conn, self)

        def request(self, *args: Any, **kwargs: Any) -> None:
            _begin(self)
            super().request(*args, **kwargs)

    class Secure(HTTPSConnection):
        response_class = MeteredResponse
        getresponse = _closing_refused(HTTPSConnection.getresponse)

        def _new_conn(self) -> socket:
            return _dial(guard, self) if guard else _timed(super()._new_conn, self)

        def connect(self) -> None:
            began = monotonic()
            super().connect()
            exchange = CALL.get().exchange
            exchange.tls = monotonic() - began - (exchange.dns or 0) - (exchange.connect or 0)

        def request(self, *args: Any, **kwargs: Any) -> None:
            _begin(self)
            super().request(*args, **kwargs)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


def _closing_refused(getresponse: Callable[..., Any]) -> Any:
    """A getresponse() that closes an answer which urllib3 refuses after http.client has read it."""

    def run(connection: HTTPConnection) -> Any:
        try:
            return getresponse(connection)
        except InvalidHeader:
            if (wire := CALL.get().wire) is not None:
                wire.close()
            raise

    return run


def _begin(connection: HTTPConnection) -> None:
    """Opens the connection if it is not open, then waits for the turn."""
    call = CALL.get()
    is_new = call.exchange.connect is not None
    if connection.sock is None:
        connection.connect()
        is_new = True
    call.begin(reused=not is_new)


def _dial(guard: Guard, connection: HTTPConnection) -> socket:
    host, exchange = connection.host, CALL.get().exchange
    try:
        opened = guard.dial(host, connection.port, connection.timeout)
    except gaierror as error:
        raise NameResolutionError(host, connection, error) from error
    except TimeoutError as error:
        raise ConnectTimeoutError(connection, f"{host} did not answer in time") from error
    except OSError as error:
        raise NewConnectionError(connection, f"{host}: {error}") from error
    exchange.address, exchange.dns, exchange.connect = opened.address, opened.dns_seconds, opened.connect_seconds
    return opened.socket


def _timed(connect: Callable[[], socket], connection: HTTPConnection) -> socket:
    exchange, began = CALL.get().exchange, monotonic()
    sock = connect()
    exchange.address, exchange.connect = f"proxy {connection.host}", monotonic() - began
    return sock
