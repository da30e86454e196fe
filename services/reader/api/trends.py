"""Search as analysis: /v1/trends and /v1/stories, what the pages of the same names show."""

import csv
from io import StringIO
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from services.reader.dependencies import Sessions
from services.reader.http.routes import BoundedRoute
from services.reader.queries import stories, trends

MOST_DAYS = 366

router = APIRouter(prefix="/v1", tags=["read"], route_class=BoundedRoute)


class TrendQuery(BaseModel):
    """The query parameters of a trend."""

    model_config = ConfigDict(extra="forbid")

    q: str = Field(max_length=500, pattern=r"^[^\x00]*$", description="As in a search (docs/queries.md).")
    days: int = Field(30, ge=1, le=MOST_DAYS, description="Today included; of up to three days the hours are counted.")
    by: trends.By | None = Field(None, description="What the articles are counted by besides.")
    format: Literal["json", "csv"] = Field("json", description="`csv`: a row a step, a column a name.")


@router.get("/trends", response_model=None)
def get_trend(sessions: Sessions, query: Annotated[TrendQuery, Query()]) -> dict[str, Any] | Response:
    """How often what a search asks for was published over time, and the words that go with it."""
    with sessions() as session:
        trend = trends.trend(session, query.q, query.days, query.by)
    if query.format == "csv":
        headers = {"Content-Disposition": 'attachment; filename="trend.csv"'}
        return Response(table(trend), media_type="text/csv", headers=headers)
    return {
        "q": query.q, "by": query.by, "step": "hour" if trend.hourly else "day", "total": trend.whole.total,
        "steps": [step.isoformat() for step in trend.steps], "counts": trend.whole.counts,
        "series": [row._asdict() for row in trend.series], "words": [word._asdict() for word in trend.words],
    }  # fmt: skip


@router.get("/stories")
def list_stories(
    sessions: Sessions,
    hours: Annotated[int, Query(ge=1, le=24 * 7)] = 24,
    language: Annotated[str | None, Query(max_length=16, pattern=r"^[^\x00]*$")] = None,
) -> dict[str, Any]:
    """The stories that most newspapers have told in the last hours, each with its first article."""
    with sessions() as session:
        rows = stories.largest(session, hours, language)
    return {"items": [_story(row) for row in rows]}


def table(trend: trends.Trend) -> str:
    """Returns a trend as CSV. A spreadsheet would run a name that begins as a formula does: it gets an apostrophe."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(["begin", "articles", *(_cell(row.name) for row in trend.series)])
    for place, step in enumerate(trend.steps):
        writer.writerow([step.isoformat(), trend.whole.counts[place], *(row.counts[place] for row in trend.series)])
    return out.getvalue()


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _story(row: stories.StoryRow) -> dict[str, Any]:
    first = {
        name: getattr(row.first, name) for name in ("id", "title", "language", "publisher", "site", "url", "stored_at")
    }
    return {
        "id": row.id, "papers": row.papers, "articles": row.articles, "an_hour": row.an_hour, "first": first,
        "newest_at": row.newest_at, "curve": row.curve,
    }  # fmt: skip
