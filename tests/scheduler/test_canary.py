"""The canary is sent once a minute, by one scheduler, while none is on its way."""

import pytest
from redis import Redis

from services.scheduler import canary
from services.scheduler.triggers import Trigger
from shared.contracts import CANARY, LOOK, Message
from shared.later import Later
from shared.stage_metrics import HEARTBEAT

URL = "http://127.0.0.1:8080/canary"


def test_one_is_sent_a_minute_and_none_while_the_last_is_on_its_way(redis: "Redis") -> None:
    sent: list[Message] = []
    assert canary.send(redis, sent.extend, URL)
    assert not canary.send(redis, sent.extend, URL), "this minute's is sent"
    [message] = sent
    assert (message.via, message.trace_id) == (CANARY, CANARY)
    assert HEARTBEAT.labels("schedule")._value.get() > 0
    Later(redis).hold(sent)
    redis.delete(*redis.keys(f"{canary.CLAIM}*"))
    assert not canary.send(redis, sent.extend, URL), "the last has not arrived"
    Later(redis).release([CANARY])
    assert canary.send(redis, sent.extend, URL)


def test_without_its_url_none_is_sent(redis: "Redis") -> None:
    assert not canary.send(redis, lambda _: None, "")


@pytest.mark.parametrize("via", [CANARY, LOOK])
def test_no_trigger_can_pass_for_the_canary_or_a_look(via: str) -> None:
    with pytest.raises(ValueError, match=f"only Newsmill itself sends what comes by '{via}'"):
        Trigger(url="https://news.example/", via=via)
