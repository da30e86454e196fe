"""What each reader has read and starred: by pages, by the API, and nobody else's."""

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, delete

from services.reader.access.accounts import add_account, add_token
from services.reader.access.roles import Role, Scope
from services.reader.queries import headlines, read_state
from shared.database.models import LOCAL_OWNER, Headline, ReadPlace, ReadState
from tests.reader.conftest import article, headline, post_form

NEWS = range(1, 7)


@pytest.fixture
def news(add):
    """Six headlines, the fourth without an article."""
    for number in NEWS:
        if number != 4:
            add(article(number, id=number))
        add(headline(number, article_id=None if number == 4 else number))


def listed(client, **query) -> list[int]:
    """The numbers of the headlines that the page lists."""
    page = client.get("/", params=query).text
    return [int(part.partition('"')[0]) for part in page.split('data-item="')[1:]]


def test_an_article_that_is_opened_is_read(client, news):
    assert listed(client, show="unread") == [6, 5, 4, 3, 2, 1]
    client.get("/articles/5")
    assert listed(client, show="unread") == [6, 4, 3, 2, 1]
    assert client.get("/v1/reading/5").json() == {"article_id": 5, "read": True, "starred": False}


def test_an_article_is_kept_unread_and_starred_by_its_buttons(client, news):
    client.get("/articles/5")
    answer = post_form(client, "/", "/reading", unread="5", back="/?show=unread")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/?show=unread#a5")
    post_form(client, "/", "/reading", star="2")
    assert (listed(client, show="unread"), listed(client, show="starred")) == ([6, 5, 4, 3, 2, 1], [2])
    assert ("★ Starred" in client.get("/articles/2").text, "★ Starred" in client.get("/articles/1").text) == (
        True,
        False,
    )
    post_form(client, "/", "/reading", unstar="2")
    assert listed(client, show="starred") == []


def test_all_are_read_up_to_the_newest_of_the_page_and_a_line_says_so(client, news, add):
    post_form(client, "/", "/reading", unread="2")
    assert "Read up to here" not in client.get("/").text
    post_form(client, "/", "/reading/all", place="6")
    assert listed(client, show="unread") == []
    add(headline(7))
    assert listed(client, show="unread") == [7]
    before, _, after = client.get("/").text.partition("Read up to here")
    assert ('data-item="7"' in before, 'data-item="6"' in before, 'data-item="6"' in after) == (True, False, True)


def test_pages_of_unread_headlines_follow_each_other(client, engine):
    with Session(engine) as session:
        session.add_all(article(number, id=number) for number in range(1, 252))
        session.flush()
        session.add_all(headline(number, id=number, article_id=number) for number in range(1, 252))
        session.commit()
    client.put("/v1/reading", json={"place": 130})
    client.patch("/v1/reading/7", json={"read": False})
    client.patch("/v1/reading/140", json={"read": True})
    wanted = [number for number in range(251, 130, -1) if number != 140] + [7]
    first = listed(client, show="unread")
    assert first + listed(client, show="unread", before=first[-1]) == wanted


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"star": "99"}, 404), ({"star": "0"}, 422), ({"star": "x"}, 422), ({"star": str(2**63)}, 422), ({}, 422),
        ({"star": "1", "csrf": "0" * 32}, 403),
    ],
    ids=["no article", "zero", "no number", "too large", "nothing", "forged"],
)  # fmt: skip
def test_what_is_wrong_changes_nothing(client, news, fields, status):
    assert post_form(client, "/", "/reading", **fields).status_code == status
    assert client.get("/v1/reading").json() == {"place": 0, "starred": []}


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_a_form_leads_nowhere_else(client, news, back):
    assert post_form(client, "/", "/reading", star="1", back=back).headers["Location"] == "/#a1"


def test_the_api_says_what_is_read(client, news):
    assert client.put("/v1/reading", json={"place": 3}).json() == {"place": 3, "starred": []}
    assert client.patch("/v1/reading/2", json={"starred": True}).json() == {
        "article_id": 2,
        "read": None,
        "starred": True,
    }
    assert client.patch("/v1/reading/2", json={"read": False}).json()["starred"] is True
    assert client.get("/v1/reading").json() == {"place": 3, "starred": [2]}
    assert client.patch("/v1/reading/99", json={"read": True}).status_code == 404
    assert client.patch("/v1/reading/2", json={"unknown": 1}).status_code == 422


def test_each_reads_for_themselves_and_the_operators_token_for_nobody(serve, engine, news):
    with Session(engine) as session:
        texts = [add_token(session, add_account(session, name, Role.READER, None), "t", [Scope.READ, Scope.WRITE])
                 for name in ("ada", "bo")]  # fmt: skip
        session.commit()
    client = serve(reader_accounts=True, reader_token="o" * 32)
    ada, bo, operator = ({"Authorization": f"Bearer {text}"} for text in (*texts, "o" * 32))
    assert client.patch("/v1/reading/1", json={"starred": True}, headers=ada).status_code == 200
    assert client.get("/v1/reading", headers=ada).json()["starred"] == [1]
    assert client.get("/v1/reading", headers=bo).json()["starred"] == []
    assert client.get("/v1/reading", headers=operator).status_code == 403
    assert "reading" not in client.get("/", headers=operator).text
    client.get("/articles/1", headers=ada)
    assert client.get("/v1/reading/1", headers=ada).json()["read"] is None, (
        "a program that fetches a page reads nothing"
    )


def test_what_is_read_goes_with_its_article(client, news, engine):
    client.patch("/v1/reading/1", json={"starred": True})
    with Session(engine) as session:
        from shared.database.models import Article

        session.execute(delete(Article).where(Article.id == 1))
        session.commit()
    assert client.get("/v1/reading").json()["starred"] == []


said = st.lists(st.tuples(st.sampled_from([1, 2, 3, 5, 6]), st.sampled_from([True, False, None])), max_size=8)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(place=st.integers(0, 7), said=said)
def test_the_list_of_unread_is_those_that_are_not_read(engine, news, place, said):
    """The condition in SQL and the state of a headline say the same, whatever was read in whatever order."""
    with Session(engine) as session:
        for table in (ReadState, ReadPlace):
            session.execute(delete(table))
        read_state.move(session, LOCAL_OWNER, place)
        for article_id, is_read in said:
            read_state.change(session, LOCAL_OWNER, article_id, read=is_read, star=True)
        conditions = read_state.having(session, LOCAL_OWNER, read_state.UNREAD)
        entries, _ = headlines.entries(session, headlines.Conditions(), conditions)
        states = read_state.states(session, LOCAL_OWNER, NEWS)
        rows = [session.get_one(Headline, number) for number in NEWS]
        assert {entry.headline.id for entry in entries} == {row.id for row in rows if not states.is_read(row)}
        assert all(first.headline.id > second.headline.id for first, second in pairwise(entries))
        session.rollback()
