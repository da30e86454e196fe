"""Users as pages, for admins: who there is, and of one user the role, the password and the tokens."""

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Request
from fastapi.responses import HTMLResponse
from sqlmodel import Session

from services.reader.access import accounts
from services.reader.access.accounts import account_named
from services.reader.access.roles import Role, Scope
from services.reader.dependencies import Sessions
from services.reader.http.routes import BoundedRoute
from services.reader.pages.rendering import render
from shared.database.models import Account

router = APIRouter(
    prefix="/users", include_in_schema=False, default_response_class=HTMLResponse, route_class=BoundedRoute
)

UserName = Annotated[str, Path(max_length=64, pattern=r"^[^\x00]*$")]


@router.get("")
def show_users(request: Request, sessions: Sessions) -> HTMLResponse:
    """Every user, and the form of a new one."""
    with sessions() as session:
        return users_page(request, session)


@router.get("/{name}")
def show_user(request: Request, sessions: Sessions, name: UserName) -> HTMLResponse:
    """A user with what can be changed of them."""
    with sessions() as session:
        return user_page(request, session, user_named(session, name))


def user_named(session: Session, name: str) -> Account:
    """Returns the account of a name.

    Raises:
        HTTPException: 404, there is none.
    """
    account = account_named(session, name)
    if account is None:
        raise HTTPException(404, f"no user {name!r}")
    return account


def users_page(
    request: Request, session: Session, error: str = "", fields: dict[str, str] | None = None
) -> HTMLResponse:
    """Returns the page of all users; with an error, as the answer to the form whose fields were wrong."""
    values = {"users": accounts.accounts(session), "roles": list(Role), "fields": fields or {}}
    return _private(render(request, "users.html", 422 if error else 200, error=error, **values))


def user_page(
    request: Request, session: Session, account: Account, *, error: str = "", token: str = ""
) -> HTMLResponse:
    """Returns the page of a user; with an error, or with a token that was made, as the answer to a form."""
    assert account.id is not None, "an account that was read has its number"
    values: dict[str, Any] = {
        "tokens": accounts.tokens(session, account.id),
        "roles": list(Role),
        "scopes": list(Scope),
    }
    status = 422 if error else 200
    return _private(render(request, "user.html", status, account=account, error=error, token=token, **values))


def _private(answer: HTMLResponse) -> HTMLResponse:
    answer.headers["Cache-Control"] = "no-store"
    return answer
