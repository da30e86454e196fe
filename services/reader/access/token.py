"""Who may write: a request with the token, or any request from this machine where no token is set."""

from hmac import compare_digest

from fastapi import HTTPException, Request
from fastapi.security import HTTPBearer

from services.reader.settings import ReaderSettings, is_loopback

# As a dependency it tells the API's documentation that a route needs the token; TokenRoute checks it.
BEARER = HTTPBearer(auto_error=False)


def check_token(request: Request) -> None:
    """Lets a write through: with the token, or without one where none is set and only this machine can reach the reader.

    Raises:
        HTTPException: 401, the token is missing or wrong.
    """
    if not is_authorized(request.app.state.settings, request.headers.get("authorization", "")):
        raise HTTPException(401, "the token is missing or wrong", headers={"WWW-Authenticate": "Bearer"})


def is_authorized(settings: ReaderSettings, authorization: str) -> bool:
    """Returns whether an Authorization header holds the token, or none is needed."""
    token = settings.reader_token
    if token is None:
        return is_loopback(settings.reader_host)
    scheme, _, credentials = authorization.partition(" ")
    secret = token.get_secret_value().encode()
    return scheme.lower() == "bearer" and compare_digest(credentials.strip().encode(), secret)
