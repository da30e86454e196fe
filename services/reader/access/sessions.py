"""Sessions: a signed cookie says whose it is and since when, and nothing else."""

from hashlib import sha256
from secrets import token_urlsafe
from typing import Literal, NamedTuple, TypedDict

from itsdangerous import BadData, BadSignature, URLSafeTimedSerializer
from itsdangerous.encoding import base64_decode, base64_encode

DAY = 86_400
_SALT = "newsmill session"


class Session(NamedTuple):
    """A session of an account. It is valid while the account's `session_mark` is `mark`."""

    account_id: int
    mark: str
    id: str


class CookieOptions(TypedDict):
    """How a browser keeps the cookie: no script sees it, and forms of other sites do not send it."""

    path: str
    secure: bool
    httponly: bool
    samesite: Literal["lax"]


def new_session(account_id: int, mark: str) -> Session:
    """Returns a session with an id that was never given out, whatever cookie the browser had before."""
    return Session(account_id, mark, token_urlsafe(16))


def seal(key: str, session: Session) -> str:
    """Returns the text of a session's cookie, signed with the time of now."""
    return str(_serializer(key).dumps(list(session)))


def unseal(key: str, cookie: str, days: int) -> Session | None:
    """Returns the session of a cookie; None for one that is forged, spelled otherwise or older than so many days."""
    if not _is_spelled_as_sealed(cookie):
        return None
    try:
        match _serializer(key).loads(cookie, max_age=days * DAY):
            case [int(account_id), str(mark), str(session_id)]:
                return Session(account_id, mark, session_id)
    except BadSignature:
        pass
    return None


def _is_spelled_as_sealed(cookie: str) -> bool:
    """Returns whether a cookie's signature is in its one spelling: base64 is read with any other characters in between."""
    signature = cookie.rpartition(".")[2]
    try:
        return base64_encode(base64_decode(signature)).decode() == signature
    except BadData:
        return False


def cookie_name(*, secure: bool) -> str:
    """Returns the cookie's name. With TLS it is one that no other host and no plain connection can set (RFC 6265bis, 4.1.3.2)."""
    return "__Host-newsmill" if secure else "newsmill"


def cookie_options(*, secure: bool) -> CookieOptions:
    """Returns the cookie's attributes."""
    return {"path": "/", "secure": secure, "httponly": True, "samesite": "lax"}


def _serializer(key: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(key, salt=_SALT, signer_kwargs={"key_derivation": "hmac", "digest_method": sha256})
