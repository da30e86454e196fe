"""What people type to search (shared/query/parse.py), as a query of either database."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, TableClause, and_, column, false, func, literal_column, not_, or_, select
from sqlalchemy import table as sql_table
from sqlmodel import Session, col

from services.reader.queries.search_fields import fulfilling
from shared.database.models import Article, Headline
from shared.database.search import FUNCTION, paired
from shared.query.parse import parse
from shared.query.size import check_size
from shared.query.tree import Every, Field, Near, Node, Not, Some, Term

T = TypeVar("T", bound=Article | Headline)
# Rows are numbered when they are written, which is a little after they were seen, and not in the order of both.
DISORDER = 1000
# Newest rows that a search asks for first on PostgreSQL. Headlines are read one by one to see whether they match; the words of
# an article would be cut anew for that, so that of articles the index is asked which match, first of few, then of more.
WINDOWS: Mapping[type[Any], Sequence[int]] = {Headline: (20_000,), Article: (2_000, 50_000)}

# As the migrations have them: PostgreSQL uses an expression's index only where the query spells it the same.
_VECTORS: Mapping[type[Any], str] = {
    Article: f"to_tsvector('simple', {FUNCTION}(article.title || ' ' || article.text))",
    Headline: "headline.search_words",
}


def newest_rows(session: Session, query: Select[T], table: type[T], before: int | None, number: int) -> Sequence[T]:
    """Returns so many rows of a search by newest_first(), of headlines of one that has further conditions.

    PostgreSQL reads rows from the newest on where it expects many matches, and all of them where there are few: of an
    English word in French newspapers. Or it fetches all that match, to sort them. So it may do that with the newest alone: where
    many match enough of them do, and where they do not there are few to be fetched.
    """
    query = query.limit(number)
    if not _is_postgres(session):
        return session.scalars(query).all()
    row_id: Any = table.id
    # A sum, which no index is in the order of.
    sorted_rows = query.order_by(None).order_by((row_id + 0).desc())
    newest = before or session.scalar(select(func.max(row_id))) or 0
    for window in WINDOWS[table]:
        rows = session.scalars((query if table is Headline else sorted_rows).where(row_id >= newest - window)).all()
        if len(rows) == number or window >= newest:
            return rows
    return session.scalars(sorted_rows).all()


def has_words(q: str) -> bool:
    """Whether a search asks for words that a row must have, so that the index of words can be asked for its rows."""
    node = parse(q)
    return node is not None and _parted(node)[0] is not None


def newest_first(session: Session, table: type[T], q: str | None, before: int | None) -> Select[T]:
    """Returns the rows that match a search, newest first, without those from an id on; without a search all."""
    node = parse(q) if q else None
    if node is not None:
        return asked_for(session, table, node, before)
    query = select(table).where(false()) if q else select(table)
    return _before(query, col(table.id), before)


def asked_for(session: Session, table: type[T], node: Node, before: int | None) -> Select[T]:
    """Returns the rows that are what a query asks for, newest first.

    The index of SQLite is read in that order, so that a page costs what its rows cost, however many more there are.
    """
    check_size(node)
    text, terms = _parted(node)
    if text is None or _is_postgres(session):
        return _before(select(table).where(condition(session, table, node)), col(table.id), before)
    excluded = _excluded(terms)
    remaining = [condition(session, table, term) for term in terms if term not in excluded]
    index, matches = _index(table), _matches(table, text, [term.node for term in excluded if isinstance(term, Not)])
    # The sign keeps SQLite from looking each row up in the index.
    query = select(table).join_from(index, table, col(table.id) == literal_column(f"+{index.name}.rowid"))
    return _before(query.where(matches, *remaining), index.c.rowid, before)


def _before(query: Select[T], row_id: Any, before: int | None) -> Select[T]:
    return (query if before is None else query.where(row_id < before)).order_by(row_id.desc())


def matching(session: Session, table: type[T], q: str) -> ColumnElement[bool]:
    """Returns the condition that a row matches a search; a search that asks for nothing matches nothing."""
    node = parse(q)
    return false() if node is None else condition(session, table, node)


def stored_since(session: Session, node: Node | None, begin: datetime) -> list[ColumnElement[bool]]:
    """Returns the conditions that an article is what a query asks for, and was stored at a time or later.

    Articles are numbered when they are stored: their numbers bound what the index of words is asked for.
    """
    stored_at = col(Article.stored_at)
    oldest = session.scalar(select(col(Article.id)).where(stored_at >= begin).order_by(stored_at).limit(1))
    if node is None or oldest is None:
        return [false()]
    first = oldest - DISORDER
    # A sum, which no index knows: SQLite would read all rows from the first on, instead of those that the words are in.
    return [condition(session, Article, node, first), col(Article.id) + 0 >= first, stored_at >= begin]


def condition(session: Session, table: type[T], node: Node, first: int | None = None) -> ColumnElement[bool]:
    """Returns the condition that a row is what a query asks for. What can be is asked of the index of words at once.

    With `first` it holds for ids from that one on.

    Raises:
        QueryTooLarge: the query asks too much.
    """
    check_size(node)
    return _condition(session, table, node, first)


def _condition(session: Session, table: type[T], node: Node, first: int | None) -> ColumnElement[bool]:
    if _is_text(node):
        return _in_vector(table, node) if _is_postgres(session) else _in_index(table, node, first)
    match node:
        case Every():
            return and_(*_every(session, table, node, first))
        case Some():
            return or_(*(_condition(session, table, part, first) for part in _parts(node.nodes, Some)))
        case Not():
            return not_(_condition(session, table, node.node, first))
        case Field():
            return fulfilling(session, table, node)
    raise AssertionError(node)  # terms are text


def _every(session: Session, table: type[T], node: Every, first: int | None) -> list[ColumnElement[bool]]:
    text, terms = _parted(node)
    if text is None or not _is_postgres(session):
        return [_condition(session, table, part, first) for part in _parts(node.nodes, Every)]
    # The index knows as well which rows do not have a word; otherwise the words of all that match would be cut for that.
    excluded = _excluded(terms)
    remaining = [_condition(session, table, term, first) for term in terms if term not in excluded]
    return [_in_vector(table, Every((text, *excluded))), *remaining]


def _excluded(terms: Iterable[Node]) -> list[Node]:
    """Returns the terms that say which words a row must not have."""
    return [term for term in terms if isinstance(term, Not) and _is_text(term.node)]


def _is_postgres(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def _is_text(node: Node) -> bool:
    return isinstance(node, Term | Near) or (isinstance(node, Every | Some) and all(map(_is_text, node.nodes)))


def _parted(node: Node) -> tuple[Node | None, list[Node]]:
    """Returns what of a query the index of words is asked for, if anything, and what else must hold."""
    parts: list[Node] = list(_parts(node.nodes, Every)) if isinstance(node, Every) else [node]
    return (parts[0], parts[1:]) if parts and _is_text(parts[0]) else (None, parts)


def _parts(nodes: Sequence[Node], join: Callable[[tuple[Node, ...]], Node]) -> Iterable[Node]:
    """Yields the nodes, those that are text as one."""
    if text := tuple(filter(_is_text, nodes)):
        yield join(text)
    yield from (node for node in nodes if not _is_text(node))


def fts5(node: Node) -> str:
    """Returns text in the syntax of SQLite's FTS5. Every term is quoted, so that no input is syntax."""
    match node:
        case Term():
            return '"{}"{}'.format(" ".join(node.words), " *" if node.prefix else "")
        case Near():
            return f"NEAR({fts5(node.first)} {fts5(node.second)}, {node.distance})"
        case Every() | Some():
            return "({})".format((" AND " if isinstance(node, Every) else " OR ").join(map(fts5, node.nodes)))
    raise AssertionError(node)  # what is no text is no part of it


