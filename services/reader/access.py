"""Who may write: a request with the token, or any request from this machine where no token is set."""

from hmac import compare_digest
from typing import Annotated

from fastapi import Depends, HTTPException, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from services.reader.dependencies import Config
from services.reader.settings import LOOPBACK_NAMES, ReaderSettings, is_loopback

Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))]


async def require_token(request: Request, settings: Config, bearer: Bearer) -> None:
    """Lets a write through: with the token, or from this machine where no token is set.

    Raises:
        HTTPException: 401 without the right token, 403 for a page elsewhere that points its host name here.
    """
    check_token(request, settings, bearer)


def check_token(request: Request, settings: ReaderSettings, bearer: HTTPAuthorizationCredentials | None) -> None:
    """Does the same outside of a dependency."""
    token = settings.reader_token
    if token is None and is_loopback(settings.reader_host):
        if request.url.hostname not in LOOPBACK_NAMES:
            raise HTTPException(403, "without a token, writes are taken at 127.0.0.1 or localhost only")
        return
    credentials = bearer.credentials if bearer else ""
    if token is None or not compare_digest(credentials.encode(), token.get_secret_value().encode()):
        raise HTTPException(401, "the token is missing or wrong", headers={"WWW-Authenticate": "Bearer"})
