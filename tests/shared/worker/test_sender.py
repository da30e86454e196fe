"""What sends: custody and queue in one step, or neither."""

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from shared.contracts import FetchRequested
from shared.later import Later
from shared.queues import FETCH, queue_keys
from shared.worker.pressure import idle
from shared.worker.sender import make_sender

MESSAGE = FetchRequested(url="https://news.example/")


def test_a_broker_that_is_away_is_told() -> None:
    with pytest.raises(RedisConnectionError):
        make_sender(Later(Redis(port=1)))([MESSAGE])


def test_a_server_that_has_forgotten_the_script_gets_it_again(redis: "Redis") -> None:
    send = make_sender(Later(redis))
    send([MESSAGE])
    redis.script_flush()
    send([MESSAGE])
    assert redis.llen(queue_keys(FETCH.queue)[4]) == 2


def test_what_is_sent_is_in_custody_and_on_its_queue_or_in_neither_when_redis_is_full(redis: "Redis") -> None:
    send = make_sender(Later(redis))
    redis.config_set("maxmemory", 1)
    try:
        with pytest.raises(RedisError):
            send([MESSAGE])
        assert Later(redis).counts()["custody"] == 0
        assert idle(redis, FETCH.queue)
    finally:
        redis.config_set("maxmemory", 0)
    send([MESSAGE])
    assert Later(redis).counts()["custody"] == 1
    assert not idle(redis, FETCH.queue)
