"""The state of the system and of the reader itself: /v1/status, /healthz, /metrics."""

from collections.abc import Awaitable, Callable
from time import perf_counter

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, exposition
from pydantic import BaseModel
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from services.reader import queries
from services.reader.dependencies import Broker, Sessions
from shared.dead import DeadLetters
from shared.later import Later
from shared.queues import QUEUES, SCHEDULE_QUEUE, TRIGGER_LANES, TRIGGERS, queue_keys
from shared.worker.pressure import paused

METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})

Next = Callable[[Request], Awaitable[Response]]

router = APIRouter(tags=["status"])


class Status(BaseModel):
    """The lengths of queues, the reasons of paused stages, the totals of rows. `pages` counts the ledger by disposition."""

    queues: dict[str, int]
    triggers: int
    later: dict[str, int]
    dead: int
    paused: dict[str, list[str]]
    stored: dict[str, int]
    pages: dict[str, int]


@router.get("/v1/status")
def status(sessions: Sessions, redis: Broker) -> Status:
    """The lengths of queues, the number of parked messages, and the totals of rows."""
    with sessions() as session:
        stored, pages = queries.totals(session), queries.pages_by_disposition(session)
    return Status(
        queues={name: _length(redis, name) for name in (*QUEUES, SCHEDULE_QUEUE)},
        triggers=sum(redis.xlen(stream) for stream in (TRIGGERS, *TRIGGER_LANES)),
        later=Later(redis).counts(),
        dead=sum(DeadLetters(redis).counts().values()),
        paused=paused(redis),
        stored=stored,
        pages=pages,
    )


@router.get("/healthz", responses={503: {"description": "The database or Redis does not answer."}})
def healthz(request: Request) -> JSONResponse:
    """Whether the database and Redis answer."""
    state = {"database": _database(request.app.state.engine), "redis": _redis(request.app.state.redis)}
    return JSONResponse(state, 200 if set(state.values()) == {"ok"} else 503)


@router.get("/metrics", include_in_schema=False)
def metrics(request: Request) -> Response:
    """The reader's metrics, for Prometheus."""
    return Response(exposition.generate_latest(request.app.state.metrics), media_type=exposition.CONTENT_TYPE_LATEST)


def measure(app: FastAPI) -> Callable[[Request, Next], Awaitable[Response]]:
    """Returns a middleware that counts and times requests by route, in a registry of the application's own."""
    registry = app.state.metrics = CollectorRegistry()
    ProcessCollector(registry=registry)
    counter = Counter(
        "newsmill_reader_requests", "Requests answered.", ["route", "method", "status"], registry=registry
    )
    seconds = Histogram("newsmill_reader_request_seconds", "Time to an answer.", ["route"], registry=registry)

    async def measured(request: Request, call_next: Next) -> Response:
        start, code = perf_counter(), 500
        try:
            response = await call_next(request)
            code = response.status_code
        finally:
            route = _template(request)
            method = request.method if request.method in METHODS else "other"
            counter.labels(route, method, str(code)).inc()
            seconds.labels(route).observe(perf_counter() - start)
        return response

    return measured


def _template(request: Request) -> str:
    """Returns the route's template, never the path: a client could make up any number of paths."""
    return str(getattr(request.scope.get("route"), "path", "none"))


def _length(redis: "Redis", queue: str) -> int:
    with redis.pipeline(transaction=False) as pipe:
        for key in queue_keys(queue):
            pipe.llen(key)
        return sum(pipe.execute())


def _database(engine: Engine) -> str:
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return "does not answer"
    return "ok"


def _redis(redis: "Redis") -> str:
    try:
        redis.ping()
    except RedisError:
        return "does not answer"
    return "ok"
