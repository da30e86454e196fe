"""Search as analysis: how often something is written about, where, in which language, and in which words."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, BeforeValidator, Field

from services.reader.api.trends import MOST_DAYS
from services.reader.dependencies import Sessions
from services.reader.http.routes import BoundedRoute
from services.reader.pages.forms import Text, given
from services.reader.pages.languages import language_name
from services.reader.pages.rendering import render
from services.reader.queries import trends

TIMES = (("1", "last day"), ("3", "last 3 days"), ("7", "last week"), ("30", "last 30 days"), ("90", "last 90 days"), ("366", "last year"))  # fmt: skip
GROUPS = (("site", "newspaper"), ("language", "language"), ("tag", "tag"))
# Curves in one drawing.
MOST_CURVES = 6

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse, route_class=BoundedRoute)


class TrendPage(BaseModel):
    """The question in the page's address."""

    q: Text = None
    days: Annotated[int, Field(ge=1, le=MOST_DAYS)] = 30
    by: Annotated[trends.By | None, BeforeValidator(given)] = None

    def download(self, form: str) -> str:
        """Returns the address of the same counts as `json` or `csv`."""
        fields = {"q": self.q, "days": self.days, "by": self.by, "format": form}
        return f"/v1/trends?{urlencode({name: value for name, value in fields.items() if value})}"


@router.get("/trends")
def show_trend(request: Request, sessions: Sessions, query: Annotated[TrendPage, Query()]) -> HTMLResponse:
    """The counts of a search over time."""
    trend = None
    if query.q:
        with sessions() as session:
            trend = trends.trend(session, query.q, query.days, query.by)
    return render(
        request, "trends.html", query=query, q=query.q or "", trend=trend, times=TIMES, groups=GROUPS,
        curves=_curves(trend) if trend else (), label=_namer(query.by), show=_headlines_with(query),
    )  # fmt: skip


def _curves(trend: trends.Trend) -> list[trends.Series]:
    return list(trend.series[:MOST_CURVES]) or [trend.whole]


def _namer(by: str | None) -> Any:
    return language_name if by == "language" else str


def _headlines_with(query: TrendPage) -> Any:
    """Returns what gives the address of the headlines that are meant by the question and a further word."""
    return lambda word: "/?" + urlencode({"q": f"({query.q}) {word}"})
