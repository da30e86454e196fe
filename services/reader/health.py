"""What the reader says of the system and of itself: /v1/status, /healthz, /metrics."""

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
from services.reader.dependencies import Broker, Database
from shared.dead import DeadLetters
from shared.later import Later
from shared.queues import QUEUES, SCHEDULE_QUEUE, TRIGGER_LANES, TRIGGERS, queue_keys
from shared.worker.pressure import paused

METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})

Next = Callable[[Request], Awaitable[Response]]

router = APIRouter(tags=["status"])


class Status(BaseModel):
    """What waits where, why stages pause, and what is stored. `pages` counts the ledger by disposition."""

    queues: dict[str, int]
    triggers: int
    later: dict[str, int]
    dead: int
    paused: dict[str, list[str]]
    stored: dict[str, int]
    pages: dict[str, int]


@router.get("/v1/status")
def status(session: Database, redis: Broker) -> Status:
    """Lengths of the queues, what waits for its time, totals of what is stored."""
    return Status(
        queues={name: _length(redis, name) for name in (*QUEUES, SCHEDULE_QUEUE)},
        triggers=sum(redis.xlen(stream) for stream in (TRIGGERS, *TRIGGER_LANES)),
        later=Later(redis).counts(),
        dead=sum(DeadLetters(redis).counts().values()),
        paused=paused(redis),
        stored=queries.totals(session),
        pages=queries.pages_by_disposition(session),
    )


@router.get("/healthz", responses={503: {"description": "Something that the reader needs does not answer."}})
def healthz(request: Request) -> JSONResponse:
    """Whether the database and Redis answer."""
    state = {"database": _database(request.app.state.engine), "redis": _redis(request.app.state.redis)}
    return JSONResponse(state, 200 if set(state.values()) == {"ok"} else 503)


@router.get("/metrics", include_in_schema=False)
def metrics(request: Request) -> Response:
    """The reader's own metrics, for Prometheus."""
    return Response(exposition.generate_latest(request.app.state.metrics), media_type=exposition.CONTENT_TYPE_LATEST)


def measure(app: FastAPI) -> Callable[[Request, Next], Awaitable[Response]]:
    """A middleware that counts and times requests by their route's template, in a registry of the app's own."""
    registry = app.state.metrics = CollectorRegistry()
    ProcessCollector(registry=registry)
    counter = Counter(
        "newsmill_reader_requests", "Requests answered.", ["route", "method", "status"], registry=registry
    )
    seconds = Histogram("newsmill_reader_request_seconds", "Time to an answer.", ["route"], registry=registry)

    async def measured(request: Request, call_next: Next) -> Response:
        begun, code = perf_counter(), 500
        try:
            response = await call_next(request)
            code = response.status_code
        finally:
            route = _template(request)
            method = request.method if request.method in METHODS else "other"
            counter.labels(route, method, str(code)).inc()
            seconds.labels(route).observe(perf_counter() - begun)
        return response

    return measured


def _template(request: Request) -> str:
    """The route's template; never the path, which anyone can make up."""
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
