"""Backpressure: when a stage pauses, how much may come in, and who is told."""

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from shared.brake import Brake
from shared.contracts import FetchRequested
from shared.later import Later
from shared.queues import queue_keys
from shared.settings import Settings
from shared.worker.gate import Gate
from shared.worker.pressure import PAUSED, TRICKLE, Pressure, paused

MEGABYTES = 40
LIMITS = Settings(
    fetch_queue_limit=10, parse_queue_limit=4, store_queue_limit=4, custody_limit=1000, redis_memory_mb=MEGABYTES
)  # fmt: skip


@pytest.fixture
def pressure(redis: "Redis") -> Pressure:
    return Pressure(redis, LIMITS)


@pytest.fixture
def gate(redis: "Redis", pressure: Pressure) -> Gate:
    return Gate(redis, "fetch", pressure, Brake(redis), "here-1")


def queue(redis: "Redis", name: str, messages: int) -> None:
    keys = queue_keys(name)
    redis.delete(*keys)
    for number in range(messages):
        redis.lpush(keys[number % len(keys)], b"{}")


def fill(redis: "Redis", share: float) -> None:
    """Makes Redis use so much of the memory that it may."""
    redis.delete("ballast")
    while int(redis.info("memory")["used_memory"]) < share * MEGABYTES * 2**20:
        redis.rpush("ballast", b"x" * 2**16)


def test_who_feeds_a_full_queue_pauses_and_storage_never_does(redis: "Redis", pressure: Pressure) -> None:
    queue(redis, "parse", 4)
    assert {stage: bool(pressure.reason(stage)) for stage in ("import", "fetch", "parse", "store")} == {
        "import": True, "fetch": True, "parse": False, "store": False,
    }  # fmt: skip
    queue(redis, "store", 4)
    assert pressure.reason("parse") == "queue store: 4 messages of 4"
    queue(redis, "parse", 3)
    queue(redis, "store", 3)
    assert not any(pressure.reason(stage) for stage in ("import", "fetch", "parse", "store"))


def test_fetchers_pause_before_memory_is_gone_and_parsers_a_little_later(redis: "Redis", pressure: Pressure) -> None:
    queue(redis, "store", 1)
    for share, pausing in ((0.6, set()), (0.8, {"fetch", "import"}), (0.87, {"fetch", "import", "parse"})):
        fill(redis, share)
        assert {stage for stage in ("import", "fetch", "parse", "store") if pressure.reason(stage)} == pausing


def test_a_fetcher_does_not_wait_for_memory_that_nobody_behind_it_can_free(redis: "Redis", pressure: Pressure) -> None:
    fill(redis, 0.95)
    assert pressure.reason("fetch") is None
    assert pressure.reason("import")


@pytest.mark.parametrize(("priority", "room"), [(0, 1000), (5, 1000), (6, 1100), (9, 1400)])
def test_the_urgent_have_room_that_others_cannot_take(pressure: Pressure, priority: int, room: int) -> None:
    assert pressure.room(priority) == room


def test_what_is_under_way_takes_room(redis: "Redis", pressure: Pressure) -> None:
    Later(redis).hold(FetchRequested(url=f"https://news.example/{number}") for number in range(10))
    assert pressure.room(5) == 990
    queue(redis, "fetch", 10)
    assert (pressure.room(5), pressure.room(9)) == (0, 1390)
    queue(redis, "fetch", 14)
    assert pressure.room(9) == 0


def test_when_memory_is_full_of_what_waits_a_few_come_in_once_nobody_is_busy(
    redis: "Redis", pressure: Pressure
) -> None:
    fill(redis, 0.8)
    assert (pressure.room(5), pressure.room(9)) == (TRICKLE, 1400)
    queue(redis, "store", 1)
    assert (pressure.room(5), pressure.room(9)) == (0, 1400)


def test_when_memory_is_all_but_gone_there_are_never_more_than_a_few(redis: "Redis", pressure: Pressure) -> None:
    Later(redis).hold(FetchRequested(url=f"https://news.example/{number}") for number in range(TRICKLE - 1))
    fill(redis, 0.95)
    assert (pressure.room(0), pressure.room(9)) == (1, 1)
    Later(redis).hold([FetchRequested(url="https://news.example/more")])
    assert pressure.room(9) == 0


def test_a_door_refuses_while_it_can_still_say_why(redis: "Redis", pressure: Pressure) -> None:
    fill(redis, 0.85)
    assert pressure.refusal() is None
    fill(redis, 0.95)
    assert pressure.refusal() == "Redis is nearly full: 38 MB used of 40 MB"


def test_a_pause_is_told_and_taken_back(redis: "Redis", gate: Gate) -> None:
    gate.look()
    assert (gate.reason, paused(redis)) == (None, {})
    queue(redis, "store", 4)
    gate.look()
    assert paused(redis) == {"fetch": ["queue store: 4 messages of 4"]}
    queue(redis, "store", 0)
    gate.look()
    assert (gate.reason, paused(redis)) == (None, {})


def test_a_worker_that_died_while_it_paused_is_forgotten(redis: "Redis") -> None:
    redis.hset(PAUSED, "fetch there-7", '[1000000000, "queue store: 9 messages of 4"]')
    assert paused(redis) == {}
    assert not redis.hlen(PAUSED)


def test_a_gate_knows_for_how_long_redis_has_answered(redis: "Redis", gate: Gate) -> None:
    assert gate.answering() == 0
    gate.look()
    assert gate.answering() > 0
    nowhere = Redis(port=1, retry=Retry(NoBackoff(), 0))
    away = Gate(nowhere, "fetch", Pressure(nowhere, LIMITS), Brake(redis), "here-2")
    away.reason = "as before"
    away.look()
    assert (away.answering(), away.reason) == (0, "as before")
