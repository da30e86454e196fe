"""The SQL behind the API, the pages and the export. Lists go by key (id), never by offset."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from operator import eq, ge, lt
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, and_, column, false, func, literal_column, not_, select, true
from sqlalchemy import table as sql_table
from sqlmodel import Session, col

from shared.database.models import Article, ArticleVersion, Headline, Image, ImageBlock, Page, Source
from shared.errors import BadUrl
from shared.urls import fingerprint

T = TypeVar("T", bound=Article | Headline)

# As the migrations index them: PostgreSQL uses an expression's index only where the query spells it the same.
_VECTORS: Mapping[type[Any], str] = {
    Article: "to_tsvector('simple', left(article.title || ' ' || article.text, 200000))",
    Headline: "to_tsvector('simple', left(headline.text, 200000))",
}
_TERM = re.compile(r'(-?)(?:"([^"]*)"|(\S+))')


class Wanted(NamedTuple):
    """What a list is narrowed to. `before` is the id that the page before ended at."""

    source: int | None = None
    language: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    q: str | None = None
    block: str | None = None
    before: int | None = None
    limit: int = 50


def newest(session: Session, table: type[T], wanted: Wanted) -> Sequence[T]:
    """Rows, newest first, and one more than the limit where there are more."""
    conditions = _narrowed(table, wanted)
    if wanted.q:
        conditions.append(_matching(session, table, wanted.q))
    statement = select(table).where(*conditions).order_by(col(table.id).desc()).limit(wanted.limit + 1)
    return session.scalars(statement).all()


def after(session: Session, table: type[T], last: int, since: datetime | None, limit: int) -> Sequence[T]:
    """The rows that follow an id, oldest first."""
    conditions = [col(table.id) > last, *_narrowed(table, Wanted(since=since))]
    return session.scalars(select(table).where(*conditions).order_by(col(table.id)).limit(limit)).all()


class Pictures(NamedTuple):
    """The images of an article that may be shown, in its order, and the URLs of those that are blocked."""

    shown: list[Image]
    hidden: frozenset[str]


NO_PICTURES = Pictures([], frozenset())


def pictures(session: Session, articles: Iterable[Article]) -> dict[int, Pictures]:
    """The images of articles, by the articles' ids."""
    rows = {article.id or 0: article for article in articles}
    found: dict[int, list[Image]] = {article_id: [] for article_id in rows}
    statement = select(Image).where(col(Image.article_id).in_(list(rows)))
    for image in session.scalars(statement.order_by(col(Image.article_id), col(Image.position), col(Image.id))):
        found[image.article_id].append(image)
    leads = {article.lead_image: _key(article.lead_image) for article in rows.values() if article.lead_image}
    names = {name for images in found.values() for image in images for name in (image.content_hash, image.key) if name}
    blocked = blocked_subjects(session, names | set(leads.values()))
    return {article_id: _pictures(images, leads, blocked) for article_id, images in found.items()}


def blocked_subjects(session: Session, names: Iterable[str]) -> set[str]:
    """Those of these hashes and keys of images that are blocked."""
    wanted = list(names)
    if not wanted:
        return set()
    query = select(col(ImageBlock.subject)).where(col(ImageBlock.subject).in_(wanted), col(ImageBlock.blocked))
    return set(session.scalars(query))


def _pictures(images: Sequence[Image], leads: Mapping[str, str], blocked: set[str]) -> Pictures:
    shown = [image for image in images if not {image.content_hash, image.key} & blocked]
    hidden = {image.url for image in images if image not in shown} | {
        url for url, key in leads.items() if key in blocked
    }
    return Pictures(shown, frozenset(hidden))


def _key(url: str) -> str:
    try:
        return fingerprint(url)
    except BadUrl:
        return ""


def of_story(session: Session, story_id: int) -> Sequence[Article]:
    """The articles of a story, newest first; at most as many as a list shows."""
    query = select(Article).where(col(Article.story_id) == story_id).order_by(col(Article.id).desc())
    return session.scalars(query.limit(200)).all()


def versions(session: Session, article_id: int) -> Sequence[ArticleVersion]:
    """Every wording of an article, first to last."""
    statement = select(ArticleVersion).where(col(ArticleVersion.article_id) == article_id)
    return session.scalars(statement.order_by(col(ArticleVersion.number))).all()


