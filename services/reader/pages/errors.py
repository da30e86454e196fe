"""What is answered to who may not, or asks for what is not there: a page to a browser, JSON to a program."""

from collections.abc import Mapping
from http import HTTPStatus

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

from services.reader.pages.rendering import render


def http_error(request: Request, error: Exception) -> Response:
    """Returns the answer to an HTTPException, as a handler of the application."""
    assert isinstance(error, HTTPException)
    return refuse(request, error.status_code, error.detail, error.headers)


def invalid(request: Request, error: Exception) -> Response:
    """Returns the answer to a request whose fields are wrong: each with the reason. The value is not repeated: it may be a
    secret, or no JSON."""
    assert isinstance(error, RequestValidationError)
    fields = [{"loc": list(item["loc"]), "msg": item["msg"], "type": item["type"]} for item in error.errors()]
    return refuse(request, HTTPStatus.UNPROCESSABLE_ENTITY, fields)


def refuse(request: Request, status: int, detail: object, headers: Mapping[str, str] | None = None) -> Response:
    """Returns an answer with a reason, as a page where a browser asks for one."""
    # An overload is answered with the least work.
    is_page = (
        status != HTTPStatus.SERVICE_UNAVAILABLE
        and "text/html" in request.headers.get("accept", "")
        and not request.url.path.startswith("/v1/")
    )
    if is_page:
        try:
            page = render(request, "error.html", status, phrase=HTTPStatus(status).phrase, reasons=_reasons(detail))
        except SQLAlchemyError:
            # Without the database no form can be signed, and every page has one.
            return JSONResponse({"detail": detail}, status, headers=headers)
        page.headers.update(headers or {})
        return page
    return JSONResponse({"detail": detail}, status, headers=headers)


def _reasons(detail: object) -> list[str]:
    """Returns the reasons of a refusal in words."""
    fields = detail if isinstance(detail, list) else []
    return [f"{field['loc'][-1]}: {field['msg']}" for field in fields] or [str(detail)]


def too_large_query(request: Request, error: Exception) -> Response:
    """Returns the answer to a query that asks too much, as a handler of the application."""
    return refuse(request, HTTPStatus.UNPROCESSABLE_ENTITY, str(error))
