"""Which heads of requests are accepted: their size, their Host and their Origin, before any route.

A page of another site may point its own name at this machine (DNS rebinding) or send a form here. Its browser says so:
Host holds the name that the page's address has, Origin and Sec-Fetch-Site tell where a form comes from. Host is judged
as it was sent, since a framework that cannot parse it may put the server's own address in its place.
"""

import re
from collections.abc import Iterable
from ipaddress import ip_address

from fastapi.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

# Bytes of the request's target and headers: the longest URL that a query may hold, percent-encoded, and as much again.
HEAD_LIMIT = 2**16
READING_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[0-9a-z._-]+)(?::[0-9]{1,5})?")


def host_name(host: str) -> str | None:
    """Returns the name or address in a Host header, in lower case and without its port; None for what is no host."""
    match = _HOST.fullmatch(host.lower())
    return match[1] if match else None


class HeadGuard:
    """ASGI middleware that refuses a request by its head.

    Args:
        app: the application that gets every other request.
        own: names and addresses at which the reader is reached directly, in lower case; IPv6 in brackets.
        further: further names, by a proxy or in a network.
    """

    def __init__(self, app: ASGIApp, own: Iterable[str], further: Iterable[str]) -> None:
        self._app = app
        self._further = frozenset(further)
        self._names = self._further | frozenset(own)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._refusal(scope) if scope["type"] == "http" else None
        await (refusal or self._app)(scope, receive, send)

    def _refusal(self, scope: Scope) -> JSONResponse | None:
        if _size(scope) > HEAD_LIMIT:
            return _refuse(431, f"the head is longer than {HEAD_LIMIT} bytes")
        hosts = _values(scope, b"host")
        name = host_name(hosts[0]) if len(hosts) == 1 else None
        if name is None or not scope["raw_path"].startswith(b"/"):
            return _refuse(400, "send one Host header with a name or an address, and a path as the target")
        if _values(scope, b"transfer-encoding") and _values(scope, b"content-length"):
            # A proxy in front may take one of them and the reader the other (RFC 9112, 6.3).
            return _refuse(400, "send Content-Length or Transfer-Encoding, not both")
        if name not in self._names and name != _address(scope):
            return _refuse(403, "this Host is none of the reader's: its operator can add it to NEWSMILL_READER_HOSTS")
        if scope["method"] not in READING_METHODS and self._is_foreign(scope, hosts[0]):
            return _refuse(403, "this is taken from the reader's own pages only")
        return None

    def _is_foreign(self, scope: Scope, host: str) -> bool:
        """Returns whether a browser says that a page of another site sends the request. Programs say nothing."""
        if not {"same-origin", "none"}.issuperset(_values(scope, b"sec-fetch-site")):
            return True
        origins = [origin.partition("://")[2].lower() for origin in _values(scope, b"origin")]
        return not all(origin == host.lower() or host_name(origin) in self._further for origin in origins)


def _size(scope: Scope) -> int:
    headers = sum(len(name) + len(value) for name, value in scope["headers"])
    return headers + len(scope["raw_path"]) + len(scope["query_string"])


def _values(scope: Scope, header: bytes) -> list[str]:
    return [value.decode("latin-1") for name, value in scope["headers"] if name == header]


def _address(scope: Scope) -> str | None:
    """Returns the address at which the connection arrived. It is safe as a Host: no foreign page has it for its own."""
    try:
        address = ip_address((scope.get("server") or ("",))[0])
    except ValueError:
        return None
    return f"[{address}]" if address.version == 6 else str(address)


def _refuse(status: int, detail: str) -> JSONResponse:
    # What follows a head that cannot be trusted may be no request of its own.
    return JSONResponse({"detail": detail}, status, headers={"Connection": "close"})
