"""The gate before every route: who may not is refused before a byte of the body is read."""

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


class Gate:
    """ASGI middleware that lets a request through if its visitor may do what it needs, and notes who that is.

    Args:
        app: the application that gets the request.
        identities: knows visitors. Asking it takes a place where it may ask the database.
    """

    def __init__(self, app: ASGIApp, identities: Identities) -> None:
        self._app, self._identities = app, identities

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
        return refusal(request, visitor, need)

    async def _visitor(self, request: Request) -> Visitor:
        if not self._identities.shows_anything(request):
            return self._identities.at_this_machine()
        with request.app.state.admission.place():
            return await run_in_threadpool(self._identities.visitor, request)


def refusal(request: Request, visitor: Visitor, need: Need) -> Response | None:
    """Returns the answer to a visitor who may not do what a request needs; None to one who may."""
    is_change = request.method not in READING_METHODS
    if not visitor.may(need.role, need.scope):
        if visitor.way in {Way.NONE, Way.LOCAL}:
            return _sign_in(request)
        return _forbid(f"this needs the role {need.role} and, of a token, the scope {need.scope}")
    if need.is_personal and visitor.way is Way.TOKEN:
        return _forbid("this takes a person who has signed in, and no token")
    if is_change and visitor.way in {Way.SESSION, Way.PROXY} and request.url.path.startswith(API):
        # A browser sends its cookie by itself; on the pages the token of a form shows that its user meant it.
        return _forbid("changes by the API take a token: make one at /account")
    return None


def _sign_in(request: Request) -> Response:
    """Returns the way to the form for a browser that wants a page, and 401 for everybody else."""
    is_page = request.method == "GET" and "text/html" in request.headers.get("accept", "")
    if is_page and not request.url.path.startswith(API):
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"/login?{urlencode({'next': request.url.path + query})}", 303)
    detail = "the token is missing or wrong, or nobody has signed in"
    return JSONResponse({"detail": detail}, 401, headers={"WWW-Authenticate": "Bearer"})


def _forbid(detail: str) -> JSONResponse:
    return JSONResponse({"detail": detail}, 403)


def _privately(send: Send) -> Send:
    async def send_privately(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).setdefault("Cache-Control", PRIVATE)
        await send(message)

    return send_privately
