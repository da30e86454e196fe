"""What a request is given: a database session, Redis, the settings; and who may write."""

from collections.abc import Iterator
from hmac import compare_digest
from typing import Annotated

from fastapi import Depends, HTTPException, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from redis import Redis
from sqlmodel import Session

from services.reader.settings import LOOPBACK_NAMES, ReaderSettings, is_loopback


def _session(request: Request) -> Iterator[Session]:
    with Session(request.app.state.engine) as session:
        yield session


def _redis(request: Request) -> "Redis":
    redis: Redis = request.app.state.redis
    return redis


def _settings(request: Request) -> ReaderSettings:
    settings: ReaderSettings = request.app.state.settings
    return settings


Database = Annotated[Session, Depends(_session)]
Broker = Annotated["Redis", Depends(_redis)]
Config = Annotated[ReaderSettings, Depends(_settings)]
Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))]


def may_write(request: Request, settings: Config, bearer: Bearer) -> None:
    """Lets a write through: with the token, or from this machine where no token is set.

    Raises:
        HTTPException: 401 without the right token, 403 for a page elsewhere that points its host name here.
    """
    token = settings.reader_token
    if token is None and is_loopback(settings.reader_host):
        if request.url.hostname not in LOOPBACK_NAMES:
            raise HTTPException(403, "without a token, writes are taken at 127.0.0.1 or localhost only")
        return
    given = bearer.credentials if bearer else ""
    if token is None or not compare_digest(given.encode(), token.get_secret_value().encode()):
        raise HTTPException(401, "the token is missing or wrong", headers={"WWW-Authenticate": "Bearer"})
