"""A Redis key of another type is set aside by name, and what it stood in the way of goes on."""

import pytest
from redis import Redis

from shared.contracts import FetchRequested
from shared.dead import DeadLetters, letter
from shared.later import Later
from shared.queues import TRIGGERS
from shared.settings import Settings
from shared.worker.gate import Gate
from shared.worker.key_types import KEY_TYPES, set_foreign_keys_aside
from shared.worker.pressure import Pressure
from tests.shared.worker.conftest import Worker, eventually
from tests.shared.worker.test_screening import GOOD_URL, envelope, packed


@pytest.mark.parametrize("key", KEY_TYPES)
def test_a_key_of_another_type_is_renamed_and_kept(redis: "Redis", key: str) -> None:
    if KEY_TYPES[key] == "string":
        redis.rpush(key, "foreign")
    else:
        redis.set(key, "foreign")
    [name] = set_foreign_keys_aside(redis)
    assert name.startswith(f"{key}:foreign:")
    assert redis.exists(name)
    assert not redis.exists(key)


def test_our_own_keys_stay_as_they_are(redis: "Redis") -> None:
    later, dead = Later(redis), DeadLetters(redis)
    request = FetchRequested(url=GOOD_URL)
    later.hold([request])
    later.park(request, 60)
    later.wait_turn(request, "news.example", 60)
    dead.set_aside(letter("parse", "crashed", "", {}))
    redis.lpush("fetch", "{}")
    redis.xadd(TRIGGERS, {"url": GOOD_URL})
    keys = set(redis.keys())
    assert set_foreign_keys_aside(redis) == []
    assert set(redis.keys()) == keys


def test_a_gate_that_meets_a_foreign_key_looks_all_the_same(redis: "Redis") -> None:
    redis.set("fetch", "foreign")
    gate = Gate(redis, "fetch", Pressure(redis, Settings()), DeadLetters(redis), "here-1")
    gate.look()
    assert gate.answering() > 0


@pytest.mark.process
def test_a_worker_whose_queue_becomes_a_text_goes_on_with_a_new_one(redis: "Redis", worker: Worker) -> None:
    eventually(lambda: "ready." in worker.log.read_text(), worker.log)
    keys = ("fetch", "unacked", "unacked_index", "_kombu.binding.fetch")
    for key in keys:
        redis.delete(key)
        redis.set(key, "foreign")
    # A message that is taken while kombu's own keys are still foreign is lost to Redis, and comes again out of custody.
    eventually(lambda: all(redis.keys(f"{key}:foreign:*") for key in keys), worker.log)
    redis.lpush("fetch", packed(envelope()))
    eventually(lambda: redis.lrange("handled", 0, -1) == [GOOD_URL.encode()], worker.log)
    assert worker.process.poll() is None
