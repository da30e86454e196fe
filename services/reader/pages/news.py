"""Plain pages for people: the latest headlines, and an article. They load nothing from other hosts."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, HTTPException, Path, Query, Request
from fastapi.responses import HTMLResponse

from services.reader.dependencies import Broker, Sessions
from services.reader.http.routes import BoundedRoute
from services.reader.pages.rendering import render
from services.reader.pages.report_forms import form_tokens
from services.reader.queries import news
from shared.database.models import Article, Headline

PAGE_SIZE = 100

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse, route_class=BoundedRoute)


@router.get("/")
def headlines(
    request: Request,
    sessions: Sessions,
    q: Annotated[str, Query(max_length=500, pattern=r"^[^\x00]*$")] = "",
    before: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None,
) -> HTMLResponse:
    """The latest headlines."""
    conditions = news.Filter(q=q.strip() or None, before=before, limit=PAGE_SIZE)
    with sessions() as session:
        rows = news.newest(session, Headline, conditions)
    older = rows[PAGE_SIZE - 1].id if len(rows) > PAGE_SIZE else None
    older_page = f"/?{urlencode({'q': q, 'before': older})}" if older else None
    return render(request, "headlines.html", headlines=rows[:PAGE_SIZE], q=q, older=older_page)


@router.get("/articles/{id}")
def article(
    request: Request,
    sessions: Sessions,
    redis: Broker,
    id: Annotated[int, Path(ge=1, le=2**63 - 1)],  # noqa: A002 - the path's own name
) -> HTMLResponse:
    """One article."""
    with sessions() as session:
        row = session.get(Article, id)
        if row is None:
            raise HTTPException(404, f"no article {id}")
        images = news.images_of(session, [row])[id].visible
    tokens = form_tokens(request, redis, [image.url for image in images])
    return render(request, "article.html", article=row, images=images, tokens=tokens)
