"""The guard against server-side request forgery: no URL leads a fetcher into a private network.

A host is resolved once for each connection, every address it has is checked, and the socket goes to an address
that was checked: a name that resolves differently a moment later (DNS rebinding) gains nothing. The host name
stays in the Host header and in TLS verification. After OWASP's SSRF prevention cheat sheet; which addresses are private
says shared/addresses.py.
"""

import socket
from collections.abc import Collection
from ipaddress import ip_address
from time import monotonic
from typing import Any, NamedTuple

from services.fetcher.wire.resolver import Resolver
from shared.addresses import Address, Network, is_private, is_within
from shared.contracts import Reason
from shared.errors import Drop

# More addresses than this of one host are not tried: each may cost a whole connect timeout.
MAX_TRIES = 3


class Connection(NamedTuple):
    """An open socket, the address it leads to, and the seconds that resolving and connecting took."""

    socket: socket.socket
    address: str
    dns_seconds: float
    connect_seconds: float


class Guard:
    """Opens connections to allowed addresses only.

    Args:
        networks: allowed though private, on any port.
        ports: allowed; none means any.
        resolver: finds addresses.
    """

    def __init__(
        self, networks: Collection[Network] = (), ports: Collection[int] = (), resolver: Resolver | None = None
    ) -> None:
        self._networks = networks
        self._ports = ports
        self._resolver = resolver or Resolver()

    def addresses(self, host: str, port: int) -> list[tuple[int, Any]]:
        """Returns the family and socket address of each address of a host.

        Raises:
            Drop: ADDRESS_REFUSED, any of them is refused; BAD_URL, no resolver takes the name.
            socket.gaierror: the name does not resolve.
        """
        try:
            resolved = self._resolver.resolve(host, port)
        except UnicodeError as error:
            raise Drop(Reason.BAD_URL, f"host {host!r} is no domain name ({error})") from None
        for *_, target in resolved:
            self._check(host, ip_address(target[0]), port)
        return [(family, target) for family, *_, target in resolved]

    def is_home(self, host: str) -> bool:
        """Whether all addresses of a host are in networks that are allowed though private.

        Raises:
            socket.gaierror: the name does not resolve.
        """
        return all(self._is_allowed(ip_address(target[0])) for *_, target in self._resolver.resolve(host, 80))

    def _is_allowed(self, address: Address) -> bool:
        return is_within(address, self._networks)

    def _check(self, host: str, address: Address, port: int) -> None:
        if self._is_allowed(address):
            return
        if is_private(address):
            raise Drop(
                Reason.ADDRESS_REFUSED, f"{host} is {address}, no public address (NEWSMILL_FETCH_ALLOW_NETWORKS)"
            )
        if self._ports and port not in self._ports:
            raise Drop(Reason.ADDRESS_REFUSED, f"port {port} of {host} is not allowed (NEWSMILL_FETCH_ALLOW_PORTS)")

    def dial(self, host: str, port: int, timeout: Any) -> Connection:
        """Opens a socket to an address that was checked.

        Raises:
            Drop: as addresses().
            OSError: no address answers; as socket.gaierror, the name does not resolve.
        """
        began = monotonic()
        addresses = self.addresses(host, port)
        resolved_at = monotonic()
        failure = OSError(f"{host} has no address")
        for family, target in addresses[:MAX_TRIES]:
            try:
                sock = _dial(family, target, timeout)
            except OSError as error:
                failure = error
            else:
                return Connection(sock, target[0], resolved_at - began, monotonic() - resolved_at)
        raise failure


def _dial(family: int, target: Any, timeout: Any) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.settimeout(timeout)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.connect(target)
    except OSError:
        sock.close()
        raise
    return sock
