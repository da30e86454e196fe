"""Conditions on what is known of a row, as a query names it: its site, language, tag, newspaper, size of its story."""

from typing import Any, TypeVar

from sqlalchemy import ColumnElement, and_, exists, false, func, literal, or_, select, true
from sqlmodel import Session, col

from shared.database.models import Article, Headline, Site, Source
from shared.database.papers import host, papers
from shared.database.search import FUNCTION
from shared.query.tree import Field

T = TypeVar("T", bound=Article | Headline)


def fulfilling(session: Session, table: type[T], field: Field) -> ColumnElement[bool]:
    """Returns the condition that a row has what a field asks for. It is never null, so that it can be denied."""
    compile_field = {"site": _site, "language": _language, "tag": _tag, "publisher": _publisher, "papers": _papers}[
        field.name
    ]
    return func.coalesce(compile_field(session, table, field.value), false())


def _site(session: Session, table: type[Any], name: str) -> ColumnElement[bool]:
    urls = (table.url, table.canonical_url) if issubclass(table, Article) else ()
    hosts: list[Any] = [host(session, col(url)) for url in urls] or [col(table.site)]
    return or_(*(or_(element == name, element.endswith(f".{name}", autoescape=True)) for element in hosts))


def _language(_session: Session, table: type[Any], code: str) -> ColumnElement[bool]:
    language = func.replace(func.lower(col(table.language)), "_", "-")
    return or_(language == code, language.startswith(f"{code}-", autoescape=True))


def _tag(session: Session, table: type[Any], tag: str) -> ColumnElement[bool]:
    """The row's own tags, which its page states, or those that a person gave to its site."""
    of_site = (
        select(col(Site.id))
        .join(Source, col(Source.site_key) == col(Site.key))
        .where(col(Source.id) == col(table.source_id), _holds(session, col(Site.tags), tag))
    )
    return or_(_holds(session, col(table.tags), tag), exists(of_site))


def _publisher(session: Session, table: type[Any], name: str) -> ColumnElement[bool]:
    if not issubclass(table, Article):
        return false()
    return _same_words(session, func.coalesce(col(table.publisher), col(table.site), ""), name)


def _papers(session: Session, table: type[Any], number: str) -> ColumnElement[bool]:
    if int(number) < 2:
        return true()
    return papers(session, col(table.story_id)) >= int(number) if issubclass(table, Article) else false()


def _holds(session: Session, tags: Any, tag: str) -> ColumnElement[bool]:
    """The condition that a JSON list has a tag."""
    unfold = func.jsonb_array_elements_text if session.get_bind().dialect.name == "postgresql" else func.json_each
    elements = unfold(tags).table_valued("value")
    return exists(select(literal(1)).select_from(elements).where(_same_words(session, elements.c.value, tag)))


def _same_words(session: Session, element: ColumnElement[Any], text: str) -> ColumnElement[bool]:
    """The condition that two texts have the same words (shared/database/search.py)."""
    words = [getattr(func, FUNCTION)(side) for side in (element, literal(text))]
    if session.get_bind().dialect.name == "postgresql":
        words = [func.trim(func.regexp_replace(side, " +", " ", "g")) for side in words]
    return and_(words[0] == words[1])
