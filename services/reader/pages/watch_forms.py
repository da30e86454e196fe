"""The forms of watches: made, changed, paused, tried, removed; receivers added, enabled, removed; deliveries sent again."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import ValidationError
from sqlmodel import Session

from services.reader.access.visitors import visitor_of
from services.reader.dependencies import Sessions
from services.reader.http.forms import form_fields
from services.reader.http.routes import BoundedRoute
from services.reader.pages.rendering import render
from services.reader.pages.watches import PAGE_SIZE, SHOWN, WatchId, shown_watch, watch_page
from services.reader.queries import watch_changes, watch_trials, watches
from services.reader.queries.watch_changes import NewReceiver, NewWatch, WatchChange
from shared.database.models import Watch

Fields = Annotated[dict[str, str], Depends(form_fields)]
RowId = Annotated[int, Path(ge=1, le=2**63 - 1)]

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse, route_class=BoundedRoute)


@router.post("/watches")
def add_watch(request: Request, sessions: Sessions, fields: Fields) -> Response:
    """Makes a watch; shows the secret that was made for its webhook once."""
    try:
        new = NewWatch.model_validate(_fields(fields, "name", "query", "about") | {
            "fold": "fold" in fields, "receivers": [_receiver(fields)] if fields.get("url", "").strip() else [],
        })  # fmt: skip
    except ValidationError as error:
        values = {name: fields.get(name, "") for name in ("name", "query", "about")}
        return render(request, "watch_new.html", 422, fields=values, trial=None, shown=SHOWN, errors=_reasons(error))
    with sessions() as session, session.begin():
        watch, secrets = watch_changes.add(session, new, visitor_of(request).name)
        return _changed(request, session, watch.id or 0, secrets)


@router.post("/watches/{id}")
def change_watch(request: Request, sessions: Sessions, id: WatchId, fields: Fields) -> Response:  # noqa: A002 - the path's own name
    """Changes a watch's name, query and folding."""
    changes = _fields(fields, "name", "query") | {"fold": "fold" in fields}
    return _change(request, sessions, id, changes)


@router.post("/watches/{id}/state")
def pause_or_resume_watch(request: Request, sessions: Sessions, id: WatchId, fields: Fields) -> Response:  # noqa: A002 - as above
    """Pauses a watch, or has it act again."""
    return _change(request, sessions, id, _fields(fields, "state"))


@router.post("/watches/{id}/receivers")
def add_receiver(request: Request, sessions: Sessions, id: WatchId, fields: Fields) -> Response:  # noqa: A002 - as above
    """Adds a receiver; shows the secret that was made for it once."""
    return _change(request, sessions, id, {"add": [_receiver(fields)]})


@router.post("/watches/{id}/receivers/{receiver}/remove")
def remove_receiver(request: Request, sessions: Sessions, id: WatchId, receiver: RowId) -> Response:  # noqa: A002 - as above
    """Removes a receiver."""
    return _change(request, sessions, id, {"remove": [receiver]})


@router.post("/watches/{id}/receivers/{receiver}/enable")
def enable_receiver(request: Request, sessions: Sessions, id: WatchId, receiver: RowId) -> Response:  # noqa: A002 - as above
    """Tells a receiver again that was disabled."""
    return _change(request, sessions, id, {"enable": [receiver]})


@router.post("/watches/{id}/test")
def try_watch(request: Request, sessions: Sessions, id: WatchId) -> HTMLResponse:  # noqa: A002 - as above
    """Sends each receiver a test, and shows what the watch would have matched."""
    with sessions() as session, session.begin():
        trial = watch_trials.trial(session, _row(session, id))
        watch = shown_watch(session, id)
    return render(request, "watch_trial.html", watch=watch, trial=trial)


@router.post("/watches/{id}/remove")
def remove_watch(sessions: Sessions, id: WatchId) -> RedirectResponse:  # noqa: A002 - as above
    """Removes a watch with its matches and deliveries."""
    with sessions() as session, session.begin():
        watch_changes.remove(session, _row(session, id))
    return RedirectResponse("/watches", 303)


@router.post("/watches/{id}/deliveries/resend")
def resend_deliveries(sessions: Sessions, id: WatchId, fields: Fields) -> RedirectResponse:  # noqa: A002 - as above
    """Sends a delivery again, or all that failed."""
    delivery_id = fields.get("delivery", "")
    ids = [int(delivery_id)] if delivery_id.isascii() and delivery_id.isdigit() and len(delivery_id) < 19 else []
    with sessions() as session, session.begin():
        _row(session, id)
        for delivery in watches.deliveries_to_resend(session, id, ids, failed="failed" in fields):
            try:
                watch_changes.resend(session, delivery)
            except ValueError as error:
                raise HTTPException(409, str(error)) from None
    return RedirectResponse(f"/watches/{id}/deliveries", 303)


def _change(request: Request, sessions: Any, watch_id: int, changes: Mapping[str, Any]) -> Response:
    with sessions() as session, session.begin():
        watch = _row(session, watch_id)
        try:
            secrets = watch_changes.change(session, watch, WatchChange.model_validate(changes))
        except ValueError as error:
            session.expire_all()
            matches = watches.matches(session, watch_id, PAGE_SIZE + 1)
            return watch_page(request, shown_watch(session, watch_id), matches, errors=_reasons(error))
        return _changed(request, session, watch_id, secrets)


def _changed(request: Request, session: Session, watch_id: int, secrets: dict[int, str]) -> Response:
    """Returns the way to a watch's page, or the page itself where there is a secret to show."""
    if not secrets:
        return RedirectResponse(f"/watches/{watch_id}", 303)
    matches = watches.matches(session, watch_id, PAGE_SIZE + 1)
    return watch_page(request, shown_watch(session, watch_id), matches, secrets=secrets)


def _fields(fields: Mapping[str, str], *names: str) -> dict[str, Any]:
    return {name: fields[name].strip() for name in names if name in fields}


def _receiver(fields: Mapping[str, str]) -> dict[str, Any]:
    """Returns a receiver as a form describes it."""
    filled_fields = {
        name: value for name, value in _fields(fields, "url", "secret", "rhythm", "hour", "zone").items() if value
    }
    return {name: filled_fields[name] for name in NewReceiver.model_fields if name in filled_fields}


def _row(session: Session, watch_id: int) -> Watch:
    shown_watch(session, watch_id)
    return session.get_one(Watch, watch_id)


def _reasons(error: ValueError) -> tuple[str, ...]:
    """Returns what is wrong in words, without what was sent: it may be a secret."""
    if not isinstance(error, ValidationError):
        return (str(error),)
    return tuple(
        " ".join(str(part) for part in item["loc"] if not isinstance(part, int))
        + ": "
        + item["msg"].removeprefix("Value error, ")
        for item in error.errors(include_input=False)
    )
