"""Who sends a request: by a token, by the header of a trusted proxy, by the cookie of a session, or by sitting here."""

from hmac import compare_digest

from fastapi import Request
from pydantic import SecretStr
from sqlalchemy import Engine
from sqlmodel import Session

from services.reader.access.accounts import TOKEN_PREFIX, account_named, holder
from services.reader.access.keys import SigningKey
from services.reader.access.roles import Role
from services.reader.access.sessions import cookie_name, unseal
from services.reader.access.visitors import NOBODY, Visitor, Way
from services.reader.settings import ReaderSettings
from shared.database.models import Account

OPERATOR = Visitor("operator token", Way.TOKEN, Role.EDITOR)


class Identities:
    """Finds out who sends a request.

    Args:
        engine: of the database with the accounts.
        settings: of the reader.
        key: that signs the cookies.
    """

    def __init__(self, engine: Engine, settings: ReaderSettings, key: SigningKey) -> None:
        self._engine, self._settings, self._key = engine, settings, key

    def visitor(self, request: Request) -> Visitor:
        """Returns who sends a request. What only pretends to be known is nobody, wherever it comes from.

        It may ask the database, and only for what an attacker cannot make up in any number: a cookie is asked about once
        its signature is right.
        """
        if (token := _token(request)) is not None:
            return self._of_token(token)
        if names := self._names(request):
            return self._of_proxy(names)
        cookie = _cookie(request)
        return (self._of_cookie(cookie) if cookie else None) or self.at_this_machine()

    def shows_anything(self, request: Request) -> bool:
        """Returns whether a request comes with anything by which its sender may be known."""
        return _token(request) is not None or bool(self._names(request) or _cookie(request))

    def at_this_machine(self) -> Visitor:
        """Returns who sends a request that shows nothing: who sits here, if nobody else reaches the reader."""
        if self._settings.needs_accounts():
            return NOBODY
        return Visitor("local", Way.LOCAL, Role.ADMIN if self._settings.reader_token is None else Role.READER)

    def _names(self, request: Request) -> list[str]:
        header = self._settings.reader_user_header
        return request.headers.getlist(header) if header else []

    def _of_token(self, text: str) -> Visitor:
        if is_secret(text, self._settings.reader_token):
            return OPERATOR
        if not text.startswith(TOKEN_PREFIX):
            return NOBODY
        with Session(self._engine) as session:
            holding = holder(session, text)
            return NOBODY if holding is None else _visitor(holding[0], Way.TOKEN, scopes=holding[1])

    def _of_proxy(self, names: list[str]) -> Visitor:
        """Returns the visitor that a proxy names, once; access/proxy.py has let its header alone through."""
        name = names[0].encode("latin-1", "replace").decode(errors="replace")
        if len(names) > 1:
            return NOBODY
        with Session(self._engine) as session:
            account = account_named(session, name)
            return NOBODY if account is None or account.disabled_at else _visitor(account, Way.PROXY)

    def _of_cookie(self, cookie: str) -> Visitor | None:
        ticket = unseal(self._key.read(), cookie, self._settings.reader_session_days)
        if ticket is None:
            return None
        with Session(self._engine) as session:
            account = session.get(Account, ticket.account_id)
            if account is None or account.session_mark != ticket.mark:
                return None
            return _visitor(account, Way.SESSION, session_id=ticket.id)


def is_secret(text: str, secret: SecretStr | None) -> bool:
    """Returns whether a text is a secret, in a time that tells nothing of it."""
    return secret is not None and compare_digest(text.encode(errors="replace"), secret.get_secret_value().encode())


def _token(request: Request) -> str | None:
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    return text.strip() if scheme.lower() == "bearer" else None


def _cookie(request: Request) -> str | None:
    return request.cookies.get(cookie_name(secure=request.url.scheme == "https"))


def _visitor(account: Account, way: Way, **fields: object) -> Visitor:
    return Visitor(account.name, way, Role(account.role), account_id=account.id, **fields)  # type: ignore[arg-type] # scopes or session_id
