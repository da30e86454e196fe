"""What is read and starred, changed by the buttons of pages; and an article that is opened is read."""

from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import RedirectResponse
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import sessionmaker
from sqlmodel import Session
from starlette.background import BackgroundTask

from services.reader.access.visitors import Way, owner_of, visitor_of
from services.reader.api.cursors import BIGGEST_ID
from services.reader.dependencies import Sessions
from services.reader.http.forms import form_fields
from services.reader.http.routes import BoundedRoute
from services.reader.pages.login import own_path
from services.reader.queries import read_state
from services.reader.queries.read_state import ReadStates

router = APIRouter(prefix="/reading", include_in_schema=False, route_class=BoundedRoute)

Fields = Annotated[dict[str, str], Depends(form_fields)]
# What a button says by its name, of the article that is its value.
CHANGES: dict[str, dict[str, bool]] = {
    "read": {"read": True}, "unread": {"read": False}, "star": {"star": True}, "unstar": {"star": False},
}  # fmt: skip


class Choice(NamedTuple):
    """A button: what it changes, and the article."""

    change: dict[str, bool]
    article_id: int


@router.post("")
def change_state(request: Request, sessions: Sessions, fields: Fields) -> RedirectResponse:
    """Notes that an article is read or starred, or no longer."""
    choice = next((Choice(CHANGES[name], number(value)) for name, value in fields.items() if name in CHANGES), None)
    if choice is None:
        raise HTTPException(422, f"name an article with one of {', '.join(CHANGES)}")
    with sessions() as session:
        try:
            read_state.change(session, owner(request), choice.article_id, **choice.change)
            session.commit()
        except IntegrityError:
            raise HTTPException(404, f"no article {choice.article_id}") from None
    return _back(fields, f"#a{choice.article_id}")


@router.post("/all")
def read_all(request: Request, sessions: Sessions, fields: Fields) -> RedirectResponse:
    """Notes that all headlines up to one are read."""
    with sessions() as session:
        read_state.move(session, owner(request), number(fields.get("place", "")))
        session.commit()
    return _back(fields)


def opened(
    request: Request, sessions: sessionmaker[Session], article_id: int, reads: ReadStates | None
) -> BackgroundTask | None:
    """Returns what notes, once the page is sent, that its reader has opened an article; None where there is nothing to note.

    Args:
        request: that opens it.
        sessions: of the database.
        article_id: of the article.
        reads: what its reader had made of it before; None for who is nobody.
    """
    reader = owner_of(request)
    state = reads.articles.get(article_id) if reads else None
    if reader is None or visitor_of(request).way is Way.TOKEN or (state and state.is_read):
        return None

    def note() -> None:
        with sessions() as session:
            read_state.change(session, reader, article_id, read=True)
            session.commit()

    return BackgroundTask(note)


def owner(request: Request) -> int:
    """Returns whose reading is changed.

    Raises:
        HTTPException: 403, it is nobody's.
    """
    reader = owner_of(request)
    if reader is None:
        raise HTTPException(
            403, "this token is no user's, who could read: `newsmill users token add` makes one of a user"
        )
    return reader


def number(text: str) -> int:
    """Returns the number of a row in a field of a form.

    Raises:
        HTTPException: 422, it is none.
    """
    if text.isascii() and text.isdigit() and 0 < int(text) <= BIGGEST_ID:
        return int(text)
    raise HTTPException(422, "no number of a row")


def _back(fields: dict[str, Any], place: str = "") -> RedirectResponse:
    return RedirectResponse(own_path(fields.get("back", "/")) + place, 303)
