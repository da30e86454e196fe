"""A Redis key of another type is set aside by name, and what it stood in the way of goes on."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import ResponseError

from shared.brake import Brake
from shared.contracts import FetchRequested
from shared.dead import DeadLetters, letter
from shared.later import Later
from shared.queues import TRIGGERS
from shared.settings import Settings
from shared.worker.client import Client
from shared.worker.connection import connect
from shared.worker.gate import Gate
from shared.worker.key_types import COUNTER, FAMILIES, KEY_TYPES, set_foreign_keys_aside
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
    gate = Gate(redis, "fetch", Pressure(redis, Settings()), Brake(redis), "here-1")
    gate.look()
    assert gate.answering() > 0


ROOT = Path(__file__).parents[3]
# What reads or counts a key of each type.
COMMANDS = {
    "string": ("GETDEL",), COUNTER: ("INCR",), "hash": ("HGETALL",), "zset": ("ZCARD",),
}  # fmt: skip
# Channels of Pub/Sub have no type.
CHANNELS = {"newsmill:stored"}


@pytest.fixture
def client(redis_url: str, redis: "Redis") -> Iterator[Client]:
    with connect(Settings(redis_url=redis_url)) as client:
        yield client


def foreign(redis: "Redis", key: str, expected: str) -> None:
    if expected == COUNTER:
        redis.set(key, "foreign")
    else:
        redis.xadd(key, {"foreign": "1"})


@pytest.mark.parametrize("family", FAMILIES)
def test_a_key_with_a_parameter_is_set_aside_by_the_command_that_meets_it(client: Client, family: str) -> None:
    key, expected = f"{family}news.example", FAMILIES[family]
    foreign(client, key, expected)
    assert client.execute_command(*COMMANDS[expected], key) in (None, {}, 0, 1)
    [name] = client.keys(f"{family}*:foreign:*")
    assert name.decode().startswith(f"{key}:foreign:")


@pytest.mark.parametrize("family", FAMILIES)
def test_a_pipeline_fails_once_and_meets_no_such_key_again(client: Client, family: str) -> None:
    key, expected = f"{family}news.example", FAMILIES[family]
    foreign(client, key, expected)
    with client.pipeline() as pipe, pytest.raises(ResponseError):
        pipe.execute_command(*COMMANDS[expected], key).execute()
    with client.pipeline() as pipe:
        pipe.execute_command(*COMMANDS[expected], key).execute()


def test_what_is_not_ours_is_left_alone(client: Client) -> None:
    client.set("theirs", "text")
    with pytest.raises(ResponseError):
        client.lpush("theirs", "a")
    assert client.get("theirs") == b"text"


def test_every_key_in_the_code_has_a_type() -> None:
    files = [
        file
        for folder in ("shared", "services", "newsmill")
        for file in (ROOT / folder).rglob("*")
        if file.suffix in {".py", ".lua"}
    ]
    keys = {key for file in files for key in re.findall(r"['\"](newsmill:[a-z:-]+)(?=['\"{])", file.read_text())}
    known = (*KEY_TYPES, *FAMILIES)
    assert len(keys) > 30
    assert {key for key in keys - CHANNELS if key not in known} == set()


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
