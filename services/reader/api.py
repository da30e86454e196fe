"""The HTTP API: articles, headlines and sources, as JSON. docs at /docs, schema at /openapi.json."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path as FilePath
from typing import Annotated

from fastapi import APIRouter, FastAPI, HTTPException, Path, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from services.reader import health, image_reports, life, pages, queries, records, triggers
from services.reader.dependencies import Database
from services.reader.settings import ReaderSettings
from shared.database.models import Article, Headline, Source
from shared.errors import Unavailable
from shared.stage import Sender
from shared.worker.telemetry import VERSION

BIGGEST_ID = 2**63 - 1

router = APIRouter(prefix="/v1", tags=["read"])


def make_api(engine: Engine, redis: "Redis", settings: ReaderSettings, courier: Sender) -> FastAPI:
    """The reader's web application on an engine, a Redis client and a courier of the caller's."""
    app = FastAPI(title="Newsmill", version=VERSION, redoc_url=None)
    app.state.engine, app.state.redis, app.state.settings = engine, redis, settings
    app.state.courier = courier
    for part in (router, life.router, triggers.router, image_reports.router, health.router, pages.router):
        app.include_router(part)
    app.mount("/static", StaticFiles(directory=FilePath(__file__).parent / "static"), name="static")
    app.middleware("http")(pages.secure)
    app.middleware("http")(health.measure(app))
    app.exception_handler(RequestValidationError)(_invalid)
    for away in (OperationalError, InterfaceError, PoolTimeout, RedisError, Unavailable):
        app.exception_handler(away)(_away)
    return app


def encode_cursor(last: int) -> str:
    """A cursor that goes on after an id."""
    return urlsafe_b64encode(str(last).encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> int:
    """The id that a cursor stands for.

    Raises:
        ValueError: it is no cursor of ours.
    """
    digits = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
    if not digits.isdecimal() or int(digits) > BIGGEST_ID or encode_cursor(int(digits)) != cursor:
        raise ValueError("not a cursor of this API: take it from `next`, or leave it out")
    return int(digits)


def _checked(cursor: str) -> str:
    try:
        decode_cursor(cursor)
    except ValueError:
        raise ValueError("not a cursor of this API: take it from `next`, or leave it out") from None
    return cursor


def _utc(moment: datetime) -> datetime:
    """A time without a zone is UTC."""
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("a time out of range") from None


# PostgreSQL takes no NUL in a text.
Words = Annotated[str, Field(max_length=500, pattern=r"^[^\x00]*$")]
Moment = Annotated[datetime, AfterValidator(_utc)]


class Asked(BaseModel):
    """The query parameters of a list. Times are ISO 8601; `until` is exclusive."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(50, ge=1, le=200)
    cursor: Annotated[str, Field(max_length=64), AfterValidator(_checked)] | None = None
    source: int | None = Field(None, ge=1, le=BIGGEST_ID, description="Id of a source.")
    language: Words | None = Field(None, description="As on the row: `fr`, `ar`, …")
    since: Moment | None = Field(None, description="Published (else first seen) at this time or later.")
    until: Moment | None = Field(None, description="Published (else first seen) before this time.")
    q: Words | None = Field(None, description='Words, "a phrase", or, -without.')

    def wanted(self) -> queries.Wanted:
        """The same for the database."""
        fields = self.model_dump(exclude={"cursor"})
        return queries.Wanted(**fields, before=decode_cursor(self.cursor) if self.cursor else None)


class AskedHeadlines(Asked):
    """The query parameters of the list of headlines."""

    block: Words | None = Field(None, description="Where it stood: `lead`, `ticker`, `section`, …")


@router.get("/articles", response_model_exclude={"items": {"__all__": {"evidence"}}})
def list_articles(session: Database, asked: Annotated[Asked, Query()]) -> records.Listing[records.StoredArticle]:
    """Articles, newest first, without their evidence."""
    rows = queries.newest(session, Article, asked.wanted())
    shown, following = _page(rows, asked.limit)
    pictures = queries.pictures(session, shown)
    items = [records.article(row, pictures[row.id or 0]) for row in shown]
    return records.Listing[records.StoredArticle](items=items, next=following)


@router.get("/articles/{id}")
def one_article(
    session: Database,
    id: Annotated[int, Path(ge=1, le=BIGGEST_ID)],  # noqa: A002 - the path's own name
) -> records.WholeArticle:
    """An article with its paragraphs, images, versions, evidence, and the headlines that led to it."""
    row = session.get(Article, id)
    if row is None:
        raise HTTPException(404, f"no article {id}")
    pictures = queries.pictures(session, [row])[id]
    return records.whole(row, pictures, queries.versions(session, id), queries.headlines_of(session, id))


@router.get("/stories/{id}", response_model_exclude={"items": {"__all__": {"evidence"}}})
def one_story(
    session: Database,
    id: Annotated[int, Path(ge=1, le=BIGGEST_ID)],  # noqa: A002 - the path's own name
) -> records.Listing[records.StoredArticle]:
    """The articles that tell the same story in nearly the same words, newest first."""
    rows = queries.of_story(session, id)
    if not rows:
        raise HTTPException(404, f"no story {id}")
    pictures = queries.pictures(session, rows)
    return records.Listing[records.StoredArticle](items=[records.article(row, pictures[row.id or 0]) for row in rows])


@router.get("/headlines")
def list_headlines(
    session: Database, asked: Annotated[AskedHeadlines, Query()]
) -> records.Listing[records.StoredHeadline]:
    """Headlines, newest first."""
    shown, following = _page(queries.newest(session, Headline, asked.wanted()), asked.limit)
    items = [records.headline(row) for row in shown]
    return records.Listing[records.StoredHeadline](items=items, next=following)


@router.get("/sources")
def list_sources(session: Database) -> records.Listing[Source]:
    """Every source, by name."""
    return records.Listing[Source](items=list(queries.sources(session)))


def _page(rows: Sequence[queries.T], limit: int) -> tuple[Sequence[queries.T], str | None]:
    """The rows to show, and the cursor of what follows them."""
    shown = rows[:limit]
    last = shown[-1].id if len(rows) > limit else None
    return shown, encode_cursor(last) if last is not None else None


def _invalid(_request: Request, error: Exception) -> JSONResponse:
    """Names the field and what is wrong; what was sent is not repeated, since it may not be JSON."""
    assert isinstance(error, RequestValidationError)
    told = [{"loc": list(item["loc"]), "msg": item["msg"], "type": item["type"]} for item in error.errors()]
    return JSONResponse({"detail": told}, 422)


def _away(_request: Request, error: Exception) -> JSONResponse:
    what = "Redis" if isinstance(error, RedisError | Unavailable) else "the database"
    return JSONResponse({"detail": f"{what} does not answer; see /healthz"}, 503, headers={"Retry-After": "5"})
