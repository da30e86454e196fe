import re
import shutil
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from httpx import Response
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy import Engine, create_engine, make_url, text
from sqlmodel import Session, SQLModel

from services.reader.application import make_application
from services.reader.settings import ReaderSettings
from services.storage.migrate import migrate
from shared.database.engine import make_engine
from shared.database.models import Article, Headline, Source
from shared.later import Later
from shared.worker.sender import make_sender

with warnings.catch_warnings():
    # Starlette's client prefers httpx2; httpx serves as well.
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

NOWHERE = Redis(host="127.0.0.1", port=1, socket_connect_timeout=1, retry=Retry(NoBackoff(), 0))
START = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database that is copied for each test: the migrations take far longer than a copy."""
    path = tmp_path_factory.mktemp("template") / "newsmill.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_database(postgres_url: str) -> str:
    """A migrated database on the server, emptied for each test."""
    admin = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("CREATE DATABASE reader"))
    admin.dispose()
    url = make_url(postgres_url).set(database="reader").render_as_string(hide_password=False)
    migrate(url)
    return url


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database with its tables, on each of the two."""
    if request.param == "postgres":
        return str(request.getfixturevalue("postgres_database"))
    shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "newsmill.db")
    return f"sqlite:///{tmp_path / 'newsmill.db'}"


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = make_engine(database_url)
    if engine.dialect.name == "postgresql":
        tables = ", ".join(table.name for table in SQLModel.metadata.sorted_tables)
        with engine.begin() as connection:
            connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))
    yield engine
    engine.dispose()


@pytest.fixture
def serve(engine: Engine, redis: Redis, redis_url: str) -> Iterator[Callable[..., TestClient]]:
    clients: list[TestClient] = []

    def start(
        base_url: str = "http://127.0.0.1",
        redis: Redis = redis,
        engine: Engine = engine,
        peer: str = "127.0.0.1",
        **settings: Any,
    ) -> TestClient:
        sender = make_sender(Later(redis))
        app = make_application(engine, redis, ReaderSettings(**settings), sender)
        clients.append(TestClient(app, base_url=base_url, client=(peer, 50000)))
        return clients[-1]

    yield start
    for client in clients:
        client.close()


@pytest.fixture
def client(serve: Callable[..., TestClient]) -> TestClient:
    return serve()


@pytest.fixture
def add(engine: Engine) -> Callable[..., int]:
    """Stores a row and returns its id, 0 where it has none."""

    def store(row: Any) -> int:
        with Session(engine) as session:
            session.add(row)
            session.commit()
            return getattr(row, "id", 0)

    return store


def article(number: int = 0, **fields: Any) -> Article:
    url = f"https://example.org/{number}"
    at = START + timedelta(hours=number)
    defaults = {
        "key": f"a{number}", "url": url, "canonical_url": url, "trace_id": f"trace{number}", "title": f"Title {number}",
        "text": "First.\nSecond.", "body_hash": "0", "fetched_at": at, "stored_at": at, "updated_at": at,
    }  # fmt: skip
    return Article(**defaults | fields)


def headline(number: int = 0, **fields: Any) -> Headline:
    at = START + timedelta(hours=number)
    defaults = {
        "key": f"h{number}", "site": "example.org", "url": f"https://example.org/{number}", "text": f"Headline {number}",
        "page_url": "https://example.org/", "first_seen_at": at, "last_seen_at": at,
    }  # fmt: skip
    return Headline(**defaults | fields)


def source(number: int = 1, **fields: Any) -> Source:
    return Source(**{"key": f"s{number}", "name": f"Source {number}", "url": f"https://{number}.example/"} | fields)


def csrf_of(page: str) -> str:
    """The token in the forms of a page."""
    match = re.search(r'name="csrf" value="([0-9a-f]{64})"', page)
    assert match is not None, "no form with a token"
    return match[1]


def post_form(client: TestClient, page: str, path: str, **fields: Any) -> Response:
    """Sends a form as a browser does: with the token of the page that it is on, and without following what comes."""
    token = csrf_of(client.get(page).text)
    return client.post(
        path, data={"csrf": token, **fields}, headers={"Origin": f"{client.base_url}"}, follow_redirects=False
    )
