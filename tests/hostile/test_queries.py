"""Queries that are made to be expensive: each is an answer of both databases, and costs the reader little."""

import time
from contextlib import suppress

import pytest
from sqlmodel import Session, select

from services.reader.queries.search import matching
from shared.database.engine import make_engine
from shared.database.models import Article, Headline
from shared.errors import QueryTooLarge
from shared.query.document import document
from shared.query.parse import parse
from shared.query.size import MOST_PLACES, places

pytestmark = pytest.mark.hostile

# The longest that a watch may have (services/reader/queries/watch_changes.py).
LONGEST = 4000
CPU_SECONDS = 3.0
QUERIES = {
    "words": "a1 ", "excluded words": "-a ", "prefixes": "a* ", "phrases": '"a b c" ', "Chinese": "渡船港口", "tags": "tag:a ",
    "excluded tags": "-tag:a ", "sites": "site:a.example ", "any of many sites": "site:a.example or ", "papers": "papers:2 ",
    "publishers": "publisher:a ", "words and fields": "(tag:a or b) ", "near": "a NEAR b NEAR c ", "quotes": '"', "opening brackets": "(",
    "double negations": "-(-(a ", "alternatives near alternatives": "(a or b or c) NEAR/50 (d or e or f) ",
}  # fmt: skip


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_is_answered_at_little_cost(name: str, database_url: str) -> None:
    query = (QUERIES[name] * LONGEST)[:LONGEST]
    engine = make_engine(database_url)
    began = time.process_time()
    with Session(engine) as session, suppress(QueryTooLarge):
        for table in (Article, Headline):
            assert session.scalars(select(table).where(matching(session, table, query))).all() == []
    node = parse(query)
    assert node is None or document("ferry " * 10_000).matches(node) in {True, False}
    assert time.process_time() - began < CPU_SECONDS
    engine.dispose()


NEAR = "(a or b or c) NEAR/50 (d or e or f) "
FITTING = MOST_PLACES // (9 * 2 * 51)


def test_a_query_that_has_near_look_at_too_many_places_is_refused_by_the_limit(database_url: str) -> None:
    engine = make_engine(database_url, statement_seconds=10)
    with Session(engine) as session:
        for table in (Article, Headline):
            assert session.scalars(select(table).where(matching(session, table, NEAR * FITTING))).all() == []
            for query in (
                NEAR * (FITTING + 1),
                f"site:a.example ({NEAR * (FITTING + 1)})",
                f"-({NEAR * (FITTING + 1)})",
            ):
                with pytest.raises(QueryTooLarge, match=f"{MOST_PLACES} are the most"):
                    matching(session, table, query)
    engine.dispose()


def test_the_places_of_a_query_are_those_of_all_its_alternatives() -> None:
    node = parse(f"-({NEAR}) or site:a.example {NEAR} b")
    assert node is not None
    assert places(node) == 2 * 9 * 2 * 51
