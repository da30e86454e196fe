"""What a route receives: sessions of the database, Redis, what sends messages, the settings.

They are coroutines, since FastAPI would take a thread for a plain function.
"""

from typing import Annotated, cast

from fastapi import Depends, Request
from fastapi.security import HTTPBearer
from redis import Redis
from sqlalchemy.orm import sessionmaker
from sqlmodel import Session

from services.reader.settings import ReaderSettings
from shared.stage import Sender


async def _sessions(request: Request) -> sessionmaker[Session]:
    return sessionmaker(request.app.state.engine, class_=Session)


async def _redis(request: Request) -> "Redis":
    return cast("Redis", request.app.state.redis)


async def _sender(request: Request) -> Sender:
    return cast("Sender", request.app.state.sender)


async def _settings(request: Request) -> ReaderSettings:
    return cast("ReaderSettings", request.app.state.settings)


# It tells the documentation of the API that its routes take a token; http/gate.py checks it.
BEARER = Depends(HTTPBearer(auto_error=False))
# A route opens its session and closes it before it returns: FastAPI serialises the answer in another turn of a thread,
# and a session that stays open meanwhile holds a connection without a thread. Enough of these, and every thread waits
# for a connection that only a thread could give back.
Sessions = Annotated[sessionmaker[Session], Depends(_sessions)]
Broker = Annotated["Redis", Depends(_redis)]
Send = Annotated[Sender, Depends(_sender)]
Config = Annotated[ReaderSettings, Depends(_settings)]
