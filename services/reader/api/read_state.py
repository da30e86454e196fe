"""What is read and starred, over HTTP: of whose token it is, or of who sits at this machine."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Path, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from services.reader.access.visitors import owner_of
from services.reader.api.cursors import BIGGEST_ID
from services.reader.dependencies import BEARER, Sessions
from services.reader.http.routes import BoundedRoute
from services.reader.queries import read_state

router = APIRouter(prefix="/v1/reading", tags=["reading"], route_class=BoundedRoute, dependencies=[BEARER])

ArticleId = Annotated[int, Path(ge=1, le=BIGGEST_ID)]


class Reading(BaseModel):
    """How far somebody has read: all headlines up to the one with the number `place`; and the articles they starred, newest first."""

    place: int
    starred: list[int]


class Place(BaseModel):
    """The number of the headline up to which all are read."""

    model_config = ConfigDict(extra="forbid")

    place: int = Field(ge=0, le=BIGGEST_ID)


class StateChange(BaseModel):
    """What somebody makes of an article; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    read: bool | None = None
    starred: bool | None = None


class State(BaseModel):
    """What somebody has made of an article. `read` is null where nothing was said: it is read if its headlines are."""

    article_id: int
    read: bool | None
    starred: bool


async def _owner(request: Request) -> int:
    reader = owner_of(request)
    if reader is None:
        raise HTTPException(
            403, "this token is no user's, who could read: `newsmill users token add` makes one of a user"
        )
    return reader


Owner = Annotated[int, Depends(_owner)]


@router.get("")
def get_reading(sessions: Sessions, owner: Owner) -> Reading:
    """How far you have read, and what you starred."""
    with sessions() as session:
        return Reading(place=read_state.place(session, owner), starred=read_state.starred(session, owner))


@router.put("")
def move_place(sessions: Sessions, owner: Owner, place: Place) -> Reading:
    """Notes that all headlines up to a number are read."""
    with sessions() as session:
        read_state.move(session, owner, place.place)
        session.commit()
        return Reading(place=place.place, starred=read_state.starred(session, owner))


@router.get("/{id}")
def get_state(sessions: Sessions, owner: Owner, id: ArticleId) -> State:  # noqa: A002 - the path's own name
    """What you made of an article."""
    with sessions() as session:
        return _state(session, owner, id)


@router.patch("/{id}")
def change_state(sessions: Sessions, owner: Owner, id: ArticleId, change: StateChange) -> State:  # noqa: A002 - as above
    """Notes that you have read or starred an article, or not."""
    with sessions() as session:
        try:
            read_state.change(session, owner, id, read=change.read, star=change.starred)
            session.commit()
        except IntegrityError:
            raise HTTPException(404, f"no article {id}") from None
        return _state(session, owner, id)


def _state(session: Session, owner: int, article_id: int) -> State:
    states = read_state.states(session, owner, [article_id])
    row = states.articles.get(article_id)
    return State(article_id=article_id, read=row.is_read if row else None, starred=states.is_starred(article_id))
