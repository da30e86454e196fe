"""The HTTP API: articles, headlines and sources, as JSON. The schema is at /openapi.json, its documentation at /docs."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from services.reader.api import records
from services.reader.api.cursors import BIGGEST_ID, decode_cursor, encode_cursor, valid_cursor
from services.reader.dependencies import BEARER, Sessions
from services.reader.http.routes import BoundedRoute
from services.reader.queries import news
from shared.database.models import Article, Headline, Source

router = APIRouter(prefix="/v1", tags=["read"], route_class=BoundedRoute, dependencies=[BEARER])


def _utc(moment: datetime) -> datetime:
    """Returns a time in UTC; a time without a zone is taken for UTC."""
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("a time out of range") from None


# PostgreSQL takes no NUL in a text.
Text = Annotated[str, Field(max_length=500, pattern=r"^[^\x00]*$")]
Moment = Annotated[datetime, AfterValidator(_utc)]
RowId = Annotated[int, Path(ge=1, le=BIGGEST_ID)]


class ListQuery(BaseModel):
    """The query parameters of a list. Times are ISO 8601; `until` is exclusive."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(50, ge=1, le=200)
    cursor: Annotated[str, Field(max_length=64), AfterValidator(valid_cursor)] | None = None
    source: int | None = Field(None, ge=1, le=BIGGEST_ID, description="Id of a source.")
    language: Text | None = Field(None, description="As on the row: `fr`, `ar`, …")
    since: Moment | None = Field(None, description="Published (else first seen) at this time or later.")
    until: Moment | None = Field(None, description="Published (else first seen) before this time.")
    q: Text | None = Field(
        None,
        description='Words, "a phrase", or, ( ), -without, NEAR/5, site:, language:, tag:, publisher:, papers:3 (docs/queries.md).',
    )

    def filter(self) -> news.Filter:
        """Returns the parameters as conditions on rows."""
        fields = self.model_dump(exclude={"cursor"})
        return news.Filter(**fields, before=decode_cursor(self.cursor) if self.cursor else None)


class HeadlineQuery(ListQuery):
    """The query parameters of the list of headlines."""

    block: Text | None = Field(None, description="Where it stood: `lead`, `ticker`, `section`, …")


@router.get("/articles", response_model_exclude={"items": {"__all__": {"evidence"}}})
def list_articles(sessions: Sessions, query: Annotated[ListQuery, Query()]) -> records.Listing[records.StoredArticle]:
    """Articles, newest first, without their evidence."""
    with sessions() as session:
        rows, following = _page(news.newest(session, Article, query.filter()), query.limit)
        images = news.images_of(session, rows)
        items = [records.article(row, images[row.id or 0]) for row in rows]
    return records.Listing[records.StoredArticle](items=items, next=following)


@router.get("/articles/{id}")
def get_article(sessions: Sessions, id: RowId) -> records.ArticleDetail:  # noqa: A002 - the path's own name
    """An article with its paragraphs, images, versions, evidence, and the headlines that link to it."""
    with sessions() as session:
        row = session.get(Article, id)
        if row is None:
            raise HTTPException(404, f"no article {id}")
        images = news.images_of(session, [row])[id]
        return records.article_detail(row, images, news.versions(session, id), news.headlines_of(session, id))


@router.get("/stories/{id}", response_model_exclude={"items": {"__all__": {"evidence"}}})
def get_story(sessions: Sessions, id: RowId) -> records.Listing[records.StoredArticle]:  # noqa: A002 - as above
    """The articles that tell the same story in nearly the same words, newest first."""
    with sessions() as session:
        rows = news.articles_of_story(session, id)
        if not rows:
            raise HTTPException(404, f"no story {id}")
        images = news.images_of(session, rows)
        items = [records.article(row, images[row.id or 0]) for row in rows]
    return records.Listing[records.StoredArticle](items=items)


@router.get("/headlines")
def list_headlines(
    sessions: Sessions, query: Annotated[HeadlineQuery, Query()]
) -> records.Listing[records.StoredHeadline]:
    """Headlines, newest first."""
    with sessions() as session:
        rows, following = _page(news.newest(session, Headline, query.filter()), query.limit)
        items = [records.headline(row) for row in rows]
    return records.Listing[records.StoredHeadline](items=items, next=following)


@router.get("/sources")
def list_sources(sessions: Sessions) -> records.Listing[Source]:
    """Every source, by name."""
    with sessions() as session:
        return records.Listing[Source](items=list(news.sources(session)))


def _page(rows: Sequence[news.T], limit: int) -> tuple[Sequence[news.T], str | None]:
    """Returns the rows of a page, and the cursor of the page that follows it."""
    page = rows[:limit]
    last_id = page[-1].id if len(rows) > limit else None
    return page, encode_cursor(last_id) if last_id is not None else None
