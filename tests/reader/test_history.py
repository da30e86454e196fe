"""The history of a URL over HTTP: its dead letters, found by trace and by URL."""

from datetime import UTC, datetime

from newsmill.commands.why import life_lines
from services.reader.queries import history
from shared.database.models import ArticleVersion, Visit
from shared.dead import DeadLetters, letter
from shared.urls import fingerprint
from tests.reader.conftest import article

URL = "https://news.example/a"


def set_aside(redis, url: str, trace_id: str) -> None:
    DeadLetters(redis).set_aside(letter("parse", "poison", "d", {"url": url}, trace_id=trace_id))


def traces(client) -> list[str]:
    return [dead["trace_id"] for dead in client.get("/v1/why", params={"url": URL}).json()["dead_letters"]]


def test_the_letters_of_visits_are_found_however_many_are_newer(client, add, redis):
    add(Visit(trace_id="visited", page_key=fingerprint(URL), url=URL, triggered_at=datetime(2026, 11, 1, tzinfo=UTC)))
    set_aside(redis, URL, "visited")
    for number in range(history.NEWEST_LETTERS):
        set_aside(redis, f"https://news.example/{number}", f"trace-{number}")
    set_aside(redis, f"{URL}#top", "without-visit")
    assert traces(client) == ["visited", "without-visit"]


def test_an_article_whose_text_is_its_feeds_says_so_in_its_history_and_in_the_api(client, add):
    article_id = add(article(1, key=fingerprint(URL), text_from="feed"))
    wording = {"title": "Quay", "text": "Rebuilt.", "body_hash": "h", "text_from": "feed"}
    add(ArticleVersion(article_id=article_id, number=1, fetched_at=datetime(2026, 11, 1, tzinfo=UTC), **wording))
    report = client.get("/v1/why", params={"url": URL}).json()
    assert (report["article"]["text_from"], report["article"]["versions"][0]["text_from"]) == ("feed", "feed")
    assert [line.endswith("text from its feed") for line in life_lines(report) if line.startswith("article")] == [True]
    detail = client.get(f"/v1/articles/{article_id}").json()
    assert (detail["text_from"], detail["versions"][0]["text_from"]) == ("feed", "feed")
