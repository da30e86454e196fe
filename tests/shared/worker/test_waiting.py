"""Messages that a stage takes along: in kombu's own way, so that nothing is lost when its worker dies."""

from collections.abc import Iterable

import pytest
from kombu import Connection
from redis import Redis

from shared.contracts import FetchRequested
from shared.later import Later
from shared.queues import FETCH, PARSE, celery_priority, queue_keys
from shared.settings import Settings
from shared.worker.app import make_app
from shared.worker.connection import connect
from shared.worker.sender import make_sender
from shared.worker.waiting import BUSY_SECONDS, MOST_MESSAGES, UNACKED, UNACKED_INDEX, Waiting


@pytest.fixture
def waiting(redis: "Redis") -> Waiting:
    return Waiting(redis, FETCH, before=PARSE)


def send(redis_url: str, *names: str, priority: int = 5) -> None:
    """Sends URLs as the pipeline does, each in a message of its own."""
    settings = Settings(redis_url=redis_url)
    redis = connect(settings)
    sender = make_sender(Later(redis))
    for name in names:
        sender([FetchRequested(url=f"https://a.example/{name}", priority=priority)])


def names(lists: Iterable[list[dict[str, str]]]) -> list[str]:
    return [item["url"].rpartition("/")[2] for items in lists for item in items]


def queued(redis: "Redis") -> int:
    return sum(redis.llen(key) for key in queue_keys(FETCH.queue))


def test_the_most_urgent_is_taken_first_and_is_gone_once_it_is_done(
    redis: "Redis", redis_url: str, waiting: Waiting
) -> None:
    send(redis_url, "first", "second")
    send(redis_url, "urgent", priority=9)
    taken = waiting.take()
    assert names(message.items for message in taken) == ["urgent", "first", "second"]
    assert len({message.id for message in taken}) == 3
    assert (queued(redis), redis.hlen(UNACKED), redis.zcard(UNACKED_INDEX)) == (0, 3, 3)
    waiting.done(taken)
    assert (queued(redis), redis.hlen(UNACKED), redis.zcard(UNACKED_INDEX)) == (0, 0, 0)
    assert waiting.take() == []


def test_a_batch_is_bounded(redis: "Redis", redis_url: str, waiting: Waiting, monkeypatch: pytest.MonkeyPatch) -> None:
    send(redis_url, *map(str, range(MOST_MESSAGES + 3)))
    assert len(waiting.take()) == MOST_MESSAGES
    monkeypatch.setattr("shared.worker.waiting.MOST_BYTES", 1)
    assert len(waiting.take()) == 1
    assert queued(redis) == 2


def test_batches_keep_apart_only_while_the_stage_before_has_work_waiting(
    redis: "Redis", waiting: Waiting, monkeypatch: pytest.MonkeyPatch
) -> None:
    rests: list[float] = []
    monkeypatch.setattr("shared.worker.waiting.time.sleep", rests.append)
    waiting.take()
    waiting.take()
    assert rests == []
    redis.lpush(PARSE.queue, "a page")
    waiting.take()
    assert len(rests) == 1
    assert 0 < rests[0] <= BUSY_SECONDS


def test_what_was_given_back_comes_again_in_its_order(redis: "Redis", redis_url: str, waiting: Waiting) -> None:
    send(redis_url, "first", "second")
    send(redis_url, "third", priority=4)
    waiting.give_back(waiting.take())
    assert redis.hlen(UNACKED) == redis.zcard(UNACKED_INDEX) == 0
    assert names(message.items for message in waiting.take()) == ["first", "second", "third"]


def test_kombu_restores_what_a_dead_worker_had_taken(redis: "Redis", redis_url: str, waiting: Waiting) -> None:
    send(redis_url, "first", "second", priority=7)
    waiting.take()
    app = make_app(Settings(redis_url=redis_url))
    connection: Connection = app.connection_for_read()
    channel = connection.default_channel
    app.amqp.queues[FETCH.queue].bind(channel).declare()
    for tag in redis.zrange(UNACKED_INDEX, 0, -1):
        channel.qos.restore_by_tag(tag)
    assert redis.hlen(UNACKED) == redis.zcard(UNACKED_INDEX) == 0
    assert sorted(names(message.items for message in waiting.take())) == ["first", "second"]


@pytest.mark.parametrize(
    "text",
    [b"no JSON", b"{}", b"[]", b'{"body": "[[[]], {}, {}]", "headers": {"task": "newsmill.fetch", "id": "1"}}'],
    ids=["no-json", "no-envelope", "no-object", "no-properties"],
)
def test_what_is_no_message_stays_for_the_consumer_that_sets_it_aside(
    redis: "Redis", redis_url: str, waiting: Waiting, text: bytes
) -> None:
    send(redis_url, "first")
    key = queue_keys(FETCH.queue)[celery_priority(5)]
    redis.lpush(key, text)
    send(redis_url, "second")
    assert names(message.items for message in waiting.take()) == ["first"]
    assert redis.rpop(key) == text
    assert names(message.items for message in waiting.take()) == ["second"]


def test_a_queue_that_is_no_list_is_left_alone(redis: "Redis", waiting: Waiting) -> None:
    redis.set(FETCH.queue, "a text")
    assert waiting.take() == []
