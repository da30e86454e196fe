"""Signing in and out."""

from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlmodel import Session

from services.reader.access import audit
from services.reader.access.accounts import account_named
from services.reader.access.limits import count_login
from services.reader.access.passwords import hash_password, is_outdated, is_password
from services.reader.access.sessions import DAY, cookie_name, cookie_options, new_session, seal
from services.reader.access.visitors import Way, client_address
from services.reader.dependencies import Broker, Sessions
from services.reader.http.forms import form_fields
from services.reader.http.routes import BoundedRoute
from services.reader.pages.rendering import render
from shared.contracts import now_utc
from shared.database.models import Account

WRONG = "The name or the password is wrong."

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse, route_class=BoundedRoute)
log = structlog.get_logger(__name__)


@router.get("/login")
def login_form(request: Request, following: Annotated[str, Query(alias="next", max_length=8192)] = "/") -> Response:
    """The form to sign in."""
    return _form(request, following)


@router.post("/login")
def sign_in(
    request: Request, sessions: Sessions, redis: Broker, fields: Annotated[dict[str, str], Depends(form_fields)]
) -> Response:
    """Signs a user in with a session that did not exist before."""
    name, following = fields.get("name", "").strip(), fields.get("next", "/")
    check_attempts(request, redis, name)
    account = with_password(sessions, name, fields.get("password", ""))
    if account is None:
        # What was typed as a name may be a password.
        log.warning("sign-in refused", address=client_address(request))
        return _form(request, following, error=WRONG, status=401)
    answer = RedirectResponse(own_path(following), 303)
    keep_session(request, answer, account)
    with sessions() as session:
        audit.write(session, account.name, Way.SESSION, "sign_in", account.name, address=client_address(request))
        session.commit()
    return answer


@router.post("/logout")
def sign_out(request: Request) -> RedirectResponse:
    """Takes the session's cookie out of the browser."""
    answer = RedirectResponse("/login", 303)
    forget_session(request, answer)
    return answer


def check_attempts(request: Request, redis: Broker, name: str) -> None:
    """Counts an attempt at a password.

    Raises:
        HTTPException: 429, there were too many at this name or from this address.
    """
    if wait := count_login(redis, name, client_address(request)):
        detail = f"too many attempts to sign in; try again in {wait // 60 + 1} min"
        raise HTTPException(429, detail, headers={"Retry-After": str(wait)})


def with_password(sessions: Sessions, name: str, password: str) -> Account | None:
    """Returns the account of a name, if it has this password and is not disabled. It takes the same time if there is no such name."""
    with sessions() as session:
        account = account_named(session, name)
        session.expunge_all()
    password_hash = account.password_hash if account else None
    if not is_password(password, password_hash) or account is None or password_hash is None or account.disabled_at:
        return None
    with sessions() as session:
        return _note_sign_in(session, account, hash_password(password) if is_outdated(password_hash) else password_hash)


def _note_sign_in(session: Session, account: Account, password_hash: str) -> Account | None:
    """Returns the account as it is now; None if it was removed, disabled or got another password meanwhile."""
    present = session.get(Account, account.id)
    if present is None or present.disabled_at or present.password_hash != account.password_hash:
        return None
    present.signed_in_at, present.password_hash = now_utc(), password_hash
    session.commit()
    session.refresh(present)
    session.expunge(present)
    return present


def keep_session(request: Request, answer: Response, account: Account) -> None:
    """Adds the cookie of a new session of an account to an answer."""
    assert account.id is not None, "an account that was read has its number"
    secure, state = request.url.scheme == "https", request.app.state
    cookie = seal(state.signing_key.read(), new_session(account.id, account.session_mark))
    days = state.settings.reader_session_days
    answer.set_cookie(cookie_name(secure=secure), cookie, max_age=days * DAY, **cookie_options(secure=secure))


def forget_session(request: Request, answer: Response) -> None:
    """Takes the cookie out of the browser that gets an answer."""
    secure = request.url.scheme == "https"
    answer.delete_cookie(cookie_name(secure=secure), **cookie_options(secure=secure))


def own_path(following: str) -> str:
    """Returns the path to go on to after signing in: a path of this reader, else `/`.

    Browsers read a second slash or backslash, also one behind a tab or line break, as the beginning of a host.
    """
    is_own = following.startswith("/") and following[1:2] not in {"/", "\\"} and following.isprintable()
    return following if is_own and following.partition("?")[0] not in {"/login", "/logout"} else "/"


def _form(request: Request, following: str, error: str = "", status: int = 200) -> HTMLResponse:
    answer = render(request, "login.html", status, following=own_path(following), error=error)
    answer.headers["Cache-Control"] = "no-store"
    return answer
