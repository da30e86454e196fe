"""The HTTP API: articles, headlines and sources, as JSON. The schema is at /openapi.json, its documentation at /docs."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Self

from fastapi import APIRouter, HTTPException, Path, Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from sqlmodel import Session

from services.reader.api import cursors, records
from services.reader.api.cursors import (
    BIGGEST_ID,
    decode_cursor,
    decode_place,
    encode_cursor,
    encode_place,
    valid_cursor,
    valid_place,
)
from services.reader.dependencies import BEARER, Sessions
from services.reader.http.routes import BoundedRoute
from services.reader.queries import news
from services.reader.queries.changes import BEGINNING, changed, newest_place
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
        fields = self.model_dump(exclude={"cursor", "after"})
        return news.Filter(**fields, before=decode_cursor(self.cursor) if self.cursor else None)


class ArticleQuery(ListQuery):
    """The query parameters of a list of articles."""

    site: Text | None = Field(None, description="A host, with those below it: `gazette.example`.")
    publisher: Text | None = Field(None, description="The name of the newspaper.")
    tag: Text | None = Field(None, description="A tag of the article or of its site.")
    story: int | None = Field(None, ge=1, le=BIGGEST_ID, description="Id of a story.")
    stored_since: Moment | None = Field(None, description="Stored at this time or later.")
    stored_until: Moment | None = Field(None, description="Stored before this time.")


class FollowQuery(ArticleQuery):
    """The query parameters of articles that may be followed: `after` instead of `cursor`."""

    after: Annotated[str, Field(max_length=64), AfterValidator(valid_place)] | None = Field(
        None,
        description="Changes behind this place, oldest first: `start`, `now`, or `next` of the answer before, which is never null then.",
    )

    @model_validator(mode="after")
    def _one_order(self) -> Self:
        if self.after is not None and self.cursor is not None:
            raise ValueError("`cursor` lists the newest first and `after` the oldest change: give one of them")
        return self


class HeadlineQuery(ListQuery):
    """The query parameters of the list of headlines."""

    block: Text | None = Field(None, description="Where it stood: `lead`, `ticker`, `section`, …")


@router.get("/articles", response_model_exclude={"items": {"__all__": {"evidence"}}})
def list_articles(sessions: Sessions, query: Annotated[FollowQuery, Query()]) -> records.Listing[records.StoredArticle]:
    """Articles without their evidence: the newest first, or with `after` in the order in which they have changed.

    Who follows changes gets each article that is stored or changed after the place, as it is now, and misses none and gets
    none twice without a change, whatever is stored meanwhile.
    """
    with sessions() as session:
        rows, following = _followed(session, query) if query.after else _listed(session, query)
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


def _listed(session: Session, query: ArticleQuery) -> tuple[Sequence[Article], str | None]:
    return _page(news.newest(session, Article, query.filter()), query.limit)


def _followed(session: Session, query: FollowQuery) -> tuple[Sequence[Article], str | None]:
    match query.after:
        case cursors.NOW:
            return [], encode_place(newest_place(session))
        case cursors.START | None:
            after = BEGINNING
        case cursor:
            after = decode_place(cursor)
    changes = changed(session, after, query.filter())
    return changes.articles, encode_place(changes.place)


def _page(rows: Sequence[news.T], limit: int) -> tuple[Sequence[news.T], str | None]:
    """Returns the rows of a page, and the cursor of the page that follows it."""
    page = rows[:limit]
    last_id = page[-1].id if len(rows) > limit else None
    return page, encode_cursor(last_id) if last_id is not None else None
