"""What waits, in a real Redis: custody, what comes back at a time, dead letters, counted deliveries."""

import time
from collections.abc import Iterable
from typing import Any

import pytest
from redis import Redis

from shared import later as module
from shared.contracts import FetchRequested, decode, encode
from shared.later import DEAD, LEASE_SECONDS, MESSAGES, DeadLetter, Later

HOUR = 3600.0


@pytest.fixture
def later(redis: "Redis") -> Later:
    return Later(redis)


def requests(count: int) -> list[FetchRequested]:
    return [FetchRequested(url=f"https://a.example/{number}") for number in range(count)]


def ids(rows: Iterable[dict[str, Any]]) -> set[str]:
    return {row["trace_id"] for row in rows}


def forward(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    moment = time.time() + seconds
    monkeypatch.setattr(module, "time", lambda: moment)


def letter(number: int) -> DeadLetter:
    return DeadLetter("parse", "KeyError", "d" * number, "parse.py:1", f"trace-{number}", 1, {"type": "x", "n": number})


def test_custody_lasts_until_it_is_released(later: Later, redis: "Redis") -> None:
    one, two = requests(2)
    later.hold([one, two])
    later.release([one.trace_id])
    assert later.counts() == {"custody": 1, "parked": 0, "dead": 0}
    assert ids(later.overdue(time.time() + 1)) == {two.trace_id}
    later.release([two.trace_id, "never-held"])
    assert redis.exists(MESSAGES) == 0


def test_nothing_to_hold_or_release_is_no_error(later: Later) -> None:
    later.hold([])
    later.release([])
    later.sent([])
    later.accounted("parse", [])
    assert later.counts() == {"custody": 0, "parked": 0, "dead": 0}


def test_what_is_overdue_comes_back_whole_and_its_custody_renewed(later: Later) -> None:
    [one] = requests(1)
    later.hold([one])
    started = time.time()
    assert [decode(row) for row in later.overdue(started + 1)] == [one]
    assert later.overdue(started) == []


def test_custody_held_again_starts_anew(later: Later, monkeypatch: pytest.MonkeyPatch) -> None:
    [one] = requests(1)
    later.hold([one])
    deadline = time.time() + 1
    forward(monkeypatch, HOUR)
    later.hold([one])
    assert later.overdue(deadline) == []


def test_parked_messages_come_back_at_their_time_and_not_before(later: Later, monkeypatch: pytest.MonkeyPatch) -> None:
    [one] = requests(1)
    later.park(one.again(), HOUR)
    assert later.due() == []
    assert later.overdue(time.time() + 60) == [], "waiting is not being lost"
    forward(monkeypatch, HOUR + 1)
    assert [decode(row) for row in later.due()] == [one.again()]


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
    [one] = requests(1)
    later.park(one, -1)
    later.sent(ids(later.due()))
    forward(monkeypatch, LEASE_SECONDS + 1)
    assert later.due() == []
    assert later.counts()["custody"] == 1


def test_a_disposition_unparks(later: Later) -> None:
    [one] = requests(1)
    later.park(one, -1)
    later.release([one.trace_id])
    assert later.due() == []
    assert later.counts()["parked"] == 0


def test_dead_letters_are_kept_as_they_came_newest_first(later: Later) -> None:
    for number in range(3):
        later.set_aside(letter(number))
    assert [kept for _, kept in later.dead(limit=2)] == [letter(2), letter(1)]
    assert later.counts()["dead"] == 3


def test_dead_letters_hold_whatever_came(later: Later) -> None:
    for payload in ("no object", None, ["نص", {"deep": [1.5]}], {"bytes": b"\xff"}):
        later.set_aside(letter(0)._replace(payload=payload))
    assert [kept.payload for _, kept in later.dead()][1:] == [["نص", {"deep": [1.5]}], None, "no object"]


def test_the_oldest_dead_letters_go_when_there_are_too_many(
    later: Later, redis: "Redis", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "DEAD_LIMIT", 100)
    for number in range(300):
        later.set_aside(letter(number))
    assert 100 <= redis.xlen(DEAD) < 300
    assert later.dead(limit=1)[0][1] == letter(299)


def test_a_redelivery_is_what_began_and_was_never_accounted_for(later: Later) -> None:
    assert not later.begun_before("parse", ["a", "b"], 60)
    assert later.begun_before("parse", ["b", "c"], 60)
    assert not later.begun_before("store", ["a"], 60), "each stage for itself"
    assert [later.deliveries("parse", "b") for _ in range(3)] == [1, 2, 3]
    later.accounted("parse", ["a", "b", "c"])
    assert not later.begun_before("parse", ["a", "b", "c"], 60)


def test_what_is_remembered_of_deliveries_ends_by_itself(later: Later, redis: "Redis") -> None:
    later.begun_before("parse", ["a"], 60)
    later.deliveries("parse", "a")
    [key] = redis.keys("newsmill:deliveries:*")
    assert 0 < redis.ttl(key) <= 60


def test_what_waits_for_a_turn_is_kept_by_host_in_custody(redis) -> None:
    later = Later(redis)
    request, other = (FetchRequested(url=f"https://{name}.example/") for name in ("a", "b"))
    later.wait_turn(request, "a.example", 60)
    later.wait_turn(request, "a.example", 5)
    later.wait_turn(other, "b.example", 60, first=True)
    assert later.waiting() == 2
    assert later.counts() == {"custody": 2, "parked": 2, "dead": 0}
    assert redis.zscore("newsmill:turns", "a.example") == pytest.approx(time.time() + 5, abs=1)
    assert redis.zscore("newsmill:custody", request.trace_id) >= time.time() + 3500


def test_what_this_version_cannot_read_is_set_aside_and_its_custody_closed(redis) -> None:
    later = Later(redis)
    request = FetchRequested(url="https://a.example/")
    later.hold([request])
    broken = {"type": "FromTheFuture", "trace_id": request.trace_id}
    assert later.readable("fetch", [broken, encode(request) | {"trace_id": "t"}]) == [
        request.model_copy(update={"trace_id": "t"})
    ]
    assert later.counts() == {"custody": 0, "parked": 0, "dead": 1}
