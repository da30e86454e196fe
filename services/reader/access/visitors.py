"""Who sends a request."""

from dataclasses import dataclass
from typing import cast

from fastapi import Request

from services.reader.access.roles import EVERY_SCOPE, Role, Scope


@dataclass(frozen=True)
class Visitor:
    """Who sends a request, and what they may do.

    Attributes:
        name: as the audit names them.
        role: what they may do.
        scopes: to what a token narrows it.
        user_id: of their account; None without one.
    """

    name: str
    role: Role
    scopes: frozenset[Scope] = EVERY_SCOPE
    user_id: int | None = None

    def may(self, role: Role | str, scope: Scope | str = Scope.READ) -> bool:
        """Returns whether they may do what needs a role and a scope."""
        return self.role.includes(Role(role)) and Scope(scope) in self.scopes


# Whoever sits at this machine, where only this machine reaches the reader.
LOCAL = Visitor("local", Role.ADMIN)


def visitor_of(request: Request) -> Visitor:
    """Returns who sends a request."""
    return cast("Visitor", getattr(request.state, "visitor", LOCAL))
