"""What sends, while Redis is away."""

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from shared.contracts import FetchRequested
from shared.later import Later
from shared.worker.sender import make_sender


def test_a_broker_that_is_away_is_told_and_custody_holds(redis: "Redis") -> None:
    send = make_sender(Redis(port=1), Later(redis))
    message = FetchRequested(url="https://news.example/")
    with pytest.raises(RedisConnectionError):
        send([message])
    assert Later(redis).counts()["custody"] == 1, "from where it is issued again"
