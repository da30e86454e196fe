"""Routes that take a place and a thread once their request has arrived whole."""

from asyncio import timeout
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import HTTPException, Request, Response
from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect

from services.reader.http.changes import record
from services.reader.http.forms import check_form

BODY_LIMIT = 2**16
BODY_SECONDS = 3.0
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class BoundedRoute(APIRoute):
    """A route whose request takes a place once its body is there, and gives it back before the answer is sent.

    So neither a client that sends slowly nor one that reads slowly keeps others out. The form of a page must hold its token,
    and a change that was made is written into the audit.
    """

    def get_route_handler(self) -> Handler:
        answer = super().get_route_handler()

        action = self.endpoint.__name__

        async def bounded(request: Request) -> Response:
            await _arrival(request)
            with request.app.state.admission.place():
                await check_form(request)
                response = await answer(request)
                await record(request, action, response.status_code)
                return response

        return bounded


async def _arrival(request: Request) -> None:
    """Reads the body, which the request keeps. FastAPI's max_body_size limits it as it arrives.

    Raises:
        HTTPException: 408 after BODY_SECONDS, 413 beyond the limit, 400 for a client that has gone.
    """
    try:
        async with timeout(BODY_SECONDS):
            await request.body()
    except TimeoutError:
        headers = {"Connection": "close"}
        raise HTTPException(408, f"the body took longer than {BODY_SECONDS} s", headers=headers) from None
    except ClientDisconnect:
        raise HTTPException(400, "the body ended early") from None
