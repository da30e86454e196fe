"""Sites and channels: what a file, a person and discovery declare, and what a person changed of it."""

from typing import Any

import pytest

from services.storage.tables import inspections
from shared.contracts import (
    ChannelChanged,
    Clue,
    Kind,
    PageDropped,
    Reason,
    Role,
    SiteChanged,
    SiteDeclared,
    SiteInspected,
    SourceDeclared,
)
from shared.database.models import Site, Source
from shared.urls import fingerprint
from tests.storage.test_store import Bench, bench

__all__ = ["bench"]

HOME, FEED = "https://gazette.example/", "https://gazette.example/feed"
SITE_KEY, FEED_KEY = fingerprint(HOME), fingerprint(FEED)


def channel(declared_by: str = "file", **fields: Any) -> SourceDeclared:
    return SourceDeclared(**{"name": "Feed", "url": FEED, "kind": Kind.FEED, "declared_by": declared_by} | fields)


def test_a_home_page_alone_makes_a_site_that_is_called_by_its_host_and_looked_at_at_once(bench: Bench) -> None:
    bench.store.handle(SiteDeclared(home_page="https://GAZETTE.example"))
    [site] = bench.rows(Site)
    assert (site.key, site.name, site.home_page, site.state) == (SITE_KEY, "gazette.example", HOME, "active")
    assert site.discover_at == site.created_at


def test_the_file_leaves_what_a_person_changed_and_writes_the_rest(bench: Bench) -> None:
    bench.store.handle(SiteDeclared(home_page=HOME, name="Gazette", country="FR", tags=("daily",)))
    bench.store.handle(SiteChanged(key=SITE_KEY, actor="cli", name="The Gazette", tags=()))
    bench.store.handle(SiteDeclared(home_page=HOME, name="Gazette", country="BE", tags=("daily",)))
    [site] = bench.rows(Site)
    assert (site.name, site.country, site.tags, site.changed_by) == ("The Gazette", "BE", [], "cli")
    assert site.edits == ["name", "tags"]


def test_what_a_person_clears_stays_empty_whatever_the_file_says(bench: Bench) -> None:
    bench.store.handle_batch([SiteDeclared(home_page=HOME, country="FR"), channel(interval_seconds=60)])
    bench.store.handle_batch([
        SiteChanged(key=SITE_KEY, actor="cli", cleared=("country",)),
        ChannelChanged(key=FEED_KEY, actor="cli", cleared=("interval_seconds",)),
    ])  # fmt: skip
    bench.store.handle_batch([SiteDeclared(home_page=HOME, country="FR"), channel(interval_seconds=60)])
    assert [site.country for site in bench.rows(Site)] == [None]
    assert [source.interval_seconds for source in bench.rows(Source)] == [None]


def test_a_channel_that_a_person_paused_stays_paused_whatever_the_file_says(bench: Bench) -> None:
    bench.store.handle_batch([channel(), ChannelChanged(key=FEED_KEY, actor="api", state="paused")])
    bench.store.handle(channel(name="News", interval_seconds=60))
    [source] = bench.rows(Source)
    assert (source.state, source.name, source.interval_seconds) == ("paused", "News", 60)


@pytest.mark.parametrize(
    ("first", "second", "declarer", "name"),
    [
        ("file", "cli", "cli", "Second"),
        ("cli", "file", "cli", "Second"),
        ("discovery", "file", "file", "Second"),
        ("file", "discovery", "file", "First"),
        ("api", "discovery", "api", "First"),
    ],
)
def test_discovery_changes_nothing_that_others_declared_and_a_person_stays_the_declarer(
    bench: Bench, first: str, second: str, declarer: str, name: str
) -> None:
    bench.store.handle(channel(first, name="First"))
    bench.store.handle(channel(second, name="Second"))
    [source] = bench.rows(Source)
    assert (source.declared_by, source.name) == (declarer, name)


