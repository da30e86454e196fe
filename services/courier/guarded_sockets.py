"""A process that reaches public addresses only, for libraries that connect by themselves.

What they connect to is checked where they do so, redirects and second look-ups included. A name is looked up once: the
connection goes to the address that was checked.
"""

import socket
from collections.abc import Callable, Collection
from ipaddress import ip_address
from typing import Any

from shared.addresses import Network, is_private, is_within


def guard_sockets(networks: Collection[Network]) -> list[str]:
    """Lets this process resolve, connect and send to no private address that is in none of the networks, from now on.

    Returns the list to which the reasons of refusals are added. Local sockets are refused as well.
    """
    refusals: list[str] = []
    resolve = socket.getaddrinfo

    def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        targets = resolve(host, *args, **kwargs)
        for *_, target in targets:
            if (reason := _refusal(host, target[0], networks)) is not None:
                refusals.append(reason)
                raise socket.gaierror(socket.EAI_FAIL, reason)
        return targets

    socket.getaddrinfo = getaddrinfo
    for name in ("connect", "connect_ex", "sendto"):
        setattr(socket.socket, name, _checked(getattr(socket.socket, name)))
    return refusals


def _checked(method: Callable[..., Any]) -> Callable[..., Any]:
    """Returns a method of sockets whose last argument is an address, which gets one that was checked."""

    def checked(self: socket.socket, *args: Any) -> Any:
        *others, address = args
        if self.family not in {socket.AF_INET, socket.AF_INET6}:
            raise PermissionError("a receiver is told by the network, and by no local socket")
        # C would look up a name by itself.
        host, port, *_ = address
        target = socket.getaddrinfo(host, port, self.family, self.type)[0][4]
        return method(self, *others, target)

    return checked


def _refusal(host: Any, text: Any, networks: Collection[Network]) -> str | None:
    address = ip_address(text)
    if is_private(address) and not is_within(address, networks):
        return f"{host} is {address}, no public address (NEWSMILL_COURIER_ALLOW_NETWORKS)"
    return None
