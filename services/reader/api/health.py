"""The state of the system and of the reader itself: /v1/status, /healthz, /metrics."""

from asyncio import Lock
from time import monotonic

from anyio import CapacityLimiter, move_on_after, to_thread
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import exposition
from pydantic import BaseModel
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from services.reader.dependencies import BEARER, Broker, Sessions
from services.reader.http.routes import BoundedRoute
from services.reader.queries import news
from shared.dead import DeadLetters
from shared.later import Later
from shared.queues import QUEUES, SCHEDULE_QUEUE, SOURCES_ERROR, TRIGGER_LANES, TRIGGERS
from shared.worker.pressure import paused
from shared.worker.queued import ready

FRESH_SECONDS = 0.5
PROBE_SECONDS = 3.0
SILENT = "does not answer"

router = APIRouter(tags=["status"], route_class=BoundedRoute, dependencies=[BEARER])
# Answered however busy the reader is: they take no place, and http/connection.py lets them pass.
probes = APIRouter(tags=["status"])


class Status(BaseModel):
    """The lengths of queues, the reasons of paused stages, the totals of rows. `pages` counts the ledger by disposition.
    `sources_error` is what is wrong with the file of sources."""

    queues: dict[str, int]
    triggers: int
    later: dict[str, int]
    dead: int
    paused: dict[str, list[str]]
    stored: dict[str, int]
    pages: dict[str, int]
    sources_error: str | None = None


@router.get("/v1/status")
def status(sessions: Sessions, redis: Broker) -> Status:
    """The lengths of queues, the number of parked messages, and the totals of rows."""
    with sessions() as session:
        totals, pages = news.totals(session), news.pages_by_disposition(session)
    return Status(
        queues={name: ready(redis, name) for name in (*QUEUES, SCHEDULE_QUEUE)},
        triggers=sum(redis.xlen(stream) for stream in (TRIGGERS, *TRIGGER_LANES)),
        later=Later(redis).counts(),
        dead=sum(DeadLetters(redis).counts().values()),
        paused=paused(redis),
        stored=totals,
        pages=pages,
        sources_error=_sources_error(redis),
    )


@probes.get("/healthz", responses={503: {"description": "The database or Redis does not answer."}})
async def healthz(request: Request) -> JSONResponse:
    """Whether the database and Redis answer."""
    state = await request.app.state.probe.state()
    return JSONResponse(state, 200 if set(state.values()) == {"ok"} else 503)


@probes.get("/metrics", include_in_schema=False)
async def metrics(request: Request) -> Response:
    """The reader's metrics, for Prometheus."""
    registry = request.app.state.measures.registry
    return Response(exposition.generate_latest(registry), media_type=exposition.CONTENT_TYPE_LATEST)


class Probe:
    """Finds out whether the database and Redis answer, in a thread of its own: the others may all be busy.

    Args:
        engine: with a connection more than the other threads can take.
        redis: the client.
    """

    def __init__(self, engine: Engine, redis: "Redis") -> None:
        self._engine, self._redis = engine, redis
        self._thread, self._lock = CapacityLimiter(1), Lock()
        self._state, self._time = dict.fromkeys(("database", "redis"), SILENT), -FRESH_SECONDS

    async def state(self) -> dict[str, str]:
        """Returns `ok` or what is wrong, for each; at most FRESH_SECONDS old."""
        async with self._lock:
            if monotonic() - self._time >= FRESH_SECONDS:
                self._state, self._time = await self._look(), monotonic()
            return self._state

    async def _look(self) -> dict[str, str]:
        with move_on_after(PROBE_SECONDS):
            return await to_thread.run_sync(self._ask, abandon_on_cancel=True, limiter=self._thread)
        return dict.fromkeys(self._state, SILENT)

    def _ask(self) -> dict[str, str]:
        return {"database": _database(self._engine), "redis": _redis(self._redis)}


def _sources_error(redis: "Redis") -> str | None:
    text = redis.get(SOURCES_ERROR)
    return text.decode(errors="replace") if isinstance(text, bytes) else None


def _database(engine: Engine) -> str:
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return SILENT
    return "ok"


def _redis(redis: "Redis") -> str:
    try:
        redis.ping()
    except RedisError:
        return SILENT
    return "ok"
