"""A user's own account: the password, the sessions, the tokens."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.reader.access.accounts import AccountError, add_token, end_sessions, revoke_token, set_password, tokens
from services.reader.access.roles import Scope
from services.reader.access.visitors import visitor_of
from services.reader.api.cursors import BIGGEST_ID
from services.reader.dependencies import Broker, Sessions
from services.reader.http.changes import note
from services.reader.http.forms import form_fields, form_lists
from services.reader.http.routes import BoundedRoute
from services.reader.pages.login import check_attempts, forget_session, keep_session, with_password
from services.reader.pages.rendering import render
from shared.database.models import Account

router = APIRouter(
    prefix="/account", include_in_schema=False, default_response_class=HTMLResponse, route_class=BoundedRoute
)


def _own_id(request: Request) -> int:
    account_id = visitor_of(request).account_id
    if account_id is None:
        raise HTTPException(
            404, "who sits at this machine needs no account; `newsmill users add` makes accounts for others"
        )
    return account_id


OwnId = Annotated[int, Depends(_own_id)]
Fields = Annotated[dict[str, str], Depends(form_fields)]


@router.get("")
def account(request: Request, sessions: Sessions, own_id: OwnId, *, changed: bool = False) -> HTMLResponse:
    """The account of who asks. `changed` says that the password has just been changed."""
    return _page(request, sessions, own_id, changed=changed)


@router.post("/password")
def change_password(request: Request, sessions: Sessions, redis: Broker, own_id: OwnId, fields: Fields) -> Response:
    """Changes the password, which ends every session but this one."""
    name = visitor_of(request).name
    check_attempts(request, redis, name)
    if with_password(sessions, name, fields.get("current", "")) is None:
        return _page(request, sessions, own_id, error="The present password is wrong.", status=403)
    with sessions() as session:
        row = session.get_one(Account, own_id)
        try:
            set_password(row, fields.get("password", ""))
        except AccountError as error:
            return _page(request, sessions, own_id, error=str(error), status=422)
        session.commit()
        session.refresh(row)
        answer = RedirectResponse("/account?changed=1", 303)
        keep_session(request, answer, row)
    note(request, name)
    return answer


@router.post("/tokens")
def add_api_token(
    request: Request,
    sessions: Sessions,
    own_id: OwnId,
    lists: Annotated[dict[str, list[str]], Depends(form_lists)],
) -> HTMLResponse:
    """Makes a token and shows it, this once."""
    label, names = lists.get("label", [""])[-1].strip(), lists.get("scope", [])
    scopes = [scope for scope in Scope if scope.value in names]
    with sessions() as session:
        try:
            token = add_token(session, session.get_one(Account, own_id), label, scopes)
        except AccountError as error:
            return _page(request, sessions, own_id, error=str(error), status=422)
        session.commit()
    note(request, label, scopes=scopes)
    return _page(request, sessions, own_id, token=token)


@router.post("/tokens/{id}/revoke")
def revoke_api_token(
    request: Request,
    sessions: Sessions,
    own_id: OwnId,
    id: Annotated[int, Path(ge=1, le=BIGGEST_ID)],  # noqa: A002 - the path's own name
) -> RedirectResponse:
    """Revokes a token of who asks."""
    with sessions() as session:
        try:
            label = revoke_token(session, id, own_id).label
        except AccountError as error:
            raise HTTPException(404, str(error)) from None
        session.commit()
    note(request, label)
    return RedirectResponse("/account", 303)


@router.post("/sessions/end")
def end_all_sessions(request: Request, sessions: Sessions, own_id: OwnId) -> RedirectResponse:
    """Ends every session of who asks, this one too."""
    with sessions() as session:
        end_sessions(session.get_one(Account, own_id))
        session.commit()
    answer = RedirectResponse("/login", 303)
    forget_session(request, answer)
    note(request, visitor_of(request).name)
    return answer


def _page(
    request: Request,
    sessions: Sessions,
    own_id: int,
    *,
    error: str = "",
    token: str = "",
    changed: bool = False,
    status: int = 200,
) -> HTMLResponse:
    with sessions() as session:
        row: Any = session.get_one(Account, own_id)
        values = {"account": row, "tokens": tokens(session, own_id), "scopes": list(Scope)}
        answer = render(request, "account.html", status, error=error, token=token, changed=changed, **values)
    answer.headers["Cache-Control"] = "no-store"
    return answer
