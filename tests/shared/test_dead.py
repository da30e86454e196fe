"""Dead letters in a real Redis: kept whole, grouped, tried again with their history."""

import pytest
from redis import Redis

from shared.contracts import FetchRequested, encode
from shared.dead import DeadLetters, Letter, letter
from shared.later import Later


@pytest.fixture
def dead(redis: "Redis") -> DeadLetters:
    return DeadLetters(redis)


def number(n: int, cause: str = "KeyError") -> Letter:
    return letter("parse", cause, f"detail {n}", {"type": "x", "n": n}, trace_id=f"trace-{n}", where="parse.py:1")


def test_letters_are_kept_as_they_came_newest_first_and_counted(dead: DeadLetters) -> None:
    for n in range(3):
        dead.set_aside(number(n))
    dead.set_aside(number(3, "poison"))
    assert [kept.trace_id for kept in dead.newest(2)] == ["trace-3", "trace-2"]
    assert [kept.payload["n"] for kept in dead.every(cause="KeyError")] == [0, 1, 2]
    assert dead.counts() == {("parse", "KeyError"): 3, ("parse", "poison"): 1}


def test_the_letters_of_traces_are_found_at_every_stage_oldest_first(dead: DeadLetters) -> None:
    for stage in ("store", "parse", "fetch", "trigger", "schedule"):
        dead.set_aside(letter(stage, "malformed", "d", {}, trace_id="trace-1"))
    dead.set_aside(number(2))
    assert [kept.stage for kept in dead.of(["trace-1", "unknown", ""])] == [
        "store",
        "parse",
        "fetch",
        "trigger",
        "schedule",
    ]


@pytest.mark.parametrize("payload", ["no object", None, ["نص", {"deep": [1.5]}], "\ud800"])
def test_letters_hold_whatever_came(dead: DeadLetters, payload: object) -> None:
    dead.set_aside(letter("parse", "malformed", "d", payload))
    [kept] = dead.newest()
    assert kept.payload == payload


def test_a_redelivery_of_what_was_set_aside_makes_no_second_letter(dead: DeadLetters) -> None:
    for _ in range(2):
        dead.set_aside(number(1))
    [kept] = dead.newest()
    assert len(kept.history) == 1
    assert dead.counts() == {("parse", "KeyError"): 1}


def test_what_is_tried_again_and_fails_again_comes_back_with_its_history(dead: DeadLetters) -> None:
    dead.set_aside(number(1))
    [kept] = dead.newest()
    dead.take(kept.id, remember=True)
    assert dead.newest() == []
    assert dead.counts() == {}
    dead.set_aside(number(1, "ValueError"))
    [again] = dead.newest()
    assert [failure.cause for failure in again.history] == ["KeyError", "ValueError"]
    assert again.record()["times"] == 2


def test_what_is_dropped_is_gone_for_good(dead: DeadLetters) -> None:
    dead.set_aside(number(1))
    dead.take(number(1).id, remember=False)
    dead.set_aside(number(1))
    assert [len(kept.history) for kept in dead.newest()] == [1]


def test_what_this_version_cannot_read_is_set_aside_and_its_custody_closed(redis: "Redis", dead: DeadLetters) -> None:
    later, request = Later(redis), FetchRequested(url="https://a.example/")
    later.hold([request])
    broken = {"type": "FromTheFuture", "trace_id": request.trace_id}
    readable = request.model_copy(update={"trace_id": "t"})
    assert dead.readable("fetch", [broken, encode(readable)]) == [readable]
    assert later.counts() == {"custody": 0, "parked": 0}
    assert len(dead.newest()) == 1
