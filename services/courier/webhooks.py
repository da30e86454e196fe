"""Webhooks by the specification of Standard Webhooks: signed, sent to public addresses only, without redirects.

The receiver's name is resolved once, every address is checked, and the connection goes to an address that was checked, so that a
name which resolves differently a moment later gains nothing. A receiver has a bounded time for its whole answer.
"""

import base64
import hmac
import socket
import ssl
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from hashlib import sha256
from http.client import HTTPConnection, HTTPException, HTTPResponse
from ipaddress import ip_address
from threading import Timer
from time import monotonic
from typing import Literal, NamedTuple
from urllib.parse import SplitResult

from shared import VERSION
from shared.addresses import Network, is_private, is_within
from shared.errors import BadUrl
from shared.urls import check

SECRET_PREFIX = "whsec_"  # noqa: S105 - what every secret begins with
USER_AGENT = f"Newsmill/{VERSION} (webhook)"
PORTS = {"http": 80, "https": 443}
# Of an answer's body, for the record.
MOST_DETAIL = 300
# More addresses than this of one host are not tried.
MOST_ADDRESSES = 3


class Target(NamedTuple):
    """Whom to tell: the URL, and the secret that both know (`whsec_` and base64)."""

    url: str
    secret: str


class Answer(NamedTuple):
    """How a delivery ended.

    `delivered` for 2xx; `gone` for 410: the receiver wants no more; `retry` for everything else. `detail` says in words what
    went wrong; `retry_after` are the seconds that the receiver asks to be left alone.
    """

    outcome: Literal["delivered", "retry", "gone"]
    status: int | None = None
    detail: str = ""
    retry_after: float | None = None


class Refused(ValueError):
    """An address that may not be connected to, or a secret that is none."""


def sign(secret: str, message_id: str, moment: datetime, body: bytes) -> str:
    """Returns the header `webhook-signature` of a message (Standard Webhooks, "Signature scheme", symmetric).

    Raises:
        Refused: the secret is not `whsec_` and base64.
    """
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except ValueError:
        raise Refused("the secret of the webhook is not whsec_ and base64: make a new one") from None
    signed = b".".join((message_id.encode(), str(int(moment.timestamp())).encode(), body))
    return "v1," + base64.b64encode(hmac.new(key, signed, sha256).digest()).decode()


def post(
    target: Target,
    message_id: str,
    body: bytes,
    *,
    moment: datetime,
    timeout: float,
    networks: Collection[Network] = (),
    media_type: str = "application/json",
) -> Answer:
    """Sends a signed message once; never raises for what the receiver or the network does.

    Args:
        target: whom.
        message_id: the same at each attempt, by which the receiver knows a message that it has had.
        body: as it is signed.
        moment: now.
        timeout: seconds for the whole exchange.
        networks: private networks that are allowed.
        media_type: of the body.
    """
    try:
        headers = {
            "Content-Type": media_type, "User-Agent": USER_AGENT, "webhook-id": message_id,
            "webhook-timestamp": str(int(moment.timestamp())),
            "webhook-signature": sign(target.secret, message_id, moment, body),
        }  # fmt: skip
        with _connection(check(target.url), timeout, networks) as connection:
            connection.request("POST", _path(check(target.url)), body, headers)
            return _answer(connection.getresponse(), moment)
    except (BadUrl, Refused, OSError, HTTPException, UnicodeError) as error:
        return Answer("retry", detail=_words(error))


def checked_addresses(host: str, port: int, networks: Collection[Network]) -> list[str]:
    """Returns the addresses of a host.

    Raises:
        Refused: any of its addresses is private and in no allowed network.
        OSError: it has none.
    """
    addresses = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    for text in addresses:
        address = ip_address(text)
        if is_private(address) and not is_within(address, networks):
            raise Refused(f"{host} is {address}, no public address (NEWSMILL_COURIER_ALLOW_NETWORKS)")
    return addresses


class _Pinned(HTTPConnection):
    """A connection to one of these addresses for a host, whose name stands in the Host header and in TLS verification."""

    def __init__(self, url: SplitResult, addresses: Sequence[str], timeout: float) -> None:
        self._secure = url.scheme.lower() == "https"
        super().__init__(url.hostname or "", _port(url), timeout=timeout)
        self._addresses = addresses
        # Which port http.client leaves out of the Host header.
        self.default_port = PORTS[url.scheme.lower()]
        self._ends = monotonic() + timeout

    def connect(self) -> None:
        """Connects to the first address that answers, with TLS where the URL says so."""
        self.sock = self._dial()
        if self._secure:
            self.sock = _tls().wrap_socket(self.sock, server_hostname=self.host, do_handshake_on_connect=False)
        # Nobody would abort a connection that came to be after its time.
        self._remaining()
        if isinstance(self.sock, ssl.SSLSocket):
            self.sock.do_handshake()

    def _dial(self) -> socket.socket:
        failure = OSError(f"{self.host} has no address")
        for address in self._addresses[:MOST_ADDRESSES]:
            try:
                return socket.create_connection((address, self.port), self._remaining())
            except OSError as error:
                failure = error
        raise failure

    def _remaining(self) -> float:
        """Returns the seconds that are left; raises TimeoutError when there are none."""
        if (seconds := self._ends - monotonic()) <= 0:
            raise TimeoutError("timed out")
        return seconds

    def abort(self) -> None:
        """Ends what waits for the receiver, from another thread."""
        if self.sock:
            with suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)


@contextmanager
def _connection(url: SplitResult, timeout: float, networks: Collection[Network]) -> Iterator[_Pinned]:
    """Yields a connection that is closed at the end and aborted when its time is over."""
    connection = _Pinned(url, checked_addresses(url.hostname or "", _port(url), networks), timeout)
    # A socket's timeout begins anew with every byte: who sends one at a time would never end.
    timer = Timer(timeout, connection.abort)
    timer.start()
    try:
        yield connection
    finally:
        timer.cancel()
        connection.close()


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _port(url: SplitResult) -> int:
    return url.port or PORTS[url.scheme.lower()]


def _path(url: SplitResult) -> str:
    return (url.path or "/") + (f"?{url.query}" if url.query else "")


def _answer(response: HTTPResponse, moment: datetime) -> Answer:
    status = response.status
    if 200 <= status < 300:
        return Answer("delivered", status)
    detail = f"HTTP {status} {response.read(MOST_DETAIL).decode('utf-8', 'replace')}".strip()
    return Answer("gone" if status == 410 else "retry", status, detail, _retry_after(response, moment))


def _retry_after(response: HTTPResponse, moment: datetime) -> float | None:
    """Returns the seconds of Retry-After, in either form (RFC 9110, 10.2.3)."""
    text = (response.getheader("Retry-After") or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return max(0.0, (date.replace(tzinfo=date.tzinfo or UTC) - moment).total_seconds())


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__
