"""Queries that are made to be expensive: each is an answer of both databases, and costs the reader little."""

import time

import pytest
from sqlmodel import Session, select

from services.reader.queries.search import matching
from shared.database.engine import make_engine
from shared.database.models import Article, Headline
from shared.query.document import document
from shared.query.parse import parse

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
    with Session(engine) as session:
        for table in (Article, Headline):
            assert session.scalars(select(table).where(matching(session, table, query))).all() == []
    node = parse(query)
    assert node is None or document("ferry " * 10_000).matches(node) in {True, False}
    assert time.process_time() - began < CPU_SECONDS
    engine.dispose()