def tsquery(node: Node) -> str:
    """Returns text in the syntax of PostgreSQL's to_tsquery."""
    match node:
        case Term():
            return _tsquery_term(node)
        case Near():
            return _tsquery_near(node)
        case Every() | Some():
            return "({})".format((" & " if isinstance(node, Every) else " | ").join(map(tsquery, node.nodes)))
        case Not():
            return f"!{tsquery(node.node)}"
    raise AssertionError(node)  # as above


def _tsquery_term(term: Term) -> str:
    # The pairs of an unspaced script are indexed in two passes, and do not stand side by side.
    between = " & " if _is_paired(term) else " <-> "
    lexemes = [f"'{word}'" for word in term.words]
    return f"({between.join(lexemes)}{':*' if term.prefix else ''})"


def _tsquery_near(near: Near) -> str:
    """Each distance in either order. PostgreSQL does not know how far words of unspaced scripts are from others."""
    first, second = _tsquery_term(near.first), _tsquery_term(near.second)
    if _is_paired(near.first) or _is_paired(near.second):
        return f"({first} & {second})"
    orders = ((first, second), (second, first))
    return "({})".format(
        " | ".join(f"{left} <{steps}> {right}" for left, right in orders for steps in range(near.distance + 2))
    )


def _is_paired(term: Term) -> bool:
    return any(map(paired, term.words))


def _in_vector(table: type[T], node: Node) -> ColumnElement[bool]:
    query = func.to_tsquery(literal_column("'simple'"), tsquery(node))
    return literal_column(_VECTORS[table]).op("@@", is_comparison=True)(query)


def _in_index(table: type[T], node: Node, first: int | None) -> ColumnElement[bool]:
    index = _index(table)
    rows = select(index.c.rowid).where(_matches(table, node))
    return col(table.id).in_(rows if first is None else rows.where(index.c.rowid >= first))


def _index(table: type[T]) -> TableClause:
    name = f"{table.__table__.name}_search"  # type: ignore[attr-defined] # SQLModel declares it on table models only
    return sql_table(name, column("rowid"))


def _matches(table: type[T], node: Node, excluded: Sequence[Node] = ()) -> ColumnElement[bool]:
    match = f"{fts5(node)} NOT {fts5(Some(tuple(excluded)))}" if excluded else fts5(node)
    return literal_column(_index(table).name).op("MATCH", is_comparison=True)(match)
