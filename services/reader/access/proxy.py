"""The header in which a proxy names its user: nobody else's reaches the reader."""

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address

from starlette.types import ASGIApp, Receive, Scope, Send


class UserHeader:
    """ASGI middleware that takes the header out of every request that does not come from a trusted proxy.

    It stands before what puts the client's address in the place of the proxy's.

    Args:
        app: the application that gets the request.
        header: the header's name.
        proxies: the networks of trusted proxies.
    """

    def __init__(self, app: ASGIApp, header: str, proxies: Iterable[IPv4Network | IPv6Network]) -> None:
        self._app, self._header, self._proxies = app, header.lower().encode(), tuple(proxies)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._is_proxy((scope.get("client") or ("",))[0]):
            headers = [(name, value) for name, value in scope["headers"] if name != self._header]
            scope = {**scope, "headers": headers}
        await self._app(scope, receive, send)

    def _is_proxy(self, address: str) -> bool:
        try:
            peer = ip_address(address)
        except ValueError:
            return False
        return any(peer in network for network in self._proxies)
