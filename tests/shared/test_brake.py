"""The brake in a real Redis: which stages brake, for how long, and what curves are drawn from."""

import pytest
from redis import Redis

from shared.brake import BRAKES, Brake, Braked


def test_a_stage_brakes_when_more_than_its_share_is_set_aside(redis: "Redis") -> None:
    brake = Brake(redis, share=0.25)
    brake.count("parse", 40, 10)
    brake.check("parse")
    brake.count("parse", 4, 2)
    with pytest.raises(Braked, match="12 of 44"):
        brake.check("parse")
    assert brake.reasons() == {"parse": "12 of 44 messages were set aside within a minute"}
    assert 0 < redis.ttl(f"{BRAKES}parse") <= 60


def test_a_stage_with_few_outcomes_does_not_brake(redis: "Redis") -> None:
    brake = Brake(redis)
    brake.count("parse", 19, 19)
    brake.check("parse")
    assert brake.reasons() == {}


def test_a_brake_holds_until_it_is_released_and_counts_anew(redis: "Redis") -> None:
    brake = Brake(redis)
    brake.count("fetch", 20, 20)
    for _ in range(2):
        with pytest.raises(Braked):
            brake.check("fetch")
    brake.check("parse")
    brake.release("fetch")
    brake.check("fetch")
