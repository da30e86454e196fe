"""What keeps a consumer honest. Each `test_upstream_…` fails once upstream has mended what we work round."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from billiard.einfo import ExceptionInfo
from celery import bootsteps
from celery.worker import state
from celery.worker.loops import synloop
from celery.worker.request import Request
from kombu import Connection
from kombu.transport import redis as kombu_redis
from redis import Redis

from newsmill.local.redis_server import RedisServer
from shared.settings import Settings
from shared.worker import consumer
from shared.worker.app import make_app
from shared.worker.consumer import DRAIN_SECONDS, IDLE_DRAIN_SECONDS, Credit, Sweep, prompt, use_redis_clock

QUEUE = "fetch"


class OpenGate:
    """A gate that does not pause unless told so."""

    reason: str | None = None


@pytest.fixture
def clock_of_kombu() -> Iterator[None]:
    original = kombu_redis.time
    yield
    kombu_redis.time = original


def receive(url: str) -> tuple[Any, Any]:
    """A channel that may hold one message, and the message that it holds."""
    connection = Connection(url.replace("unix://", "redis+socket://"))
    channel = connection.channel()
    # Its Redis may be gone at exit.
    channel.qos.restore_at_shutdown = False
    channel.basic_qos(0, 1, False)
    queue = connection.SimpleQueue(QUEUE, channel=channel)
    queue.put({"n": 1})
    return channel, queue.get(timeout=5)


def test_upstream_kombu_stamps_messages_by_the_clock_of_its_own_machine(
    redis_url: str, redis: "Redis", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kombu_redis, "time", lambda: 12345.0)
    receive(redis_url)
    assert [score for _, score in redis.zrange("unacked_index", 0, -1, withscores=True)] == [12345.0]


@pytest.mark.usefixtures("clock_of_kombu")
def test_messages_are_stamped_by_the_clock_of_redis(
    redis_url: str, redis: "Redis", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.clock.now", lambda: 777.0)
    use_redis_clock()
    receive(redis_url)
    assert [score for _, score in redis.zrange("unacked_index", 0, -1, withscores=True)] == [777.0]


def lose_acknowledgement(folder: Path) -> Any:
    """A channel whose only message could not be acknowledged, because Redis was away at that moment."""
    with RedisServer(folder, appendonly=True) as server:
        channel, message = receive(server.url)
    message.ack_log_error(SimpleNamespace(critical=lambda *_, **__: None), (Exception,))
    return channel


def test_upstream_a_message_whose_acknowledgement_was_lost_counts_as_held_for_ever(tmp_path: Path) -> None:
    channel = lose_acknowledgement(tmp_path)
    assert not channel.qos.can_consume()


def test_the_credit_of_a_lost_acknowledgement_is_given_back_once_nothing_is_worked_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = lose_acknowledgement(tmp_path)
    credit = Credit(channel, OpenGate())  # type: ignore[arg-type]
    assert not credit(), "not at once: an acknowledgement may be on its way"
    monkeypatch.setattr(consumer, "LEAK_SECONDS", 0.0)
    monkeypatch.setattr(state, "reserved_requests", {"a request"})
    assert not credit(), "a message is being worked on"
    monkeypatch.setattr(state, "reserved_requests", set())
    time.sleep(0.01)
    assert credit()
    assert channel.qos.can_consume()


def test_a_closed_gate_takes_nothing_but_the_answer_to_a_pop_that_was_sent(redis_url: str) -> None:
    channel, message = receive(redis_url)
    message.ack()
    gate = OpenGate()
    credit = Credit(channel, gate)  # type: ignore[arg-type]
    assert credit()
    gate.reason = "queue store is full"
    assert not credit()
    channel._in_poll = True
    assert credit()
    channel._in_poll = False


def test_abandoned_messages_are_looked_for_every_few_seconds_and_not_at_each_call(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls: list[int] = []
    sweep = Sweep(lambda **options: calls.append(options["num"]))
    for number in range(3):
        sweep(num=number)
    assert calls == [0]
    monkeypatch.setattr(consumer, "SWEEP_SECONDS", 0.0)
    sweep = Sweep(lambda **options: calls.append(options["num"]))
    sweep(num=3)
    sweep(num=4)
    assert calls == [0, 3, 4]


class Ended(Exception):
    """Ends a loop after its first step."""


def first_timeout(loop: Callable[..., None]) -> float:
    """For how long a consumer's loop waits at its connection."""
    timeouts: list[float] = []

    def drain_events(timeout: float) -> None:
        timeouts.append(timeout)
        raise Ended

    nothing = lambda *_, **__: None  # noqa: E731
    connection = SimpleNamespace(drain_events=drain_events)
    worker = SimpleNamespace(
        create_task_handler=nothing, perform_pending_operations=nothing, on_ready=nothing, connection=connection,
        pool=None, event_dispatcher=None, amqheartbeat=None,
    )  # fmt: skip
    queue = SimpleNamespace(consume=nothing)
    qos, blueprint = SimpleNamespace(prev=1, value=1), SimpleNamespace(state=bootsteps.RUN)
    with pytest.raises(Ended):
        loop(worker, connection, queue, blueprint, None, qos, None, None)
    return timeouts[0]


def test_upstream_the_blocking_loop_waits_two_seconds_though_a_task_has_ended() -> None:
    assert first_timeout(synloop) == 2.0


def test_the_blocking_loop_looks_for_ended_tasks_every_few_milliseconds_and_for_nothing_less_often(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(state, "reserved_requests", {"a request"})
    assert first_timeout(prompt(synloop)) == DRAIN_SECONDS
    monkeypatch.setattr(state, "reserved_requests", set())
    assert first_timeout(prompt(synloop)) == IDLE_DRAIN_SECONDS


def test_another_loop_is_left_as_it_is() -> None:
    def loop() -> None:
        """Celery's loop of a pool that an acknowledgement wakes."""

    assert prompt(loop) is loop


def test_upstream_a_failed_task_loses_its_message_though_it_acknowledges_late(redis_url: str) -> None:
    app = make_app(Settings(redis_url=redis_url))

    def body() -> None:
        """A task."""

    app.task(body, name="newsmill.test", shared=False)
    task = app.tasks["newsmill.test"]
    rejected: list[bool] = []
    message = SimpleNamespace(
        headers={"task": task.name, "id": "1"}, properties={}, delivery_info={}, content_type="application/json",
        content_encoding="utf-8", body=b"[[], {}, {}]", payload=[[], {}, {}],
    )  # fmt: skip
    request = Request(
        message, app=app, task=task, on_reject=lambda _log, _errors, requeue: rejected.append(requeue), hostname="test"
    )
    try:
        raise OSError("database away")
    except OSError:
        request.on_failure(ExceptionInfo())
    assert rejected == [False]
