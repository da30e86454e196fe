"""Articles followed by their changes: /v1/articles?after=, beside the storage that changes them."""

import time
from collections import Counter
from datetime import timedelta
from threading import Thread

import pytest

from services.reader.api.cursors import decode_place, encode_place
from services.storage.settings import StorageSettings
from services.storage.store import Store
from shared.contracts import Article, ArticleParsed, Page, now_utc
from shared.database.engine import make_engine, transaction
from shared.database.models import ArticleChange
from shared.later import Later
from shared.pages import MemoryPages
from tests.reader.conftest import START, article

WRITERS, BATCHES, EACH = 4, 6, 4
WITHIN_SECONDS = 120


def follow(client, after="start", **query):
    answer = client.get("/v1/articles", params={"after": after, **query})
    assert answer.status_code == 200, answer.text
    return answer.json()["items"], answer.json()["next"]


def parsed(url, title, minutes=0):
    page = Page(url=url, final_url=url, key="", fetched_at=now_utc() + timedelta(minutes=minutes), body_hash="ab")
    return ArticleParsed(page=page, article=Article(title=title, text=f"{title} of {url}.\nAnd more."))


@pytest.fixture
def store(engine, redis):
    return Store(engine, redis, Later(redis), MemoryPages(), StorageSettings())


def test_a_follower_beside_four_writers_gets_every_article_once_and_again_only_when_it_has_changed(
    client, database_url, redis
):
    """Each writer stores articles and edits every second one; a version that is overtaken before it is read is left out."""
    failed = []

    def write(writer):
        try:
            engine = make_engine(database_url)
            store = Store(engine, redis, Later(redis), MemoryPages(), StorageSettings())
            for batch in range(BATCHES):
                urls = [f"https://{writer}.example/{batch}/{number}" for number in range(EACH)]
                store.handle_batch([parsed(url, f"Story {url}") for url in urls])
                store.handle_batch([parsed(url, f"Edited {url}", minutes=5) for url in urls[::2]])
            engine.dispose()
        except Exception as error:  # noqa: BLE001 - it belongs to the thread that waits
            failed.append(error)

    threads = [Thread(target=write, args=(number,)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    seen, place, deadline = [], "start", time.monotonic() + WITHIN_SECONDS
    while time.monotonic() < deadline:
        writing = any(thread.is_alive() for thread in threads)
        items, place = follow(client, place, limit=5)
        seen += [(item["url"], item["version"]) for item in items]
        if not writing and not items:
            break
    assert not failed
    assert max(Counter(seen).values()) == 1, "nothing twice"
    newest = dict(sorted(seen))
    edited = {
        f"https://{w}.example/{b}/{n}": 1 + (n % 2 == 0)
        for w in range(WRITERS)
        for b in range(BATCHES)
        for n in range(EACH)
    }
    assert newest == edited, "nothing missed"


def test_an_article_that_changes_comes_again_as_it_is_then_and_an_unchanged_one_does_not(client, store):
    urls = [f"https://gazette.example/{number}" for number in range(3)]
    store.handle_batch([parsed(url, "A quay") for url in urls])
    items, place = follow(client)
    assert [item["url"] for item in items] == urls
    store.handle_batch([parsed(urls[0], "A quay", minutes=5), parsed(urls[1], "Another quay", minutes=5)])
    items, place = follow(client, place)
    assert [(item["url"], item["title"]) for item in items] == [(urls[1], "Another quay")]
    assert follow(client, place) == ([], place)


def test_what_was_stored_before_there_was_a_log_comes_first(client, add, engine, store):
    ids = [add(article(number)) for number in range(2)]
    with transaction(engine) as session:
        session.add_all(ArticleChange(article_id=row, position=row - max(ids)) for row in ids)
    store.handle(parsed("https://gazette.example/new", "New"))
    assert [item["title"] for item in follow(client)[0]] == ["Title 0", "Title 1", "New"]


def test_now_begins_with_what_comes(client, store):
    store.handle(parsed("https://gazette.example/old", "Old"))
    items, place = follow(client, "now")
    assert items == []
    store.handle(parsed("https://gazette.example/new", "New"))
    assert [item["title"] for item in follow(client, place)[0]] == ["New"]


def test_a_place_moves_on_where_nothing_matches(client, store):
    """Else a seldom match would have everything behind it read again at each look."""
    store.handle(parsed("https://gazette.example/1", "One"))
    items, place = follow(client, site="herald.example")
    assert items == []
    assert decode_place(place) == decode_place(follow(client)[1])


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ({"site": "gazette.example"}, ["Title 0", "Title 1"]),
        ({"site": "www.gazette.example"}, ["Title 1"]),
        ({"publisher": "the herald"}, ["Title 2"]),
        ({"tag": "harbour"}, ["Title 1", "Title 2"]),
        ({"story": 7}, ["Title 0", "Title 2"]),
        ({"story": 7, "tag": "harbour"}, ["Title 2"]),
        ({"stored_since": (START + timedelta(hours=1)).isoformat()}, ["Title 1", "Title 2"]),
        ({"stored_until": (START + timedelta(hours=1)).isoformat()}, ["Title 0"]),
        ({"since": (START + timedelta(hours=2)).isoformat()}, ["Title 2"]),
        ({"q": "second"}, ["Title 0", "Title 1", "Title 2"]),
    ],
    ids=str,
)  # fmt: skip
def test_both_orders_and_the_feeds_choose_alike(client, add, engine, query, titles):
    rows = [
        article(0, url="https://gazette.example/a", canonical_url="https://gazette.example/a", story_id=7),
        article(1, url="https://www.gazette.example/b", canonical_url="https://www.gazette.example/b", tags=["Harbour"]),
        article(2, url="https://herald.example/c", canonical_url="https://herald.example/c", publisher="The Herald",
                tags=["harbour"], story_id=7),
    ]  # fmt: skip
    ids = [add(row) for row in rows]
    with transaction(engine) as session:
        session.add_all(ArticleChange(article_id=row, position=row) for row in ids)
    assert [item["title"] for item in follow(client, **query)[0]] == titles
    assert [item["title"] for item in client.get("/v1/articles", params=query).json()["items"]] == titles[::-1]
    assert [item["title"] for item in client.get("/v1/articles.json", params=query).json()["items"]] == titles[::-1]


@pytest.mark.parametrize("place", [-(2**63), -1, 0, 1, 2**63 - 1])
def test_a_place_comes_back(place):
    assert decode_place(encode_place(place)) == place


@pytest.mark.parametrize("after", ["", "MTA", "nonsense", "é", encode_place(2**64)])
def test_what_is_no_place_is_named(client, after):
    answer = client.get("/v1/articles", params={"after": after})
    assert (answer.status_code, answer.json()["detail"][0]["loc"]) == (422, ["query", "after"])


def test_two_orders_at_once_are_refused(client):
    answer = client.get("/v1/articles", params={"after": "start", "cursor": "MTA"})
    assert answer.status_code == 422
    assert "give one of them" in answer.json()["detail"][0]["msg"]
