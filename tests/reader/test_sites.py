"""Sites and channels over HTTP: rows are read, changes are messages."""

import json
from typing import Any

import pytest
from redis import Redis

from shared.database.models import Site, Source
from shared.later import MESSAGES
from shared.urls import fingerprint
from tests.reader.conftest import TestClient

HOME, FEED = "https://gazette.example/", "https://gazette.example/feed"
SITE_KEY, FEED_KEY = fingerprint(HOME), fingerprint(FEED)


@pytest.fixture
def filled(client: TestClient, add: Any) -> TestClient:
    add(Site(key=SITE_KEY, name="Gazette", home_page=HOME))
    add(Site(key=fingerprint("https://gone.example/"), name="Gone", home_page="https://gone.example/", state="removed"))
    add(Source(key=FEED_KEY, name="Feed", url=FEED, site_key=SITE_KEY, reason="every 15 min, as set"))
    add(Source(key="b" * 32, name="Single", url="https://post.example/"))
    return client


def sent(redis: "Redis") -> list[dict[str, Any]]:
    return [json.loads(packed) for packed in redis.hvals(MESSAGES)]


def test_sites_are_listed_without_those_that_were_removed(filled: TestClient) -> None:
    assert [site["name"] for site in filled.get("/v1/sites").json()["items"]] == ["Gazette"]
    assert [site["name"] for site in filled.get("/v1/sites?state=removed").json()["items"]] == ["Gone"]


def test_a_site_is_shown_with_its_channels_and_why_they_are_polled_next(filled: TestClient) -> None:
    detail = filled.get(f"/v1/sites/{SITE_KEY}").json()
    assert detail["site"]["home_page"] == HOME
    assert [(channel["url"], channel["reason"]) for channel in detail["channels"]] == [(FEED, "every 15 min, as set")]
    assert [channel["url"] for channel in filled.get(f"/v1/channels?site={SITE_KEY}").json()["items"]] == [FEED]
    assert len(filled.get("/v1/channels").json()["items"]) == 2
    assert filled.get(f"/v1/channels/{FEED_KEY}").json()["url"] == FEED


def test_a_new_site_and_a_new_channel_are_declared(client: TestClient, redis: "Redis") -> None:
    site = client.post("/v1/sites", json={"home_page": HOME, "country": "FR", "tags": ["daily"]})
    channel = client.post("/v1/channels", json={"url": FEED, "kind": "feed", "site": HOME})
    assert (site.status_code, site.json(), channel.json()) == (202, {"key": SITE_KEY}, {"key": FEED_KEY})
    by_type = {message["type"]: message for message in sent(redis)}
    declared = by_type["SiteDeclared"]
    assert (declared["home_page"], declared["country"], declared["declared_by"]) == (HOME, "FR", "api")
    assert by_type["SourceDeclared"]["site_key"] == SITE_KEY


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("patch", f"sites/{SITE_KEY}", {"state": "paused", "tags": []}, {"state": "paused", "tags": [], "key": SITE_KEY}),
        ("patch", f"sites/{SITE_KEY}", {"poll": True}, {"poll": True}),
        ("patch", f"sites/{SITE_KEY}", {"country": None, "name": None}, {"cleared": ["country"]}),
        ("patch", f"channels/{FEED_KEY}", {"interval_seconds": None}, {"cleared": ["interval_seconds"]}),
        ("delete", f"sites/{SITE_KEY}", None, {"state": "removed"}),
        ("patch", f"channels/{FEED_KEY}", {"interval_seconds": 60, "follow": False}, {"interval_seconds": 60, "follow": False}),
        ("delete", f"channels/{FEED_KEY}", None, {"state": "removed", "key": FEED_KEY}),
    ],
)  # fmt: skip
def test_a_change_is_a_message_with_its_actor(
    filled: TestClient, redis: "Redis", method: str, path: str, body: Any, expected: dict[str, Any]
) -> None:
    answer = filled.request(method, f"/v1/{path}", json=body)
    assert answer.status_code == 202
    [message] = sent(redis)
    assert {name: message[name] for name in expected} == expected
    assert message["actor"] == "api"


@pytest.mark.parametrize("method", ["get", "patch", "delete"])
@pytest.mark.parametrize("table", ["sites", "channels"])
def test_what_does_not_exist_is_not_found(client: TestClient, redis: "Redis", method: str, table: str) -> None:
    answer = client.request(method, f"/v1/{table}/{'c' * 32}", json={} if method == "patch" else None)
    assert answer.status_code == 404
    assert sent(redis) == []


def test_writing_needs_the_token(serve: Any, redis: "Redis") -> None:
    client = serve(reader_token="a-long-secret", reader_host="0.0.0.0")
    paths = [
        ("post", "sites"),
        ("post", "channels"),
        ("patch", f"sites/{SITE_KEY}"),
        ("delete", f"channels/{FEED_KEY}"),
    ]
    assert [client.request(method, f"/v1/{path}", json={}).status_code for method, path in paths] == [401] * 4
    assert client.get("/v1/sites", headers={"Authorization": "Bearer a-long-secret"}).status_code == 200
    assert sent(redis) == []


@pytest.mark.parametrize(
    "body", [{"home_page": "ftp://x.example/"}, {"home_page": HOME, "country": "France"}, {"home": HOME}]
)
def test_a_wrong_site_is_refused_with_the_field(client: TestClient, body: dict[str, Any]) -> None:
    answer = client.post("/v1/sites", json=body)
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"][0] == "body"
