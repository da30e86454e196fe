"""The SQL behind the API, the pages and the export. Lists are paged by id, never by offset."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import chain
from operator import eq, ge, lt
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session, col

from services.reader.queries.search import condition, has_words, matching, newest_first, newest_rows
from shared.database.models import Article, ArticleVersion, Headline, Image, ImageBlock, Page, Source
from shared.errors import BadUrl
from shared.query.tree import Field, FieldName, every
from shared.urls import fingerprint

T = TypeVar("T", bound=Article | Headline)
# Fields of a filter that a search can ask for as well.
FIELDS: tuple[FieldName, ...] = ("site", "publisher", "tag")


class Filter(NamedTuple):
    """The conditions on a list. `since` is inclusive, `until` exclusive; only ids below `before` are listed.

    `site`, `publisher`, `tag`, `story`, `stored_since` and `stored_until` are of articles.
    """

    source: int | None = None
    language: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    q: str | None = None
    block: str | None = None
    site: str | None = None
    publisher: str | None = None
    tag: str | None = None
    story: int | None = None
    stored_since: datetime | None = None
    stored_until: datetime | None = None
    before: int | None = None
    limit: int = 50


def newest(session: Session, table: type[T], conditions: Filter) -> Sequence[T]:
    """Returns rows, newest first: one more than the limit where a further page follows."""
    filters = conditions._replace(q=None, before=None)
    further = clauses(session, table, filters)
    query = newest_first(session, table, conditions.q, conditions.before).where(*further)
    if conditions.q and (has_words(conditions.q) if table is Article else further):
        return newest_rows(session, query, table, conditions.before, conditions.limit + 1)
    return session.scalars(query.limit(conditions.limit + 1)).all()


class ArticleImages(NamedTuple):
    """An article's images: those that may be shown, in its order, and the URLs of those that are blocked."""

    visible: list[Image]
    blocked_urls: frozenset[str]


NO_IMAGES = ArticleImages([], frozenset())


def images_of(session: Session, articles: Iterable[Article]) -> dict[int, ArticleImages]:
    """Returns the images of articles, by the articles' ids."""
    rows = {article.id or 0: article for article in articles}
    images: dict[int, list[Image]] = {article_id: [] for article_id in rows}
    statement = select(Image).where(col(Image.article_id).in_(list(rows)))
    for image in session.scalars(statement.order_by(col(Image.article_id), col(Image.position), col(Image.id))):
        images[image.article_id].append(image)
    leads = {article.lead_image: _key(article.lead_image) for article in rows.values() if article.lead_image}
    subjects = {name for image in chain(*images.values()) for name in (image.content_hash, image.key) if name}
    blocked = blocked_subjects(session, subjects | set(leads.values()))
    return {article_id: _without_blocked(group, leads, blocked) for article_id, group in images.items()}


def blocked_subjects(session: Session, subjects: Iterable[str]) -> set[str]:
    """Returns the blocked ones among these content hashes and keys of images."""
    candidates = list(subjects)
    if not candidates:
        return set()
    query = select(col(ImageBlock.subject)).where(col(ImageBlock.subject).in_(candidates), col(ImageBlock.blocked))
    return set(session.scalars(query))


def _without_blocked(images: Sequence[Image], leads: Mapping[str, str], blocked: set[str]) -> ArticleImages:
    visible = [image for image in images if not {image.content_hash, image.key} & blocked]
    blocked_urls = {image.url for image in images if image not in visible}
    blocked_leads = {url for url, key in leads.items() if key in blocked}
    return ArticleImages(visible, frozenset(blocked_urls | blocked_leads))


def _key(url: str) -> str:
    try:
        return fingerprint(url)
    except BadUrl:
        return ""


def articles_of_story(session: Session, story_id: int) -> Sequence[Article]:
    """Returns the articles of a story, newest first, at most 200."""
    query = select(Article).where(col(Article.story_id) == story_id).order_by(col(Article.id).desc())
    return session.scalars(query.limit(200)).all()


def versions(session: Session, article_id: int) -> Sequence[ArticleVersion]:
    """Returns every version of an article, oldest first."""
    statement = select(ArticleVersion).where(col(ArticleVersion.article_id) == article_id)
    return session.scalars(statement.order_by(col(ArticleVersion.number))).all()


def headlines_of(session: Session, article_id: int) -> Sequence[Headline]:
    """Returns the headlines that link to an article, in the order in which they were first seen."""
    return session.scalars(
        select(Headline).where(col(Headline.article_id) == article_id).order_by(col(Headline.id))
    ).all()


def sources(session: Session) -> Sequence[Source]:
    """Returns every source, by name."""
    return session.scalars(select(Source).order_by(col(Source.name), col(Source.id))).all()


def page_of_trace(session: Session, trace_id: str) -> Page | None:
    """Returns the ledger's row of a trace, or None once a later trace of the same URL has taken the row over."""
    statement = select(Page).where(col(Page.trace_id) == trace_id).order_by(col(Page.id)).limit(1)
    return session.scalars(statement).first()


def totals(session: Session) -> dict[str, int]:
    """Returns the number of stored articles and headlines."""
    return {
        "articles": session.scalar(select(func.count()).select_from(Article)) or 0,
        "headlines": session.scalar(select(func.count()).select_from(Headline)) or 0,
    }


def pages_by_disposition(session: Session) -> dict[str, int]:
    """Returns the number of pages by disposition; `under-way` stands for pages that have none yet."""
    disposition = col(Page.disposition)
    rows = session.execute(select(disposition, func.count()).group_by(disposition))
    return {name or "under-way": number for name, number in rows}


def clauses(session: Session, table: type[T], conditions: Filter) -> list[ColumnElement[bool]]:
    """Returns what must hold of a row, all but the limit."""
    comparisons = _comparisons(table, conditions)
    if fields := every([Field(name, value) for name in FIELDS if (value := getattr(conditions, name))]):
        comparisons.append(condition(session, table, fields))
    if conditions.q:
        comparisons.append(matching(session, table, conditions.q))
    return comparisons


def _comparisons(table: type[T], conditions: Filter) -> list[ColumnElement[bool]]:
    moment = _publication_time(table)
    comparisons: list[tuple[Any, Callable[[Any, Any], Any], Any]] = [
        (col(table.source_id), eq, conditions.source),
        (col(table.language), eq, conditions.language),
        (moment, ge, conditions.since),
        (moment, lt, conditions.until),
        (col(table.id), lt, conditions.before),
    ]
    if issubclass(table, Headline):
        comparisons.append((col(table.block), eq, conditions.block))
    else:
        comparisons += [
            (col(table.story_id), eq, conditions.story),
            (col(table.stored_at), ge, conditions.stored_since),
            (col(table.stored_at), lt, conditions.stored_until),
        ]
    return [compare(column, value) for column, compare, value in comparisons if value is not None]


def _publication_time(table: type[T]) -> ColumnElement[datetime]:
    """Returns the time by which a row is filtered: the published time that its page states, else the time of storing."""
    fallback = table.stored_at if issubclass(table, Article) else table.first_seen_at
    return func.coalesce(col(table.published_at), col(fallback))
