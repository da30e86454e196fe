import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import Engine
from sqlmodel import Session

from services.reader.application import make_application
from services.reader.settings import ReaderSettings
from shared.database.engine import make_engine
from shared.database.models import Article, Headline, Source
from shared.later import Later
from shared.settings import Settings
from shared.worker.app import make_app
from shared.worker.sender import make_sender

with warnings.catch_warnings():
    # Starlette's client prefers httpx2; httpx serves as well.
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

START = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def serve(engine: Engine, redis: Redis, redis_url: str) -> Iterator[Callable[..., TestClient]]:
    clients: list[TestClient] = []

    def start(
        base_url: str = "http://127.0.0.1", redis: Redis = redis, engine: Engine = engine, **settings: Any
    ) -> TestClient:
        sender = make_sender(make_app(Settings(redis_url=redis_url)), Later(redis))
        app = make_application(engine, redis, ReaderSettings(**settings), sender)
        clients.append(TestClient(app, base_url=base_url))
        return clients[-1]

    yield start
    for client in clients:
        client.close()


@pytest.fixture
def client(serve: Callable[..., TestClient]) -> TestClient:
    return serve()


@pytest.fixture
def add(engine: Engine) -> Callable[..., int]:
    """Stores a row and returns its id."""

    def store(row: Any) -> int:
        with Session(engine) as session:
            session.add(row)
            session.commit()
            return row.id

    return store


def article(number: int = 0, **fields: Any) -> Article:
    url = f"https://example.org/{number}"
    at = START + timedelta(hours=number)
    given = {
        "key": f"a{number}", "url": url, "canonical_url": url, "trace_id": f"trace{number}", "title": f"Title {number}",
        "text": "First.\nSecond.", "body_hash": "0", "fetched_at": at, "stored_at": at, "updated_at": at,
    }  # fmt: skip
    return Article(**given | fields)


def headline(number: int = 0, **fields: Any) -> Headline:
    at = START + timedelta(hours=number)
    given = {
        "key": f"h{number}", "site": "example.org", "url": f"https://example.org/{number}", "text": f"Headline {number}",
        "page_url": "https://example.org/", "first_seen_at": at, "last_seen_at": at,
    }  # fmt: skip
    return Headline(**given | fields)


def source(number: int = 1, **fields: Any) -> Source:
    return Source(**{"key": f"s{number}", "name": f"Source {number}", "url": f"https://{number}.example/"} | fields)
