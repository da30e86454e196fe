"""The first page: the latest headlines, dense, to be scanned; filtered and searched."""

from collections.abc import Sequence
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, BeforeValidator, Field
from sqlmodel import Session

from services.reader.access.visitors import owner_of
from services.reader.dependencies import Sessions
from services.reader.http.routes import BoundedRoute
from services.reader.pages.forms import Text, given
from services.reader.pages.languages import language_name
from services.reader.pages.pictures import wants_pictures, with_pictures
from services.reader.pages.rendering import render
from services.reader.queries import headlines, read_state
from services.reader.queries.outlets import Choices, choices, host_named
from shared.database import event_log

PAGE_SIZE = 100
TIMES = (("1", "last hour"), ("6", "last 6 hours"), ("24", "last day"), ("168", "last week"), ("720", "last 30 days"))
READ = (("unread", "unread"), ("starred", "starred"))
BLOCKS = ("lead", "section", "ticker", "popular", "related", "feed", "sitemap")

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse, route_class=BoundedRoute)


class HeadlinesQuery(BaseModel):
    """The filters in the page's address."""

    q: Text = None
    site: Text = None
    tag: Text = None
    country: Text = None
    language: Text = None
    block: Text = None
    show: Annotated[Literal["unread", "starred"] | None, BeforeValidator(given)] = None
    hours: Annotated[int | None, Field(ge=1, le=24 * 366), BeforeValidator(given)] = None
    before: Annotated[int | None, Field(ge=1, le=2**63 - 1), BeforeValidator(given)] = None

    def conditions(self) -> headlines.Conditions:
        """Returns the filters as conditions on headlines."""
        return headlines.Conditions(**self.model_dump(exclude={"show"}), limit=PAGE_SIZE)

    def address(self, **changes: object) -> str:
        """Returns the page's address with some filters changed, from its beginning unless `before` is one of them."""
        fields = {name: value for name, value in (self.model_dump() | {"before": None} | changes).items() if value}
        return f"/?{urlencode(fields)}" if fields else "/"

    def watch(self, host: str | None) -> str:
        """Returns search and filters in the language of watches (shared/query), as far as it has them.

        Args:
            host: of the site that is named.
        """
        fields = (("site", host), ("language", self.language), ("tag", self.tag))
        return " ".join(filter(None, (self.q, *(f'{name}:"{value}"' for name, value in fields if value))))


@router.get("/")
def show_headlines(
    request: Request,
    sessions: Sessions,
    query: Annotated[HeadlinesQuery, Query()],
) -> HTMLResponse:
    """The latest headlines."""
    owner = owner_of(request)
    with sessions() as session:
        position = event_log.newest(session)
        chosen = read_state.having(session, owner, query.show) if query.show and owner is not None else ()
        entries, following = headlines.entries(session, query.conditions(), chosen)
        reads = _read_states(session, owner, entries)
        newest = headlines.newest_id(session)
        offered = choices(session)
        host = host_named(session, query.site) if query.site else None
    page = render(
        request, "headlines.html", entries=entries, query=query, q=query.q or "", newest=newest, position=position,
        older=query.address(before=following) if following else None, options=_options(offered, query),
        sites=offered.names, times=TIMES, pictures=wants_pictures(request),
        watch=query.watch(host), reads=reads, shows=READ,
    )  # fmt: skip
    return with_pictures(request, page)


def _read_states(
    session: Session, owner: int | None, entries: Sequence[headlines.Entry]
) -> read_state.ReadStates | None:
    if owner is None:
        return None
    return read_state.states(session, owner, (entry.headline.article_id for entry in entries))


def _options(offered: Choices, query: HeadlinesQuery) -> dict[str, list[tuple[str, str]]]:
    """Returns what can be chosen in the filters; what is chosen is always among it."""
    names = {"language": offered.languages, "tag": offered.tags, "country": offered.countries, "block": BLOCKS}
    chosen = {name: getattr(query, name) for name in names}
    values = {
        name: [*options, *([chosen[name]] if chosen[name] and chosen[name] not in options else [])]
        for name, options in names.items()
    }
    return {
        name: [(option, language_name(option) if name == "language" else option) for option in options]
        for name, options in values.items()
    }
