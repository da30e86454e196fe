"""Couriers are killed at any moment between storing and telling: nothing is lost, nothing is told under two ids."""

import json
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event as Flag
from threading import Thread

import pytest
from standardwebhooks import Webhook

from shared.settings import environment
from tests.courier.conftest import Receiver
from tests.courier.news import SECRET, add_watch, deliveries, matched, store

pytestmark = pytest.mark.process

KILLS, WITHIN_SECONDS = 4, 400
# Of so many requests at most one is refused.
FAULTLESS = 5


@contextmanager
def courier(database_url: str, redis_url: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A courier that is killed in the end."""
    variables = {
        "NEWSMILL_DATABASE_URL": database_url, "NEWSMILL_REDIS_URL": redis_url, "NEWSMILL_METRICS_PORT": "0",
        "NEWSMILL_COURIER_ALLOW_NETWORKS": "127.0.0.0/8", "NEWSMILL_EVENTS_BATCH": "3", "NEWSMILL_WATCH_TIMEOUT_SECONDS": "1",
        "NEWSMILL_LOG_LEVEL": "WARNING",
    }  # fmt: skip
    process = subprocess.Popen([sys.executable, "-m", "services.courier.worker"], env=environment() | variables)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_what_is_stored_is_told_once_though_couriers_are_killed(engine, database_url, redis_url, receiver):
    chance = random.Random(7)
    watch = add_watch(engine, "ferry", {"url": receiver.url})
    enrolled(engine, database_url, redis_url)
    titles: list[str] = []
    enough = Flag()

    def write() -> None:
        faultless_until = 0
        while not enough.wait(0.1):
            titles.append(f"Ferry {len(titles)}")
            store(engine, titles[-1])
            # A receiver that fails several times in a row rests for minutes: after each fault it answers a few times.
            if chance.random() < 0.05 and len(receiver.requests) >= faultless_until:
                faultless_until = len(receiver.requests) + FAULTLESS
                receiver.behaviours.append(chance.choice([500, "close", 503]))

    writer = Thread(target=write)
    writer.start()
    try:
        for _ in range(KILLS):
            told = len(receiver.requests)
            with courier(database_url, redis_url):
                until(lambda told=told: len(receiver.requests) > told)
                time.sleep(chance.uniform(0, 0.3))
    finally:
        enough.set()
        writer.join()
    receiver.behaviours.clear()
    finish(engine, database_url, redis_url, len(titles))
    compare(engine, watch, receiver, titles)


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + WITHIN_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def enrolled(engine, database_url: str, redis_url: str) -> None:
    """Lets a courier begin, behind whose position everything is stored."""
    probe = add_watch(engine, "probe")

    def is_found() -> bool:
        store(engine, "A probe")
        return bool(matched(engine, probe))

    with courier(database_url, redis_url):
        until(is_found)


def finish(engine, database_url: str, redis_url: str, number: int) -> None:
    """Lets a last courier tell all."""
    with courier(database_url, redis_url):
        until(lambda: [row.state for row in deliveries(engine)] == ["delivered"] * number)


def compare(engine, watch: int, receiver: Receiver, titles: list[str]) -> None:
    """Compares what was stored with what was matched and what the receiver got."""
    assert [title for _, title in matched(engine, watch)] == titles
    ids: dict[str, set[str]] = {}
    for request in receiver.requests:
        Webhook(SECRET).verify(request.body, request.headers)
        ids.setdefault(json.loads(request.body)["data"]["title"], set()).add(request.headers["webhook-id"])
    assert sorted(ids, key=titles.index) == titles
    assert {len(each) for each in ids.values()} == {1}, "a message has one id, however often it is sent"
    sys.stdout.write(f"{KILLS} kills, {len(titles)} stored, {len(ids)} told, {len(receiver.requests)} requests\n")
