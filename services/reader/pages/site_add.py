"""Adding sites as pages: a look at one, the choice among its channels, and lists of many."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import ValidationError

from services.reader.api.looks import Choice, LookId, add, begin, load
from services.reader.dependencies import Broker, Config, Send, Sessions
from services.reader.http.changes import note
from services.reader.http.forms import form_fields, form_lists
from services.reader.http.routes import BoundedRoute
from services.reader.pages.rendering import render
from services.reader.pages.site_forms import ACTOR, problems
from services.reader.queries.looks import Look
from shared.contracts import Clue, Kind, Message, Role, SiteDeclared, SourceDeclared, now_utc
from shared.discovery.entries import Entry, from_lines, from_opml, merge, with_https
from shared.discovery.report import FIELDS
from shared.errors import BadUrl, SettingsError
from shared.urls import fetchable, fingerprint, host_of

# Bytes of a list of sites: an OPML file of some thousand feeds.
LIST_LIMIT = 4 * 2**20
_MOST_TAGS = 50
# Addresses of a list that the audit keeps.
_MOST_NOTED = 50

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse, route_class=BoundedRoute)
Fields = Annotated[dict[str, str], Depends(form_fields)]
Lists = Annotated[dict[str, list[str]], Depends(form_lists)]


@router.get("/sites/add")
def add_form(request: Request) -> HTMLResponse:
    """Asks which site."""
    return _form(request)


@router.post("/sites/add")
def begin_look(request: Request, redis: Broker, settings: Config, send: Send, fields: Fields) -> Response:
    """Begins the look at a site."""
    url = fields.get("url", "").strip()
    note(request, url)
    try:
        look_id = begin(redis, settings, send, with_https(url))
    except BadUrl as error:
        return _form(request, url=url, problem=str(error))
    return RedirectResponse(f"/sites/add/{look_id}", 303)


@router.get("/sites/add/{id}")
def look(request: Request, redis: Broker, id: LookId) -> HTMLResponse:  # noqa: A002 - the path's own name
    """A look as far as it is; the page asks again until it is over."""
    progress = load(redis, id)
    page = _look(request, progress)
    if not progress.is_over:
        page.headers["Refresh"] = "1"
    return page


@router.post("/sites/add/{id}")
def add_site(request: Request, sessions: Sessions, redis: Broker, send: Send, id: LookId, lists: Lists) -> Response:  # noqa: A002, PLR0917 - the path's own name; what FastAPI gives
    """Adds the site with the channels that are chosen."""
    progress, sent_at = load(redis, id), now_utc()
    first = {name: values[0].strip() for name, values in lists.items()}
    try:
        choice = Choice(
            channels=lists.get("channel", []), name=first.get("name") or None,
            country=first.get("country", "").upper() or None,
            tags=tuple(tag.strip() for tag in first.get("tags", "").split(",") if tag.strip()),
        )  # fmt: skip
        key = add(sessions, send, progress, choice, ACTOR)
        note(request, key, **choice.model_dump(mode="json"))
    except ValidationError as error:
        return _look(request, progress, problems(error))
    except HTTPException as error:
        return _look(request, progress, str(error.detail))
    return RedirectResponse(f"/sites/{key}?{urlencode({'sent': sent_at.isoformat()})}", 303)


@router.post("/sites/import", max_body_size=LIST_LIMIT)
def add_sites(request: Request, send: Send, fields: Fields) -> HTMLResponse:
    """Adds the sites of a list: addresses a line, or the text of an OPML file. Their channels are looked for by the services."""
    try:
        entries, refused = _judged(_entries(fields.get("list", "")))
    except SettingsError as error:
        return _form(request, problem=str(error))
    note(request, "", sites=[entry.url for entry in entries][:_MOST_NOTED], number=len(entries))
    send([message for entry in entries for message in _declarations(entry)])
    return _form(request, entries=entries, refused=refused)


def _form(request: Request, *, url: str = "", problem: str | None = None, **of_list: Any) -> HTMLResponse:
    values = {"entries": None, "refused": ()} | of_list
    return render(request, "site_add.html", 422 if problem else 200, url=url, problem=problem, **values)


def _look(request: Request, shown: Look, problem: str | None = None) -> HTMLResponse:
    return render(
        request, "site_look.html", 422 if problem else 200, look=shown, report=shown.report, field_names=FIELDS, problem=problem
    )  # fmt: skip


def _entries(text: str) -> list[Entry]:
    """Returns the sites of a list, each home page once.

    Raises:
        SettingsError: it begins like OPML and is none.
    """
    is_opml = text.lstrip()[:1] == "<"
    return merge(from_opml(text.encode(), "this list") if is_opml else from_lines(text.splitlines()))


def _judged(entries: Sequence[Entry]) -> tuple[list[Entry], list[tuple[str, str]]]:
    """Returns the entries that can be added, and the addresses of the others with the reason."""
    good: list[Entry] = []
    refused: list[tuple[str, str]] = []
    for entry in entries:
        try:
            for url in (entry.url, *entry.feeds):
                fetchable(url)
            good.append(entry)
        except BadUrl as error:
            refused.append((entry.url, str(error)))
    return good, refused


def _declarations(entry: Entry) -> Iterator[Message]:
    """Yields the declarations of a site of a list and of the feeds that the list names."""
    yield SiteDeclared(home_page=entry.url, name=entry.name, tags=entry.tags[:_MOST_TAGS], declared_by=ACTOR, via=ACTOR)
    name = entry.name or host_of(entry.url)
    for feed in entry.feeds:
        yield SourceDeclared(
            name=f"{name}: feed"[:200], url=feed, kind=Kind.FEED, role=Role.FEED, found_by=Clue.PERSON,
            site_key=fingerprint(entry.url), declared_by=ACTOR, via=ACTOR,
        )  # fmt: skip
