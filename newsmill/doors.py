"""Where the system that runs here is: its Redis, its database, its reader."""

import json
from pathlib import Path
from typing import TypeVar

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import Engine

from shared.database.engine import make_engine
from shared.errors import SettingsError
from shared.later import Later
from shared.settings import DatabaseSettings, Settings, load
from shared.stage import Sender
from shared.worker.app import make_app
from shared.worker.connection import connect
from shared.worker.sender import make_sender

DATA = Path("data")


def doors() -> dict[str, str]:
    """The addresses of the system that runs in ./data; empty when none does."""
    try:
        found: dict[str, str] = json.loads((DATA / "run.json").read_text())
    except FileNotFoundError:
        return {}
    return found


S = TypeVar("S", bound=Settings)


def settings(kind: type[S]) -> S:
    """Settings from the environment; where it names no Redis and no database, those of the system in ./data.

    Raises:
        SettingsError: one is wrong.
    """
    given, here = load(kind), doors()
    found = {"redis_url": here.get("redis"), "database_url": here.get("database"), "pages_url": here.get("pages")}
    unset = {name: value for name, value in found.items() if value and name not in given.model_fields_set}
    return load(kind, **{name: value for name, value in unset.items() if name in kind.model_fields})


def running_redis() -> "Redis":
    """A client of the Redis that is set, else of the one in ./data.

    Raises:
        SettingsError: it does not answer.
    """
    redis = connect(settings(Settings))
    try:
        redis.ping()
    except RedisError:
        raise SettingsError(
            "no Redis answers: start the system with `newsmill run`, or set NEWSMILL_REDIS_URL"
        ) from None
    return redis


def engine() -> Engine:
    """The database that is set, else that of the system that runs in ./data."""
    return make_engine(settings(DatabaseSettings).database_address())


def courier(redis: "Redis") -> Sender:
    """What takes messages to the queues of that Redis."""
    return make_sender(make_app(settings(Settings)), Later(redis))
