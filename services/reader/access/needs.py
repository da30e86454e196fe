"""What each request needs. Closed by default: what is not named here needs an account, and a change an editor's."""

from typing import NamedTuple

from services.reader.access.roles import Role, Scope

READING_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# Answered to everybody: probes, the form to sign in, files without news, and addresses that are secrets themselves.
OPEN = ("/healthz", "/metrics", "/canary", "/login")
OPEN_BELOW = ("/static/", "/swagger-ui/", "/websub/", "/feeds/")


class Need(NamedTuple):
    """What a request needs.

    Attributes:
        role: of who sends it.
        scope: of the token with which it comes.
        is_personal: whether a token will not do: only the person behind an account may.
        is_audited: whether the audit tells of it.
    """

    role: Role
    scope: Scope
    is_personal: bool = False
    is_audited: bool = True


_READ = Need(Role.READER, Scope.READ)
_WRITE = Need(Role.EDITOR, Scope.WRITE)
# Changes nothing that others see, or is a report of an image: who reports one is told to nobody.
_PLAIN = Need(Role.READER, Scope.READ, is_audited=False)
# Triggers are many, and each has its history.
_TRIGGER = Need(Role.EDITOR, Scope.TRIGGER, is_audited=False)
_OWN = Need(Role.READER, Scope.WRITE, is_personal=True)
# What one has read is one's own affair, and no change that others see.
_READING = Need(Role.READER, Scope.WRITE, is_audited=False)
_ADMIN = Need(Role.ADMIN, Scope.WRITE, is_personal=True)
_MODERATE = Need(Role.EDITOR, Scope.READ)
_AUDIT = Need(Role.ADMIN, Scope.READ)
# By path, and for what lies below a path that ends with a slash; the first that fits.
_CHANGES = (
    ("/v1/triggers", _TRIGGER), ("/v1/images/reports", _PLAIN), ("/images/reports", _PLAIN), ("/pictures", _PLAIN), ("/logout", _OWN),
    ("/account", _OWN), ("/account/", _OWN), ("/users", _ADMIN), ("/users/", _ADMIN), ("/reading", _READING), ("/reading/", _READING),
    ("/v1/reading", _READING), ("/v1/reading/", _READING),
)  # fmt: skip
_LOOKS = (
    ("/account", _OWN), ("/account/", _OWN), ("/users", _ADMIN), ("/users/", _ADMIN), ("/audit", _AUDIT), ("/v1/audit", _AUDIT),
    ("/v1/images", _MODERATE), ("/v1/images/moderation", _MODERATE), ("/images", _MODERATE),
)  # fmt: skip


def need_of(method: str, path: str) -> Need | None:
    """Returns what a request needs; None if it is open to everybody."""
    if path in OPEN or path.startswith(OPEN_BELOW):
        return None
    reads = method in READING_METHODS
    named = (need for prefix, need in (_LOOKS if reads else _CHANGES) if _fits(path, prefix))
    return next(named, _READ if reads else _WRITE)


def _fits(path: str, prefix: str) -> bool:
    return path.startswith(prefix) if prefix.endswith("/") else path == prefix
