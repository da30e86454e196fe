"""What an owner has read and starred.

A headline is read if it is no newer than the owner's place, or if its article was opened; what was said of the article
itself goes before. Owners are accounts, or whoever sits at the machine (shared/database/models/read_state.py).
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, false, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from shared.contracts import now_utc
from shared.database.models import Headline, ReadPlace, ReadState

UNREAD, STARRED = "unread", "starred"
# Starred articles that are listed, the newest stars.
MOST_STARRED = 1000


class ReadStates(NamedTuple):
    """What an owner has read: all headlines up to `place`, and what was said of articles."""

    place: int
    articles: dict[int, ReadState]

    def is_read(self, headline: Headline) -> bool:
        """Returns whether a headline is read."""
        state = self.articles.get(headline.article_id or 0)
        own_word = state.is_read if state else None
        return (headline.id or 0) <= self.place if own_word is None else own_word

    def is_starred(self, article_id: int | None) -> bool:
        """Returns whether an article is starred."""
        state = self.articles.get(article_id or 0)
        return state is not None and state.starred_at is not None


def states(session: Session, owner: int, article_ids: Iterable[int | None]) -> ReadStates:
    """Returns what an owner has read and starred of some articles."""
    ids = [article_id for article_id in article_ids if article_id is not None]
    rows = session.scalars(select(ReadState).where(col(ReadState.owner) == owner, col(ReadState.article_id).in_(ids)))
    return ReadStates(place(session, owner), {row.article_id: row for row in rows})


def place(session: Session, owner: int) -> int:
    """Returns the number of the headline up to which an owner has read all; 0 for none."""
    return session.scalar(select(col(ReadPlace.headline_id)).where(col(ReadPlace.owner) == owner)) or 0


def starred(session: Session, owner: int) -> list[int]:
    """Returns the articles that an owner has starred, the newest stars first, at most MOST_STARRED."""
    query = select(col(ReadState.article_id)).where(
        col(ReadState.owner) == owner, col(ReadState.starred_at).is_not(None)
    )
    return list(session.scalars(query.order_by(col(ReadState.starred_at).desc()).limit(MOST_STARRED)))


def having(session: Session, owner: int, state: str) -> list[ColumnElement[bool]]:
    """Returns the conditions that a headline is UNREAD or STARRED."""
    if state == STARRED:
        return [col(Headline.article_id).in_(starred(session, owner))]
    read, unread = (_marked(owner, is_read=value) for value in (True, False))
    last = place(session, owner)
    first_unread = session.scalar(select(func.min(Headline.id)).where(col(Headline.article_id).in_(unread)))
    # A number bounds what is looked at, so that a list that is not full ends there, and not with the oldest headline.
    first = last if first_unread is None else min(last, first_unread - 1)
    is_new = or_(col(Headline.id) > last, col(Headline.article_id).in_(unread)) if first < last else None
    is_open = or_(col(Headline.article_id).is_(None), col(Headline.article_id).not_in(read))
    return [col(Headline.id) > first, is_open, *([] if is_new is None else [is_new])]


def change(
    session: Session, owner: int, article_id: int, *, read: bool | None = None, star: bool | None = None
) -> None:
    """Notes what an owner makes of an article; None leaves it as it is. The caller commits.

    Raises:
        sqlalchemy.exc.IntegrityError: there is no such article.
    """
    values: dict[str, Any] = {} if read is None else {"is_read": read}
    if star is not None:
        values["starred_at"] = now_utc() if star else None
    _put(session, ReadState, {"owner": owner, "article_id": article_id}, values)


def move(session: Session, owner: int, headline_id: int) -> None:
    """Notes that an owner has read all headlines up to one, those that were kept unread too. The caller commits."""
    _put(session, ReadPlace, {"owner": owner}, {"headline_id": headline_id, "moved_at": now_utc()})
    unread = update(ReadState).where(col(ReadState.owner) == owner, col(ReadState.is_read) == false())
    session.execute(unread.values(is_read=None))


def _marked(owner: int, *, is_read: bool) -> Any:
    return select(col(ReadState.article_id)).where(col(ReadState.owner) == owner, col(ReadState.is_read).is_(is_read))


def _put(session: Session, table: type[ReadState | ReadPlace], key: dict[str, int], values: dict[str, Any]) -> None:
    """Inserts a row or changes it, in one statement: two pages of an owner may be open."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(table).values(**key, **values)
    if values:
        session.execute(statement.on_conflict_do_update(index_elements=list(key), set_=values))
