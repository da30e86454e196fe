"""Why messages are screened: a worker of Celery alone ends at them. Each fails once upstream has mended what we work round."""

import subprocess
import sys

import pytest
from redis import Redis

from shared.queues import queue_keys
from tests.shared.worker.test_screening import ENVELOPES, TASKS, packed

pytestmark = [pytest.mark.process, pytest.mark.hostile]

STOCK_WORKER = """
import sys
from celery import Celery
app = Celery(broker=sys.argv[1])
@app.task(name="newsmill.fetch")
def fetch(items):
    pass
app.worker_main(["worker", "--pool=solo", "--queues=fetch", "--loglevel=ERROR", "--without-mingle", "--without-gossip"])
"""
DEADLY = {
    "no JSON": "JSONDecodeError", "null": "TypeError", "body is null": "TypeError", "nested deeply": "RecursionError",
    "task is []": "TypeError",
}  # fmt: skip
# These lie in Redis still, for the next start of the worker.
STAYING = ("eta is []", "timelimit is 'text'", "body is []")


def run_stock_worker(redis_url: str) -> str:
    """Runs a worker of Celery until it ends by itself, and returns what it prints."""
    command = [sys.executable, "-c", STOCK_WORKER, redis_url.replace("unix://", "redis+socket://")]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False).stderr


@pytest.mark.parametrize("name", DEADLY)
def test_upstream_a_malformed_message_ends_a_worker_of_celery(redis: "Redis", redis_url: str, name: str) -> None:
    redis.lpush("fetch", packed(TASKS.get(name) or ENVELOPES[name]))
    assert DEADLY[name] in run_stock_worker(redis_url)


@pytest.mark.parametrize("name", STAYING)
def test_upstream_a_malformed_message_ends_the_next_worker_of_celery_too(
    redis: "Redis", redis_url: str, name: str
) -> None:
    redis.lpush("fetch", packed(TASKS[name]))
    assert "Error" in run_stock_worker(redis_url)
    assert sum(redis.llen(key) for key in queue_keys("fetch")) == 1
    assert "Error" in run_stock_worker(redis_url)
