"""Plain pages for people: the latest headlines, and an article. They load no script and nothing from other hosts."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query, Request, Response
from fastapi.responses import HTMLResponse

from services.reader import documentation, queries
from services.reader.dependencies import Sessions
from services.reader.rendering import render
from shared.database.models import Article, Headline

PAGE_SIZE = 100
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


async def secure(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """Adds headers that keep a page from loading or sending anything, and other sites from framing or sniffing it."""
    response = await call_next(request)
    is_documentation = request.url.path == documentation.PATH
    response.headers["Content-Security-Policy"] = documentation.POLICY if is_documentation else POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@router.get("/")
def headlines(
    sessions: Sessions,
    q: Annotated[str, Query(max_length=500, pattern=r"^[^\x00]*$")] = "",
    before: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None,
) -> HTMLResponse:
    """The latest headlines."""
    conditions = queries.Filter(q=q.strip() or None, before=before, limit=PAGE_SIZE)
    with sessions() as session:
        rows = queries.newest(session, Headline, conditions)
    older = rows[PAGE_SIZE - 1].id if len(rows) > PAGE_SIZE else None
    return render("headlines.html", headlines=rows[:PAGE_SIZE], q=q, older=older)


@router.get("/articles/{id}")
def article(
    sessions: Sessions,
    id: Annotated[int, Path(ge=1, le=2**63 - 1)],  # noqa: A002 - the path's own name
) -> HTMLResponse:
    """One article."""
    with sessions() as session:
        row = session.get(Article, id)
        if row is None:
            raise HTTPException(404, f"no article {id}")
        images = queries.images_of(session, [row])[id].visible
    return render("article.html", article=row, images=images)
