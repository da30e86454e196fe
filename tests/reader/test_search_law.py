"""The searches of both databases find what a watch finds (shared/query/document.py)."""

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlmodel import Session, col

from services.reader.queries.search import asked_for, condition
from shared.contracts import now_utc
from shared.database.models import Article, Site, Source
from shared.database.search import paired
from shared.query.document import Document, document
from shared.query.tree import Every, Near, Node, Not, Some, Term
from tests.shared.query.queries import HOSTS, LANGUAGES, TAGS, nodes, texts

articles = st.lists(
    st.fixed_dictionaries({
        "title": texts, "text": texts, "host": st.sampled_from(HOSTS), "language": st.sampled_from(LANGUAGES),
        "tags": st.lists(st.sampled_from(TAGS), max_size=2), "publisher": st.sampled_from(("The Post", "Gazette", None)),
        "story_id": st.sampled_from((None, 1, 2)), "of_site": st.booleans(),
    }),
    min_size=1, max_size=5,
)  # fmt: skip


@pytest.fixture
def session(engine):
    with Session(engine) as session:
        session.add(Site(key="s", name="Gazette", home_page="https://gazette.example/", tags=["Local"]))
        session.add(
            Source(id=1, key="c", name="c", url="https://gazette.example/feed", site_key="s", next_poll_at=now_utc())
        )
        session.flush()
        yield session
        session.rollback()


def stored(session, drawn) -> list[Document]:
    session.execute(delete(Article))
    papers: dict[int, set[str]] = {}
    for number, row in enumerate(drawn, 1):
        url = f"https://{row['host']}:8080/{number}"
        session.add(Article(
            id=number, key=str(number), url=url, canonical_url=url, trace_id="t", title=row["title"], text=row["text"],
            body_hash="h", language=row["language"], tags=row["tags"], publisher=row["publisher"], story_id=row["story_id"],
            source_id=1 if row["of_site"] else None,
        ))  # fmt: skip
        papers.setdefault(row["story_id"] or -number, set()).add(row["publisher"] or row["host"])
    session.flush()
    return [
        document(
            row["title"], row["text"], hosts=[row["host"]], languages=filter(None, [row["language"]]), publisher=row["publisher"],
            tags=[*row["tags"], *(["Local"] if row["of_site"] else [])], papers=len(papers[row["story_id"] or -number]),
        )
        for number, row in enumerate(drawn, 1)
    ]  # fmt: skip


def is_exact_on_postgres(node: Node) -> bool:
    """Pairs of unspaced scripts are found wherever they stand there (docs/adr/0013), and so are terms that overlap."""
    match node:
        case Term():
            return not any(map(paired, node.words))
        case Near():
            ends = (node.first, node.second)
            return all(map(is_exact_on_postgres, ends)) and all(len(end.words) == 1 for end in ends)
        case Every() | Some():
            return all(map(is_exact_on_postgres, node.nodes))
        case Not():
            return is_exact_on_postgres(node.node)
    return True


@settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much],
)
@given(articles, nodes())
def test_a_search_finds_what_a_watch_finds(session, drawn, node):
    assume(session.get_bind().dialect.name == "sqlite" or is_exact_on_postgres(node))
    documents = stored(session, drawn)
    found = session.scalars(select(col(Article.id)).where(condition(session, Article, node)).order_by(col(Article.id)))
    expected = [number for number, text in enumerate(documents, 1) if text.matches(node)]
    assert list(found) == expected
    for before in (None, 2):
        newest = session.scalars(asked_for(session, Article, node, before))
        assert [row.id for row in newest] == [
            number for number in reversed(expected) if before is None or number < before
        ]
