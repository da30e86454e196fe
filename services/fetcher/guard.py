"""The guard against server-side request forgery: no URL leads a fetcher into a private network.

A host is resolved once for each connection, every address it has is checked, and the socket goes to an address
that was checked: a name that resolves differently a moment later (DNS rebinding) gains nothing. The host name
stays in the Host header and in TLS verification. After OWASP's SSRF prevention cheat sheet and the IANA
special-purpose address registries.
"""

import socket
from collections.abc import Callable, Collection, Sequence
from http.client import HTTPResponse
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from shared.contracts import Reason
from shared.errors import Drop

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolve = Callable[..., Sequence[Any]]

NAT64 = IPv6Network("64:ff9b::/96")
COMPATIBLE = IPv6Network("::/96")
# What Python's ipaddress calls global and is not for us.
SPECIAL = tuple(
    ip_network(text)
    for text in (
        "192.0.0.0/24",  # IETF protocol assignments
        "192.88.99.0/24",  # 6to4 relays, withdrawn
        "168.63.129.16/32",  # Azure's metadata and platform services
        "64:ff9b:1::/48",  # NAT64 of a local network
        "2001::/32",  # Teredo: reaches an IPv4 address of its own choosing
    )
)
# More addresses than this of one host are not tried: each may cost a whole connect timeout.
TRIES = 3


def private(address: Address) -> bool:
    """Whether an address is no public unicast one; an IPv4 address inside an IPv6 one counts as itself."""
    address = _innermost(address)
    return (
        not address.is_global
        or address.is_multicast
        or address.is_reserved
        or (isinstance(address, IPv6Address) and address.is_site_local)
        or any(address in network for network in SPECIAL)
    )


def _innermost(address: Address) -> Address:
    if isinstance(address, IPv4Address):
        return address
    inner = address.ipv4_mapped or address.sixtofour
    if inner is None and (address in NAT64 or (address in COMPATIBLE and int(address) > 0xFFFF)):
        inner = IPv4Address(int(address) & 0xFFFFFFFF)
    return inner or address


class Guard:
    """Opens connections to allowed addresses only.

    Args:
        networks: allowed though private, on any port.
        ports: allowed; none means any.
        resolve: as socket.getaddrinfo.
    """

    def __init__(
        self,
        networks: Collection[Network] = (),
        ports: Collection[int] = (),
        resolve: Resolve = socket.getaddrinfo,
    ) -> None:
        self._networks = networks
        self._ports = ports
        self._resolve = resolve

    def addresses(self, host: str, port: int) -> list[tuple[int, Any]]:
        """The family and socket address of each address of a host.

        Raises:
            Drop: ADDRESS_REFUSED, if any of them is refused; BAD_URL, if no resolver takes the name.
            socket.gaierror: the name does not resolve.
        """
        try:
            found = self._resolve(host, port, type=socket.SOCK_STREAM)
        except UnicodeError as error:
            raise Drop(Reason.BAD_URL, f"host {host!r} is no domain name ({error})") from None
        for *_, target in found:
            self._check(host, ip_address(target[0]), port)
        return [(family, target) for family, *_, target in found]

    def _check(self, host: str, address: Address, port: int) -> None:
        if any(_innermost(address) in network for network in self._networks):
            return
        if private(address):
            raise Drop(
                Reason.ADDRESS_REFUSED, f"{host} is {address}, no public address (NEWSMILL_FETCH_ALLOW_NETWORKS)"
            )
        if self._ports and port not in self._ports:
            raise Drop(Reason.ADDRESS_REFUSED, f"port {port} of {host} is not allowed (NEWSMILL_FETCH_ALLOW_PORTS)")

    def connect(self, connection: HTTPConnection) -> socket.socket:
        """A socket for a connection, to an address that was checked.

        Raises:
            Drop: as addresses().
            urllib3.exceptions.HTTPError: as urllib3's own connections raise.
        """
        try:
            addresses = self.addresses(connection.host, connection.port)
        except socket.gaierror as error:
            raise NameResolutionError(connection.host, connection, error) from error
        failure: OSError = OSError("no address")
        for family, target in addresses[:TRIES]:
            try:
                return _dial(family, target, connection.timeout)
            except OSError as error:
                failure = error
        if isinstance(failure, TimeoutError):
            raise ConnectTimeoutError(connection, f"{connection.host} did not answer in time") from failure
        raise NewConnectionError(connection, f"{connection.host}: {failure}") from failure


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


class GuardedAdapter(HTTPAdapter):
    """requests over guarded connections.

    Args:
        guard: opens them.
        response_class: what reads an answer.
        size: connections to one host that are kept.
    """

    def __init__(self, guard: Guard, response_class: type[HTTPResponse], size: int) -> None:
        self._pools = _pools(guard, response_class)
        super().__init__(pool_connections=4 * size, pool_maxsize=size)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools


def _pools(guard: Guard, response: type[HTTPResponse]) -> dict[str, type[HTTPConnectionPool]]:
    class Plain(HTTPConnection):
        response_class = response

        def _new_conn(self) -> socket.socket:
            return guard.connect(self)

    class Secure(HTTPSConnection):
        response_class = response

        def _new_conn(self) -> socket.socket:
            return guard.connect(self)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}
