"""HTML from the templates. Every value is escaped, and only web addresses become links."""

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.reader.access.visitors import visitor_of
from shared.contracts import now_utc

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"))


def render(request: Request, name: str, status: int = 200, **values: Any) -> HTMLResponse:
    """Returns a template of the folder `templates` as an answer.

    Besides `values` a template knows `visitor`, who asks for it (services.reader.access.visitors.Visitor).
    """
    context = {"visitor": visitor_of(request)}
    return HTMLResponse(_environment().get_template(name).render(context | values), status)


def web(url: str | None) -> str | None:
    """Returns a URL that may stand in a link, else None. Only http(s) may: a `javascript:` URL would run in this page."""
    try:
        return url if url and urlsplit(url).scheme in ("http", "https") else None
    except ValueError:
        return None


def age(moment: datetime) -> str:
    """Returns how long ago a time was, in its largest unit: `2 h`."""
    seconds = int((now_utc() - moment).total_seconds())
    return next((f"{seconds // size} {unit}" for size, unit in _UNITS if seconds >= size), "now")


@cache
def _environment() -> Environment:
    loader = FileSystemLoader(Path(__file__).parent / "templates")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.filters |= {"web": web, "age": age}
    return environment
