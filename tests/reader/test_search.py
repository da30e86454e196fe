"""What a search finds, on both databases alike."""

import sys
import unicodedata
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, MetaData, Table, event, text
from sqlmodel import Session

from services.reader.queries import search
from services.reader.queries.news import Filter, newest
from services.storage.migrate import migrate
from shared.database.engine import make_engine
from shared.database.models import Article, Headline
from shared.database.search import FUNCTION, fold, query_words, words
from shared.query.parse import parse

TEXTS = {
    "japanese": "市立図書館が来月、港の近くに移転する。",
    "chinese": "市议会今天讨论新码头的费用，渔民反对。图书馆照常开放",
    "thai": "ห้องสมุดประชาชนจะย้ายไปใกล้ท่าเรือในเดือนหน้า",
    "french": "Les pêcheurs de l'Île d'Œuvre déçus : l'été s'achève à Besançon.",
    "german": "Die Straße am Hafen wird für 3.14 Mio. Euro saniert",
    "turkish": "Işıl'ın İstanbul'daki limanı",
    "greek": "Ο ΔΉΜΟΣ αποφάσισε για το λιμάνι",
    "russian": "Рыбаки против НОВОГО причала, ещё одного",
    "hindi": "नगर परिषद ने हिन्दी में घोषणा की।",
    "arabic": "أعلنت الحُكومةُ نتائجَ الانتخابات",
    "korean": "부산시 도서관이 다음 달 이전한다",
    "polish": "Łódź: rybacy żądają nowej przystani, e-mail rada@lodz.example",
}
FOUND = [
    ("図書館", "japanese"), ("図書", "japanese"), ("港", "japanese"), ("移転する", "japanese"), ("る", "japanese"),
    ("图书馆", "chinese"), ("码头 渔民", "chinese"), ("放", "chinese"), ("ห้องสมุด", "thai"), ("ท่าเรือ", "thai"),
    ("pecheurs", "french"), ("PÊCHEURS", "french"), ("l'ete", "french"), ("oeuvre", "french"), ("besan*", "french"),
    ('"d\'œuvre decus"', "french"), ("strasse", "german"), ("STRASSE", "german"), ("3.14", "german"), ("hafen -boot", "german"),
    ("isil", "turkish"), ("istanbul", "turkish"), ("δημος", "greek"), ("ΛΙΜΑΝΙ", "greek"), ("нового", "russian"),
    ("еще", "russian"), ("рыбак*", "russian"), ("हिन्दी", "hindi"), ("الحكومة", "arabic"), ("نتائج", "arabic"),
    ("도서관*", "korean"), ("lodz", "polish"), ("zadaja", "polish"), ("zażądają or przystani", "polish"),
    ("rada@lodz.example", "polish"),
]  # fmt: skip
NOT_FOUND = ["書図", "館図書", "头码", "pech", "besan", '"decus d\'œuvre"', "3.15", "สมุดห้อง"]


@pytest.fixture
def session(engine):
    with Session(engine) as session:
        for name, body in TEXTS.items():
            session.add(Article(
                key=name, url=name, canonical_url=name, trace_id=name, title=name.title(), text=body, body_hash=name,
            ))  # fmt: skip
            session.add(Headline(key=name, site="s", text=body, page_url=name))
        session.flush()
        yield session
        session.rollback()


@pytest.mark.parametrize("table", [Article, Headline])
def test_words_of_every_script_are_found_without_case_and_accents(session, table):
    keys = {q: [row.key for row in newest(session, table, Filter(q=q))] for q, _ in FOUND}
    assert keys == {q: [name] for q, name in FOUND}
    assert {q: newest(session, table, Filter(q=q)) for q in NOT_FOUND} == {q: [] for q in NOT_FOUND}


def test_an_edit_is_found_by_its_new_words_and_a_deleted_article_by_none(session):
    [article] = newest(session, Article, Filter(q="図書館"))
    article.text = "博物館が開館"
    session.flush()
    assert newest(session, Article, Filter(q="図書館")) == []
    assert newest(session, Article, Filter(q="博物館")) == [article]
    session.delete(article)
    session.flush()
    assert newest(session, Article, Filter(q="博物館")) == []


SEARCHES = {
    "quay": lambda number: True,
    "rare": lambda number: number % 17 == 0,
    "quay -rare": lambda number: number % 17 != 0,
    "third or rare": lambda number: number % 3 == 0 or number % 17 == 0,
    "-third": lambda number: number % 3 != 0,
    "third -rare tag:sea": lambda number: number % 3 == 0 and number % 17 != 0 and number % 2 == 0,
    "quay tag:sea": lambda number: number % 2 == 0,
    "nowhere": lambda number: False,
}


@pytest.fixture
def many(session):
    """Sixty articles, all with one word, some with others, some with a tag."""
    for number in range(1, 61):
        words = ["quay", *(["third"] if number % 3 == 0 else []), *(["rare"] if number % 17 == 0 else [])]
        key = f"many{number}"
        session.add(Article(
            key=key, url=key, canonical_url=key, trace_id=key, title=key, text=" ".join(words), body_hash=key,
            tags=["sea"] if number % 2 == 0 else [],
        ))  # fmt: skip
        session.flush()
    return session


