"""The system that runs on this machine: its Redis, database, kept pages, reader and settings."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import Engine
from sqlmodel import Session

from newsmill.local.run_file import RUN_FILE, read_record
from newsmill.options import DATA
from shared.database.engine import make_engine
from shared.errors import SettingsError
from shared.later import Later
from shared.settings import DatabaseSettings, Settings, load
from shared.stage import Sender
from shared.worker.connection import connect
from shared.worker.sender import make_sender

S = TypeVar("S", bound=Settings)


@dataclass(frozen=True)
class LocalSystem:
    """A system on this machine, running or stopped.

    Attributes:
        data: its data folder.
        variables: the settings that it runs with, by field name; when it is stopped, the addresses of its files.
        named: whether --data named the folder. Its settings then go before those of the environment.
        reader_url: address of its reader; None when it is stopped.
    """

    data: Path
    variables: Mapping[str, str]
    named: bool
    reader_url: str | None = None

    def settings(self, kind: type[S]) -> S:
        """Returns settings from the environment and from this system.

        Raises:
            SettingsError: a variable is wrong.
        """
        environment = load(kind)
        own = {name: value for name, value in self.variables.items() if name in kind.model_fields}
        if not self.named:
            own = {name: value for name, value in own.items() if name not in environment.model_fields_set}
        return load(kind, **own)

    def redis(self) -> "Redis":
        """Returns a client of the system's Redis.

        Raises:
            SettingsError: it does not answer.
        """
        redis = connect(self.settings(Settings))
        try:
            redis.ping()
        except RedisError:
            raise SettingsError(
                f"no Redis answers and no system runs in {self.data}: start it with `newsmill run`, name its folder "
                "with --data, or set NEWSMILL_REDIS_URL"
            ) from None
        return redis

    def engine(self) -> Engine:
        """Returns the engine of the system's database.

        Raises:
            SettingsError: the SQLite file does not exist.
        """
        engine = make_engine(self.settings(DatabaseSettings).database_address())
        file = engine.url.database
        if engine.url.get_backend_name() == "sqlite" and not (file and Path(file).is_file()):
            raise SettingsError(
                f"no database at {file}: start the system once with `newsmill run`, name its folder with --data, or "
                "set NEWSMILL_DATABASE_URL"
            )
        return engine

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Yields a session of the system's database, whose connections are closed at the end.

        Raises:
            SettingsError: the SQLite file does not exist.
        """
        engine = self.engine()
        try:
            with Session(engine) as session:
                yield session
        finally:
            engine.dispose()

    def sender(self, redis: "Redis") -> Sender:
        """Returns what sends messages to the system's queues."""
        return make_sender(Later(redis))


def find_system(data: Path | None = None) -> LocalSystem:
    """Returns the system in a folder; without one the system that runs in ./data or ./data/demo, else the stopped one in ./data."""
    folders = (data,) if data else (DATA, DATA / "demo")
    for folder in folders:
        if (record := read_record(folder / RUN_FILE)) is not None:
            return LocalSystem(folder, record["settings"], named=data is not None, reader_url=record["reader"])
    return LocalSystem(folders[0], _files(folders[0], named=data is not None), named=data is not None)


def _files(data: Path, *, named: bool) -> dict[str, str]:
    """Returns the settings of a stopped system: where its files are."""
    pages = {"pages_url": str((data / "pages").resolve())} if (data / "pages").is_dir() else {}
    if not named:
        return pages
    return pages | {
        "redis_url": f"unix://{(data / 'redis' / 'redis.sock').resolve()}",
        "database_url": f"sqlite:///{(data / 'newsmill.db').resolve()}",
    }
