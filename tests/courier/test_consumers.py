"""Consumers take every event at least once, whatever dies, and what they write exactly once."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from threading import Event as Flag

import pytest
from redis import Redis
from sqlalchemy import Engine
from sqlmodel import Session

from services.courier.consumers import CLAIM_SECONDS, Consumer, LagCollector, Round
from services.courier.loop import Loop
from services.courier.settings import CourierSettings
from services.courier.sinks.choice import ways_out
from services.courier.sinks.redis_stream import RedisStream
from shared.database import event_log
from shared.database.engine import make_engine, transaction
from shared.database.event_log import LoggedEvent
from shared.database.models import Health, StoredEvent
from shared.errors import Unavailable
from shared.queues import EVENTS, STORED
from shared.worker.bell import Bell, ring_when_stored

WITHIN_SECONDS = 30


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


def store(engine: Engine, *subjects: str) -> None:
    with transaction(engine) as session:
        session.add_all(StoredEvent(event_id=name, type="page.dropped", subject=name) for name in subjects)


def rounds(engine: Engine, redis: "Redis", consumer: Consumer, holder: str = "here", batch: int = 2) -> Round:
    return Round(engine, redis, consumer, batch=batch, holder=holder)


def drain(taker: Round) -> None:
    while taker.step():
        pass


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + WITHIN_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_the_stream_gets_every_event_once_in_order_as_a_cloud_event(engine: Engine, redis: "Redis") -> None:
    store(engine, "a", "b", "c")
    [consumer] = ways_out(CourierSettings(), engine, redis)
    drain(rounds(engine, redis, consumer))
    store(engine, "d")
    drain(rounds(engine, redis, consumer))
    events = [json.loads(fields[b"event"]) for _, fields in redis.xrange(EVENTS)]
    assert [event["subject"] for event in events] == ["a", "b", "c", "d"]
    assert [event["id"] for event in events] == ["a", "b", "c", "d"]
    assert {event["specversion"] for event in events} == {"1.0"}


def test_a_courier_that_dies_after_sending_sends_the_batch_again_and_writes_it_once(
    engine: Engine, redis: "Redis"
) -> None:
    sent: list[str] = []
    dies = [True]

    def send(events: Sequence[LoggedEvent]) -> None:
        sent.extend(event.subject for event in events)

    def write(session: Session, events: Sequence[LoggedEvent]) -> None:
        session.add_all(Health(subject=event.subject) for event in events)
        session.flush()
        if dies and dies.pop():
            raise Unavailable("killed before the commit")

    store(engine, "a", "b", "c")
    taker = rounds(engine, redis, Consumer("c", send, write, from_start=True))
    with pytest.raises(Unavailable):
        taker.step()
    drain(rounds(engine, redis, Consumer("c", send, write, from_start=True)))
    assert sent == ["a", "b", "a", "b", "c"]
    with Session(engine) as session:
        assert all(session.get(Health, name) for name in "abc")


def test_a_new_consumer_begins_with_what_comes(engine: Engine, redis: "Redis") -> None:
    sent: list[str] = []
    store(engine, "old")
    taker = rounds(engine, redis, Consumer("c", lambda events: sent.extend(event.subject for event in events)))
    drain(taker)
    store(engine, "new")
    drain(taker)
    assert sent == ["new"]


def test_one_courier_at_a_time_has_a_consumer_and_its_successor_goes_on(engine: Engine, redis: "Redis") -> None:
    sent: list[str] = []
    consumer = Consumer("c", lambda events: sent.extend(event.subject for event in events), from_start=True)
    first, second = (rounds(engine, redis, consumer, holder) for holder in ("first", "second"))
    store(engine, "a")
    first.step()
    store(engine, "b")
    second.step()
    assert 0 < redis.ttl("newsmill:courier:c") <= CLAIM_SECONDS
    redis.delete("newsmill:courier:c")
    second.step()
    first.step()
    assert sent == ["a", "b"]


def test_a_claim_that_somebody_else_has_written_is_set_aside(engine: Engine, redis: "Redis") -> None:
    sent: list[str] = []
    redis.rpush("newsmill:courier:c", "foreign")
    store(engine, "a")
    consumer = Consumer("c", lambda events: sent.extend(event.subject for event in events), from_start=True)
    rounds(engine, redis, consumer).step()
    assert sent == ["a"]
    assert [redis.type(key) for key in redis.keys("newsmill:courier:c:foreign:*")] == [b"list"]


def test_what_a_faster_courier_has_written_is_not_written_again(engine: Engine, redis: "Redis") -> None:
    written: list[str] = []
    store(engine, "a")

    def overtaken(events: Sequence[LoggedEvent]) -> None:
        with transaction(engine) as session:
            assert event_log.advance(session, "c", 0, events[-1].position)

    consumer = Consumer("c", overtaken, lambda _, events: written.append("again"), from_start=True)
    rounds(engine, redis, consumer).step()
    assert written == []


def test_while_redis_is_full_events_stay_in_the_log_and_reach_the_stream_afterwards(
    engine: Engine, redis: "Redis"
) -> None:
    store(engine, "a")
    bell = Bell()
    taker = rounds(engine, redis, Consumer("redis-stream", RedisStream(redis, 1000).send, from_start=True))
    # The claim is made while there is room.
    taker._claim()
    redis.config_set("maxmemory", 1)
    loop = Loop("redis-stream", taker.step, bell, 0.05)
    loop.start()
    try:
        wait_for(lambda: loop._failures > 1)
        assert redis.xlen(EVENTS) == 0
        assert loop.runs()
    finally:
        redis.config_set("maxmemory", 0)
    wait_for(lambda: redis.xlen(EVENTS) == 1)
    loop.stop()
    loop.join(WITHIN_SECONDS)
    assert not loop.runs()


def test_the_bell_wakes_a_loop_long_before_its_next_look(engine: Engine, redis: "Redis", redis_url: str) -> None:
    bell, stopped = Bell(), Flag()
    steps: list[float] = []
    loop = Loop("c", lambda: bool(steps.append(time.monotonic())), bell, 1000.0)
    ringer = ring_when_stored(bell, redis, stopped)
    wait_for(lambda: redis.pubsub_numsub(STORED)[0][1] == 1)
    wait_for(lambda: bell.rings)
    loop.start()
    wait_for(lambda: steps)
    redis.publish(STORED, b"")
    wait_for(lambda: len(steps) > 1)
    stopped.set()
    loop.stop()
    for thread in (loop, ringer):
        thread.join(WITHIN_SECONDS)


def test_the_lag_is_the_age_of_the_oldest_event_that_is_not_taken(engine: Engine, redis: "Redis") -> None:
    taker = rounds(engine, redis, Consumer("c", from_start=True))
    taker.step()
    collector = LagCollector(engine, ["c"])
    assert [sample.value for metric in collector.collect() for sample in metric.samples] == [0.0]
    store(engine, "a")
    [seconds] = [sample.value for metric in collector.collect() for sample in metric.samples]
    assert 0 < seconds < WITHIN_SECONDS
    drain(taker)
    assert [sample.value for metric in collector.collect() for sample in metric.samples] == [0.0]
