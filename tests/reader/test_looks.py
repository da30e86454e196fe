"""Looks at sites over HTTP: begun, read as `newsmill add --json` prints them, and added with the channels that are chosen."""

import json
from typing import Any

import pytest
from redis import Redis

from services.storage import looks
from services.storage.settings import StorageSettings
from shared.contracts import Clue, Message, Page, PageSeen, Role, SeenCandidate, SeenChannel, SeenItem, decode, now_utc
from shared.database.models import Site
from shared.later import MESSAGES
from shared.pages import MemoryPages
from shared.urls import fingerprint
from tests.reader.conftest import TestClient

HOME, FEED = "https://gazette.example/", "https://gazette.example/feed"


def sent(redis: "Redis") -> list[Message]:
    return [decode(json.loads(packed)) for packed in redis.hvals(MESSAGES)]


def seen(request: Message, url: str, role: Role, items: tuple[str, ...], **fields: Any) -> PageSeen:
    candidate = SeenCandidate(url=url, role=role, found_by=Clue.HOME_PAGE)
    channel = SeenChannel(candidate=candidate, items=tuple(SeenItem(url=item, at=now_utc()) for item in items))
    page = Page(url=url, final_url=url, key="", fetched_at=now_utc())
    envelope = request.envelope() | {"trace_id": fingerprint(url + request.trace_id), "cause": request.trace_id}
    return PageSeen(**envelope, page=page, channel=channel, candidate=candidate, **fields)


@pytest.fixture
def look(client: TestClient, redis: "Redis") -> str:
    """The id of a look whose home page and feed have been read."""
    look_id = str(client.post("/v1/looks", json={"url": "https://gazette.example"}).json()["id"])
    [request] = sent(redis)
    pages = [
        seen(request, HOME, Role.FRONT, (f"{HOME}a",), is_home_page=True, site_name="Gazette", awaits=(FEED,)),
        seen(request, FEED, Role.FEED, (f"{HOME}a", f"{HOME}b")),
    ]
    looks.keep(redis, MemoryPages(), pages, StorageSettings().pace())
    return look_id


def test_a_look_shows_what_has_been_seen_so_far(client: TestClient, look: str) -> None:
    state = client.get(f"/v1/looks/{look}").json()
    assert (state["is_over"], state["awaited"]) == (True, [])
    report = state["report"]
    assert (report["name"], report["home_page"], report["error"]) == ("Gazette", HOME, None)
    assert {channel["url"]: channel["polled"] for channel in report["channels"]} == {HOME: True, FEED: True}


@pytest.mark.parametrize(
    ("choice", "channels"), [({}, {HOME, FEED}), ({"channels": [FEED]}, {FEED})], ids=["as-proposed", "chosen"]
)
def test_a_site_that_was_looked_at_is_added_with_its_channels(
    client: TestClient, redis: "Redis", look: str, choice: dict[str, Any], channels: set[str]
) -> None:
    answer = client.post(f"/v1/looks/{look}/site", json=choice | {"tags": ["daily"], "country": "FR"})
    assert (answer.status_code, answer.json()) == (202, {"key": fingerprint(HOME)})
    declared = [message for message in sent(redis) if message.via == "api"]
    sites = [message for message in declared if type(message).__name__ == "SiteDeclared"]
    assert [(site.home_page, site.tags, site.country, site.discover) for site in sites] == [
        (HOME, ("daily",), "FR", False)
    ]
    assert {message.url for message in declared if type(message).__name__ == "SourceDeclared"} == channels


def test_a_site_that_was_removed_is_followed_again_when_it_is_added(
    client: TestClient, redis: "Redis", look: str, add: Any
) -> None:
    add(Site(key=fingerprint(HOME), name="Gazette", home_page=HOME, state="removed"))
    client.post(f"/v1/looks/{look}/site", json={})
    assert "active" in [message.state for message in sent(redis) if type(message).__name__ == "SiteChanged"]


def test_a_site_without_a_channel_is_not_added(client: TestClient, look: str) -> None:
    assert client.post(f"/v1/looks/{look}/site", json={"channels": ["https://other.example/"]}).status_code == 422
    assert client.post(f"/v1/looks/{look}/site", json={"country": "France"}).status_code == 422


def test_nothing_is_added_before_anything_is_known(client: TestClient) -> None:
    look_id = client.post("/v1/looks", json={"url": HOME}).json()["id"]
    assert client.get(f"/v1/looks/{look_id}").json()["report"] is None
    assert client.post(f"/v1/looks/{look_id}/site", json={}).status_code == 409
    assert client.get(f"/v1/looks/{'0' * 32}").status_code == 404
    assert client.post("/v1/looks", json={"url": "ftp://gazette.example/"}).status_code == 422
