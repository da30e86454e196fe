from datetime import timedelta

from services.reader.queries.stories import curve
from shared.contracts import now_utc
from tests.reader.conftest import START, article

NOW = now_utc()


def tell(add, story: int, *minutes_ago: int, **fields):
    """Stores articles of a story, each of another newspaper."""
    for minutes in minutes_ago:
        number = story * 1000 + minutes
        at = NOW - timedelta(minutes=minutes)
        add(article(number, story_id=story, publisher=f"Paper {minutes}", stored_at=at, **fields))


def test_stories_in_most_papers_come_first_and_of_as_many_the_fastest(client, add):
    tell(add, 1, 300, 10)
    tell(add, 2, 200, 100, 50)
    tell(add, 3, 70, 60)
    tell(add, 4, 30)
    items = client.get("/v1/stories").json()["items"]
    assert [(item["id"], item["papers"]) for item in items] == [(2, 3), (3, 2), (1, 2)]
    assert items[0]["first"]["publisher"] == "Paper 200"
    assert items[0]["curve"][-1] == 3


def test_stories_of_a_time_and_a_language(client, add):
    tell(add, 1, 60 * 30, 60 * 29, language="fr")
    tell(add, 2, 30, 20, language="en")
    assert [item["id"] for item in client.get("/v1/stories").json()["items"]] == [2]
    assert [item["id"] for item in client.get("/v1/stories?hours=48&language=fr").json()["items"]] == [1]


def test_an_article_twice_in_one_paper_is_no_story_of_two(client, add):
    tell(add, 1, 30, 20)
    for number in (1, 2):
        add(article(number, story_id=9, publisher="The same", stored_at=NOW))
    assert [item["id"] for item in client.get("/v1/stories").json()["items"]] == [1]


def test_a_curve_rises_to_the_number_of_times():
    times = [START + timedelta(hours=hour) for hour in (0, 1, 23)]
    assert curve(times, START, START + timedelta(hours=24), 4) == [2, 2, 2, 3]


def test_a_story_says_who_was_first(client, add):
    tell(add, 7, 90, 30, title="Quay opens")
    page = client.get("/stories/7").text
    assert page.index("Paper 90") < page.index("first</span>") < page.index("Paper 30")
    assert client.get("/stories/8").status_code == 404
