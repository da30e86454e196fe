"""Who sends a request, and by which way they are known."""

from dataclasses import dataclass
from enum import StrEnum
from typing import cast

from fastapi import Request

from services.reader.access.roles import EVERY_SCOPE, Role, Scope
from shared.database.models import LOCAL_OWNER


class Way(StrEnum):
    """How a visitor is known: by nothing, by sitting at this machine, by a cookie, by a proxy's header, by a token."""

    NONE = "none"
    LOCAL = "local"
    SESSION = "session"
    PROXY = "proxy"
    TOKEN = "token"  # noqa: S105 - the name of a way


@dataclass(frozen=True)
class Visitor:
    """Who sends a request, and what they may do.

    Attributes:
        name: as the audit names them.
        way: by which they are known.
        role: what they may do; None for who may nothing.
        scopes: to what a token narrows it.
        account_id: of their account; None without one.
        session_id: of their session; empty without one.
    """

    name: str
    way: Way
    role: Role | None
    scopes: frozenset[Scope] = EVERY_SCOPE
    account_id: int | None = None
    session_id: str = ""

    def may(self, role: Role | str, scope: Scope | str = Scope.READ) -> bool:
        """Returns whether they may do what needs a role and a scope."""
        return self.role is not None and self.role.includes(Role(role)) and Scope(scope) in self.scopes


NOBODY = Visitor("nobody", Way.NONE, None)


def visitor_of(request: Request) -> Visitor:
    """Returns who sends a request. Where nobody was looked for, nobody does."""
    return cast("Visitor", getattr(request.state, "visitor", NOBODY))


def owner_of(request: Request) -> int | None:
    """Returns whose reading a request is about: an account's, or of who sits at this machine; None for a token without a user."""
    visitor = visitor_of(request)
    return LOCAL_OWNER if visitor.way is Way.LOCAL else visitor.account_id


def client_address(request: Request) -> str:
    """Returns the client's address: the peer's, or what the proxy that the settings name says."""
    return request.client.host if request.client else ""


def form_owner(request: Request) -> str:
    """Returns to whom the forms of a page belong: to a session, else to a name, else to an address."""
    visitor = visitor_of(request)
    if visitor.session_id:
        return f"session {visitor.session_id}"
    return f"name {visitor.name}" if visitor.way is Way.PROXY else f"address {client_address(request)}"
