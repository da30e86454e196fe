"""The only reader of the environment: what every process needs, and the base of each service's own settings.

A variable is `NEWSMILL_` and the field's name; a secret may also be a file of that name (lower case) in
/run/secrets, as docker compose mounts it. deploy/local.env lists every variable.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit, urlunsplit

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.errors import SettingsError

SECRETS = Path("/run/secrets")
PLACEHOLDERS = frozenset({"changethis", "change-me", "password"})


class Settings(BaseSettings):
    """What every process needs."""

    model_config = SettingsConfigDict(
        env_prefix="NEWSMILL_", secrets_dir=SECRETS if SECRETS.is_dir() else None, extra="ignore", frozen=True
    )

    redis_url: str = Field("redis://127.0.0.1:6379/0", description="Redis, as redis:// or unix:// URL.")
    redis_password: SecretStr | None = Field(None, description="Password of Redis, when not in the URL.")
    metrics_host: str = Field("127.0.0.1", description="Address that /metrics and /healthz listen on.")
    metrics_port: int = Field(9101, description="Port that /metrics and /healthz listen on.")
    end_with_parent: bool = Field(
        False, description="Whether the process ends when the one that started it does; `newsmill run` sets it."
    )
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR.")
    canary_url: str = Field(
        "",
        pattern=r"^(https?://[^/\s@]+/canary)?$",
        description="The reader's /canary as fetchers reach it, as http://reader:8080/canary: our own page, which goes through every minute; empty: none does.",
    )
    visibility_timeout: int = Field(
        60, ge=10, description="Seconds until Redis gives an unacknowledged message to another worker."
    )
    custody_seconds: int = Field(
        45, ge=10, description="Seconds after which a URL that is in no queue and with no worker is issued again."
    )
    custody_limit: int = Field(100_000, ge=100, description="URLs under way at a time; beyond, triggers wait.")
    fetch_queue_limit: int = Field(1000, ge=1, description="Messages in the queue `fetch` beyond which triggers wait.")
    parse_queue_limit: int = Field(200, ge=1, description="Messages in the queue `parse` beyond which fetchers pause.")
    store_queue_limit: int = Field(
        200, ge=1, description="Messages in the queue `store` beyond which fetchers and parsers pause."
    )
    redis_memory_share: float = Field(
        0.7, gt=0, lt=1, description="Share of Redis' maxmemory beyond which fetchers pause."
    )
    redis_memory_mb: int = Field(
        1024, ge=0, description="Megabytes taken for maxmemory where Redis has none; 0 is no limit."
    )
    brake_share: float = Field(
        0.5, gt=0, le=1, description="Share of a minute's messages set aside beyond which a stage stops for a minute."
    )
    page_ttl: int = Field(86_400, ge=60, description="Seconds that a raw page in flight may stay in Redis.")
    max_attempts: int = Field(5, ge=1, description="Attempts at what may succeed later before its reason is final.")
    max_redeliveries: int = Field(3, ge=1, description="Deliveries of one message before it is set aside as poison.")

    def redis_address(self) -> str:
        """The Redis URL with its password. Secret: never log it."""
        if self.redis_password is None:
            return self.redis_url
        parts = urlsplit(self.redis_url)
        password = quote(self.redis_password.get_secret_value(), safe="")
        return urlunsplit(parts._replace(netloc=f":{password}@{parts.netloc.rpartition('@')[2]}"))


class DatabaseSettings(Settings):
    """What a process with the database needs besides."""

    websub_url: str = Field(
        "",
        pattern=r"^(https?://[^/\s]+(/[^\s?#]*)?)?$",
        description="Public URL of the reader at which WebSub hubs reach it, as https://news.example; empty: no subscriptions.",
    )

    pages_url: str = Field(
        "", description="Where raw pages are kept: a folder or s3://BUCKET/PREFIX; empty: they are not."
    )
    database_url: str = Field(
        "sqlite:///data/newsmill.db",
        description="SQLAlchemy URL: sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME.",
    )
    database_password: SecretStr | None = Field(None, description="Password of the database, when not in the URL.")

    def database_address(self) -> str:
        """The database URL with its password. Secret: never log it."""
        if self.database_password is None or self.database_url.startswith("sqlite"):
            return self.database_url
        parts = urlsplit(self.database_url)
        user, _, host = parts.netloc.rpartition("@")
        password = quote(self.database_password.get_secret_value(), safe="")
        return urlunsplit(parts._replace(netloc=f"{user.partition(':')[0]}:{password}@{host}"))


S = TypeVar("S", bound=Settings)


def load(kind: type[S], **overrides: Any) -> S:
    """Settings of a process from its environment.

    Raises:
        SettingsError: a variable is missing, wrong, or still a placeholder.
    """
    try:
        settings = kind(**overrides)
    except ValidationError as error:
        raise SettingsError("\n".join(_explain(kind, item) for item in error.errors())) from None
    for name, value in settings:
        if isinstance(value, SecretStr) and value.get_secret_value() in PLACEHOLDERS:
            raise SettingsError(f"NEWSMILL_{name.upper()} is still a placeholder: set a secret of your own")
    return settings


def _explain(kind: type[Settings], item: Any) -> str:
    """Returns which variable is wrong and why. The value of a secret is not shown."""
    name = "_".join(str(part) for part in item["loc"])
    field = kind.model_fields.get(name)
    secret = field is not None and "SecretStr" in str(field.annotation)
    value = "(secret)" if secret else repr(item.get("input"))
    return f"NEWSMILL_{name.upper()}={value}: {item['msg']} (see deploy/local.env)"


def environment() -> dict[str, str]:
    """A copy of this process's environment, for a child process that is started with some of it changed."""
    return dict(os.environ)


def set_environment(variables: Mapping[str, str]) -> None:
    """Gives this process another environment, as if it had been started with it."""
    os.environ.clear()
    os.environ.update(variables)


def multiprocess_metrics_dir() -> Path | None:
    """Where prometheus_client keeps the metrics of forked workers, if it was told so."""
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    return Path(folder) if folder else None
