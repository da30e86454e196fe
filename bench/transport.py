"""What Celery on Redis loses under repeated kill -9 though every message is acknowledged late.

    python bench/transport.py [--messages 4000] [--kills 60]

kombu pops a message and records it as unacknowledged in a second command: a worker killed in between takes it along. A
stock worker (acks_late, prefetch 1, the visibility timeout short) handles messages while it is killed and started again;
in the end the queue is empty, nothing is unacknowledged, and what was never handled is lost. Prints JSON. What custody
makes of the same is tests/chaos (`fetcher_killed_often`): nothing lost.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from celery import Celery
from redis import Redis

from newsmill.local.redis_server import RedisServer

APP = Celery("stock")


def configure(address: str) -> None:
    APP.conf.update(
        broker_url=address.replace("unix://", "redis+socket://"), task_acks_late=True, task_ignore_result=True,
        worker_prefetch_multiplier=1, task_default_queue="work", broker_connection_retry_on_startup=True,
        broker_transport_options={"visibility_timeout": 5, "unacked_restore_interval": 1, "unacked_restore_throttle": 1},
    )  # fmt: skip


def worker(address: str) -> None:
    configure(address)
    redis = Redis.from_url(address)

    @APP.task(name="work")
    def work(number: int) -> None:
        time.sleep(0.002)
        redis.sadd("done", number)

    APP.worker_main(["worker", "--pool", "solo", "-Q", "work", "--without-gossip", "--without-mingle", "-l", "ERROR"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=4000)
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--worker", default="")
    options = parser.parse_args()
    if options.worker:
        worker(options.worker)
        return
    with tempfile.TemporaryDirectory() as folder, RedisServer(Path(folder), appendonly=False) as server:
        print(json.dumps(measure(server.url, options.messages, options.kills)))


def measure(address: str, messages: int, kills: int) -> dict[str, int]:
    configure(address)
    redis, chance = Redis.from_url(address), random.Random(3)
    for number in range(messages):
        APP.send_task("work", args=[number])
    command = [sys.executable, __file__, "--worker", address]
    running = [subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for _ in range(2)]
    done = 0
    while done < kills and redis.llen("work"):
        time.sleep(chance.uniform(0.05, 0.3))
        at = done % 2
        if redis.scard("done") and redis.llen("work"):
            wait_until_consuming(redis)
            running[at].kill()
            running[at].wait()
            running[at] = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            done += 1
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and (redis.llen("work") or redis.hlen("unacked")):
        time.sleep(0.5)
    for process in running:
        process.kill()
        process.wait()
    return {"messages": messages, "kills": done, "lost": messages - int(redis.scard("done"))}


def wait_until_consuming(redis: "Redis") -> None:
    """A worker takes a second to start; killed before it consumes it could lose nothing."""
    before = redis.scard("done")
    while redis.llen("work") and redis.scard("done") < before + 5:
        time.sleep(0.01)


if __name__ == "__main__":
    main()
