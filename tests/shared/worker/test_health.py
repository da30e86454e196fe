"""When a worker is unhealthy, and when it leaves."""

import os
import time

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from shared.brake import Brake
from shared.settings import Settings
from shared.worker.gate import Gate
from shared.worker.health import Heartbeat
from shared.worker.pressure import Pressure


class Left(Exception):
    """The process would have ended."""


@pytest.fixture(autouse=True)
def leave(monkeypatch: pytest.MonkeyPatch) -> None:
    def end(code: int) -> None:
        raise Left(code)

    monkeypatch.setattr(os, "_exit", end)


@pytest.fixture
def gate(redis: "Redis") -> Gate:
    gate = Gate(redis, "fetch", Pressure(redis, Settings()), Brake(redis), "here-1")
    gate.look()
    return gate


def after(monkeypatch: pytest.MonkeyPatch, limit: str, seconds: float) -> None:
    monkeypatch.setattr(f"shared.worker.health.{limit}_SECONDS", seconds)
    time.sleep(0.02)


@pytest.mark.parametrize(
    ("threads_alive", "limit", "unrelated"), [(False, "THREAD_LOST", "LEAVE"), (True, "LEAVE", "THREAD_LOST")]
)
def test_a_worker_leaves_whose_threads_have_ended_or_that_no_longer_consumes(
    gate: Gate, monkeypatch: pytest.MonkeyPatch, threads_alive: bool, limit: str, unrelated: str
) -> None:
    heartbeat = Heartbeat(gate)
    after(monkeypatch, unrelated, 0)
    heartbeat.leave_if_stuck(lambda: threads_alive)
    after(monkeypatch, limit, 0.01)
    with pytest.raises(Left):
        heartbeat.leave_if_stuck(lambda: threads_alive)


def test_a_worker_does_not_leave_because_redis_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = Redis(port=1, retry=Retry(NoBackoff(), 0))
    gate = Gate(nowhere, "fetch", Pressure(nowhere, Settings()), Brake(nowhere), "here-1")
    gate.look()
    heartbeat = Heartbeat(gate)
    after(monkeypatch, "LEAVE", 0.01)
    heartbeat.leave_if_stuck(lambda: True)
    heartbeat.leave_if_stuck(lambda: False)
