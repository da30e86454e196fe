"""Percolation finds what asking each query finds."""

from hypothesis import given
from hypothesis import strategies as st

from services.courier.watches.percolator import Percolator
from shared.query.document import document
from shared.query.parse import parse
from tests.shared.query.queries import VOCABULARY, documents, nodes


@given(
    st.lists(nodes(), max_size=12),
    st.lists(documents(), min_size=1, max_size=4),
    st.dictionaries(st.sampled_from(VOCABULARY), st.floats(0, 100)),
)
def test_percolation_finds_what_asking_each_query_finds(queries, texts, frequency):
    percolator = Percolator(enumerate(queries), frequency)
    for text in texts:
        asked = [number for number, query in enumerate(queries) if text.matches(query)]
        assert sorted(percolator.matches(text)) == asked


def test_a_document_is_compared_with_few_queries(monkeypatch):
    queries = [(number, parse(f"the town{number} of")) for number in range(500)]
    percolator = Percolator(queries, {"the": 99.0, "of": 98.0})
    asked = []
    text = document("The mayor of town7 and of town9 met in the hall")
    monkeypatch.setattr(type(text), "matches", lambda _, node: asked.append(node) or True)
    assert sorted(percolator.matches(text)) == [7, 9]
    assert len(asked) == 2
