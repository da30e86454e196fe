"""The pages of sites: what is wrong comes first, a change is a message that can be taken back, and a look comes before a site."""

import json
import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from redis import Redis

from services.reader.pages.site_changes import changed_fields, changes
from shared.contracts import now_utc
from shared.database.models import Alert, Placement, Site, Source, Visit
from shared.later import MESSAGES
from shared.queues import TRIGGERS
from shared.urls import fingerprint
from tests.reader.conftest import TestClient, headline, post_form

HOME, FEED = "https://gazette.example/", "https://gazette.example/feed"
KEY, FEED_KEY = fingerprint(HOME), fingerprint(FEED)
ATTACK = "</td><script>alert(1)</script><img src=x onerror=alert(2)>\"'"
NOW = now_utc()


@pytest.fixture
def site(client: TestClient, add: Any) -> TestClient:
    add(Site(
        key=KEY, name=f"Gazette {ATTACK}", home_page=HOME, tags=[ATTACK], languages=["fr"], country="FR",
        changed_by="cli", changed_at=NOW - timedelta(days=1), edits=["name"],
        undo={"change": "c", "values": {"name": f"Before {ATTACK}"}, "edits": []},
    ))  # fmt: skip
    polls = {"last_polled_at": NOW, "last_success_at": NOW, "last_disposition": "listed"}
    front = add(Source(key=KEY, name=ATTACK, url=HOME, site_key=KEY, role="front", reason=ATTACK, **polls))
    add(Source(key=FEED_KEY, name="Feed", url=FEED, site_key=KEY, role="feed", hub_url=f"javascript:{ATTACK}", **polls))
    story = headline(
        1, text=ATTACK, url=f"{HOME}s?{ATTACK}", link_key="s" * 32, source_id=front, in_front=True,
        first_seen_at=NOW, last_seen_at=NOW,
    )  # fmt: skip
    add_placement(add, add(story))
    add(Visit(
        trace_id="v1", page_key=KEY, url=f"{HOME}{ATTACK}", source_id=front, status=200, ended_at=NOW, detail=ATTACK,
        disposition="listed",
    ))  # fmt: skip
    add(Alert(
        subject=f"site:{KEY}", site_key=KEY, name=ATTACK, kind="silent", since=NOW, opened_at=NOW, cause=ATTACK,
        evidence={"hours": ATTACK},
    ))  # fmt: skip
    return client


def add_placement(add: Any, headline_id: int) -> None:
    try:
        add(Placement(page_key=KEY, headline_id=headline_id, page_url=HOME, kind="front", position=0, seen_at=NOW))
    except AttributeError:
        # A placement has no id to return.
        return


def sent(redis: "Redis") -> list[dict[str, Any]]:
    return [json.loads(packed) for packed in redis.hvals(MESSAGES)]


def post(client: TestClient, path: str, **fields: Any) -> Any:
    return post_form(client, "/sites/add", path, **fields)


@pytest.mark.parametrize("path", ["/sites", f"/sites/{KEY}", f"/sites/{KEY}?sent=2020-01-01T00:00:00Z", "/sites/add"])
def test_foreign_text_is_shown_and_never_run(site: TestClient, path: str) -> None:
    page = site.get(path)
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "<img" not in page.text
    assert 'href="javascript:' not in page.text


@pytest.mark.parametrize("path", ["/sites", f"/sites/{KEY}", "/sites/add"])
def test_every_link_of_a_page_leads_somewhere(site: TestClient, path: str) -> None:
    content = site.get(path).text.partition("<main")[2].partition("</main>")[0]
    links = {unescape(link) for link in re.findall(r'(?:href|src)="(/[^"]*)"', content)} | {"/static/files.js"}
    assert {link: status for link in links if (status := site.get(link).status_code) >= 400} == {}


def test_the_list_has_the_worst_first_with_its_cause(site: TestClient, add: Any) -> None:
    add(Site(key="a" * 32, name="A new paper", home_page="https://new.example/"))
    page = site.get("/sites").text
    assert page.index("Gazette") < page.index("A new paper")
    assert "silent" in page
    assert "polyline" in page
    assert "A new paper" not in site.get("/sites", params={"condition": "silent", "q": "", "tag": ""}).text


