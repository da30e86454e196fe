"""What people type to search, as a query of either database.

Every word must match; words "in quotes" must stand side by side; `or` stands between alternatives; `-` excludes; a `*` at
the end finds every word that begins so. Case and accents do not matter (shared/database/search.py).
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, and_, column, false, func, literal_column, not_, select, true
from sqlalchemy import table as sql_table
from sqlmodel import Session, col

from shared.database.models import Article, Headline
from shared.database.search import FUNCTION, fold, paired, query_words, single

T = TypeVar("T", bound=Article | Headline)

# As the migrations index them: PostgreSQL uses an expression's index only where the query spells it the same.
_VECTORS: Mapping[type[Any], str] = {
    Article: f"to_tsvector('simple', {FUNCTION}(article.title || ' ' || article.text))",
    Headline: f"to_tsvector('simple', {FUNCTION}(headline.text))",
}
_TERM = re.compile(r'(-?)(?:"([^"]*)"|(\S+))')


class Term(NamedTuple):
    """Words that stand side by side; of the last one only the beginning where `prefix` is set."""

    words: tuple[str, ...]
    prefix: bool


class Query(NamedTuple):
    """Alternatives of terms that must all match, and terms that must not."""

    alternatives: tuple[tuple[Term, ...], ...]
    excluded: tuple[Term, ...]


def parse(q: str) -> Query:
    """Reads a search as people type it. Nothing in it is a syntax error."""
    alternatives: list[list[Term]] = [[]]
    excluded: list[Term] = []
    for minus, phrase, word in _TERM.findall(q):
        if word.lower() == "or" and not minus:
            alternatives.append([])
        elif term := _term(phrase or word):
            (excluded if minus else alternatives[-1]).append(term)
    return Query(tuple(tuple(terms) for terms in alternatives if terms), tuple(excluded))


def matching(session: Session, table: type[T], q: str) -> ColumnElement[bool]:
    """Returns the condition that a row matches a search; a search without a word matches nothing."""
    query = parse(q)
    if not query.alternatives and not query.excluded:
        return false()
    match = _tsvector if session.get_bind().dialect.name == "postgresql" else _in_index
    required = match(table, query.alternatives) if query.alternatives else true()
    return and_(required, *(not_(match(table, ((term,),))) for term in query.excluded))


def fts5(alternatives: Sequence[Sequence[Term]]) -> str:
    """Returns alternatives of terms in the syntax of SQLite's FTS5. Every term is quoted, so that no input is syntax."""
    return " OR ".join(" ".join(map(_fts5_term, terms)) for terms in alternatives)


def tsquery(alternatives: Sequence[Sequence[Term]]) -> str:
    """Returns alternatives of terms in the syntax of PostgreSQL's to_tsquery."""
    return " | ".join(" & ".join(map(_tsquery_term, terms)) for terms in alternatives)


def _term(text: str) -> Term | None:
    folded = fold(text).strip()
    if single(folded.rstrip("*")):
        return Term((folded.rstrip("*"),), prefix=True)
    words = tuple(query_words(text))
    return Term(words, prefix=text.endswith("*") and not paired(words[-1])) if words else None


def _fts5_term(term: Term) -> str:
    return '"{}"{}'.format(" ".join(term.words), " *" if term.prefix else "")


def _tsquery_term(term: Term) -> str:
    # The pairs of an unspaced script are indexed in two passes, and do not stand side by side.
    between = " & " if any(map(paired, term.words)) else " <-> "
    lexemes = [f"'{word}'" for word in term.words]
    return f"({between.join(lexemes)}{':*' if term.prefix else ''})"


def _tsvector(table: type[T], alternatives: Sequence[Sequence[Term]]) -> ColumnElement[bool]:
    query = func.to_tsquery(literal_column("'simple'"), tsquery(alternatives))
    return literal_column(_VECTORS[table]).op("@@", is_comparison=True)(query)


def _in_index(table: type[T], alternatives: Sequence[Sequence[Term]]) -> ColumnElement[bool]:
    name = f"{table.__table__.name}_search"  # type: ignore[attr-defined] # SQLModel declares it on table models only
    index = sql_table(name, column("rowid"))
    matches = literal_column(name).op("MATCH", is_comparison=True)(fts5(alternatives))
    return col(table.id).in_(select(index.c.rowid).where(matches))