@pytest.mark.parametrize("q", SEARCHES)
def test_pages_of_a_search_list_all_that_match_from_the_newest_on(many, monkeypatch, q):
    monkeypatch.setitem(search.WINDOWS, Article, (3, 20))
    listed, before = [], None
    while rows := newest(many, Article, Filter(q=q, before=before, limit=7))[:7]:
        listed += [int(row.key.removeprefix("many")) for row in rows if row.key.startswith("many")]
        before = rows[-1].id
    assert listed == [number for number in range(60, 0, -1) if SEARCHES[q](number)]


# Where a tag is asked for too, few articles may be sought by the tag first: the planner decides by what it knows of the moment.
@pytest.mark.parametrize("q", ["quay", "rare", "quay -rare"])
def test_a_search_asks_the_index_and_cuts_the_words_of_no_article(many, q):
    statements = []
    engine = many.get_bind()

    def record(_connection, _cursor, statement, parameters, *_):
        statements.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", record)
    newest(many, Article, Filter(q=q))
    event.remove(engine, "before_cursor_execute", record)
    explain = "EXPLAIN QUERY PLAN " if engine.dialect.name == "sqlite" else "EXPLAIN "
    searches = [(sql, values) for sql, values in statements if "LIMIT" in sql]
    assert searches
    for statement, parameters in searches:
        plan = [row[-1] for row in many.connection().exec_driver_sql(explain + statement, parameters)]
        assert any("article_search" in line for line in plan), plan
        assert not any("Filter" in line and "to_tsvector" in line for line in plan), plan


def test_both_databases_have_the_same_words_of_a_text(session):
    for body in TEXTS.values():
        [indexed] = session.execute(text(f"SELECT {FUNCTION}(:body)"), {"body": body}).one()
        assert set(indexed.split()) == set(words(body))


def test_postgresql_composes_every_character_though_it_looks_for_few(postgres_tables):
    assigned = [c for c in map(chr, range(1, sys.maxunicode + 1)) if unicodedata.category(c) not in ("Cn", "Co", "Cs")]
    bodies = [f"{character} a{character}b {character}\u0301" for character in assigned]
    query = text(
        f"SELECT body FROM unnest(CAST(:bodies AS text[])) AS body WHERE {FUNCTION}(body) IS NOT NFC NORMALIZED"
    )
    engine = make_engine(postgres_tables)
    with engine.connect() as connection:
        assert connection.execute(query, {"bodies": bodies}).all() == []
    engine.dispose()


def test_a_search_in_the_syntax_of_either_database():
    node = parse('a "b c" or d* 図書館 NEAR/1 e')
    assert search.fts5(node) == '(("a" AND "b c") OR ("d" * AND NEAR("図書 書館" "e", 1)))'
    assert search.tsquery(node) == "((('a') & ('b' <-> 'c')) | (('d':*) & (('図書' & '書館') & ('e'))))"
    assert search.tsquery(parse('a -"b c"')) == "(('a') & !('b' <-> 'c'))"
    assert search.tsquery(parse("a NEAR/1 b")) == (
        "(('a') <0> ('b') | ('a') <1> ('b') | ('a') <2> ('b') | ('b') <0> ('a') | ('b') <1> ('a') | ('b') <2> ('a'))"
    )


@given(st.text(max_size=200))
def test_folding_twice_is_folding_once(body):
    assert fold(fold(body)) == fold(body)


@given(st.text(max_size=200))
def test_a_text_has_all_words_that_it_is_searched_by(body):
    assert set(query_words(body)) <= set(words(body))


def insert_headline(engine: Engine, key: str, title: str) -> None:
    """Inserts a headline into the table as it is at the database's revision, which may lack columns of the model."""
    table = Table("headline", MetaData(), autoload_with=engine)
    empty = {str: "", int: 0, bool: False, dict: [], object: [], datetime: datetime.now(UTC)}
    row = {
        column.name: empty[column.type.python_type]
        for column in table.columns
        if not column.nullable and not column.primary_key
    }
    with engine.begin() as connection:
        connection.execute(table.insert(), row | {"key": key, "text": title})


def test_what_an_older_version_stored_is_found_after_its_migration(empty_database_url):
    migrate(empty_database_url, "0004")
    engine = make_engine(empty_database_url)
    insert_headline(engine, "k", TEXTS["japanese"])
    migrate(empty_database_url)
    with Session(engine) as session:
        assert len(newest(session, Headline, Filter(q="図書館"))) == 1
    migrate(empty_database_url, "0004", back=True)
    insert_headline(engine, "l", "Besançon")
    migrate(empty_database_url)
    with Session(engine) as session:
        assert [row.key for row in newest(session, Headline, Filter(q="besancon"))] == ["l"]
    engine.dispose()
