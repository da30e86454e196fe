"""Deliveries in a real Redis: what began and never ended is a redelivery."""

import pytest
from redis import Redis

from shared.deliveries import CeleryMessage, Deliveries


@pytest.fixture
def deliveries(redis: "Redis") -> Deliveries:
    return Deliveries(redis, memory_seconds=60)


def test_a_redelivery_is_what_began_and_never_ended(deliveries: Deliveries) -> None:
    first, second = CeleryMessage("parse", "m1"), CeleryMessage("parse", "m2")
    assert not deliveries.begin({first: ["a", "b"]})
    assert deliveries.begin({first: ["b", "c"], second: ["d"]}) == {first}
    assert not deliveries.begin({CeleryMessage("store", "m1"): ["a"]}), "each stage for itself"
    assert not deliveries.begin({second: ["a"]}), "each message for itself"
    assert [deliveries.count(first, "b") for _ in range(3)] == [1, 2, 3]
    deliveries.end({first: ["a", "b", "c"]})
    assert not deliveries.begin({first: ["a", "b", "c"]})


def test_what_is_remembered_of_deliveries_ends_by_itself(deliveries: Deliveries, redis: "Redis") -> None:
    message = CeleryMessage("parse", "m1")
    deliveries.begin({message: ["a"]})
    deliveries.count(message, "a")
    [key] = redis.keys("newsmill:deliveries:*")
    assert 0 < redis.ttl(key) <= 60


def test_ending_nothing_asks_nothing(deliveries: Deliveries) -> None:
    deliveries.end({CeleryMessage("parse"): []})
