"""The reader's web application: its routes, the documentation, and what a request that fails is answered."""

from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from services.reader import api, documentation, health, history, image_reports, pages, triggers
from services.reader.settings import ReaderSettings
from shared import VERSION
from shared.errors import Unavailable
from shared.stage import Sender

ROUTERS = (
    api.router, history.router, triggers.router, image_reports.router, health.router, pages.router,
    documentation.router,
)  # fmt: skip
OUTAGES = (OperationalError, InterfaceError, PoolTimeout, RedisError, Unavailable)


def make_application(engine: Engine, redis: "Redis", settings: ReaderSettings, sender: Sender) -> FastAPI:
    """Returns the reader's web application. The engine, the Redis client and the sender stay the caller's to close."""
    app = FastAPI(title="Newsmill", version=VERSION, docs_url=None, redoc_url=None)
    app.state.engine, app.state.redis, app.state.settings = engine, redis, settings
    app.state.sender = sender
    for router in ROUTERS:
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"), name="static")
    app.mount(documentation.ASSETS, documentation.assets(), name="swagger-ui")
    app.middleware("http")(pages.secure)
    app.middleware("http")(health.measure(app))
    app.exception_handler(RequestValidationError)(_invalid)
    for outage in OUTAGES:
        app.exception_handler(outage)(_unavailable)
    return app


def _invalid(_request: Request, error: Exception) -> JSONResponse:
    """Names the wrong field and the reason. The value is not repeated: it may be a secret, or no JSON."""
    assert isinstance(error, RequestValidationError)
    fields = [{"loc": list(item["loc"]), "msg": item["msg"], "type": item["type"]} for item in error.errors()]
    return JSONResponse({"detail": fields}, 422)


def _unavailable(_request: Request, error: Exception) -> JSONResponse:
    part = "Redis" if isinstance(error, RedisError | Unavailable) else "the database"
    return JSONResponse({"detail": f"{part} does not answer; see /healthz"}, 503, headers={"Retry-After": "5"})
