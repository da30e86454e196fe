"""Where the system that runs here is: its Redis, its database, its reader."""

import json
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import Engine

from shared.database import make_engine
from shared.errors import SettingsError
from shared.settings import DatabaseSettings, Settings, load
from shared.worker import connect

DATA = Path("data")


def doors() -> dict[str, str]:
    """The addresses of the system that runs in ./data; empty when none does."""
    try:
        found: dict[str, str] = json.loads((DATA / "run.json").read_text())
    except FileNotFoundError:
        return {}
    return found


def any_redis() -> "Redis":
    """A client of the Redis that is set, else of the one in ./data; it need not answer."""
    settings = load(Settings)
    local = doors().get("redis")
    unset = "redis_url" not in settings.model_fields_set
    return Redis.from_url(local) if local and unset else connect(settings)


def running_redis() -> "Redis":
    """The same, and it answers.

    Raises:
        SettingsError: it does not.
    """
    redis = any_redis()
    try:
        redis.ping()
    except RedisError:
        raise SettingsError(
            "no Redis answers: start the system with `newsmill run`, or set NEWSMILL_REDIS_URL"
        ) from None
    return redis


def engine() -> Engine:
    """The database that is set, else that of the system that runs in ./data."""
    settings = load(DatabaseSettings)
    local = doors().get("database")
    unset = "database_url" not in settings.model_fields_set
    return make_engine(local if local and unset else settings.database_address())
