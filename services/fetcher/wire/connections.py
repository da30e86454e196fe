"""urllib3's connections with our guard, our limits and our turns in them."""

from collections.abc import Callable
from socket import gaierror, socket
from time import monotonic
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, InvalidHeader, NameResolutionError, NewConnectionError

from services.fetcher.wire.guard import Guard
from services.fetcher.wire.metered import CALL, MeteredResponse


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
