"""What the broker has lost is found, and what only waits is left alone: with real Celery messages in a real Redis."""

import base64
import json
from collections.abc import Iterable, Sequence

import pytest
from celery import Celery
from redis import Redis

from services.scheduler.recovery import Recovery, unacknowledged
from shared.contracts import FetchRequested, Message
from shared.dead import DeadLetters
from shared.later import Later
from shared.settings import Settings
from shared.stage import Sender
from shared.worker.app import make_app
from shared.worker.queued import oldest_by_priority
from shared.worker.sender import make_sender

NOW = 1_000_000.0


class Clock:
    """The same hand for everybody who asks the time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = NOW
        for module in ("shared.later", "services.scheduler.recovery"):
            monkeypatch.setattr(f"{module}.now", lambda: self.now)
        monkeypatch.setattr("shared.clock.now", lambda: self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def app(redis: "Redis", redis_url: str) -> Celery:
    return make_app(Settings(redis_url=redis_url))


@pytest.fixture
def send(app: Celery, redis: "Redis") -> Sender:
    return make_sender(Later(redis))


class Reissued(list[Message]):
    def __call__(self, messages: Iterable[Message], *, at_once: bool = False) -> None:
        self.extend(messages)


@pytest.fixture
def reissued() -> Reissued:
    return Reissued()


@pytest.fixture
def recovery(redis: "Redis", reissued: Reissued, clock: Clock) -> Recovery:
    return Recovery(redis, Later(redis), DeadLetters(redis), reissued, custody_seconds=45)


def request(number: int, priority: int = 5) -> FetchRequested:
    return FetchRequested(trace_id=f"t{number}", url=f"https://a.example/{number}", priority=priority)


def traces(reissued: Reissued) -> list[str]:
    return [message.trace_id for message in reissued]


def test_what_waits_in_a_queue_is_not_lost_however_long(
    clock: Clock, send: Sender, recovery: Recovery, reissued: Reissued
) -> None:
    send([request(1)])
    clock.now += 3600
    assert recovery.tick() == 0
    assert reissued == []


def test_what_waits_in_a_queue_is_not_lost_though_it_was_long_on_its_way_there(
    clock: Clock, app: Celery, redis: "Redis", recovery: Recovery, reissued: Reissued
) -> None:
    class Slow(Later):
        """A machine that has little time between writing a message and sending it."""

        def hold(self, messages: Iterable[Message], puts: Sequence[tuple[str, bytes]] = ()) -> None:
            clock.now += 5
            super().hold(messages, puts)

    make_sender(Slow(redis))([request(1)])
    clock.now += 60
    assert recovery.tick() == 0
    assert reissued == []


def test_what_was_popped_and_not_recorded_is_issued_again(
    clock: Clock, redis: "Redis", send: Sender, recovery: Recovery, reissued: Reissued
) -> None:
    send([request(1)])
    redis.rpop("fetch\x06\x164")
    assert redis.llen("fetch\x06\x164") == 0
    clock.now += 30
    assert recovery.tick() == 0, "it may be with somebody who is about to record it"
    clock.now += 30
    assert recovery.tick() == 1
    assert traces(reissued) == ["t1"]


def test_a_backlog_of_other_priorities_does_not_hide_what_is_lost(
    clock: Clock, redis: "Redis", send: Sender, recovery: Recovery, reissued: Reissued
) -> None:
    send([request(1, priority=0)])
    clock.now += 10
    send([request(2, priority=7)])
    redis.rpop("fetch\x06\x162")
    clock.now += 60
    recovery.tick()
    assert traces(reissued) == ["t2"]


def test_what_a_worker_has_taken_is_not_lost(
    clock: Clock, app: Celery, redis: "Redis", send: Sender, recovery: Recovery, reissued: Reissued
) -> None:
    send([request(1), request(2)])
    with app.connection_for_read() as connection:
        message = connection.default_channel.basic_get("fetch")
        assert message is not None
        assert unacknowledged(redis) == {"t1", "t2"}
        clock.now += 60
        assert recovery.tick() == 0
        message.ack()
        clock.now += 60
        assert recovery.tick() == 2
    assert sorted(traces(reissued)) == ["t1", "t2"]


def test_what_has_ended_is_not_issued_again(clock: Clock, redis: "Redis", send: Sender, recovery: Recovery) -> None:
    send([request(1)])
    redis.rpop("fetch\x06\x164")
    Later(redis).release(["t1"])
    clock.now += 600
    assert recovery.tick() == 0


@pytest.mark.parametrize(
    "raw", [b"{", b"[]", b"7", b"null", b"[[]]", b"[" * 100_000, b'[{"body": 7}]',
     b'[{"body": "[[]]", "properties": []}]', b'{"headers": {"enqueued_at": 1' + b"0" * 400 + b"}}"]
)  # fmt: skip
def test_what_is_no_message_among_the_queued_and_unacknowledged_stops_no_sweep(redis: "Redis", raw: bytes) -> None:
    redis.hset("unacked", "tag", raw)
    redis.lpush("fetch", raw)
    assert unacknowledged(redis) == set()
    assert oldest_by_priority(redis, ("fetch",)) == {9: 0.0}


@pytest.mark.parametrize("encoding", [None, "base64"])
def test_a_taken_message_is_known_by_its_traces_however_its_body_is_encoded(
    redis: "Redis", encoding: str | None
) -> None:
    plain = json.dumps([[[{"trace_id": "t1"}]], {}, {}])
    body = base64.b64encode(plain.encode()).decode() if encoding else plain
    redis.hset(
        "unacked", "tag", json.dumps([{"body": body, "properties": {"body_encoding": encoding}}, "fetch", "fetch"])
    )
    assert unacknowledged(redis) == {"t1"}


def test_a_body_is_sent_as_the_text_that_it_is(redis: "Redis", send: Sender) -> None:
    send([request(1)])
    [raw] = redis.lrange("fetch\x06\x164", 0, -1)
    assert json.loads(json.loads(raw)["body"])[0][0][0]["trace_id"] == "t1"
