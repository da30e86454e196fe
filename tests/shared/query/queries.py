"""Made-up queries and documents that have something to do with each other."""

from hypothesis import strategies as st

from shared.query.document import Document, document
from shared.query.tree import Every, Field, Near, Node, Not, Some, Term

# With the pairs of unspaced scripts, beginnings of one another, and words that stand in several texts.
VOCABULARY = ("harbour", "harbours", "mayor", "ferry", "quay", "été", "図書館", "港", "ห้องสมุด", "3", "vote")
HOSTS = ("gazette.example", "sport.gazette.example", "post.example")
LANGUAGES = ("fr", "pt-BR", "zh-Hans-CN", None)
TAGS = ("Port City", "Été", "図書館", "local")

texts = st.lists(st.sampled_from(VOCABULARY), max_size=14).map(" ".join)


def terms() -> st.SearchStrategy[Term]:
    words = ("harbour", "harbours", "mayor", "ferry", "quay", "ete", "3", "vote")
    phrases = st.lists(st.sampled_from(words), min_size=1, max_size=2).map(tuple)
    unspaced = st.sampled_from((("図書", "書館"), ("ห้", "้อ"), ("図書",)))
    beginnings = st.sampled_from(
        (Term(("harb",), prefix=True), Term(("港",), prefix=True), Term(("mayor", "f"), prefix=True))
    )
    return st.builds(Term, phrases) | st.builds(Term, unspaced) | beginnings


def fields() -> st.SearchStrategy[Field]:
    return st.sampled_from((
        Field("site", "gazette.example"), Field("site", "sport.gazette.example"), Field("language", "fr"),
        Field("language", "zh-hans"), Field("language", "pt"), Field("tag", "port city"), Field("tag", "図書館"),
        Field("publisher", "the post"), Field("papers", "1"), Field("papers", "2"),
    ))  # fmt: skip


def nodes() -> st.SearchStrategy[Node]:
    near = st.builds(Near, terms(), terms(), st.integers(0, 4))
    leaves = terms() | near | fields()
    several = lambda inner: st.lists(inner, min_size=1, max_size=3).map(tuple)  # noqa: E731 - a strategy, not a function
    return st.recursive(
        leaves, lambda inner: st.builds(Every, several(inner)) | st.builds(Some, several(inner)) | st.builds(Not, inner),
        max_leaves=6,
    )  # fmt: skip


def documents() -> st.SearchStrategy[Document]:
    return st.builds(
        document, texts, hosts=st.lists(st.sampled_from(HOSTS), max_size=2), languages=st.lists(st.sampled_from(LANGUAGES[:-1]), max_size=1),
        tags=st.lists(st.sampled_from(TAGS), max_size=2), publisher=st.sampled_from(("The Post", None)),
        papers=st.integers(1, 3),
    )  # fmt: skip
