"""The reader's web application: its routes, what every request passes before them, and the answers to failures."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from anyio import to_thread
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.staticfiles import StaticFiles
from redis import Redis
from sqlalchemy import Engine
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from services.reader import websub
from services.reader.access.identity import Identities
from services.reader.access.keys import SigningKey
from services.reader.access.proxy import UserHeader
from services.reader.api import (
    alerts,
    audit,
    coverage,
    dead,
    feeds,
    health,
    history,
    images,
    looks,
    news,
    read_state,
    site_states,
    sites,
    stream,
    trends,
    triggers,
    watch_feeds,
    watches,
)  # fmt: skip
from services.reader.http.admission import QUEUE_LENGTH, Admission
from services.reader.http.gate import Gate
from services.reader.http.headers import SecurityHeaders
from services.reader.http.heads import HeadGuard
from services.reader.http.measures import Measured, Measures
from services.reader.http.outages import OUTAGES, unavailable
from services.reader.http.routes import BODY_LIMIT
from services.reader.pages import (
    account,
    articles,
    canary,
    documentation,
    headlines,
    login,
    moderation,
    pictures,
    pipeline,
    report_forms,
    site_add,
    site_forms,
    stories,
    user_forms,
    users,
    watch_forms,
)
from services.reader.pages import audit as audit_pages
from services.reader.pages import read_state as read_state_forms
from services.reader.pages import sites as site_pages
from services.reader.pages import trends as trend_pages
from services.reader.pages import watches as watch_pages
from services.reader.pages.errors import http_error, invalid, refuse, too_large_query
from services.reader.settings import ReaderSettings
from shared import VERSION
from shared.errors import QueryTooLarge
from shared.stage import Sender

# Answers of so many bytes and more are compressed, at this level: a list becomes a sixth, and more than that costs twice the time.
COMPRESSED_FROM, COMPRESSION = 1_000, 5

API = (
    news.router, read_state.router, trends.router, alerts.router, coverage.router, sites.router, site_states.router, looks.router,
    history.router, triggers.router, images.router, audit.router, dead.router, health.router, health.probes, websub.router,
    watches.router, watch_feeds.router, feeds.router, stream.router,
)  # fmt: skip
PAGES = (
    headlines.router, articles.router, stories.router, trend_pages.router, watch_pages.router,
    watch_forms.router, site_add.router,
    site_pages.router, site_forms.router, pictures.router, read_state_forms.router, pipeline.router, moderation.router, report_forms.router,
    login.router, account.router, users.router, user_forms.router, audit_pages.router, canary.router, documentation.router,
)  # fmt: skip


def make_application(engine: Engine, redis: "Redis", settings: ReaderSettings, sender: Sender) -> FastAPI:
    """Returns the reader's web application. The engine, the Redis client and the sender stay the caller's to close."""
    app = FastAPI(
        title="Newsmill", version=VERSION, docs_url=None, redoc_url=None, max_body_size=BODY_LIMIT, lifespan=_lifespan
    )
    app.state.engine, app.state.redis, app.state.settings = engine, redis, settings
    app.state.sender, app.state.measures = sender, Measures()
    app.state.signing_key = SigningKey(engine, settings)
    app.state.identities = Identities(engine, settings, app.state.signing_key)
    app.state.probe = health.Probe(engine, redis)
    app.state.tail = stream.Tail(engine, redis, settings.reader_streams)
    app.state.admission = Admission(settings.reader_threads * (1 + QUEUE_LENGTH))
    for router in (*API, *PAGES):
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "pages" / "static"), name="static")
    app.mount(documentation.ASSETS, documentation.assets(), name="swagger-ui")
    _add_middleware(app, settings)
    app.exception_handler(RequestValidationError)(invalid)
    app.exception_handler(HTTPException)(http_error)
    app.exception_handler(QueryTooLarge)(too_large_query)
    for outage in OUTAGES:
        app.exception_handler(outage)(unavailable)
    return app


def _add_middleware(app: FastAPI, settings: ReaderSettings) -> None:
    """Adds what a request passes, innermost first."""
    app.add_middleware(Gate, identities=app.state.identities, refuse=refuse)
    if settings.behind_proxy:
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=settings.proxy_networks)
    if settings.reader_user_header:
        app.add_middleware(UserHeader, header=settings.reader_user_header, proxies=settings.proxies())
    app.add_middleware(HeadGuard, own=settings.own_hosts(), further=settings.further_hosts())
    app.add_middleware(SecurityHeaders)
    app.add_middleware(GZipMiddleware, minimum_size=COMPRESSED_FROM, compresslevel=COMPRESSION)
    app.add_middleware(Measured, measures=app.state.measures)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[Mapping[str, object]]:
    """Gives the event loop as many threads as there are database connections, less one that /healthz keeps.

    Connections find in their state when to refuse, and where to count it.
    """
    to_thread.current_default_thread_limiter().total_tokens = app.state.settings.reader_threads
    yield {"admission": app.state.admission, "measures": app.state.measures}