def headlines_of(session: Session, article_id: int) -> Sequence[Headline]:
    """The headlines that led to an article, first seen first."""
    return session.scalars(
        select(Headline).where(col(Headline.article_id) == article_id).order_by(col(Headline.id))
    ).all()


def sources(session: Session) -> Sequence[Source]:
    """Every source, by name."""
    return session.scalars(select(Source).order_by(col(Source.name), col(Source.id))).all()


def page_of_trace(session: Session, trace_id: str) -> Page | None:
    """The ledger's line of a trace; a later trace of the same URL takes the line over."""
    statement = select(Page).where(col(Page.trace_id) == trace_id).order_by(col(Page.id)).limit(1)
    return session.scalars(statement).first()


def totals(session: Session) -> dict[str, int]:
    """How many articles and headlines are stored."""
    return {
        "articles": session.scalar(select(func.count()).select_from(Article)) or 0,
        "headlines": session.scalar(select(func.count()).select_from(Headline)) or 0,
    }


def pages_by_disposition(session: Session) -> dict[str, int]:
    """How many pages came to which end; `under-way` are those that have not."""
    disposition = col(Page.disposition)
    rows = session.execute(select(disposition, func.count()).group_by(disposition))
    return {name or "under-way": number for name, number in rows}


def _narrowed(table: type[T], wanted: Wanted) -> list[ColumnElement[bool]]:
    moment = _moment(table)
    tests: list[tuple[Any, Callable[[Any, Any], Any], Any]] = [
        (col(table.source_id), eq, wanted.source),
        (col(table.language), eq, wanted.language),
        (moment, ge, wanted.since),
        (moment, lt, wanted.until),
        (col(table.id), lt, wanted.before),
    ]
    if issubclass(table, Headline):
        tests.append((col(table.block), eq, wanted.block))
    return [compare(column, value) for column, compare, value in tests if value is not None]


def _moment(table: type[T]) -> ColumnElement[datetime]:
    """When a row counts as published: when its page says so, else when we first saw it."""
    seen = table.stored_at if issubclass(table, Article) else table.first_seen_at
    return func.coalesce(col(table.published_at), col(seen))


def _matching(session: Session, table: type[T], q: str) -> ColumnElement[bool]:
    if session.get_bind().dialect.name == "postgresql":
        query = func.websearch_to_tsquery(literal_column("'simple'"), q)
        return literal_column(_VECTORS[table]).op("@@", is_comparison=True)(query)
    wanted, unwanted = fts5(q)
    conditions = [_in_index(table, wanted)] if wanted else []
    conditions += [not_(_in_index(table, term)) for term in unwanted]
    return and_(true(), *conditions) if conditions else false()


def _in_index(table: type[T], match: str) -> ColumnElement[bool]:
    name = f"{table.__table__.name}_search"  # type: ignore[attr-defined] # SQLModel declares it on table models only
    index = sql_table(name, column("rowid"))
    matches = literal_column(name).op("MATCH", is_comparison=True)(match)
    return col(table.id).in_(select(index.c.rowid).where(matches))


def fts5(q: str) -> tuple[str, list[str]]:
    """A search as PostgreSQL's websearch_to_tsquery takes it, for FTS5: what must match, and what must not.

    Words are all wanted, "in quotes" they stand together, `or` offers a choice, `-` excludes. Everything is quoted,
    so nothing a person types is FTS5 syntax.
    """
    wanted: list[str] = []
    unwanted: list[str] = []
    for minus, phrase, word in _TERM.findall(q):
        if word.lower() == "or" and not minus:
            wanted.append("OR")
        elif any(char.isalnum() for char in phrase or word):
            quoted = '"{}"'.format((phrase or word).replace('"', ""))
            (unwanted if minus else wanted).append(quoted)
    return " ".join(_without_stray_or(wanted)), unwanted


def _without_stray_or(terms: Sequence[str]) -> list[str]:
    kept: list[str] = []
    for term in terms:
        if term != "OR" or (kept and kept[-1] != "OR"):
            kept.append(term)
    return kept[:-1] if kept and kept[-1] == "OR" else kept
