"""Sites and channels over HTTP. Reading shows their rows; writing sends messages, which the storage worker applies."""

from typing import Annotated, Any, Literal, get_args

from fastapi import APIRouter, HTTPException, Path, Query, Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from services.reader.api import records
from services.reader.dependencies import BEARER, Send, Sessions
from services.reader.http.changes import note
from services.reader.http.routes import BoundedRoute
from services.reader.queries import sites as site_rows
from services.reader.queries.sites import SiteDetail, State
from shared.contracts import (
    ChannelChanged,
    ChannelValue,
    Country,
    Key,
    Kind,
    Languages,
    RevisitHours,
    Role,
    Seconds,
    SiteChanged,
    SiteDeclared,
    SiteValue,
    SourceDeclared,
    Tags,
)
from shared.database.models import Site, Source
from shared.urls import fetchable, fingerprint, host_of

ACTOR = "api"
router = APIRouter(prefix="/v1", tags=["sites"], route_class=BoundedRoute, dependencies=[BEARER])


def _fetchable(url: str) -> str:
    fetchable(url)
    return url


Url = Annotated[str, Field(max_length=8192), AfterValidator(_fetchable)]
RowKey = Annotated[Key, Path(description="The key of the row: the fingerprint of its URL.")]
Name = Annotated[str, Field(min_length=1, max_length=200)]


class NewSite(BaseModel):
    """A site to follow. Its channels are looked for on its home page, unless `discover` is false."""

    model_config = ConfigDict(extra="forbid")

    home_page: Url
    name: Name | None = None
    country: Country | None = None
    languages: Languages = ()
    tags: Tags = ()
    least_seconds: Seconds | None = Field(None, description="Between two polls of a channel, at least.")
    most_seconds: Seconds | None = Field(None, description="Between two polls of a channel, at most.")
    revisit_hours: RevisitHours | None = Field(
        None, description="Ages at which its articles are looked at again; none: never; left out: as the setting says."
    )
    discover: bool = True


class SiteChange(BaseModel):
    """What to change of a site; what is left out stays, and null sets `country`, the seconds and `revisit_hours` back to nothing.

    `poll` asks for all its channels at once. `undo` sets back what the last change has changed; it stands by itself.
    """

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    country: Country | None = None
    languages: Languages | None = None
    tags: Tags | None = None
    state: Literal["active", "paused"] | None = None
    least_seconds: Seconds | None = None
    most_seconds: Seconds | None = None
    revisit_hours: RevisitHours | None = None
    poll: bool = False
    undo: bool = False


class NewChannel(BaseModel):
    """A page to poll: a channel of the site with this home page, or a page by itself."""

    model_config = ConfigDict(extra="forbid")

    url: Url
    name: Name | None = None
    kind: Kind | None = None
    follow: bool = Field(True, description="Fetch what it links to.")
    interval_seconds: Seconds | None = Field(None, description="Left out: as its items come, which is learned.")
    site: Url | None = None
    role: Role | None = None


class ChannelChange(BaseModel):
    """What to change of a channel; what is left out stays, and null sets `interval_seconds` back: it is learned.

    `poll` asks for it at once. `undo` sets back what the last change has changed; it stands by itself.
    """

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    state: Literal["active", "paused"] | None = None
    follow: bool | None = None
    interval_seconds: Seconds | None = None
    poll: bool = False
    undo: bool = False


class Accepted(BaseModel):
    """The key of a site or channel, under which it is found once the message is stored."""

    key: str


def message_of(change: SiteChange | ChannelChange, key: str, actor: str, **fields: Any) -> SiteChanged | ChannelChanged:
    """Returns the message of a change.

    Args:
        change: what a person wishes.
        key: of the site or channel.
        actor: the door that the person used, which is also where the message comes from.
        fields: what goes before the change's own.
    """
    is_site = isinstance(change, SiteChange)
    values = get_args(SiteValue if is_site else ChannelValue)
    cleared = tuple(name for name in values if name in change.model_fields_set and getattr(change, name) is None)
    kind: type[SiteChanged | ChannelChanged] = SiteChanged if is_site else ChannelChanged
    return kind(**{**change.model_dump(), **fields}, cleared=cleared, key=key, actor=actor, via=actor)


