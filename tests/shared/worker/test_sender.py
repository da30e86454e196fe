"""What sends, while Redis is away."""

import pytest
from redis import Redis

from shared.contracts import FetchRequested
from shared.errors import Unavailable
from shared.later import Later
from shared.settings import Settings
from shared.worker.app import make_app
from shared.worker.sender import make_sender


def test_a_broker_that_is_away_raises_our_own_error(redis: "Redis") -> None:
    app = make_app(Settings(redis_url="redis://127.0.0.1:1/0"))
    send = make_sender(app, Later(redis))
    message = FetchRequested(url="https://news.example/")
    with pytest.raises(Unavailable, match="queue fetch"):
        send([message])
    assert Later(redis).counts()["custody"] == 1, "from where it is issued again"
