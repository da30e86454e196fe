"""The forms of the pages of users: each changes one thing, and goes back to the page of the user."""

from collections.abc import Callable
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, HTTPException, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlmodel import Session

from services.reader.access import accounts
from services.reader.access.accounts import AccountError
from services.reader.access.roles import Role, Scope
from services.reader.access.visitors import visitor_of
from services.reader.api.cursors import BIGGEST_ID
from services.reader.dependencies import Sessions
from services.reader.http.changes import note
from services.reader.http.forms import form_fields, form_lists
from services.reader.http.routes import BoundedRoute
from services.reader.pages.users import UserName, user_named, user_page, users_page
from shared.database.models import Account

router = APIRouter(
    prefix="/users", include_in_schema=False, default_response_class=HTMLResponse, route_class=BoundedRoute
)

Fields = Annotated[dict[str, str], Depends(form_fields)]
Lists = Annotated[dict[str, list[str]], Depends(form_lists)]


@router.post("")
def add_user(request: Request, sessions: Sessions, fields: Fields) -> Response:
    """Adds a user. Without a password they sign in by the proxy only."""
    name, role = fields.get("name", "").strip(), _role(fields)
    with sessions() as session:
        try:
            accounts.add_account(session, name, role, fields.get("password") or None)
        except AccountError as error:
            return users_page(request, session, str(error), {"name": name, "role": role.value})
        session.commit()
    note(request, name, role=role.value)
    return _back(name)


@router.post("/{name}/role")
def change_role(request: Request, sessions: Sessions, name: UserName, fields: Fields) -> Response:
    """Gives another user another role, which ends their sessions."""
    role = _role(fields)
    with sessions() as session:
        account = _another(request, session, name)
        note(request, name, before=account.role, after=role.value)
        accounts.set_role(account, role)
        session.commit()
    return _back(name)


@router.post("/{name}/password")
def give_password(request: Request, sessions: Sessions, name: UserName, fields: Fields) -> Response:
    """Gives another user another password, which ends their sessions."""
    with sessions() as session:
        account = _another(request, session, name)
        try:
            accounts.set_password(account, fields.get("password", ""))
        except AccountError as error:
            session.rollback()
            return user_page(request, session, user_named(session, name), error=str(error))
        session.commit()
    return _back(name)


@router.post("/{name}/disable")
def disable_user(request: Request, sessions: Sessions, name: UserName) -> Response:
    """Keeps another user out."""
    return _change(request, sessions, name, accounts.disable)


@router.post("/{name}/enable")
def enable_user(request: Request, sessions: Sessions, name: UserName) -> Response:
    """Lets a user in again."""
    return _change(request, sessions, name, accounts.enable)


@router.post("/{name}/remove")
def remove_user(request: Request, sessions: Sessions, name: UserName) -> Response:
    """Removes another user with their sessions and tokens."""
    with sessions() as session:
        accounts.remove(session, _another(request, session, name))
        session.commit()
    note(request, name)
    return RedirectResponse("/users", 303)


@router.post("/{name}/tokens")
def add_user_token(request: Request, sessions: Sessions, name: UserName, lists: Lists) -> HTMLResponse:
    """Makes a token for a user's program and shows it, this once."""
    label, chosen = lists.get("label", [""])[-1].strip(), lists.get("scope", [])
    scopes = [scope for scope in Scope if scope.value in chosen]
    with sessions() as session:
        account = user_named(session, name)
        try:
            token = accounts.add_token(session, account, label, scopes)
        except AccountError as error:
            return user_page(request, session, account, error=str(error))
        session.commit()
        note(request, name, label=label, scopes=scopes)
        return user_page(request, session, account, token=token)


@router.post("/{name}/tokens/{id}/revoke")
def revoke_user_token(
    request: Request,
    sessions: Sessions,
    name: UserName,
    id: Annotated[int, Path(ge=1, le=BIGGEST_ID)],  # noqa: A002 - the path's own name
) -> Response:
    """Revokes a token of a user."""
    with sessions() as session:
        try:
            label = accounts.revoke_token(session, id, user_named(session, name).id).label
        except AccountError as error:
            raise HTTPException(404, str(error)) from None
        session.commit()
    note(request, name, label=label, id=id)
    return _back(name)


def _change(request: Request, sessions: Sessions, name: str, change: Callable[[Account], None]) -> Response:
    with sessions() as session:
        change(_another(request, session, name))
        session.commit()
    note(request, name)
    return _back(name)


def _another(request: Request, session: Session, name: str) -> Account:
    """Returns the account of a user who is not the one who asks: nobody locks themselves out.

    Raises:
        HTTPException: 404, there is none; 409, it is their own.
    """
    account = user_named(session, name)
    if account.id == visitor_of(request).account_id:
        raise HTTPException(
            409, "this is your own account: another admin changes it, or `newsmill users` on the machine"
        )
    return account


def _role(fields: dict[str, str]) -> Role:
    try:
        return Role(fields.get("role", ""))
    except ValueError:
        raise HTTPException(422, "a role is reader, editor or admin") from None


def _back(name: str) -> RedirectResponse:
    return RedirectResponse(f"/users/{quote(name, safe='')}", 303)
