"""The history of a URL over HTTP: its dead letters, found by trace and by URL."""

from datetime import UTC, datetime

from services.reader import history
from shared.database.models import Visit
from shared.dead import DeadLetters, letter
from shared.urls import fingerprint

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
