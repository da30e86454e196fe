"""Which connections to Redis are handed out again."""

from typing import Any

import pytest

from shared.settings import Settings
from shared.worker import connection as module
from shared.worker.connection import connect


@pytest.fixture
def client(redis_url: str) -> Any:
    return connect(Settings(redis_url=redis_url))


def test_a_connection_is_used_again(client: Any) -> None:
    assert client.client_id() == client.client_id()


def test_an_answer_that_nobody_has_read_is_not_taken_for_the_next_one(client: Any) -> None:
    client.set("a", 1)
    abandoned = client.connection_pool.get_connection()
    abandoned.send_command("ECHO", "stray")
    while not abandoned.can_read(timeout=1):
        pass
    client.connection_pool.release(abandoned)
    assert client.get("a") == b"1"


def test_a_connection_that_redis_has_closed_is_opened_again_once_it_is_not_fresh(
    client: Any, redis: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FRESH_SECONDS", 0.0)
    redis.client_kill_filter(_id=client.client_id())
    assert client.ping()
