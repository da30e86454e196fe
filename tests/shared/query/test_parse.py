"""What people type, as a tree."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.query.parse import MOST_DEPTH, MOST_NEAR, parse
from shared.query.tree import Every, Field, Near, Not, Some, Term

A, B, C, D = (Term((letter,)) for letter in "abcd")
READ = {
    "a b": Every((A, B)),
    '"a b"': Term(("a", "b")),
    "a or b c": Some((A, Every((B, C)))),
    "(a or b) c": Every((Some((A, B)), C)),
    "a OR b -c": Every((Some((A, B)), Not(C))),
    "a -(b or c)": Every((A, Not(Some((B, C))))),
    "-a": Not(A),
    "a NEAR b": Near(A, B, 10),
    "a NEAR/3 b NEAR/2 c": Every((Near(A, B, 3), Near(B, C, 2))),
    "a NEAR/999 b": Near(A, B, MOST_NEAR),
    "(a or b) NEAR/1 c": Some((Near(A, C, 1), Near(B, C, 1))),
    "a near b": Every((A, Term(("near",)), B)),
    "NEAR a": Every((Term(("near",)), A)),
    "a NEAR": A,
    "a NEAR (b c)": Every((A, Every((B, C)))),
    "a NEAR or b": Some((A, B)),
    "a a NEAR/1 b": Every((A, Near(A, B, 1))),
    "a NEAR -b": Every((A, Not(B))),
    "har*": Term(("har",), prefix=True),
    "Élu": Term(("elu",)),
    "site:https://www.Gazette.example/news": Field("site", "gazette.example"),
    "site:gazette.example": Field("site", "gazette.example"),
    "-site:gazette.example a": Every((A, Not(Field("site", "gazette.example")))),
    "language:pt_BR": Field("language", "pt-br"),
    "LANG:fr": Field("language", "fr"),
    'tag:"Port City"': Field("tag", "port city"),
    "publisher:Gazette": Field("publisher", "gazette"),
    "papers:03": Field("papers", "3"),
    "papers:many": Term(("papers", "many")),
    "site:": Term(("site",)),
    "a:b": Term(("a", "b")),
    "((a)": A,
    "a) b": Every((A, B)),
    "()": None,
    "- “ ”": None,
}  # fmt: skip


@pytest.mark.parametrize("query", READ)
def test_what_is_typed_has_its_meaning(query):
    assert parse(query) == READ[query]


def test_brackets_beyond_the_limit_mean_nothing():
    assert parse("(" * 5000 + "a" + ")" * 5000) == A
    assert parse("-(" * (MOST_DEPTH + 7) + "a") is not None


@given(st.text(alphabet='ab -()"*:/NEARor3é図書 site:tag:', max_size=80))
def test_nothing_is_a_syntax_error(query):
    parse(query)
