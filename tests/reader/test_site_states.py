"""How sites do: one condition each, the worst first, and figures that are numbers of rows."""

from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from services.reader.queries.readings import Reading, freshness, presence
from shared.contracts import now_utc
from shared.database.conditions import CONDITIONS, Channels, condition
from shared.database.engine import transaction
from shared.database.models import Alert, Health, Page, Site, Visit
from shared.urls import fingerprint
from tests.reader.conftest import TestClient, article, headline, source

NOW = now_utc()
_NUMBERS = count(1)


def site(add: Any, name: str, **fields: Any) -> tuple[str, int]:
    """Stores a site with a feed that was read; returns the site's key and the feed's id."""
    home = f"https://{name}.example/"
    add(Site(**{"key": fingerprint(home), "name": name, "home_page": home} | fields))
    return fingerprint(home), feed(add, name)


def feed(add: Any, name: str, **fields: Any) -> int:
    url = f"https://{name}.example/feed{next(_NUMBERS)}"
    polls = {"last_polled_at": NOW, "last_success_at": NOW}
    home = {"site_key": fingerprint(f"https://{name}.example/")}
    row = source(key=fingerprint(url), url=url, name="Feed", **home | polls | fields)
    return int(add(row))


def alert(add: Any, key: str, kind: str, **fields: Any) -> None:
    defaults = {"since": NOW, "opened_at": NOW, "evidence": {"hours": 7}, "cause": "it has stopped", "name": "x"}
    add(Alert(**{"subject": f"site:{key}", "site_key": key, "kind": kind} | defaults | fields))


def stored(add: Any, source_id: int, age: timedelta, **fields: Any) -> int:
    number, moment = next(_NUMBERS), NOW - age
    row = article(number, source_id=source_id, stored_at=moment, fetched_at=moment, updated_at=moment, word_count=90)
    for name, value in fields.items():
        setattr(row, name, value)
    return int(add(row))


def listed(add: Any, source_id: int, disposition: str | None, article_id: int | None = None) -> None:
    number = next(_NUMBERS)
    key = f"story{number}"
    add(Page(key=key, url="https://gazette.example/s", trace_id=key, disposition=disposition, article_id=article_id))
    add(headline(number, link_key=key, source_id=source_id, in_feed=True, first_seen_at=NOW, last_seen_at=NOW))


def visited(add: Any, source_id: int, status: int | None, age: timedelta = timedelta()) -> None:
    add(Visit(
        trace_id=f"v{next(_NUMBERS)}", page_key="p", url="https://gazette.example/", source_id=source_id, status=status,
        ended_at=NOW - age,
    ))  # fmt: skip


def test_the_worst_comes_first_and_each_outlet_has_one_condition(client: TestClient, add: Any) -> None:
    for name, kind in (("broken", "failing"), ("quiet", "silent"), ("altered", "changed")):
        alert(add, site(add, name)[0], kind)
    alert(add, site(add, "mended")[0], "silent", closed_at=NOW)
    site(add, "resting", state="paused")
    site(add, "gone", state="removed")
    home = "https://walled.example/"
    add(Site(key=fingerprint(home), name="walled", home_page=home, discovery_end="consent-wall"))
    add(Site(key="f" * 32, name="young", home_page="https://young.example/"))
    add(source(9, key="9" * 32, name="single", last_polled_at=NOW, last_success_at=NOW))
    items = client.get("/v1/site-states").json()["items"]
    assert [(item["name"], item["condition"], item["is_site"]) for item in items] == [
        ("broken", "failing", True), ("quiet", "silent", True), ("walled", "unread", True),
        ("altered", "changed", True), ("young", "new", True), ("mended", "well", True), ("single", "well", False),
        ("resting", "paused", True),
    ]  # fmt: skip
    assert items[0]["alerts"][0]["cause"] == "it has stopped"
    assert items[2]["wall"] == "consent-wall"
    removed = client.get("/v1/site-states", params={"condition": "removed"}).json()
    assert [item["name"] for item in removed["items"]] == ["gone"]


CHANNELS = st.builds(Channels, st.integers(0, 3), st.integers(0, 3), st.integers(0, 3))
KINDS = st.sets(st.sampled_from(["failing", "silent", "changed"]))


@given(st.sampled_from(["active", "paused", "removed"]), KINDS, CHANNELS, st.sampled_from([None, "robots"]))
def test_an_alert_makes_nothing_better(state: str, kinds: set[str], channels: Channels, wall: str | None) -> None:
    without = condition(state, (), channels, wall)
    with_alerts = condition(state, kinds, channels, wall)
    assert CONDITIONS.index(with_alerts) <= CONDITIONS.index(without)
    assert (with_alerts in ("paused", "removed")) == (state != "active")


