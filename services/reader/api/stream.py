"""Events as they come: /v1/stream, Server-Sent Events (WHATWG HTML, 9.2). A stream that waits holds no connection of the
database and no thread; one thread of the process looks for what is new, for all of them."""

import json
from asyncio import Event as News
from asyncio import Task, create_task, timeout
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from threading import Event
from time import monotonic
from typing import Annotated

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Header, HTTPException, Query, Request
from fastapi.responses import StreamingResponse
from redis import Redis
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from services.reader.api.cursors import BIGGEST_ID
from services.reader.dependencies import BEARER
from services.reader.http.routes import BoundedRoute
from shared.database import event_log
from shared.database.event_log import LoggedEvent, cloud_event
from shared.worker.bell import Bell, ring_when_stored

router = APIRouter(prefix="/v1", tags=["feeds"], route_class=BoundedRoute, dependencies=[BEARER])

LOOK_SECONDS = 1.0
HEARTBEAT_SECONDS = 15.0
# A stream ends then, and its client connects again.
LONGEST_SECONDS = 3600.0
# After which it is asked again whether who reads a stream still may.
CHECK_SECONDS = 60.0
# Milliseconds after which a browser connects again.
RETRY = 2000
BATCH = 100
# Asked of proxies that would keep an answer until it ends.
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class Tail:
    """The end of the log of events, looked at once for all streams of the process, and only while there are any.

    Args:
        engine: of the database.
        redis: whose channel rings when something is stored.
        limit: streams at a time.
    """

    def __init__(self, engine: Engine, redis: "Redis", limit: int) -> None:
        self._engine, self._redis, self._limit = engine, redis, limit
        self._bell, self._silenced = Bell(), Event()
        self._thread, self._news = CapacityLimiter(1), News()
        self._streams = 0
        self._watch: Task[None] | None = None
        self.newest = 0

    def check_room(self) -> None:
        """Raises HTTPException: 503, there are as many streams as may be."""
        if self._streams >= self._limit:
            detail = f"{self._limit} streams are open, as many as may be (NEWSMILL_READER_STREAMS)"
            raise HTTPException(503, detail, headers={"Retry-After": "30"})

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Counts a stream, and has the log watched while there is one."""
        self._streams += 1
        try:
            if self._watch is None:
                self._silenced, self._news = Event(), News()
                ring_when_stored(self._bell, self._redis, self._silenced)
                self._watch = create_task(self._look())
            yield
        finally:
            self._streams -= 1
            if not self._streams and self._watch is not None:
                self._watch.cancel()
                self._silenced.set()
                self._watch = None

    async def wait(self, position: int, seconds: float) -> bool:
        """Returns whether there is an event behind a position, as soon as there is one or after so many seconds."""
        try:
            async with timeout(seconds):
                while self.newest <= position:
                    await self._news.wait()
        except TimeoutError:
            return False
        return True

    async def _look(self) -> None:
        while True:
            newest = await to_thread.run_sync(self._next, abandon_on_cancel=True, limiter=self._thread)
            if newest > self.newest:
                # A condition of asyncio loses its lock when many who wait for it leave at a time.
                news, self._news = self._news, News()
                self.newest = newest
                news.set()

    def _next(self) -> int:
        """Waits for the bell, or a second, and returns the newest position; the last known one while the database is away."""
        rings = self._bell.rings
        try:
            with Session(self._engine) as session:
                newest = event_log.newest(session)
        except SQLAlchemyError:
            newest = self.newest
        if newest <= self.newest:
            self._bell.wait(rings, LOOK_SECONDS)
        return newest


@router.get("/stream", response_class=StreamingResponse, responses={200: {"content": {"text/event-stream": {}}}})
async def stream(
    request: Request,
    type: Annotated[  # noqa: A002 - the parameter's own name
        list[str] | None, Query(max_length=50, description="Types, as `article.stored`; all if none.")
    ] = None,
    after: Annotated[
        int | None, Query(ge=0, le=BIGGEST_ID, description="The place in the log after which to begin.")
    ] = None,
    last_event_id: Annotated[int | None, Header(ge=0, le=BIGGEST_ID)] = None,
) -> StreamingResponse:
    """Events as CloudEvents, each within a second after it is stored.

    It begins behind `Last-Event-ID`, which browsers send when they connect again, else behind `after`, else with what comes. An
    event `log.gap` says that events behind that place are kept no more (NEWSMILL_KEEP_EVENTS_DAYS).
    """
    tail: Tail = request.app.state.tail
    tail.check_room()
    begin = last_event_id if last_event_id is not None else after
    lines = _lines(request.app.state.engine, tail, begin, frozenset(type or ()), partial(_may_read, request))
    return StreamingResponse(lines, media_type="text/event-stream", headers=HEADERS)


async def _lines(
    engine: Engine, tail: Tail, begin: int | None, types: frozenset[str], may_read: Callable[[], bool]
) -> AsyncIterator[str]:
    """Yields the text of a stream; it counts as open from its first line to its end."""
    checked_at = monotonic()
    async with tail.listening():
        async for text in _events(engine, tail, begin, types):
            yield text
            if monotonic() - checked_at > CHECK_SECONDS:
                checked_at = monotonic()
                if not await to_thread.run_sync(may_read):
                    return


def _may_read(request: Request) -> bool:
    """Returns whether who has opened a stream is still somebody who may: a user may be disabled, a token revoked."""
    identities, need = request.app.state.identities, request.state.need
    return not identities.shows_anything(request) or identities.visitor(request).may(need.role, need.scope)


async def _events(engine: Engine, tail: Tail, begin: int | None, types: frozenset[str]) -> AsyncIterator[str]:
    oldest, newest = await to_thread.run_sync(_ends, engine)
    position = newest if begin is None else min(begin, newest)
    yield f"retry: {RETRY}\n\n"
    if position < oldest - 1:
        yield _text("log.gap", position, {"after": position, "oldest": oldest})
    ends_at = monotonic() + LONGEST_SECONDS
    while monotonic() < ends_at:
        events = await to_thread.run_sync(_read, engine, position)
        for event in events:
            position = event.position
            if not types or event.type in types:
                yield _text(event.type, event.position, cloud_event(event))
        if not events and not await tail.wait(position, HEARTBEAT_SECONDS):
            yield f": {position}\n\n"


def _ends(engine: Engine) -> tuple[int, int]:
    """Returns the positions of the oldest and the newest event that are kept."""
    with Session(engine) as session:
        newest = event_log.newest(session)
        first = event_log.read(session, 0, 1)
        return first[0].position if first else newest + 1, newest


def _read(engine: Engine, position: int) -> list[LoggedEvent]:
    with Session(engine) as session:
        return event_log.read(session, position, BATCH)


def _text(kind: str, position: int, data: object) -> str:
    return f"id: {position}\nevent: {kind}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
