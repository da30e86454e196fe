"""Articles in the order in which they have changed, for those who follow them and must miss none (docs/adr/0020)."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import func, select
from sqlmodel import Session, col

from services.reader.queries.news import Filter, clauses
from shared.database.models import Article, ArticleChange

# Before everything: articles that were stored before there was a log have places up to 0.
BEGINNING = -(2**63)


class Changes(NamedTuple):
    """Articles with what they are now, and the place after which to go on."""

    articles: Sequence[Article]
    place: int


def newest_place(session: Session) -> int:
    """Returns the place of the newest change of any article."""
    return session.scalar(select(func.max(col(ArticleChange.position)))) or BEGINNING


def changed(session: Session, after: int, conditions: Filter) -> Changes:
    """Returns articles whose newest change is behind a place, the oldest change first.

    An article that changes between two pages is in the later one again, as it is then. Where fewer than the limit are
    found, the next page begins behind all changes that were looked at, not behind the last that matched.
    """
    # Before the articles are read: what is stored meanwhile has a place behind it.
    until = max(newest_place(session), after)
    place = col(ArticleChange.position)
    statement = (
        select(Article, place)
        .join(ArticleChange, col(ArticleChange.article_id) == col(Article.id))
        .where(place > after, place <= until, *clauses(session, Article, conditions))
        .order_by(place)
        .limit(conditions.limit)
    )
    rows = session.execute(statement).all()
    return Changes([row[0] for row in rows], rows[-1][1] if len(rows) == conditions.limit else until)
