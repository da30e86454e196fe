"""The feeds of watches, read back as feed readers do."""

from datetime import datetime, timedelta
from typing import Any

import feedparser
import pytest
from sqlmodel import Session

from shared.contracts import now_utc
from shared.database.models import Match, Watch

SECRET = "f" * 32
TITLE = 'Ferry & <b>tram</b> "back" – 図書館'


@pytest.fixture
def client(serve, engine):
    with Session(engine) as session:
        session.add(Watch(id=1, name="Ferries & trams", query="ferry", feed_secret=SECRET))
        session.add(Watch(id=2, name="Alerts", query="", about="alerts", feed_secret="a" * 32))
        session.flush()
        for number in range(3):
            record: dict[str, Any] = {
                "summary": "It sails.",
                "authors": ["A. Writer"],
                "language": "en",
                "publisher": "The Gazette",
            }
            session.add(Match(
                watch_id=1, subject=f"article:{number}", kind="new", title=f"{TITLE} {number}", url=f"https://gazette.example/{number}",
                record=record, matched_at=now_utc() - timedelta(minutes=9 - number),
            ))  # fmt: skip
        session.add(
            Match(
                watch_id=2,
                subject="event:1",
                kind="silent",
                title="French: silent",
                record={"cause": "no feed brings any"},
            )
        )
        session.commit()
    return serve(reader_token="sesame")


def test_an_atom_feed_is_read_back(client):
    answer = client.get(f"/feeds/{SECRET}.atom")
    feed = feedparser.parse(answer.content)
    assert not feed.bozo, feed.get("bozo_exception")
    assert feed.version == "atom10"
    assert feed.feed.title == "Ferries & trams"
    assert [entry.link for entry in feed.entries] == [f"https://gazette.example/{number}" for number in (2, 1, 0)]
    assert feed.entries[0].summary == "It sails."
    assert len({entry.id for entry in feed.entries}) == 3
    assert answer.headers["content-type"].startswith("application/atom+xml")


def test_a_json_feed_is_of_its_version(client):
    answer = client.get(f"/feeds/{SECRET}.json")
    feed = answer.json()
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert [item["title"] for item in feed["items"]] == [f"{TITLE} {number}" for number in (2, 1, 0)]
    assert all(datetime.fromisoformat(item["date_modified"]) for item in feed["items"])
    assert answer.headers["content-type"].startswith("application/feed+json")


@pytest.mark.parametrize("form", ["atom", "json"])
def test_alerts_without_an_address_are_in_the_feed_too(client, form):
    feed = client.get(f"/feeds/{'a' * 32}.{form}")
    assert feed.status_code == 200
    assert "no feed brings any" in feed.text


@pytest.mark.parametrize("path", [f"{SECRET}x.atom", "x.json", f"{SECRET}.xml", "%00.atom", f"{SECRET}"])
def test_whoever_does_not_know_the_address_sees_nothing(client, path):
    assert client.get(f"/feeds/{path}").status_code in {404, 422}
