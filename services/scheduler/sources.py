"""The YAML file of sources: read when it changes, and its error kept where others read it."""

from pathlib import Path
from typing import Annotated, Any

import structlog
import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from redis import Redis

from shared.contracts import Access, Kind, SourceDeclared
from shared.queues import SOURCES_ERROR
from shared.urls import check

log = structlog.get_logger(__name__)

# The name of an entry in the fetcher's access file.
AccessName = Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,64}$")]


class DeclaredSource(BaseModel):
    """A source in the YAML file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=200)
    url: str
    kind: Kind | None = None
    follow: bool = True
    interval_seconds: int | None = Field(default=None, ge=10)
    priority: int = Field(default=5, ge=0, le=9)
    paused: bool = False
    login: AccessName | None = None
    proxy: AccessName | None = None
    render: bool = False
    sitemaps: bool = False

    def message(self) -> SourceDeclared:
        """Returns the declaration for the storage worker."""
        access = Access(login=self.login, proxy=self.proxy, render=self.render, sitemaps=self.sitemaps)
        return SourceDeclared(
            access=access if access != Access() else None,
            name=self.name, url=self.url, kind=self.kind, follow=self.follow, priority=self.priority,
            interval_seconds=self.interval_seconds, state="paused" if self.paused else "active", declared_by="file",
        )  # fmt: skip


# PyYAML raises these besides its own errors: for `!!int ''`, `!!bool x`, a thousand brackets.
_YAML_ERRORS = (yaml.YAMLError, LookupError, AttributeError, TypeError, OverflowError, RecursionError)
_SOURCES: TypeAdapter[list[DeclaredSource]] = TypeAdapter(list[DeclaredSource])


class SourcesFile:
    """The YAML file of sources. While it is wrong, the sources of its last right version stay as they are.

    `error` is what is wrong with the file; None while it is right or does not exist.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._modified_at: float | None = None
        self._confirmed: float | None = None
        self._published: str | None = ""
        self.error: str | None = None

    def changed(self) -> list[SourceDeclared] | None:
        """Returns the sources if the file has changed since confirm(), else None; None also when it is wrong."""
        try:
            self._modified_at = self._path.stat().st_mtime
        except FileNotFoundError:
            self.error = None
            return None
        if self._modified_at == self._confirmed:
            return None
        try:
            sources = read_sources(self._path.read_text(encoding="utf-8"))
        except ValueError as error:
            self.confirm()
            self.error = f"{self._path}: {error}"
            log.error("sources file is wrong, nothing of it taken", file=str(self._path), error=str(error))  # noqa: TRY400 - a user's mistake needs no traceback
            return None
        self.error = None
        return sources

    def confirm(self) -> None:
        """Marks the version that changed() read last as done."""
        self._confirmed = self._modified_at

    def publish_error(self, redis: "Redis") -> None:
        """Keeps the error in Redis, where the status and the local view read it; removes it once the file is right."""
        if self.error == self._published:
            return
        if self.error:
            redis.set(SOURCES_ERROR, self.error)
        else:
            redis.unlink(SOURCES_ERROR)
        self._published = self.error


def read_sources(text: str) -> list[SourceDeclared]:
    """Returns the sources of a YAML text: a list, or a mapping with a list under `sources`.

    Raises:
        ValueError: the text names what is wrong: the place in the YAML, or the entry and its field.
    """
    try:
        data = yaml.safe_load(text)
    except _YAML_ERRORS as error:
        raise ValueError(f"YAML that cannot be read: {type(error).__name__}: {error}") from None
    entries = data.get("sources") if isinstance(data, dict) else data
    try:
        sources = _SOURCES.validate_python(entries or [])
    except ValidationError as error:
        raise ValueError("; ".join(f"{_place(item)}: {item['msg']}" for item in error.errors())) from None
    for source in sources:
        check(source.url)
    return [source.message() for source in sources]


def _place(item: Any) -> str:
    return ".".join(str(part) for part in item["loc"])
