"""The page store gives back the bytes that it was given, while it has them."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis

from shared.pages import PREFIX, MemoryPages, Pages, RedisPages


@pytest.fixture(params=["redis", "memory"])
def pages(request: pytest.FixtureRequest) -> Pages:
    makers: dict[str, Callable[[], Pages]] = {
        "redis": lambda: RedisPages(request.getfixturevalue("redis"), ttl=60),
        "memory": MemoryPages,
    }
    return makers[request.param]()


@given(body=st.binary(max_size=2000))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
def test_the_same_bytes_come_back(pages: Pages, body: bytes) -> None:
    assert pages.get(pages.put(body)) == body


def test_each_put_has_a_key_of_its_own(pages: Pages) -> None:
    assert pages.put(b"same") != pages.put(b"same")


def test_what_is_discarded_is_gone_and_the_rest_stays(pages: Pages) -> None:
    gone, kept = pages.put(b"gone"), pages.put(b"kept")
    pages.discard(gone, "never-stored")
    pages.discard()
    assert (pages.get(gone), pages.get(kept), pages.get("never-stored")) == (None, b"kept", None)


def test_pages_lie_in_redis_compressed_and_for_a_time(redis: "Redis") -> None:
    key = PREFIX + RedisPages(redis, ttl=60).put(b"<p>news</p>" * 1000)
    assert 0 < redis.ttl(key) <= 60
    assert redis.strlen(key) < 1000