def test_every_figure_is_a_number_of_rows(client: TestClient, add: Any, engine: Engine) -> None:
    key, first = site(add, "gazette")
    second = feed(add, "gazette", state="paused")
    _, other = site(add, "courier")
    with transaction(engine) as session:
        session.add(Health(subject=f"site:{key}", state=[], outlook={"stories_a_day": 12.5}))
    for days in (400, 30, 29, 3, 0, 0):
        stored(add, first, timedelta(days=days), authors=["A. Writer"] if days < 3 else [])
    ten_minutes = {"published": "2026-11-01T12:00:00Z", "published_at": NOW - timedelta(minutes=10)}
    last = stored(add, second, timedelta(), lead_image="https://gazette.example/i.jpg", word_count=3, **ten_minutes)
    stored(add, other, timedelta())
    listed(add, first, "stored", last)
    listed(add, first, "robots")
    listed(add, second, None)
    listed(add, other, "stored", last)
    for status, age in ((500, 30), (None, 3), (404, 2), (304, 1), (200, 0)):
        visited(add, first, status, timedelta(hours=age))
    visited(add, other, 200)
    figures = client.get(f"/v1/sites/{key}/state").json()["figures"]
    a_day = figures["articles_a_day"]
    assert (len(a_day), a_day[-1], a_day[-4], a_day[0], sum(a_day)) == (30, 3, 1, 1, 5)
    assert figures["last_article_at"].startswith(NOW.isoformat()[:19])
    assert figures["expected"] == 12.5
    assert figures["completeness"] == {"listed": 3, "stored": 1, "dropped": 1, "under_way": 1}
    assert figures["freshness_seconds"] == 600
    assert (figures["sample"], figures["fields"]) == (
        7, {"author": round(2 / 7, 3), "date": round(1 / 7, 3), "image": round(1 / 7, 3), "text": round(6 / 7, 3)},
    )  # fmt: skip
    assert figures["answers"] == {"2xx": 1, "3xx": 1, "4xx": 1, "5xx": 0, "none": 1}
    [listing] = [item for item in client.get("/v1/site-states").json()["items"] if item["key"] == key]
    assert listing["figures"] == figures


def test_a_site_without_anything_has_empty_figures(client: TestClient, add: Any) -> None:
    add(Site(key="e" * 32, name="Empty", home_page="https://empty.example/"))
    figures = client.get(f"/v1/sites/{'e' * 32}/state").json()["figures"]
    assert (sum(figures["articles_a_day"]), figures["last_article_at"], figures["expected"]) == (0, None, None)
    assert (figures["sample"], figures["fields"], figures["freshness_seconds"]) == (0, {}, None)


@pytest.mark.parametrize(
    ("wish", "names"),
    [
        ({"tag": "daily"}, ["alpha", "beta"]),
        ({"tag": "daily", "country": "FR"}, ["alpha"]),
        ({"language": "ar"}, ["beta"]),
        ({"q": "ALPHA example"}, ["alpha"]),
        ({"q": "beta alpha"}, []),
        ({"condition": "failing"}, ["gamma"]),
    ],
    ids=["tag", "tag-and-country", "language", "every-word", "no-outlet", "condition"],
)
def test_outlets_are_asked_for_by_what_they_are(
    client: TestClient, add: Any, wish: dict[str, str], names: list[str]
) -> None:
    site(add, "alpha", tags=["daily"], country="FR", languages=["fr"])
    site(add, "beta", tags=["daily", "south"], country="TN", languages=["ar", "fr"])
    alert(add, site(add, "gamma")[0], "failing")
    assert [item["name"] for item in client.get("/v1/site-states", params=wish).json()["items"]] == names


def test_pages_follow_one_another_without_gap_or_repeat(client: TestClient, add: Any) -> None:
    for number in range(51):
        add(Site(key=f"{number:032x}", name=f"Site {number:02}", home_page=f"https://{number}.example/"))
    first, second = (client.get("/v1/site-states", params={"page": page}).json() for page in (1, 2))
    names = [item["name"] for answer in (first, second) for item in answer["items"]]
    assert names == [f"Site {number:02}" for number in range(51)]
    assert (first["next"], second["next"], first["number"]) == (2, None, 51)


def test_an_unknown_site_is_not_found(client: TestClient) -> None:
    assert client.get(f"/v1/sites/{'c' * 32}/state").status_code == 404


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=20))
def test_freshness_is_a_median_of_what_was_measured(seconds: list[int]) -> None:
    readings = [Reading(False, "2026-01-01T00:00:00Z", NOW - timedelta(seconds=s), None, 0, NOW) for s in seconds]
    week = 7 * 86_400
    measured = [number for number in seconds if number <= week]
    value = freshness(readings, NOW)
    assert (value is None) == (not measured)
    if value is not None:
        assert min(measured) <= value <= max(measured)
    assert presence(readings) == {"author": 0, "date": 1, "image": 0, "text": 0}


def test_a_day_without_a_time_is_no_measure_of_freshness() -> None:
    reading = Reading(False, "2026-01-01", NOW, None, 0, NOW)
    assert freshness([reading], NOW) is None
