"""An article as people read it: with the papers that tell the same, its copies, its versions and the life of its addresses."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import or_, select
from sqlmodel import Session, col

from services.reader.queries.news import ArticleImages, headlines_of, images_of, versions
from services.reader.queries.outlets import Outlet, outlets
from services.reader.queries.stories import tellings
from shared.database.models import Article, ArticleVersion, Headline, Visit

# Visits in a life, the latest; and copies of an original.
MOST_VISITS, MOST_COPIES = 40, 50


class Moment(NamedTuple):
    """What happened to an article's addresses at a time; `detail` is more of it, `url` where."""

    at: datetime
    what: str
    detail: str = ""
    url: str | None = None


class Reading(NamedTuple):
    """An article with what belongs to it. `tellings` are the articles of its story, the first to be stored first;
    `original` is what it copies, `copies` are what copies it."""

    article: Article
    outlet: Outlet | None
    images: ArticleImages
    versions: Sequence[ArticleVersion]
    headlines: Sequence[Headline]
    tellings: Sequence[Any]
    original: Article | None
    copies: Sequence[Article]
    visits: Sequence[Visit]

    @property
    def is_kept(self) -> bool:
        """Whether the raw page of one of its visits is kept."""
        return any(visit.kept for visit in self.visits)

    def life(self) -> list[Moment]:
        """Returns what happened to it, in order of time."""
        return life(self.article, self.headlines, self.visits, self.versions)


def reading(session: Session, article_id: int) -> Reading | None:
    """Returns an article with what belongs to it; None if there is none with this id."""
    article = session.get(Article, article_id)
    if article is None:
        return None
    copies = select(Article).where(col(Article.original_id) == article_id).order_by(col(Article.id)).limit(MOST_COPIES)
    return Reading(
        article,
        outlets(session, [article.source_id]).get(article.source_id or 0),
        images_of(session, [article])[article_id],
        versions(session, article_id),
        headlines_of(session, article_id),
        tellings(session, article.story_id) if article.story_id else (),
        session.get(Article, article.original_id) if article.original_id else None,
        session.scalars(copies).all(),
        _visits(session, article),
    )


def version_pair(session: Session, article_id: int, number: int) -> tuple[ArticleVersion | None, ArticleVersion] | None:
    """Returns a version of an article and the one kept before it, None for the first; None if there is no such version."""
    query = select(ArticleVersion).where(
        col(ArticleVersion.article_id) == article_id, col(ArticleVersion.number) <= number
    )
    rows = session.scalars(query.order_by(col(ArticleVersion.number).desc()).limit(2)).all()
    if not rows or rows[0].number != number:
        return None
    return (rows[1] if len(rows) > 1 else None), rows[0]


def life(
    article: Article, headlines: Sequence[Headline], visits: Sequence[Visit], kept_versions: Sequence[ArticleVersion]
) -> list[Moment]:
    """Returns what happened to an article's addresses, in order of time."""
    moments = [Moment(article.published_at, "published, its page says")] if article.published_at else []
    moments += [
        Moment(row.first_seen_at, "headline seen", f"number {row.position + 1}", row.page_url) for row in headlines
    ]
    for visit in visits:
        moments += _moments(visit)
    moments += [Moment(row.fetched_at, f"version {row.number}", row.title) for row in kept_versions if row.number > 1]
    moments.append(Moment(article.stored_at, "stored"))
    if article.gone_at:
        moments.append(Moment(article.gone_at, "gone: its page is no more"))
    return sorted(moments, key=lambda moment: moment.at)


def _moments(visit: Visit) -> list[Moment]:
    moments = [Moment(visit.triggered_at, "requested", f"by {visit.via}" if visit.via else "", visit.url)]
    for step in visit.steps:
        if step.get("at"):
            details = (str(step[name]) for name in ("stage", "reason", "status", "detail") if step.get(name))
            size = [f"{step['bytes']:,} bytes"] if step.get("bytes") else []
            at = datetime.fromisoformat(step["at"])
            moments.append(Moment(at, str(step.get("what", "")), " · ".join([*details, *size]), step.get("url")))
    if visit.ended_at:
        details = (str(value) for value in (visit.status, visit.detail) if value)
        moments.append(Moment(visit.ended_at, str(visit.disposition), " · ".join(details)))
    return moments


def _visits(session: Session, article: Article) -> Sequence[Visit]:
    """Returns the latest visits of all the article's addresses, oldest first."""
    own = or_(col(Visit.article_id) == article.id, col(Visit.trace_id) == article.trace_id)
    query = select(Visit).where(own).order_by(col(Visit.id).desc()).limit(MOST_VISITS)
    return session.scalars(query).all()[::-1]
