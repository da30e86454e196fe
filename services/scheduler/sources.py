"""The YAML file of sites and sources: read when it changes, and its error kept where others read it."""

from pathlib import Path
from typing import Annotated, Any, NamedTuple

import structlog
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from redis import Redis

from shared.contracts import Access, Country, Kind, Languages, RevisitHours, Seconds, SiteDeclared, SourceDeclared, Tags
from shared.queues import SOURCES_ERROR
from shared.urls import check, fingerprint

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
    site: str | None = None

    def message(self) -> SourceDeclared:
        """Returns the declaration for the storage worker."""
        access = Access(login=self.login, proxy=self.proxy, render=self.render, sitemaps=self.sitemaps)
        return SourceDeclared(
            access=access if access != Access() else None,
            name=self.name, url=self.url, kind=self.kind, follow=self.follow, priority=self.priority,
            interval_seconds=self.interval_seconds, state="paused" if self.paused else "active", declared_by="file",
            site_key=fingerprint(self.site) if self.site else None,
        )  # fmt: skip


class DeclaredSite(BaseModel):
    """A site in the YAML file. Its home page alone is enough: then its channels are looked for there."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    home_page: str
    name: str | None = Field(default=None, min_length=1, max_length=200)
    country: Country | None = None
    languages: Languages = ()
    tags: Tags = ()
    paused: bool = False
    least_seconds: Seconds | None = None
    most_seconds: Seconds | None = None
    revisit_hours: RevisitHours | None = None
    login: AccessName | None = None
    proxy: AccessName | None = None
    render: bool = False

    @model_validator(mode="before")
    @classmethod
    def _from_address(cls, value: Any) -> Any:
        """Takes the address of a home page for a site."""
        return {"home_page": value} if isinstance(value, str) else value

    def message(self) -> SiteDeclared:
        """Returns the declaration for the storage worker."""
        access = Access(login=self.login, proxy=self.proxy, render=self.render)
        return SiteDeclared(
            access=access if access != Access() else None, home_page=self.home_page, name=self.name,
            country=self.country, languages=self.languages, tags=self.tags, least_seconds=self.least_seconds,
            most_seconds=self.most_seconds, revisit_hours=self.revisit_hours, state="paused" if self.paused else "active", declared_by="file",
        )  # fmt: skip


class Declarations(NamedTuple):
    """What a file declares."""

    sites: list[SiteDeclared]
    sources: list[SourceDeclared]


# PyYAML raises these besides its own errors: for `!!int ''`, `!!bool x`, a thousand brackets.
_YAML_ERRORS = (yaml.YAMLError, LookupError, AttributeError, TypeError, OverflowError, RecursionError)


class _File(BaseModel):
    """The YAML file. Other keys at its top are left to the user, for anchors."""

    sites: list[DeclaredSite] = []
    sources: list[DeclaredSource] = []

    @field_validator("sites", "sources", mode="before")
    @classmethod
    def _empty_is_none(cls, value: Any) -> Any:
        return value or []


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

    def changed(self) -> Declarations | None:
        """Returns the declarations if the file has changed since confirm(), else None; None also when it is wrong."""
        try:
            self._modified_at = self._path.stat().st_mtime
        except FileNotFoundError:
            self.error = None
            return None
        if self._modified_at == self._confirmed:
            return None
        try:
            declarations = read_sources(self._path.read_text(encoding="utf-8"))
        except ValueError as error:
            self.confirm()
            self.error = f"{self._path}: {error}"
            log.error("sources file is wrong, nothing of it taken", file=str(self._path), error=str(error))  # noqa: TRY400 - a user's mistake needs no traceback
            return None
        self.error = None
        return declarations

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


def read_sources(text: str) -> Declarations:
    """Returns what a YAML text declares: a list of sources, or a mapping with lists under `sites` and `sources`.

    Raises:
        ValueError: the text names what is wrong: the place in the YAML, or the entry and its field.
    """
    try:
        data = yaml.safe_load(text)
    except _YAML_ERRORS as error:
        raise ValueError(f"YAML that cannot be read: {type(error).__name__}: {error}") from None
    try:
        file = _File.model_validate(data if isinstance(data, dict) else {"sources": data or []})
    except ValidationError as error:
        raise ValueError("; ".join(f"{_place(item)}: {item['msg']}" for item in error.errors())) from None
    for url in (*(source.url for source in file.sources), *(site.home_page for site in file.sites)):
        check(url)
    for source in file.sources:
        check(source.site or source.url)
    return Declarations([site.message() for site in file.sites], [source.message() for source in file.sources])


def _place(item: Any) -> str:
    return ".".join(str(part) for part in item["loc"])
