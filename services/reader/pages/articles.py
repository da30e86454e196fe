"""An article's page, and the page of one of its versions beside the version before."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query, Request
from fastapi.responses import HTMLResponse, Response

from services.reader.access.visitors import owner_of
from services.reader.dependencies import Config, Sessions
from services.reader.http.routes import BoundedRoute
from services.reader.pages.differences import differences
from services.reader.pages.pictures import wants_pictures, with_pictures
from services.reader.pages.read_state import opened
from services.reader.pages.rendering import render
from services.reader.pages.structured_data import news_article
from services.reader.queries import articles, kept_pages, read_state

RowId = Annotated[int, Path(ge=1, le=2**63 - 1)]

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse, route_class=BoundedRoute)


@router.get("/articles/{id}")
def show_article(
    request: Request,
    sessions: Sessions,
    id: RowId,  # noqa: A002 - the path's own name
    q: Annotated[str, Query(max_length=500, pattern=r"^[^\x00]*$")] = "",
) -> HTMLResponse:
    """One article; what a search for `q` has matched is marked."""
    owner = owner_of(request)
    with sessions() as session:
        reading = articles.reading(session, id)
        reads = None if owner is None else read_state.states(session, owner, [id])
    if reading is None:
        raise HTTPException(404, f"no article {id}")
    urls = [image.url for image in reading.images.visible]
    page = render(
        request, "article.html", reading=reading, article=reading.article, images=reading.images.visible,
        data=news_article(reading.article, urls), life=reading.life(), q=q,
        pictures=wants_pictures(request), reads=reads,
    )  # fmt: skip
    page.background = opened(request, sessions, id, reads)
    return with_pictures(request, page)


@router.get("/articles/{id}/raw")
def download_page(sessions: Sessions, settings: Config, id: RowId) -> Response:  # noqa: A002 - as above
    """The page that an article was last read from, as it was fetched. It is a file to keep: shown, it would act as ours."""
    with sessions() as session:
        visit = kept_pages.newest(session, id)
    page = kept_pages.read(settings.pages_url, visit) if visit and settings.pages_url else None
    if page is None:
        raise HTTPException(404, f"no page of article {id} is kept where the reader can see it (NEWSMILL_PAGES_URL)")
    headers = {
        "Content-Disposition": f'attachment; filename="article-{id}.txt"',
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    # The charset is the page's own affair: browsers guess it for a file as for any other.
    return Response(page.body, media_type="application/octet-stream", headers=headers)


@router.get("/articles/{id}/versions/{number}")
def show_version(
    request: Request,
    sessions: Sessions,
    id: RowId,  # noqa: A002 - as above
    number: Annotated[int, Path(ge=1, le=2**31 - 1)],
) -> HTMLResponse:
    """A version of an article, with what it added to the version before and what it took away."""
    with sessions() as session:
        reading = articles.reading(session, id)
        pair = articles.version_pair(session, id, number)
    if reading is None or pair is None:
        raise HTTPException(404, f"no version {number} of article {id}")
    before, after = pair
    old = before or after
    titles = {name: differences(getattr(old, name) or "", getattr(after, name) or "") for name in ("title", "subtitle")}
    return render(
        request, "version.html", article=reading.article, versions=reading.versions, before=before, after=after,
        titles=titles, paragraphs=differences(old.text, after.text),
    )  # fmt: skip
