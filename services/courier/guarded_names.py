"""Names resolve to public addresses only, for libraries that connect by themselves.

What they connect to is what socket.getaddrinfo returned, redirects and second look-ups included; so that is where it is checked.
Whoever is outside a `public_names` block, as the connections to Redis and the database are, is not concerned.
"""

import socket
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from ipaddress import ip_address
from typing import Any, NamedTuple

from shared.addresses import Network, is_private, is_within


class _Rule(NamedTuple):
    networks: Collection[Network]
    refused: list[str]


_RULE: ContextVar[_Rule | None] = ContextVar("public names", default=None)


@contextmanager
def public_names(networks: Collection[Network]) -> Iterator[list[str]]:
    """Lets no name resolve to a private address that is in none of the networks; yields why names were refused."""
    _install()
    rule = _Rule(networks, [])
    token = _RULE.set(rule)
    try:
        yield rule.refused
    finally:
        _RULE.reset(token)


@cache
def _install() -> None:
    """Puts the check round socket.getaddrinfo, once a process."""
    resolve = socket.getaddrinfo

    def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        targets = resolve(host, *args, **kwargs)
        if (rule := _RULE.get()) is not None:
            _check(host, {target[0] for *_, target in targets}, rule)
        return targets

    socket.getaddrinfo = getaddrinfo


def _check(host: Any, addresses: Collection[Any], rule: _Rule) -> None:
    for text in addresses:
        address = ip_address(text)
        if is_private(address) and not is_within(address, rule.networks):
            reason = f"{host} is {address}, no public address (NEWSMILL_COURIER_ALLOW_NETWORKS)"
            rule.refused.append(reason)
            raise socket.gaierror(socket.EAI_FAIL, reason)
