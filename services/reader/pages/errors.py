"""What is answered to who may not, or asks for what is not there: a page to a browser, JSON to a program."""

from collections.abc import Mapping
from http import HTTPStatus

from fastapi import Request
from fastapi.responses import JSONResponse, Response
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

from services.reader.pages.rendering import render


def http_error(request: Request, error: Exception) -> Response:
    """Returns the answer to an HTTPException, as a handler of the application."""
    assert isinstance(error, HTTPException)
    return refuse(request, error.status_code, error.detail, error.headers)


def refuse(request: Request, status: int, detail: object, headers: Mapping[str, str] | None = None) -> Response:
    """Returns an answer with a reason, as a page where a browser asks for one."""
    # An overload is answered with the least work.
    is_page = (
        status != HTTPStatus.SERVICE_UNAVAILABLE
        and "text/html" in request.headers.get("accept", "")
        and not request.url.path.startswith("/v1/")
    )
    if is_page and isinstance(detail, str):
        try:
            page = render(request, "error.html", status, phrase=HTTPStatus(status).phrase, detail=detail)
        except SQLAlchemyError:
            # Without the database no form can be signed, and every page has one.
            return JSONResponse({"detail": detail}, status, headers=headers)
        page.headers.update(headers or {})
        return page
    return JSONResponse({"detail": detail}, status, headers=headers)