def test_a_site_shows_its_channels_front_page_fetches_and_alerts(site: TestClient) -> None:
    page = site.get(f"/sites/{KEY}").text
    for heading in ("Channels", "Coverage", "What is missing", "Its front page now", "Last fetches", "Alerts", "Edit"):
        assert f">{heading}<" in page
    assert "Try again" in page


def test_a_channel_by_itself_has_a_page(client: TestClient, add: Any, redis: "Redis") -> None:
    add(Source(key="b" * 32, name="Single", url="https://post.example/"))
    page = client.get(f"/sites/{'b' * 32}").text
    assert "a channel by itself" in page
    assert post(client, f"/sites/{'b' * 32}/edit", name="Solo", interval_seconds="600").status_code == 303
    [message] = sent(redis)
    assert (message["type"], message["name"], message["interval_seconds"]) == ("ChannelChanged", "Solo", 600)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (f"/sites/{KEY}/pause", {"type": "SiteChanged", "state": "paused"}),
        (f"/sites/{KEY}/resume", {"type": "SiteChanged", "state": "active"}),
        (f"/sites/{KEY}/remove", {"type": "SiteChanged", "state": "removed"}),
        (f"/sites/{KEY}/undo", {"type": "SiteChanged", "undo": True}),
        (f"/sites/{KEY}/poll", {"type": "SiteChanged", "poll": True}),
        (f"/sites/{KEY}/channels/{FEED_KEY}/pause", {"type": "ChannelChanged", "state": "paused", "key": FEED_KEY}),
        (f"/sites/{KEY}/channels/{FEED_KEY}/undo", {"type": "ChannelChanged", "undo": True}),
    ],
    ids=["pause", "resume", "remove", "undo", "poll", "channel-pause", "channel-undo"],
)
def test_an_action_is_one_message_and_leads_back_to_the_site(
    site: TestClient, redis: "Redis", path: str, expected: dict[str, Any]
) -> None:
    answer = post(site, path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(f"/sites/{KEY}?")
    [message] = sent(redis)
    assert {name: message.get(name) for name in expected} == expected
    assert message["actor"] == "page"


def test_the_page_waits_for_a_change_and_then_offers_to_undo_it(site: TestClient, add: Any) -> None:
    waiting = site.get(f"/sites/{KEY}", params={"sent": now_utc().isoformat()})
    assert waiting.headers["refresh"] == "1"
    applied = site.get(f"/sites/{KEY}", params={"sent": (NOW - timedelta(days=2)).isoformat()})
    assert "refresh" not in applied.headers
    assert "Before" in applied.text
    assert applied.text.count(f'action="/sites/{KEY}/undo"') == 1


def test_a_site_that_is_being_added_is_waited_for(client: TestClient) -> None:
    assert client.get(f"/sites/{KEY}", params={"sent": now_utc().isoformat()}).headers["refresh"] == "1"
    assert client.get(f"/sites/{KEY}").status_code == 404
    assert client.get(f"/sites/{KEY}", params={"sent": "2020-01-01T00:00:00Z"}).status_code == 404


def test_an_edit_sends_what_differs_and_clears_what_is_emptied(site: TestClient, redis: "Redis") -> None:
    form = {
        "name": "Herald", "country": "", "languages": "fr, AR", "tags": "daily, south", "least_seconds": "",
        "most_seconds": "3600", "revisit_hours": "1, 6",
    }  # fmt: skip
    assert post(site, f"/sites/{KEY}/edit", **form).status_code == 303
    [message] = sent(redis)
    assert message["name"] == "Herald"
    assert (message["languages"], message["tags"], message["cleared"]) == (
        ["fr", "ar"],
        ["daily", "south"],
        ["country"],
    )
    assert (message["most_seconds"], message["revisit_hours"]) == (3600, [1.0, 6.0])


def test_an_edit_that_is_wrong_is_refused_with_the_field(site: TestClient, redis: "Redis") -> None:
    answer = post(site, f"/sites/{KEY}/edit", name=f"Gazette {ATTACK}", country="FRANCE")
    assert (answer.status_code, sent(redis)) == (422, [])
    assert "country" in answer.text


def test_a_form_that_changes_nothing_sends_nothing(site: TestClient, redis: "Redis") -> None:
    form = {"name": f"Gazette {ATTACK}", "country": "FR", "languages": "fr", "tags": ATTACK, "most_seconds": ""}
    assert post(site, f"/sites/{KEY}/edit", **form).status_code == 303
    assert sent(redis) == []


def test_a_story_is_requested_again_without_conditions(site: TestClient, redis: "Redis") -> None:
    assert post(site, f"/sites/{KEY}/again", url=f"{HOME}story").status_code == 303
    [(_, fields)] = redis.xrange(TRIGGERS)
    assert (fields[b"url"], fields[b"fresh"]) == (f"{HOME}story".encode(), b"true")


@pytest.mark.parametrize("path", [f"/sites/{'c' * 32}/pause", f"/sites/{KEY}/channels/{'c' * 32}/pause"])
def test_what_does_not_exist_is_not_changed(site: TestClient, redis: "Redis", path: str) -> None:
    assert post(site, path).status_code == 404
    assert sent(redis) == []


def test_a_look_is_begun_and_waited_for(client: TestClient, redis: "Redis") -> None:
    answer = post(client, "/sites/add", url="gazette.example")
    assert answer.status_code == 303
    [message] = sent(redis)
    assert (message["type"], message["url"], message["via"]) == ("FetchRequested", HOME, "look")
    page = client.get(answer.headers["location"])
    assert page.headers["refresh"] == "1"
    assert "is being looked at" in page.text
    early = post(client, answer.headers["location"], channel=HOME)
    assert early.status_code == 422
    assert client.get(f"/sites/add/{'0' * 32}").status_code == 404


@pytest.mark.parametrize("url", ["", "ftp://gazette.example/", "https://", "javascript:alert(1)"])
def test_no_look_at_what_is_no_address(client: TestClient, redis: "Redis", url: str) -> None:
    assert post(client, "/sites/add", url=url).status_code == 422
    assert sent(redis) == []


def test_a_list_of_addresses_is_added_and_what_is_wrong_is_named(client: TestClient, redis: "Redis") -> None:
    page = post(client, "/sites/import", list=f"gazette.example\n# a comment\nftp://no.example/{ATTACK}\n").text
    assert [message["home_page"] for message in sent(redis)] == ["https://gazette.example"]
    assert "1 site is added" in page
    assert "refused" in page
    assert "<script>alert" not in page


def test_the_text_of_an_opml_file_is_added_with_its_feeds_and_folders(client: TestClient, redis: "Redis") -> None:
    outline = f'<outline text="Gazette" htmlUrl="{HOME}" xmlUrl="{FEED}"/>'
    text = f'<opml version="2.0"><body><outline text="Daily">{outline}</outline></body></opml>'
    assert post(client, "/sites/import", list=text).status_code == 200
    by_type = {message["type"]: message for message in sent(redis)}
    assert by_type["SiteDeclared"]["tags"] == ["Daily"]
    assert (by_type["SourceDeclared"]["url"], by_type["SourceDeclared"]["site_key"]) == (FEED, KEY)
    assert post(client, "/sites/import", list="<html><p>").status_code == 422


def test_a_change_in_words_names_what_was_and_what_is() -> None:
    row = Site(key=KEY, name="Herald", home_page=HOME, tags=["daily"], undo={"values": {"name": "Gazette", "tags": []}})
    assert changes(row) == "name Gazette → Herald; tags none → daily"
    assert changed_fields(row, {"name": " Herald ", "tags": "daily"}) == {}
    assert changed_fields(row, {"name": "Herald", "tags": ""}) == {"tags": []}
