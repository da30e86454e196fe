"""Looks at sites that may be added, as `newsmill add` has them: /v1/looks. The services look; nothing is stored before it is chosen."""

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Request
from pydantic import BaseModel, ConfigDict, Field
from redis import Redis
from sqlalchemy.orm import sessionmaker
from sqlmodel import Session

from services.reader.api.sites import ACTOR, Accepted, Name, Url
from services.reader.api.triggers import RETRY_AFTER
from services.reader.dependencies import Broker, Config, Send, Sessions
from services.reader.http.changes import note
from services.reader.http.routes import BoundedRoute
from services.reader.queries import looks
from services.reader.queries import sites as site_rows
from services.reader.queries.looks import Look
from services.reader.settings import ReaderSettings
from shared.contracts import Country, Tags, now_utc
from shared.discovery.declarations import declarations
from shared.discovery.report import site_record
from shared.stage import Sender
from shared.urls import fingerprint
from shared.worker.pressure import Pressure

LookId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]

router = APIRouter(prefix="/v1/looks", tags=["sites"], route_class=BoundedRoute)


class NewLook(BaseModel):
    """The address of a home page, or of a feed of the site."""

    model_config = ConfigDict(extra="forbid")

    url: Url


class Started(BaseModel):
    """The id of a look, which is kept for an hour."""

    id: str


class LookState(BaseModel):
    """A look as far as it is. `report` is what `newsmill add --json` prints, null until the first page has ended; `awaited` are
    the pages that have not ended; `is_over` says that all have, or that it makes no sense to wait for them."""

    id: str
    is_over: bool
    awaited: list[str]
    report: dict[str, Any] | None


class Choice(BaseModel):
    """How a site that was looked at is added. Left out, `channels` are those that the report says are polled."""

    model_config = ConfigDict(extra="forbid")

    channels: list[str] | None = Field(None, max_length=200)
    name: Name | None = None
    country: Country | None = None
    tags: Tags = ()


@router.post("", status_code=202)
def begin_look(request: Request, redis: Broker, settings: Config, send: Send, look: NewLook) -> Started:
    """Asks the services to look at a site; 503 while Redis has no room for it."""
    note(request, look.url)
    return Started(id=begin(redis, settings, send, look.url))


@router.get("/{id}")
def get_look(redis: Broker, id: LookId) -> LookState:  # noqa: A002 - the path's own name
    """A look as far as it is."""
    look = load(redis, id)
    return LookState(
        id=id,
        is_over=look.is_over,
        awaited=list(look.awaited),
        report=site_record(look.report) if look.report else None,
    )


@router.post("/{id}/site", status_code=202)
def add_looked_at_site(sessions: Sessions, redis: Broker, send: Send, id: LookId, choice: Choice) -> Accepted:  # noqa: A002 - as above
    """Adds a site that was looked at, with the channels that are chosen."""
    return Accepted(key=add(sessions, send, load(redis, id), choice, ACTOR))


def begin(redis: "Redis", settings: ReaderSettings, send: Sender, url: str) -> str:
    """Begins a look and returns its id.

    Raises:
        HTTPException: 503, Redis has no room.
        BadUrl: the address is none that can be fetched.
    """
    if (reason := Pressure(redis, settings).refusal()) is not None:
        raise HTTPException(503, f"{reason}; look again later", headers={"Retry-After": RETRY_AFTER})
    return looks.begin(redis, send, url)


def load(redis: "Redis", look_id: str) -> Look:
    """Returns a look.

    Raises:
        HTTPException: 404, there is none of this id, or no more.
    """
    look = looks.load(redis, look_id, now_utc())
    if look is None:
        raise HTTPException(404, f"no look {look_id}: looks are kept for an hour, begin another")
    return look


def add(sessions: sessionmaker[Session], send: Sender, look: Look, choice: Choice, actor: str) -> str:
    """Declares a site that was looked at; returns its key.

    Raises:
        HTTPException: 409, nothing is known of it yet; 422, no channel is chosen.
    """
    if look.report is None:
        raise HTTPException(409, "nothing is known of the site yet: wait until its home page has been read")
    report = looks.chosen(look.report, choice.channels, name=choice.name, tags=choice.tags)
    if not report.channels:
        raise HTTPException(422, "no channel is chosen: choose one of the report's at least")
    key = fingerprint(report.home_page)
    with sessions() as session:
        row = site_rows.site(session, key)
        was_removed = row is not None and row.state == "removed"
    send(list(declarations(report, actor, country=choice.country, was_removed=was_removed)))
    return key
