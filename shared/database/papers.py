"""In how many newspapers a story is, and the hosts of addresses, as SQL of either database."""

from typing import Any, cast

from sqlalchemy import ColumnElement, ScalarSelect, func, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from shared.database.models import Article
from shared.database.search import HOST_FUNCTION


def host(session: Session, url: Any) -> ColumnElement[str]:
    """Returns the host of a column of fetchable URLs, which always have a path (shared.urls.fetchable)."""
    if session.get_bind().dialect.name == "postgresql":
        return func.split_part(func.split_part(url, "/", 3), ":", 1)
    return cast("ColumnElement[str]", getattr(func, HOST_FUNCTION)(url))


def paper(session: Session, article: Any) -> ColumnElement[str]:
    """Returns the name of an article's newspaper; that of one without a name is its host.

    Args:
        session: of the database.
        article: the table, or an alias of it.
    """
    return func.coalesce(col(article.publisher), col(article.site), host(session, col(article.url)))


def papers(session: Session, story_id: Any) -> ScalarSelect[int]:
    """Returns the number of newspapers that have articles of a story."""
    article = aliased(Article)
    return (
        select(func.count(paper(session, article).distinct()))
        .where(col(article.story_id) == story_id)
        .scalar_subquery()
    )
