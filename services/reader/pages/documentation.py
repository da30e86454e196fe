"""The API's documentation at /docs: Swagger UI out of an installed package, so that it works without a network."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

from services.reader.pages.rendering import render

ASSETS = "/swagger-ui"
# Swagger UI sets style attributes and has its icons in data: URLs. Scripts come from this server's files only.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)

router = APIRouter(include_in_schema=False)


@router.get("/docs")
def documentation(request: Request) -> HTMLResponse:
    """Swagger UI on this reader's /openapi.json."""
    page = render(request, "docs.html", assets=ASSETS)
    page.headers["Content-Security-Policy"] = POLICY
    return page


def assets() -> StaticFiles:
    """Returns the files of Swagger UI as an application to mount at ASSETS."""
    return StaticFiles(packages=[("fastapi_swagger", "resources")])