def _values(body: BaseModel) -> dict[str, Any]:
    """Returns what a request names, for the audit."""
    return body.model_dump(mode="json", exclude_unset=True)


@router.get("/sites")
def list_sites(sessions: Sessions, state: Annotated[State | None, Query()] = None) -> records.Listing[Site]:
    """Every site in a state, by name; without a state all but removed ones."""
    with sessions() as session:
        return records.Listing[Site](items=list(site_rows.sites(session, state)))


@router.get("/sites/{key}")
def get_site(sessions: Sessions, key: RowKey) -> SiteDetail:
    """A site with its channels, and when and why each is polled next."""
    with sessions() as session:
        detail = site_rows.detail(session, key)
    if detail is None:
        raise HTTPException(404, f"no site {key}")
    return detail


@router.get("/channels")
def list_channels(
    sessions: Sessions, site: Annotated[Key | None, Query()] = None, state: Annotated[State | None, Query()] = None
) -> records.Listing[Source]:
    """Every channel of a site, or of all, by URL; without a state all but removed ones."""
    with sessions() as session:
        return records.Listing[Source](items=list(site_rows.channels(session, site, state)))


@router.get("/channels/{key}")
def get_channel(sessions: Sessions, key: RowKey) -> Source:
    """A channel, and when and why it is polled next."""
    with sessions() as session:
        row = site_rows.channel(session, key)
    if row is None:
        raise HTTPException(404, f"no channel {key}")
    return row


@router.post("/sites", status_code=202)
def add_site(request: Request, send: Send, site: NewSite) -> Accepted:
    """Declares a site. One that a person removed stays removed until its state is changed."""
    note(request, site.home_page, **_values(site))
    send([SiteDeclared(**site.model_dump(), declared_by=ACTOR, via=ACTOR)])
    return Accepted(key=fingerprint(site.home_page))


@router.patch("/sites/{key}", status_code=202)
def change_site(request: Request, sessions: Sessions, send: Send, key: RowKey, change: SiteChange) -> Accepted:
    """Changes a site. The file of sites does not undo it."""
    get_site(sessions, key)
    note(request, key, **_values(change))
    send([message_of(change, key, ACTOR)])
    return Accepted(key=key)


@router.delete("/sites/{key}", status_code=202)
def remove_site(sessions: Sessions, send: Send, key: RowKey) -> Accepted:
    """Removes a site and its channels, but for those that the file declares. What they brought stays."""
    get_site(sessions, key)
    send([SiteChanged(key=key, state="removed", actor=ACTOR, via=ACTOR)])
    return Accepted(key=key)


@router.post("/channels", status_code=202)
def add_channel(request: Request, send: Send, channel: NewChannel) -> Accepted:
    """Declares a channel."""
    note(request, channel.url, **_values(channel))
    fields = channel.model_dump(exclude={"name", "site"})
    site_key = fingerprint(channel.site) if channel.site else None
    name = channel.name or host_of(channel.url)[:200]
    send([SourceDeclared(**fields, name=name, site_key=site_key, declared_by=ACTOR, via=ACTOR)])
    return Accepted(key=fingerprint(channel.url))


@router.patch("/channels/{key}", status_code=202)
def change_channel(request: Request, sessions: Sessions, send: Send, key: RowKey, change: ChannelChange) -> Accepted:
    """Changes a channel. The file of sites does not undo it."""
    get_channel(sessions, key)
    note(request, key, **_values(change))
    send([message_of(change, key, ACTOR)])
    return Accepted(key=key)


@router.delete("/channels/{key}", status_code=202)
def remove_channel(sessions: Sessions, send: Send, key: RowKey) -> Accepted:
    """Removes a channel. What it brought stays."""
    get_channel(sessions, key)
    send([ChannelChanged(key=key, state="removed", actor=ACTOR, via=ACTOR)])
    return Accepted(key=key)
