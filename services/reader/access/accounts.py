"""The accounts of users and their tokens, for the reader and the command line. Callers commit."""

import re
from collections.abc import Iterable, Sequence
from datetime import timedelta
from hashlib import sha256
from secrets import token_urlsafe

from sqlalchemy import delete, select, update
from sqlmodel import Session, col

from services.reader.access.passwords import hash_password
from services.reader.access.roles import Role, Scope
from shared.contracts import now_utc
from shared.database.models import Account, ApiToken, ReadPlace, ReadState
from shared.database.models.accounts import session_mark
from shared.errors import NewsmillError

TOKEN_PREFIX = "newsmill_"  # noqa: S105 - what every token begins with, so that scanners of sources find a lost one
USED_STEP = timedelta(minutes=1)
# It stands in addresses of pages, where `.` and `..` are none.
_NAME = re.compile(r"\w[\w.@+-]{0,63}")


class AccountError(NewsmillError):
    """A user or token that does not exist or cannot be made so. The text says what to do."""


def account_named(session: Session, name: str) -> Account | None:
    """Returns the account of a name; None if there is none. Names differ by case."""
    return session.scalars(select(Account).where(col(Account.name) == name)).one_or_none()


def existing_account(session: Session, name: str) -> Account:
    """Returns the account of a name.

    Raises:
        AccountError: there is none.
    """
    if (account := account_named(session, name)) is None:
        raise AccountError(f"no user {name!r}: `newsmill users list` shows them")
    return account


def accounts(session: Session) -> Sequence[Account]:
    """Returns every account, by name."""
    return session.scalars(select(Account).order_by(col(Account.name))).all()


def add_account(session: Session, name: str, role: Role, password: str | None) -> Account:
    """Adds an account and returns it. Without a password its user signs in by a proxy only.

    Raises:
        AccountError: the name is taken or is none, or the password is too short or too long.
    """
    if not _NAME.fullmatch(name):
        raise AccountError(
            f"{name!r} is no user's name: take up to 64 letters, digits and . _ @ + -, a letter or digit first"
        )
    if account_named(session, name) is not None:
        raise AccountError(f"there is a user {name!r}: `newsmill users password` gives them another password")
    account = Account(name=name, role=role.value, password_hash=_hash(password))
    session.add(account)
    session.flush()
    return account


def set_password(account: Account, password: str) -> None:
    """Gives an account another password, which ends its sessions.

    Raises:
        AccountError: it is too short or too long.
    """
    account.password_hash = _hash(password)
    end_sessions(account)


def set_role(account: Account, role: Role) -> None:
    """Gives an account another role, which ends its sessions."""
    account.role = role.value
    end_sessions(account)


def disable(account: Account) -> None:
    """Keeps a user out: ends their sessions, and refuses their password, their tokens and what a proxy says of them."""
    account.disabled_at = account.disabled_at or now_utc()
    end_sessions(account)


def enable(account: Account) -> None:
    """Lets a user in again, with the password and the tokens that they had."""
    account.disabled_at = None


def remove(session: Session, account: Account) -> None:
    """Removes an account with its sessions and tokens, and what its owner has read: SQLite may give its number to another."""
    for table in (ReadState, ReadPlace):
        session.execute(delete(table).where(col(table.owner) == account.id))
    session.delete(account)


def end_sessions(account: Account) -> None:
    """Ends every session of an account."""
    account.session_mark = session_mark()


def tokens(session: Session, account_id: int | None = None) -> Sequence[ApiToken]:
    """Returns the tokens of an account, or of all, the oldest first."""
    query = select(ApiToken).order_by(col(ApiToken.id))
    return session.scalars(query if account_id is None else query.where(col(ApiToken.account_id) == account_id)).all()


def add_token(session: Session, account: Account, label: str, scopes: Iterable[Scope]) -> str:
    """Adds a token to an account and returns its text, which can be had at no other time.

    Raises:
        AccountError: it has no label or no scope.
    """
    ordered = [scope.value for scope in Scope if scope in set(scopes)]
    if not ordered or not 0 < len(label) <= 64:
        raise AccountError("a token has a label of up to 64 characters and at least one scope: read, write, trigger")
    text = TOKEN_PREFIX + token_urlsafe(32)
    assert account.id is not None, "an account is stored before it gets a token"
    session.add(ApiToken(account_id=account.id, label=label, digest=digest(text), scopes=ordered))
    return text


def revoke_token(session: Session, token_id: int, account_id: int | None = None) -> ApiToken:
    """Revokes a token, if it belongs to the account where one is given, and returns it.

    Raises:
        AccountError: there is no such token.
    """
    token = session.get(ApiToken, token_id)
    if token is None or account_id not in (None, token.account_id):
        raise AccountError(f"no token {token_id}")
    token.revoked_at = token.revoked_at or now_utc()
    return token


def holder(session: Session, text: str) -> tuple[Account, frozenset[Scope]] | None:
    """Returns whose a token is, with its scopes, and notes that it was used; None for an unknown or revoked one, or one of a user
    who is disabled."""
    token = session.scalars(select(ApiToken).where(col(ApiToken.digest) == digest(text))).one_or_none()
    if token is None or token.revoked_at is not None:
        return None
    account, now = session.get_one(Account, token.account_id), now_utc()
    if account.disabled_at is not None:
        return None
    if token.used_at is None or now - token.used_at >= USED_STEP:
        session.execute(update(ApiToken).where(col(ApiToken.id) == token.id).values(used_at=now))
        session.commit()
    return account, frozenset(map(Scope, token.scopes))


def digest(token: str) -> str:
    """Returns what is kept of a token. It is random and long, so that nobody can guess it from its hash."""
    return sha256(token.encode(errors="replace")).hexdigest()


def _hash(password: str | None) -> str | None:
    try:
        return None if password is None else hash_password(password)
    except ValueError as error:
        raise AccountError(str(error)) from None
