"""Whether a document is what a query asks for."""

import pytest

from shared.query.document import document
from shared.query.parse import parse

TEXT = "The mayor of Besançon opened the new harbour; the ferry waits. 市立図書館が来月、港の近くに移転する。"
ARTICLE = document(
    TEXT, hosts=("sport.gazette.example",), languages=["pt-BR"], tags=("Port City",), publisher="The Gazette", papers=2
)
MATCHED = (
    "mayor besancon", '"new harbour"', "harb*", '"the new harb*"', "mayor NEAR/5 harbour", "harbour NEAR/5 mayor",
    "ferry -train", "図書館", "港", "図書館 NEAR/2 来月", "site:gazette.example", "site:sport.gazette.example", "lang:pt",
    "language:pt-br", 'tag:"port city"', 'publisher:"the gazette"', "papers:2", "train or ferry", "-(train or bus) ferry",
)  # fmt: skip
PASSED_OVER = (
    "train", '"harbour new"', "harbo", "mayor NEAR/4 harbour", "ferry -mayor", "書図", "site:post.example",
    "site:the.sport.gazette.example", "site:ette.example", "lang:fr", "language:pt-pt", "tag:port", "publisher:gazette",
    "papers:3", "-ferry", "(mayor -ferry) or train",
)  # fmt: skip


@pytest.mark.parametrize("query", MATCHED)
def test_a_document_that_is_asked_for_matches(query):
    assert ARTICLE.matches(parse(query))


@pytest.mark.parametrize("query", PASSED_OVER)
def test_another_does_not(query):
    assert not ARTICLE.matches(parse(query))
