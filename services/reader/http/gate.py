"""The gate before every route: who may not is refused before a byte of the body is read."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol
from urllib.parse import urlencode

from fastapi import HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.reader.access.identity import Identities
from services.reader.access.needs import READING_METHODS, Need, need_of
from services.reader.access.visitors import Visitor, Way
from services.reader.http.outages import OUTAGES, unavailable

API = "/v1/"
# No shared cache may keep what only some may see.
PRIVATE = "private, no-cache"


SIGN_IN, FORBIDDEN = 401, 403


class Refusal(NamedTuple):
    """Why a request is refused."""

    status: int
    detail: str
    headers: Mapping[str, str] | None = None


class Refuse(Protocol):
    """Makes an answer of a refusal."""

    def __call__(
        self, request: Request, status: int, detail: str, headers: Mapping[str, str] | None = None, /
    ) -> Response: ...


class Gate:
    """ASGI middleware that lets a request through if its visitor may do what it needs, and notes who that is.

    Args:
        app: the application that gets the request.
        identities: knows visitors. Asking it takes a place where it may ask the database.
        refuse: makes the answer to who may not, of a status, a reason and headers.
    """

    def __init__(self, app: ASGIApp, identities: Identities, refuse: Refuse) -> None:
        self._app, self._identities, self._refuse = app, identities, refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        need = need_of(scope["method"], scope["path"]) if scope["type"] == "http" else None
        if need is None:
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        refusal = await self._enter(request, need)
        await (refusal or self._app)(scope, receive, _privately(send))

    async def _enter(self, request: Request, need: Need) -> Response | None:
        """Notes who sends a request; returns the answer to who may not."""
        try:
            visitor = await self._visitor(request)
        except HTTPException as full:
            return JSONResponse({"detail": full.detail}, full.status_code, headers=full.headers)
        except OUTAGES as outage:
            return unavailable(request, outage)
        request.state.visitor, request.state.need = visitor, need
        if (reason := refusal(request, visitor, need)) is None:
            return None
        if reason.status == SIGN_IN:
            return _sign_in(request, reason)
        return await run_in_threadpool(self._refuse, request, *reason)

    async def _visitor(self, request: Request) -> Visitor:
        if not self._identities.shows_anything(request):
            return self._identities.at_this_machine()
        with request.app.state.admission.place():
            return await run_in_threadpool(self._identities.visitor, request)


def refusal(request: Request, visitor: Visitor, need: Need) -> Refusal | None:
    """Returns why a visitor may not do what a request needs; None for one who may."""
    is_change = request.method not in READING_METHODS
    if not visitor.may(need.role, need.scope):
        if visitor.way in {Way.NONE, Way.LOCAL}:
            return Refusal(
                SIGN_IN, "the token is missing or wrong, or nobody has signed in", {"WWW-Authenticate": "Bearer"}
            )
        return Refusal(FORBIDDEN, f"this needs the role {need.role} and, of a token, the scope {need.scope}")
    if need.is_personal and visitor.way is Way.TOKEN:
        return Refusal(FORBIDDEN, "this takes a person who has signed in, and no token")
    if is_change and visitor.way in {Way.SESSION, Way.PROXY} and request.url.path.startswith(API):
        # A browser sends its cookie by itself; on the pages the token of a form shows that its user meant it.
        return Refusal(FORBIDDEN, "changes by the API take a token: make one at /account")
    return None


def _sign_in(request: Request, reason: Refusal) -> Response:
    """Returns the way to the form to sign in for a browser on the pages, and the reason for everybody else."""
    if "text/html" not in request.headers.get("accept", "") or request.url.path.startswith(API):
        return JSONResponse({"detail": reason.detail}, reason.status, headers=reason.headers)
    query = f"?{request.url.query}" if request.url.query else ""
    following = {"next": request.url.path + query} if request.method == "GET" else {}
    return RedirectResponse(f"/login?{urlencode(following)}", 303)


def _privately(send: Send) -> Send:
    async def send_privately(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).setdefault("Cache-Control", PRIVATE)
        await send(message)

    return send_privately
