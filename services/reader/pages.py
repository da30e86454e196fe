"""Plain pages for people: the latest headlines, and an article. No script, no third party."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import cache
from pathlib import Path as FilePath
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, HTTPException, Path, Query, Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.reader import queries
from services.reader.dependencies import Database
from shared.contracts import now_utc
from shared.database.models import Article, Headline

SHOWN = 100
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# The interactive documentation is FastAPI's: a script and a style from its CDN, and a line of its own.
DOCS_POLICY = (
    "default-src 'none'; script-src https://cdn.jsdelivr.net 'unsafe-inline'; style-src https://cdn.jsdelivr.net "
    "'unsafe-inline'; img-src data: https://fastapi.tiangolo.com; connect-src 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"))

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


async def secure(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """Headers that keep a page from loading or sending anything, and others from framing or sniffing it."""
    response = await call_next(request)
    response.headers["Content-Security-Policy"] = DOCS_POLICY if request.url.path == "/docs" else POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@router.get("/")
def headlines(
    session: Database,
    q: Annotated[str, Query(max_length=500, pattern=r"^[^\x00]*$")] = "",
    before: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None,
) -> HTMLResponse:
    """The latest headlines."""
    rows = queries.newest(session, Headline, queries.Wanted(q=q.strip() or None, before=before, limit=SHOWN))
    older = rows[SHOWN - 1].id if len(rows) > SHOWN else None
    return _render("headlines.html", headlines=rows[:SHOWN], q=q, older=older)


@router.get("/articles/{id}")
def article(
    session: Database,
    id: Annotated[int, Path(ge=1, le=2**63 - 1)],  # noqa: A002 - the path's own name
) -> HTMLResponse:
    """One article."""
    row = session.get(Article, id)
    if row is None:
        raise HTTPException(404, f"no article {id}")
    return _render("article.html", article=row, images=queries.pictures(session, [row])[id].shown)


def web(url: str | None) -> str | None:
    """A URL that may stand in a link: http(s) only, so that no page's javascript: runs here."""
    try:
        return url if url and urlsplit(url).scheme in ("http", "https") else None
    except ValueError:
        return None


def age(moment: datetime) -> str:
    """How long ago, in its largest unit."""
    seconds = int((now_utc() - moment).total_seconds())
    return next((f"{seconds // size} {unit}" for size, unit in _UNITS if seconds >= size), "now")


def _render(name: str, **values: Any) -> HTMLResponse:
    return HTMLResponse(_environment().get_template(name).render(values))


@cache
def _environment() -> Environment:
    loader = FileSystemLoader(FilePath(__file__).parent / "templates")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.filters |= {"web": web, "age": age}
    return environment
