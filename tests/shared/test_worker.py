"""A worker when Redis is away: what it raises, when it is unhealthy, and when it leaves."""

import pytest
from redis import Redis

from shared.contracts import FetchRequested
from shared.errors import Unavailable
from shared.later import Later
from shared.settings import Settings
from shared.worker import make_app, make_courier


def test_a_queue_that_is_away_is_told_by_our_own_name(redis: "Redis") -> None:
    app = make_app(Settings(redis_url="redis://127.0.0.1:1/0"))
    courier = make_courier(app, Later(redis))
    message = FetchRequested(url="https://news.example/")
    with pytest.raises(Unavailable, match="queue fetch"):
        courier([message])
    assert Later(redis).counts()["custody"] == 1, "from where it is issued again"
