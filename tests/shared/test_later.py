"""What waits, in a real Redis: custody, what comes back at a time, counted deliveries."""

import time
from collections.abc import Iterable
from typing import Any

import pytest
from redis import Redis

from shared import clock
from shared import later as module
from shared.contracts import Article, ArticleParsed, FetchRequested, Page, PageFetched, decode, now_utc
from shared.later import CUSTODY_URLS, LEASE_SECONDS, MESSAGES, Later
from shared.urls import fingerprint

HOUR = 3600.0


@pytest.fixture
def later(redis: "Redis") -> Later:
    return Later(redis)


def requests(count: int) -> list[FetchRequested]:
    return [FetchRequested(url=f"https://a.example/{number}") for number in range(count)]


def ids(rows: Iterable[dict[str, Any]]) -> set[str]:
    return {row["trace_id"] for row in rows}


def forward(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    moment = clock.now() + seconds
    monkeypatch.setattr(module, "now", lambda: moment)


def overdue(later: Later, before: float) -> list[dict[str, Any]]:
    return [item for _, _, item in later.overdue(before, 0, 100)]


def test_custody_lasts_until_it_is_released(later: Later, redis: "Redis") -> None:
    first, second = requests(2)
    later.hold([first, second])
    later.release([first.trace_id])
    assert later.counts() == {"custody": 1, "parked": 0}
    assert ids(overdue(later, clock.now() + 1)) == {second.trace_id}
    later.release([second.trace_id, "never-held"])
    assert redis.exists(MESSAGES) == 0


def test_nothing_to_hold_or_release_is_no_error(later: Later) -> None:
    later.hold([])
    later.release([])
    later.sent([])
    assert later.counts() == {"custody": 0, "parked": 0}


def test_what_is_overdue_is_reclaimed_by_one(later: Later) -> None:
    [request] = requests(1)
    later.hold([request])
    [(trace, at, item)] = later.overdue(clock.now() + 1, 0, 10)
    assert decode(item) == request
    assert later.reclaim(trace, at)
    assert not later.reclaim(trace, at), "two schedulers saw it, one issues it again"
    later.release([trace])
    assert not later.reclaim(trace, at), "it has ended meanwhile"


def test_what_was_read_from_a_page_renews_custody_and_the_page_is_what_it_begins_again_with(later: Later) -> None:
    page = Page(url="https://a.example/", final_url="https://a.example/", key="k", fetched_at=now_utc())
    fetched = PageFetched(page=page)
    article = ArticleParsed(**fetched.envelope(), page=page, article=Article(title="T", text="One."))
    later.hold([article])
    assert later.counts()["custody"] == 0, "what nobody accepted is in nobody's custody"
    later.hold([fetched])
    held = clock.now()
    time.sleep(0.01)
    later.hold([article])
    assert overdue(later, held) == []
    assert [decode(item) for item in overdue(later, clock.now() + 1)] == [fetched]


def test_custody_held_again_starts_anew(later: Later, monkeypatch: pytest.MonkeyPatch) -> None:
    [request] = requests(1)
    later.hold([request])
    deadline = clock.now() + 1
    forward(monkeypatch, HOUR)
    later.hold([request])
    assert overdue(later, deadline) == []


def test_parked_messages_come_back_at_their_time_and_not_before(later: Later, monkeypatch: pytest.MonkeyPatch) -> None:
    [request] = requests(1)
    later.park(request.next_attempt(), HOUR)
    assert later.due() == []
    assert overdue(later, clock.now() + 60) == [], "waiting is not being lost"
    forward(monkeypatch, HOUR + 1)
    assert [decode(row) for row in later.due()] == [request.next_attempt()]


def test_what_is_due_is_leased_so_that_a_dead_scheduler_loses_nothing(
    later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    messages = requests(3)
    for message in messages:
        later.park(message, -1)
    assert len(later.due(limit=2)) == 2
    assert len(later.due()) == 1, "what another scheduler has taken is not given out twice"
    forward(monkeypatch, LEASE_SECONDS + 1)
    assert ids(later.due()) == {message.trace_id for message in messages}


def test_what_was_sent_is_parked_no_more_but_stays_in_custody(later: Later, monkeypatch: pytest.MonkeyPatch) -> None:
    [request] = requests(1)
    later.park(request, -1)
    later.sent(ids(later.due()))
    forward(monkeypatch, LEASE_SECONDS + 1)
    assert later.due() == []
    assert later.counts()["custody"] == 1


def test_a_disposition_unparks(later: Later) -> None:
    [request] = requests(1)
    later.park(request, -1)
    later.release([request.trace_id])
    assert later.due() == []
    assert later.counts()["parked"] == 0


def test_what_waits_for_a_turn_is_kept_by_host_in_custody(redis) -> None:
    later = Later(redis)
    request, second = (FetchRequested(url=f"https://{name}.example/") for name in ("a", "b"))
    later.wait_turn(request, "a.example", 60)
    later.wait_turn(request, "a.example", 5)
    later.wait_turn(second, "b.example", 60, first=True)
    assert later.waiting() == 2
    assert later.counts() == {"custody": 2, "parked": 2}
    assert redis.zscore("newsmill:turns", "a.example") == pytest.approx(clock.now() + 5, abs=1)
    assert redis.zscore("newsmill:custody", request.trace_id) >= clock.now() + 3500


def test_the_traces_of_a_url_are_found_by_its_fingerprint_until_they_end(later: Later, redis: "Redis") -> None:
    url = "https://news.example/a?utm_source=feed"
    first, second = (
        FetchRequested(trace_id="1", url=url),
        FetchRequested(trace_id="2", url="https://news.example/a#top"),
    )
    later.hold([first, FetchRequested(trace_id="3", url="https://news.example/b")])
    later.park(second, HOUR)
    key = fingerprint(url)
    assert later.under_way(key).keys() == {"1", "2"}
    assert later.under_way(key)["1"]["url"] == url
    later.hold([first.next_attempt()])
    later.release(["1"])
    assert later.under_way(key).keys() == {"2"}
    later.release(["2", "3"])
    assert not redis.zcard(CUSTODY_URLS)


def test_a_url_is_looked_up_by_its_key_however_many_are_in_custody(later: Later, redis: "Redis") -> None:
    later.hold(FetchRequested(trace_id=str(n), url=f"https://news.example/{n}") for n in range(2000))
    redis.config_resetstat()
    assert later.under_way(fingerprint("https://news.example/7")).keys() == {"7"}
    commands = {name: row["calls"] for name, row in redis.info("commandstats").items() if name != "cmdstat_info"}
    assert sum(commands.values()) <= 4
