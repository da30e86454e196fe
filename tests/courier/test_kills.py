"""Couriers are killed at any moment between storing and telling: nothing is lost, nothing is told under two ids."""

import json
import random
import subprocess
import sys
import time
from collections import Counter
from threading import Event as Flag
from threading import Thread

import pytest
from standardwebhooks import Webhook

from shared.settings import environment
from tests.courier.conftest import Receiver
from tests.courier.news import SECRET, add_watch, deliveries, matched, store

pytestmark = pytest.mark.process

STORED, WITHIN_SECONDS = 60, 120


def courier(database_url: str, redis_url: str) -> "subprocess.Popen[bytes]":
    variables = {
        "NEWSMILL_DATABASE_URL": database_url, "NEWSMILL_REDIS_URL": redis_url, "NEWSMILL_METRICS_PORT": "0",
        "NEWSMILL_COURIER_ALLOW_NETWORKS": "127.0.0.0/8", "NEWSMILL_EVENTS_BATCH": "3", "NEWSMILL_WATCH_TIMEOUT_SECONDS": "1",
        "NEWSMILL_LOG_LEVEL": "WARNING",
    }  # fmt: skip
    return subprocess.Popen([sys.executable, "-m", "services.courier.worker"], env=environment() | variables)


def test_what_is_stored_is_told_once_though_couriers_are_killed(
    engine, database_url, redis_url, redis, receiver, record_property
):
    chance = random.Random(7)
    watch = add_watch(engine, "ferry", {"url": receiver.url})
    enrolled(engine, database_url, redis_url)
    stored = Flag()

    def write() -> None:
        for number in range(STORED):
            store(engine, f"Ferry {number}")
            if number % 6 == 0:
                receiver.behaviours.append(chance.choice([500, "close", 503]))
            time.sleep(0.05)
        stored.set()

    writer = Thread(target=write)
    writer.start()
    kills = 0
    while not stored.is_set():
        process = courier(database_url, redis_url)
        time.sleep(chance.uniform(1.0, 4.0))
        process.kill()
        process.wait()
        redis.delete("newsmill:courier:watches")
        kills += 1
    writer.join()
    receiver.behaviours.clear()
    finish(engine, database_url, redis_url)
    record_property("comparison", compare(engine, watch, receiver, kills))


def enrolled(engine, database_url: str, redis_url: str) -> None:
    """Lets a courier begin, behind whose position everything is stored."""
    process = courier(database_url, redis_url)
    probe = add_watch(engine, "probe")
    deadline = time.monotonic() + WITHIN_SECONDS
    while not matched(engine, probe):
        assert time.monotonic() < deadline
        store(engine, "A probe")
        time.sleep(0.2)
    process.kill()
    process.wait()


def finish(engine, database_url: str, redis_url: str) -> None:
    process = courier(database_url, redis_url)
    deadline = time.monotonic() + WITHIN_SECONDS
    try:
        while [row.state for row in deliveries(engine)] != ["delivered"] * STORED:
            assert time.monotonic() < deadline, Counter(row.state for row in deliveries(engine))
            time.sleep(0.2)
    finally:
        process.terminate()
        process.wait(30)


def compare(engine, watch: int, receiver: Receiver, kills: int) -> dict[str, int]:
    """What was stored, what was matched and what the receiver got, compared."""
    titles = [f"Ferry {number}" for number in range(STORED)]
    assert [title for _, title in matched(engine, watch)] == titles
    ids: dict[str, set[str]] = {}
    for request in receiver.requests:
        Webhook(SECRET).verify(request.body, request.headers)
        ids.setdefault(json.loads(request.body)["data"]["title"], set()).add(request.headers["webhook-id"])
    assert sorted(ids, key=titles.index) == titles
    assert {len(each) for each in ids.values()} == {1}, "a message has one id, however often it is sent"
    return {"kills": kills, "stored": STORED, "told": len(ids), "requests": len(receiver.requests)}
