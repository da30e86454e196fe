"""The guard against server-side request forgery: no URL leads a fetcher into a private network.

A host is resolved once for each connection, every address it has is checked, and the socket goes to an address
that was checked: a name that resolves differently a moment later (DNS rebinding) gains nothing. The host name
stays in the Host header and in TLS verification. After OWASP's SSRF prevention cheat sheet and the IANA
special-purpose address registries.
"""

import socket
from collections.abc import Collection
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from time import monotonic
from typing import Any, NamedTuple

from services.fetcher.wire.resolver import Resolver
from shared.contracts import Reason
from shared.errors import Drop

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

NAT64 = IPv6Network("64:ff9b::/96")
COMPATIBLE = IPv6Network("::/96")
# The upper half of an ISATAP interface identifier (RFC 5214 §6.1), without its universal/local bit.
ISATAP = 0x00005EFE
UNIVERSAL_BIT = 0x02000000
# What Python's ipaddress calls global and no web server has (IANA special-purpose address registries).
SPECIAL = tuple(
    ip_network(text)
    for text in (
        "192.0.0.0/24",  # IETF protocol assignments
        "192.31.196.0/24",  # AS112, answers for private names
        "192.52.193.0/24",  # automatic multicast tunnels
        "192.88.99.0/24",  # 6to4 relays, withdrawn
        "192.175.48.0/24",  # AS112 again
        "168.63.129.16/32",  # Azure's metadata and platform services
        "64:ff9b:1::/48",  # NAT64 of a local network
        "2001::/32",  # Teredo: reaches an IPv4 address of its own choosing
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation (RFC 9637)
    )
)
# More addresses than this of one host are not tried: each may cost a whole connect timeout.
MAX_TRIES = 3


def is_private(address: Address) -> bool:
    """Whether an address is no public unicast one, or an IPv4 address inside it is none."""
    if isinstance(address, IPv6Address):
        if (translated := _translated(address)) is not None:
            return is_private(translated)
        if (tunnelled := _tunnelled(address)) is not None and is_private(tunnelled):
            return True
    return (
        not address.is_global
        or address.is_multicast
        or address.is_reserved
        or (isinstance(address, IPv6Address) and address.is_site_local)
        or any(address in network for network in SPECIAL)
    )


def _translated(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 one is another spelling of: IPv4-mapped, 6to4, NAT64, IPv4-compatible."""
    if (spelled := address.ipv4_mapped or address.sixtofour) is not None:
        return spelled
    if address in NAT64 or (address in COMPATIBLE and int(address) > 0xFFFF):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def _tunnelled(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address of the node to which an ISATAP address leads, through a tunnel of its own network."""
    if int(address) >> 32 & 0xFFFFFFFF & ~UNIVERSAL_BIT == ISATAP:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return None


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
        """Whether an address is in an allowed network. NAT64 and 6to4 lead to somebody else's network of that number."""
        mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
        return any((mapped or address) in network for network in self._networks)

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
