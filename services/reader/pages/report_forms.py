"""The form on an article's page that reports an image."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse

from services.reader.api.images import Report, accept_report
from services.reader.http.forms import form_fields
from services.reader.http.routes import BoundedRoute
from services.reader.pages.rendering import render

router = APIRouter(include_in_schema=False, route_class=BoundedRoute)


@router.post("/images/reports")
def report_form(request: Request, fields: Annotated[dict[str, str], Depends(form_fields)]) -> HTMLResponse:
    """Takes a report from the form on an article's page."""
    try:
        report = Report(url=fields.get("url", ""), reason=fields.get("reason"))
    except ValueError:
        raise HTTPException(422, "no image's URL") from None
    accept_report(request, report)
    return render(request, "thanks.html")