def test_discovery_joins_a_channel_of_the_file_to_its_site(bench: Bench) -> None:
    bench.store.handle(channel(interval_seconds=60))
    discovered = {
        "site_key": SITE_KEY,
        "role": Role.FEED,
        "found_by": Clue.ALTERNATE,
        "hub_url": "https://hub.example/",
    }
    bench.store.handle_batch([channel("discovery", **discovered), channel(interval_seconds=60)])
    [source] = bench.rows(Source)
    assert (source.site_key, source.role, source.found_by) == (SITE_KEY, "feed", "alternate")
    assert (source.hub_url, source.interval_seconds) == ("https://hub.example/", 60)


def test_a_removed_site_takes_its_channels_along_but_for_those_of_the_file(bench: Bench) -> None:
    bench.store.handle_batch([
        SiteDeclared(home_page=HOME), channel(site_key=SITE_KEY),
        channel("discovery", url=HOME, kind=Kind.FRONT, site_key=SITE_KEY),
    ])  # fmt: skip
    bench.store.handle(SiteChanged(key=SITE_KEY, actor="cli", state="removed"))
    bench.store.handle(SiteDeclared(home_page=HOME))
    [site] = bench.rows(Site)
    by_url = {source.url: source for source in bench.rows(Source)}
    assert (site.state, by_url[HOME].state) == ("removed", "removed")
    assert (by_url[FEED].state, by_url[FEED].site_key) == ("active", None)


def test_a_poll_that_a_person_asks_for_is_due_at_once(bench: Bench) -> None:
    bench.store.handle_batch([SiteDeclared(home_page=HOME), channel(site_key=SITE_KEY)])
    bench.store.handle(bench.listing(url=FEED))
    [before] = bench.rows(Source)
    bench.store.handle(SiteChanged(key=SITE_KEY, actor="api", poll=True))
    [after] = bench.rows(Source)
    assert after.next_poll_at < before.next_poll_at
    assert after.reason == "asked for by api"


def test_changes_of_what_does_not_exist_are_left_out(bench: Bench) -> None:
    bench.store.handle_batch([
        SiteChanged(key=SITE_KEY, actor="api", poll=True), ChannelChanged(key=FEED_KEY, actor="api", poll=True),
    ])  # fmt: skip
    assert (bench.count(Site), bench.count(Source)) == (0, 0)


def test_an_inspection_fills_in_what_nobody_declared(bench: Bench) -> None:
    inspected = SiteInspected(key=SITE_KEY, name="The Gazette", language="fr", urls=(HOME,))
    bench.store.handle_batch([SiteDeclared(home_page=HOME), inspected])
    [site] = bench.rows(Site)
    assert (site.name, site.languages) == ("The Gazette", ["fr"])
    bench.store.handle_batch([
        SiteDeclared(home_page=HOME, name="Gazette of the file", languages=("de",)), inspected
    ])  # fmt: skip
    [site] = bench.rows(Site)
    assert (site.name, site.languages) == ("Gazette of the file", ["de"])


def test_a_channel_that_its_site_no_longer_names_says_since_when(bench: Bench) -> None:
    named = {"site_key": SITE_KEY, "role": Role.FEED, "found_by": Clue.ALTERNATE}
    by_hand = {"site_key": SITE_KEY, "url": "https://gazette.example/own", "found_by": Clue.PERSON}
    bench.store.handle_batch([SiteDeclared(home_page=HOME), channel("discovery", **named), channel("cli", **by_hand)])

    def inspect(*urls: str) -> list[bool]:
        bench.store.handle(SiteInspected(key=SITE_KEY, urls=(HOME, *urls)))
        return [since is not None for since in unnamed_since()]

    def unnamed_since() -> list[Any]:
        return [source.unnamed_since for source in sorted(bench.rows(Source), key=lambda source: source.url)]

    assert inspect("http://gazette.example/feed/") == [False, False], "with another scheme it is the same channel"
    assert inspect("https://gazette.example/other") == [True, False]
    since = unnamed_since()
    assert inspect() == [True, False]
    assert unnamed_since() == since, "since it was first missed"
    assert inspect(FEED) == [False, False]


