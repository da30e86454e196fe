"""What persons do to sites on their pages: edit, pause, resume, poll, remove, undo, and try a story again.

A form becomes the change that the API takes, and that becomes the message that the command line sends, too.
"""

from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import ValidationError

from services.reader.api.sites import ChannelChange, RowKey, SiteChange, message_of
from services.reader.api.triggers import Trigger, submit
from services.reader.dependencies import Broker, Config, Send, Sessions
from services.reader.http.changes import note
from services.reader.http.forms import form_fields
from services.reader.http.routes import BoundedRoute
from services.reader.pages.site_changes import changed_fields
from services.reader.queries import sites as site_rows
from services.reader.queries.site_page import row_of
from shared.contracts import now_utc
from shared.database.models import Site, Source

ACTOR = "page"
Action = Literal["pause", "resume", "poll", "remove", "undo"]
_CHANGES: dict[Action, dict[str, Any]] = {
    "pause": {"state": "paused"}, "resume": {"state": "active"}, "remove": {"state": "removed"}, "poll": {"poll": True},
    "undo": {"undo": True},
}  # fmt: skip
Fields = Annotated[dict[str, str], Depends(form_fields)]

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse, route_class=BoundedRoute)


@router.post("/sites/{key}/edit")
def edit_site(request: Request, sessions: Sessions, send: Send, key: RowKey, fields: Fields) -> RedirectResponse:
    """Saves the form of a site, or of a channel that stands by itself."""
    with sessions() as session:
        row = _existing(row_of(session, key), key)
        change = changed_fields(row, fields)
    note(request, key, **change)
    if not change:
        return RedirectResponse(f"/sites/{key}", 303)
    return _change(send, row, change, key)


@router.post("/sites/{key}/again")
def request_again(request: Request, redis: Broker, settings: Config, key: RowKey, fields: Fields) -> RedirectResponse:
    """Requests a story again, as `newsmill submit --fresh` does."""
    try:
        trigger = Trigger(url=fields.get("url", ""), fresh=True)
    except ValidationError as error:
        raise HTTPException(422, problems(error)) from None
    note(request, trigger.url)
    submit(redis, settings, trigger)
    return RedirectResponse(f"/sites/{key}?{urlencode({'again': trigger.url})}", 303)


@router.post("/sites/{key}/{action}")
def change_site(sessions: Sessions, send: Send, key: RowKey, action: Action) -> RedirectResponse:
    """Pauses, resumes, polls or removes a site, or takes back its last change."""
    with sessions() as session:
        row = _existing(row_of(session, key), key)
    return _change(send, row, _CHANGES[action], key)


@router.post("/sites/{key}/channels/{channel}/{action}")
def change_channel(sessions: Sessions, send: Send, key: RowKey, channel: RowKey, action: Action) -> RedirectResponse:
    """Pauses, resumes, polls or removes a channel of a site, or takes back its last change."""
    with sessions() as session:
        row = site_rows.channel(session, channel)
    if row is None or row.site_key != key:
        raise HTTPException(404, f"no channel {channel} of site {key}")
    return _change(send, row, _CHANGES[action], key)


def _existing(row: Site | Source | None, key: str) -> Site | Source:
    if row is None:
        raise HTTPException(404, f"no site {key}")
    return row


def _change(send: Send, row: Site | Source, fields: dict[str, Any], site_key: str) -> RedirectResponse:
    """Sends a change and returns the way back to the page of the site.

    Raises:
        HTTPException: 422, a value is wrong.
    """
    kind: type[SiteChange | ChannelChange] = SiteChange if isinstance(row, Site) else ChannelChange
    removed = fields.get("state") == "removed"
    try:
        change = kind.model_validate({} if removed else fields)
    except ValidationError as error:
        raise HTTPException(422, problems(error)) from None
    sent_at = now_utc()
    send([message_of(change, row.key, ACTOR, **fields if removed else {})])
    # A poll changes nothing that could be seen at once.
    query = {"polled": "1"} if fields.get("poll") else {"sent": sent_at.isoformat()}
    return RedirectResponse(f"/sites/{site_key}?{urlencode(query)}", 303)


def problems(error: ValidationError) -> str:
    """Returns what is wrong with a form, field by field."""
    return "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
