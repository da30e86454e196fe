"""Outlets by their channels: a site with its channels, or a channel that stands by itself, and its newest article."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlmodel import Session, col

from shared.database.models import Article, Source


def source_keys(session: Session, keys: Sequence[str] | None = None) -> dict[int, str]:
    """Returns the channels of outlets, or all, whatever their state: the outlet's key by the channel's id."""
    query = select(col(Source.id), func.coalesce(col(Source.site_key), col(Source.key)))
    if keys is not None:
        single = and_(col(Source.site_key).is_(None), col(Source.key).in_(keys))
        query = query.where(or_(col(Source.site_key).in_(keys), single))
    return {row[0]: row[1] for row in session.execute(query)}


def newest_articles(session: Session, sources: Mapping[int, str]) -> dict[str, datetime]:
    """Returns when the newest article of each outlet was stored, of outlets that have any.

    Args:
        session: of the database, only read.
        sources: as source_keys() returns them.
    """
    # One look into an index for each channel: its articles are never counted.
    newest = select(func.max(col(Article.id))).where(col(Article.source_id) == col(Source.id)).scalar_subquery()
    ids = select(newest).where(col(Source.id).in_(sources))
    moments: dict[str, datetime] = {}
    for source_id, stored_at in session.execute(
        select(col(Article.source_id), col(Article.stored_at)).where(col(Article.id).in_(ids))
    ):
        key = sources[source_id]
        moments[key] = max(stored_at, moments.get(key, stored_at))
    return moments
