"""Events become matches, each once."""

import pytest
from sqlalchemy import select
from sqlmodel import Session, col

from shared.database.engine import transaction
from shared.database.models import Receiver, Site, Watch
from tests.courier.news import (
    add_event,
    add_story,
    add_watch,
    courier,
    deliveries,
    edit,
    match_all,
    matched,
    store,
)


def test_an_article_that_is_stored_matches_and_is_told_once(engine, redis):
    watch = add_watch(
        engine, "ferry -strike", {}, {"kind": "notification", "url": "json://host.example/", "secret": None}
    )
    store(engine, "The ferry is back")
    store(engine, "Ferry strike goes on")
    store(engine, "A bridge is built")
    match_all(engine, redis)
    match_all(engine, redis)
    assert matched(engine, watch) == [("new", "The ferry is back")]
    told = deliveries(engine)
    assert [delivery.payload["type"] for delivery in told] == ["watch.matched"] * 2
    assert len({delivery.message_id for delivery in told}) == 2
    data = told[0].payload["data"]
    assert (data["watch"]["query"], data["kind"], data["article"]["publisher"]) == (
        "ferry -strike",
        "new",
        "The Gazette",
    )
    assert data["article"]["summary"] == "It was said."


def test_an_edit_after_which_an_article_matches_is_a_match_and_the_next_one_is_not(engine, redis):
    watch = add_watch(engine, "mayor")
    article = store(engine, "A resignation")
    match_all(engine, redis)
    assert matched(engine, watch) == []
    edit(engine, article, text="The mayor resigns.")
    match_all(engine, redis)
    edit(engine, article, text="The mayor resigns again.")
    match_all(engine, redis)
    assert matched(engine, watch) == [("edited", "A resignation")]


@pytest.mark.parametrize("fold", [True, False])
def test_a_story_in_several_papers_is_told_once_if_the_watch_says_so(engine, redis, fold):
    watch = add_watch(engine, "ferry", fold=fold)
    first = store(engine, "Ferry one")
    match_all(engine, redis)
    story = add_story(engine)
    edit(engine, first, story_id=story)
    store(engine, "Ferry two", story_id=story, publisher="The Post")
    store(engine, "Ferry three", story_id=story, publisher="The Times")
    store(engine, "Another ferry")
    match_all(engine, redis)
    all_titles = ["Ferry one", "Ferry two", "Ferry three", "Another ferry"]
    assert [title for _, title in matched(engine, watch)] == (["Ferry one", "Another ferry"] if fold else all_titles)


def test_a_story_matches_when_it_has_come_to_enough_papers(engine, redis):
    watch = add_watch(engine, "ferry papers:3", fold=False)
    story = add_story(engine)
    store(engine, "Ferry one", story_id=story)
    store(engine, "Ferry one again", story_id=story)
    store(engine, "Ferry two", story_id=story, publisher="The Post")
    match_all(engine, redis)
    assert matched(engine, watch) == []
    store(engine, "A boat", story_id=story, publisher="The Times")
    match_all(engine, redis)
    assert sorted(matched(engine, watch)) == [
        ("story", "Ferry one"),
        ("story", "Ferry one again"),
        ("story", "Ferry two"),
    ]


def test_what_is_imported_is_no_news(engine, redis):
    watch = add_watch(engine, "ferry")
    store(engine, "An old ferry", origin="backfill")
    match_all(engine, redis)
    assert matched(engine, watch) == []


def test_a_watch_acts_from_when_it_is_made_and_not_while_it_is_paused(engine, redis):
    add_watch(engine, "bridge")
    store(engine, "Ferry one")
    match_all(engine, redis)
    watch = add_watch(engine, "ferry")
    taker = courier(engine, redis)
    for state, title in (("active", "Ferry two"), ("paused", "Ferry three"), ("active", "Ferry four")):
        with transaction(engine) as session:
            row = session.get_one(Watch, watch)
            row.state, row.revision = state, row.revision + 1
        store(engine, title)
        while taker.step():
            pass
    assert [title for _, title in matched(engine, watch)] == ["Ferry two", "Ferry four"]


def test_the_alerts_of_sites_go_the_same_way(engine, redis):
    everything = add_watch(engine, "", {}, about="alerts")
    some = add_watch(engine, "silent site:gazette.example tag:local", about="alerts")
    articles = add_watch(engine, "silent or gazette")
    with transaction(engine) as session:
        session.add(
            Site(key="s", name="Gazette", home_page="https://gazette.example/", tags=["Local"], languages=["en"])
        )
        add_event(session, "site.silent", "https://gazette.example/", subject="site:s", name="Gazette", site_key="s",
                  cause="its feeds bring nothing", evidence={"hours": 9}, since="2026-11-01T00:00:00+00:00")  # fmt: skip
        add_event(
            session, "site.failing", "https://post.example/", subject="site:p", name="Post", site_key=None, cause="503"
        )
        add_event(session, "page.dropped", "https://gazette.example/1", reason="silent")
    match_all(engine, redis)
    assert matched(engine, everything) == [("silent", "Gazette: silent"), ("failing", "Post: failing")]
    assert matched(engine, some) == [("silent", "Gazette: silent")]
    assert matched(engine, articles) == []
    assert deliveries(engine)[0].payload["data"]["alert"]["evidence"] == {"hours": 9}


def test_a_batch_is_one_notification_and_a_webhook_a_match(engine, redis):
    add_watch(engine, "ferry", {}, {"kind": "notification", "url": "json://host.example/"}, {"rhythm": "daily"})
    for title in ("Ferry one", "Ferry two", "Ferry three"):
        store(engine, title)
    match_all(engine, redis)
    assert [delivery.payload["type"] for delivery in deliveries(engine)] == ["watch.matched"] * 3 + ["watch.digest"]
    assert deliveries(engine)[3].payload["data"]["number"] == 3


def test_a_receiver_that_is_disabled_is_told_nothing(engine, redis):
    add_watch(engine, "ferry", {"state": "disabled"})
    store(engine, "Ferry one")
    match_all(engine, redis)
    assert deliveries(engine) == []


def test_a_courier_that_dies_before_its_commit_has_told_nothing_and_the_next_tells_all(engine, redis):
    watch = add_watch(engine, "ferry", {})
    for number in range(7):
        store(engine, f"Ferry {number}")
    dying = courier(engine, redis, batch=4)
    writing = dying._consumer.write

    def write_and_die(session, events):
        writing(session, events)
        raise ConnectionError("killed")

    dying._consumer = dying._consumer._replace(write=write_and_die)
    with pytest.raises(ConnectionError):
        dying.step()
    assert matched(engine, watch) == []
    match_all(engine, redis)
    assert [title for _, title in matched(engine, watch)] == [f"Ferry {number}" for number in range(7)]
    assert len(deliveries(engine)) == 7


def test_a_watch_that_is_removed_takes_everything_with_it(engine, redis):
    watch = add_watch(engine, "ferry", {})
    taker = courier(engine, redis)
    store(engine, "Ferry one")
    taker.step()
    with transaction(engine) as session:
        session.delete(session.get_one(Watch, watch))
    store(engine, "Ferry two")
    while taker.step():
        pass
    assert deliveries(engine) == []
    with Session(engine) as session:
        assert session.scalars(select(col(Receiver.id))).all() == []
