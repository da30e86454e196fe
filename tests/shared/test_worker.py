"""A worker when Redis is away: what it raises, when it is unhealthy, and when it leaves."""

import os
import time

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from shared.contracts import FetchRequested
from shared.dead import DeadLetters
from shared.errors import Unavailable
from shared.later import Later
from shared.pressure import Gate, Pressure
from shared.settings import Settings
from shared.worker import Heartbeat, leave_if_stuck, make_app, make_courier


def test_a_queue_that_is_away_is_told_by_our_own_name(redis: "Redis") -> None:
    app = make_app(Settings(redis_url="redis://127.0.0.1:1/0"))
    courier = make_courier(app, Later(redis))
    message = FetchRequested(url="https://news.example/")
    with pytest.raises(Unavailable, match="queue fetch"):
        courier([message])
    assert Later(redis).counts()["custody"] == 1, "from where it is issued again"


class Left(Exception):
    """The process would have ended."""


@pytest.fixture(autouse=True)
def leave(monkeypatch: pytest.MonkeyPatch) -> None:
    def end(code: int) -> None:
        raise Left(code)

    monkeypatch.setattr(os, "_exit", end)


@pytest.fixture
def gate(redis: "Redis") -> Gate:
    gate = Gate(redis, "fetch", Pressure(redis, Settings()), DeadLetters(redis), "here-1")
    gate.look()
    return gate


def after(monkeypatch: pytest.MonkeyPatch, what: str, seconds: float) -> None:
    monkeypatch.setattr(f"shared.worker.{what}_SECONDS", seconds)
    time.sleep(0.02)


@pytest.mark.parametrize(("alive", "limit", "other"), [(False, "AILING", "LEAVE"), (True, "LEAVE", "AILING")])
def test_a_worker_leaves_whose_other_threads_have_died_or_that_no_longer_consumes(
    gate: Gate, monkeypatch: pytest.MonkeyPatch, alive: bool, limit: str, other: str
) -> None:
    heartbeat = Heartbeat(gate)
    after(monkeypatch, other, 0)
    leave_if_stuck(gate, heartbeat, lambda: alive)
    after(monkeypatch, limit, 0.01)
    with pytest.raises(Left):
        leave_if_stuck(gate, heartbeat, lambda: alive)


def test_a_worker_does_not_leave_because_redis_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = Redis(port=1, retry=Retry(NoBackoff(), 0))
    gate = Gate(nowhere, "fetch", Pressure(nowhere, Settings()), DeadLetters(nowhere), "here-1")
    gate.look()
    heartbeat = Heartbeat(gate)
    after(monkeypatch, "LEAVE", 0.01)
    leave_if_stuck(gate, heartbeat, lambda: True)
    leave_if_stuck(gate, heartbeat, lambda: False)