def test_a_site_is_inspected_again_after_a_week_and_sooner_after_a_failure(bench: Bench) -> None:
    bench.store.handle(SiteDeclared(home_page=HOME))
    failure = PageDropped(url=HOME, stage="fetch", reason=Reason.HTTP_5XX, via="discovery")
    for failures in (1, 2):
        bench.store.handle(failure.model_copy(update={"trace_id": f"failure-{failures}"}))
        [site] = bench.rows(Site)
        assert site.discover_at - site.discovered_at == failures * inspections.RETRY
    assert (site.discovery_end, site.discovery_failures) == ("http-5xx", 2)
    bench.store.handle(bench.listing(url=HOME, via="discovery"))
    [site] = bench.rows(Site)
    assert (site.discovery_end, site.discovery_failures) == ("listed", 0)
    assert site.discover_at - site.discovered_at == inspections.INTERVAL


def undo(**fields: Any) -> SiteChanged:
    return SiteChanged(key=SITE_KEY, actor="page", undo=True, **fields)


def test_the_last_change_can_be_taken_back_and_made_again(bench: Bench) -> None:
    bench.store.handle(SiteDeclared(home_page=HOME, name="Gazette", country="FR", tags=("daily",)))
    bench.store.handle(SiteChanged(key=SITE_KEY, actor="cli", name="Herald", tags=(), cleared=("country",)))
    bench.store.handle(undo())
    [site] = bench.rows(Site)
    assert (site.name, site.tags, site.country, site.edits) == ("Gazette", ["daily"], "FR", [])
    bench.store.handle(undo())
    [site] = bench.rows(Site)
    assert (site.name, site.tags, site.country) == ("Herald", [], None)
    assert site.edits == ["country", "name", "tags"]


def test_a_change_that_is_delivered_again_changes_nothing(bench: Bench) -> None:
    bench.store.handle(SiteDeclared(home_page=HOME, name="Gazette"))
    change = SiteChanged(key=SITE_KEY, actor="cli", name="Herald")
    for message in (change, change, back := undo(), back):
        bench.store.handle(message)
    assert [site.name for site in bench.rows(Site)] == ["Gazette"]


def test_a_site_that_was_never_changed_has_nothing_to_take_back(bench: Bench) -> None:
    bench.store.handle_batch([SiteDeclared(home_page=HOME, name="Gazette"), channel()])
    bench.store.handle_batch([undo(), ChannelChanged(key=FEED_KEY, actor="page", undo=True)])
    assert [site.changed_at for site in bench.rows(Site)] == [None]


@pytest.mark.parametrize(
    "return_", [undo(), SiteChanged(key=SITE_KEY, actor="cli", state="active")], ids=["undo", "resume"]
)
def test_a_removed_site_comes_back_with_the_channels_that_left_with_it(bench: Bench, return_: SiteChanged) -> None:
    urls = {"feed": FEED, "paused": f"{HOME}paused", "dropped": f"{HOME}dropped", "of-the-file": f"{HOME}file"}
    for name, url in urls.items():
        door = "file" if name == "of-the-file" else "cli"
        bench.store.handle(channel(door, url=url, site_key=SITE_KEY, state="paused" if name == "paused" else "active"))
    meanwhile = [SiteChanged(key=SITE_KEY, actor="cli", name="Renamed")] if return_.state else []
    for message in (
        SiteDeclared(home_page=HOME), ChannelChanged(key=fingerprint(urls["dropped"]), actor="cli", state="removed"),
        SiteChanged(key=SITE_KEY, actor="cli", state="removed"), *meanwhile, return_,
    ):  # fmt: skip
        bench.store.handle(message)
    states = {source.url: (source.state, source.site_key) for source in bench.rows(Source)}
    assert states == {
        urls["feed"]: ("active", SITE_KEY), urls["paused"]: ("paused", SITE_KEY),
        urls["dropped"]: ("removed", SITE_KEY), urls["of-the-file"]: ("active", SITE_KEY),
    }  # fmt: skip


def test_what_is_undone_follows_the_file_again(bench: Bench) -> None:
    bench.store.handle_batch(
        [channel(interval_seconds=60), ChannelChanged(key=FEED_KEY, actor="api", interval_seconds=600)]
    )
    bench.store.handle_batch([ChannelChanged(key=FEED_KEY, actor="api", undo=True), channel(interval_seconds=120)])
    assert [source.interval_seconds for source in bench.rows(Source)] == [120]
