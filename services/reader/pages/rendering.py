"""HTML from the templates. Every value is escaped, and only web addresses become links."""

import json
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.reader.access.visitors import visitor_of
from services.reader.http.forms import token_of_forms
from services.reader.pages.curves import area, curve
from services.reader.pages.languages import language_name
from services.reader.pages.marking import marked
from shared.contracts import now_utc

STATIC = Path(__file__).parent / "static"
_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"))


def render(request: Request, name: str, status: int = 200, **values: Any) -> HTMLResponse:
    """Returns a template of the folder `templates` as an answer.

    Besides `values` a template knows `visitor`, who asks for it (services.reader.access.visitors.Visitor), and `csrf`, which
    each form of the page includes by csrf.html.
    """
    context = {"visitor": visitor_of(request), "csrf": token_of_forms(request)}
    text = _environment().get_template(name).render(context | values)
    # A dead letter may hold half of a surrogate pair, which has no bytes.
    return HTMLResponse(text.encode(errors="replace"), status)


def web(url: str | None) -> str | None:
    """Returns a URL that may stand in a link, else None. Only http(s) may: a `javascript:` URL would run in this page."""
    try:
        return url if url and urlsplit(url).scheme in ("http", "https") else None
    except ValueError:
        return None


def age(moment: datetime) -> str:
    """Returns how long ago a time was, in its largest unit: `2 h`."""
    return duration((now_utc() - moment).total_seconds(), least="now")


def until(moment: datetime) -> str:
    """Returns how long it is until a time, in its largest unit: `in 2 h`, or `now`."""
    seconds = (moment - now_utc()).total_seconds()
    return f"in {duration(seconds)}" if seconds >= 1 else "now"


def duration(seconds: float, least: str | None = None) -> str:
    """Returns a number of seconds in its largest unit: `3 min`. Less than a minute is `least`, or seconds: `1.25 s`."""
    units = (f"{int(seconds) // size} {unit}" for size, unit in _UNITS if seconds >= size)
    return next(units, least or f"{seconds:.3g} s")


def elapsed(seconds: float) -> str:
    """Returns how long something took: `42.318 s`, beyond an hour in two units: `2 d 3 h`."""
    if seconds < 3600:
        return f"{seconds:.3f} s" if seconds < 100 else f"{seconds:.0f} s"
    minutes = int(seconds) // 60
    days, hours = minutes // 1440, minutes // 60 % 24
    return f"{days} d {hours} h" if days else f"{hours} h {minutes % 60} min"


def clock(moment: datetime) -> str:
    """Returns a time to the second: `2026-11-27 08:30:00 UTC`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def instant(moment: datetime) -> str:
    """Returns a time to the second as machines read it: `2026-11-27T08:30:00Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(seconds: float) -> datetime:
    """Returns the time of so many seconds since the epoch."""
    return datetime.fromtimestamp(seconds, UTC)


def readable(value: Any) -> str:
    """Returns a JSON value over several lines."""
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)


def number(value: float) -> str:
    """Returns a number with commas between thousands: `12,345`."""
    return f"{value:,}"


@cache
def asset(name: str) -> str:
    """Returns the address of a static file. It changes with the file, so that no browser shows an old one."""
    digest = sha256((STATIC / name).read_bytes()).hexdigest()[:8]
    return f"/static/{name}?{digest}"


@cache
def _environment() -> Environment:
    loader = FileSystemLoader(Path(__file__).parent / "templates")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    filters = (
        web, age, until, duration, elapsed, marked, clock, instant, moment, readable, number, asset, curve, area, language_name,
    )  # fmt: skip
    environment.filters |= {function.__name__: function for function in filters}
    return environment
