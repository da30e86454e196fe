"""Which addresses are public: whom the fetcher and the courier may connect to (IANA special-purpose address registries)."""

from collections.abc import Collection
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

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


def is_within(address: Address, networks: Collection[Network]) -> bool:
    """Whether an address is in one of the networks. NAT64 and 6to4 lead to somebody else's network of that number."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return any((mapped or address) in network for network in networks)
