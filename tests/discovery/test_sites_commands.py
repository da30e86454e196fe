"""`newsmill sites`: what it shows of sites and channels, and the messages by which it changes them."""

import json
from datetime import timedelta
from typing import Any

import pytest
from redis import Redis
from sqlmodel import Session

from shared.contracts import now_utc
from shared.database.engine import make_engine
from shared.database.models import Alert, Site, Source
from shared.discovery.entries import from_opml
from shared.later import MESSAGES
from shared.urls import fingerprint
from tests.discovery.test_add import Run, database_url, run

__all__ = ["database_url", "run"]
HOME, FEED = "https://gazette.example/", "https://gazette.example/feed"
SITE_KEY, FEED_KEY = fingerprint(HOME), fingerprint(FEED)


@pytest.fixture
def sites(run: Run, database_url: str) -> Run:
    engine = make_engine(database_url)
    with Session(engine) as session, session.begin():
        session.add(Site(
            key=SITE_KEY, name="The Gazette", home_page=HOME, tags=["daily"], languages=["fr"], edits=["name"],
            changed_by="api", discovered_at=now_utc(), discovery_end="listed", discover_at=now_utc(),
        ))  # fmt: skip
        session.add(Source(
            key=FEED_KEY, name="Feed", url=FEED, site_key=SITE_KEY, role="feed", kind="feed", found_by="alternate",
            reason="about 12 items a day; polled after 20 min", next_poll_at=now_utc() + timedelta(seconds=605),
            unnamed_since=now_utc(), hub_url="https://hub.example/",
        ))  # fmt: skip
        session.add(Source(key=fingerprint("https://post.example/"), name="Post", url="https://post.example/"))
        session.add(Site(key="f" * 32, name="Gone", home_page="https://gone.example/", state="removed"))
    engine.dispose()
    return run


def sent(redis: "Redis") -> list[dict[str, Any]]:
    return [json.loads(packed) for packed in redis.hvals(MESSAGES)]


def test_sites_and_channels_by_themselves_are_listed(sites: Run) -> None:
    shown = sites("sites", "list").output
    for words in (HOME, "The Gazette", "listed", "channels by themselves", "https://post.example/"):
        assert words in shown, shown
    assert "gone.example" not in shown
    record = json.loads(sites("sites", "list", "--state", "removed", "--json").output)
    assert [site["name"] for site in record["sites"]] == ["Gone"]


@pytest.mark.parametrize("name", [HOME, "gazette.example", "the gazette", SITE_KEY])
def test_a_site_is_shown_with_when_and_why_its_channels_are_polled_next(sites: Run, name: str) -> None:
    shown = sites("sites", "show", name).output
    for words in (
        "in 10 min", "about 12 items a day; polled after 20 min", "alternate", "changed by api: name",
        "its site names it no more, since", "hub https://hub.example/", "tags daily",
    ):  # fmt: skip
        assert words in shown, shown


def test_a_site_is_shown_with_how_it_does(sites: Run, database_url: str) -> None:
    engine = make_engine(database_url)
    with Session(engine) as session, session.begin():
        session.add(Alert(
            subject=f"site:{SITE_KEY}", site_key=SITE_KEY, name="x", kind="silent", since=now_utc(), opened_at=now_utc(),
            evidence={"hours": 7}, cause="it has stopped",
        ))  # fmt: skip
    engine.dispose()
    shown = sites("sites", "show", HOME).output
    for words in ("silent since", "it has stopped", "hours: 7", "in 24 hours 0 stories listed", "newest article none"):
        assert words in shown, shown
    state = json.loads(sites("sites", "show", HOME, "--json").output)["state"]
    assert (state["condition"], len(state["figures"]["articles_a_day"])) == ("silent", 30)
    assert json.loads(sites("sites", "show", FEED, "--json").output)["state"] is None


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("pause", HOME), {"type": "SiteChanged", "key": SITE_KEY, "state": "paused"}),
        (("resume", FEED), {"type": "ChannelChanged", "key": FEED_KEY, "state": "active"}),
        (("poll", "gazette.example"), {"type": "SiteChanged", "poll": True}),
        (("remove", FEED_KEY), {"type": "ChannelChanged", "state": "removed"}),
        (("undo", HOME), {"type": "SiteChanged", "undo": True, "actor": "cli"}),
        (("edit", HOME, "--name", "Gazette", "--tag", "a", "--tag", "b", "--least", "600"),
         {"name": "Gazette", "tags": ["a", "b"], "least_seconds": 600}),
        (("edit", HOME, "--revisit", "0.5", "--revisit", "12"), {"revisit_hours": [0.5, 12]}),
        (("edit", HOME, "--clear", "tag", "--clear", "country", "--clear", "revisit"),
         {"tags": [], "cleared": ["country", "revisit_hours"]}),
        (("edit", FEED, "--interval", "120"), {"interval_seconds": 120, "actor": "cli"}),
        (("edit", FEED, "--clear", "interval"), {"cleared": ["interval_seconds"]}),
    ],
)  # fmt: skip
def test_a_change_is_a_message(
    sites: Run, redis: "Redis", arguments: tuple[str, ...], expected: dict[str, Any]
) -> None:
    result = sites("sites", *arguments)
    assert result.exit_code == 0, result.output
    [message] = sent(redis)
    assert {name: message[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("pause", HOME, "nowhere.example"), "nowhere.example: no site and no channel"),
        (("edit", HOME), "nothing to change"),
        (("edit", HOME, "--interval", "60"), "a site has no interval_seconds"),
        (("edit", FEED, "--country", "FR"), "a channel has no country"),
        (("edit", HOME, "--clear", "interval"), "cleared"),
        (("edit", HOME, "--country", "France"), "country"),
        (("edit", HOME, "--least", "1"), "least_seconds"),
    ],
)
def test_a_change_that_cannot_be_is_refused_and_nothing_is_sent(
    sites: Run, redis: "Redis", arguments: tuple[str, ...], words: str
) -> None:
    result = sites("sites", *arguments)
    assert result.exit_code != 0
    assert words in result.output
    assert sent(redis) == []


def test_the_exported_opml_can_be_added_again(sites: Run) -> None:
    [entry] = from_opml(sites("sites", "export", "--opml").output.encode())
    assert (entry.url, entry.name, entry.feeds) == (HOME, "The Gazette", (FEED,))
    assert sites("sites", "export").output == f"{HOME}\n"
