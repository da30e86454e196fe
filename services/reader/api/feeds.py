"""Any query of articles as a feed: /v1/articles.atom and /v1/articles.json; the sites as OPML: /v1/sites.opml."""

from typing import Annotated
from uuid import NAMESPACE_URL, uuid5

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from services.reader.api import records
from services.reader.api.feed_formats import ATOM_TYPE, JSON_FEED_TYPE, Feed, Item, atom, json_feed
from services.reader.api.news import ArticleQuery
from services.reader.dependencies import BEARER, Sessions
from services.reader.http.routes import BoundedRoute
from services.reader.queries import news
from services.reader.queries.opml import opml, outlets
from shared.contracts import now_utc
from shared.database.models import Article

router = APIRouter(prefix="/v1", tags=["feeds"], route_class=BoundedRoute, dependencies=[BEARER])


@router.get("/articles.atom", response_class=Response, responses={200: {"content": {ATOM_TYPE: {}}}})
def articles_as_atom(request: Request, sessions: Sessions, query: Annotated[ArticleQuery, Query()]) -> Response:
    """The newest articles of a query as an Atom feed."""
    return Response(atom(_feed(request, sessions, query)), media_type=ATOM_TYPE)


@router.get("/articles.json", response_class=Response, responses={200: {"content": {JSON_FEED_TYPE: {}}}})
def articles_as_json_feed(request: Request, sessions: Sessions, query: Annotated[ArticleQuery, Query()]) -> Response:
    """The newest articles of a query as a JSON Feed 1.1."""
    return JSONResponse(json_feed(_feed(request, sessions, query)), media_type=JSON_FEED_TYPE)


@router.get("/sites.opml", response_class=Response, responses={200: {"content": {"text/x-opml": {}}}})
def sites_as_opml(sessions: Sessions) -> Response:
    """The sites with their feeds as OPML, for feed readers and `newsmill add --opml`."""
    with sessions() as session:
        return Response(opml(outlets(session)), media_type="text/x-opml")


def item(article: records.StoredArticle) -> Item:
    """Returns an article as an item of a feed."""
    url = article.canonical_url or article.url
    return Item(
        id=f"urn:uuid:{uuid5(NAMESPACE_URL, url)}", url=url, title=article.title, text=article.text, updated=article.updated_at,
        published=article.published_instant, summary=article.subtitle, authors=article.authors, tags=article.tags,
        language=article.language, image=article.lead_image,
    )  # fmt: skip


def _feed(request: Request, sessions: Sessions, query: ArticleQuery) -> Feed:
    with sessions() as session:
        rows = news.newest(session, Article, query.filter())[: query.limit]
        images = news.images_of(session, rows)
        items = [item(records.article(row, images[row.id or 0])) for row in rows]
    updated = max((entry.updated for entry in items), default=now_utc())
    conditions = [
        str(value) for name in ("q", "site", "publisher", "tag", "language") if (value := getattr(query, name))
    ]
    home = str(request.base_url)
    return Feed(" · ".join(["Newsmill", *conditions]), str(request.url), home, items, updated)
