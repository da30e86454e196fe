"""A crowd at the door, then a stopped storage: what Redis and the scheduler hold, and how long an urgent URL takes.

A million triggers of low priority are pushed as fast as Redis takes them; three urgent ones follow, one by one; then
storage is stopped until the fetchers have paused for a while, and started again. At the end every trigger is counted:
at the door, in its lane, in custody, or with its disposition.

Prints JSON: the curve (seconds, phase, MB of Redis, RSS in MB of the scheduler, messages by queue, URLs in custody,
triggers that wait, dispositions), the urgent ones' seconds from trigger to disposition, and the counts.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from typing import Any

import psutil
import requests
from path import serve  # the site of the bench beside
from redis import Redis
from sqlalchemy import Engine, text

from newsmill.local.service import Service
from newsmill.local.system import System, running
from shared.database.engine import make_engine
from shared.later import CUSTODY
from shared.queues import QUEUES, TRIGGER_LANES, TRIGGERS, queue_keys

CHUNK = 5000
# The numbers of the urgent pages come after: each is an article of its own.
CROWD_BEFORE = 10_000_000
PAUSED_FOR = 20.0
SETTINGS = {
    "NEWSMILL_FETCH_ALLOW_NETWORKS": "127.0.0.0/8", "NEWSMILL_FETCH_ALLOW_PORTS": "", "NEWSMILL_HOST_INTERVAL": "0",
    "NEWSMILL_HOST_IN_FLIGHT": "40",
}  # fmt: skip


class Run:
    """A running system that is watched."""

    def __init__(self, system: System, site: str) -> None:
        self.redis = Redis.from_url(system.layout.redis_url)
        self.engine: Engine = make_engine(system.layout.database_url)
        self.services = {service.name: service for service in system.services}
        self.urls = f"{site}/news/"
        self.phase = "idle"
        self.curve: list[dict[str, Any]] = []
        self._health = system.layout.metrics_url("fetcher") + "/healthz"
        self._started = time.monotonic()
        self._over = Event()
        self._sampler = Thread(target=self._sample, daemon=True)
        self._sampler.start()

    def push(self, count: int) -> float:
        """Pushes so many triggers; how many a second."""
        started = time.monotonic()
        for first in range(0, count, CHUNK):
            with self.redis.pipeline(transaction=False) as pipe:
                for number in range(first, min(first + CHUNK, count)):
                    pipe.xadd(TRIGGERS, {"url": f"{self.urls}{number}-crowd", "priority": "1"})
                pipe.execute()
        return count / (time.monotonic() - started)

    def urgent(self, number: int) -> float:
        """Seconds from an urgent trigger to its end."""
        url = f"{self.urls}{CROWD_BEFORE + number}-urgent"
        started = time.monotonic()
        self.redis.xadd(TRIGGERS, {"url": url, "priority": "9"})
        wait(lambda: self.count("SELECT count(*) FROM page WHERE disposition IS NOT NULL AND url = :url", url=url))
        return round(time.monotonic() - started, 2)

    def count(self, query: str, **values: Any) -> int:
        with self.engine.connect() as connection:
            return int(connection.execute(text(query), values).scalar_one())

    def ended(self) -> int:
        return self.count(
            "SELECT count(*) FROM page WHERE disposition IS NOT NULL AND url LIKE :urls", urls=f"{self.urls}%"
        )

    def waiting(self) -> int:
        return sum(int(self.redis.xlen(stream)) for stream in (TRIGGERS, *TRIGGER_LANES))

    def paused(self) -> bool:
        with suppress(requests.RequestException):
            return "paused" in requests.get(self._health, timeout=5).text
        return False

    def look(self) -> dict[str, Any]:
        queues = {queue: sum(int(self.redis.llen(key)) for key in queue_keys(queue)) for queue in QUEUES}
        return {
            "seconds": round(time.monotonic() - self._started, 1), "phase": self.phase,
            "redis_mb": round(int(self.redis.info("memory")["used_memory"]) / 2**20, 1),
            "scheduler_mb": memory(self.services["scheduler"]), **queues,
            "custody": int(self.redis.zcard(CUSTODY)), "waiting": self.waiting(), "ended": self.ended(),
        }  # fmt: skip

    def end(self) -> None:
        """No more samples."""
        self._over.set()
        self._sampler.join()

    def _sample(self) -> None:
        while not self._over.wait(1):
            self.curve.append(self.look())


def memory(service: Service) -> float:
    assert service.process is not None
    return round(psutil.Process(service.process.pid).memory_info().rss / 2**20, 1)


def wait(until: Callable[[], Any], seconds: float = 120) -> float:
    """Seconds until it was so."""
    started = time.monotonic()
    while not until():
        if time.monotonic() - started > seconds:
            raise TimeoutError(f"not within {seconds:.0f} s")
        time.sleep(0.05)
    return round(time.monotonic() - started, 2)


def storage_stopped(run: Run) -> dict[str, float]:
    """Stops storage, and starts it once the fetchers have paused for a while."""
    storage = run.services["storage"]
    assert storage.process is not None
    run.phase = "storage stopped"
    storage.process.terminate()
    storage.process.wait(30)
    paused = wait(run.paused)
    at_pause = run.look()["redis_mb"]
    time.sleep(PAUSED_FOR)
    later = run.look()["redis_mb"]
    before = run.ended()
    run.phase = "storage back"
    storage.start()
    return {
        "paused_after": paused, "redis_mb_at_pause": at_pause, "redis_mb_later": later,
        "stored_again_after": wait(lambda: run.ended() > before), "fetching_again_after": wait(lambda: not run.paused()),
    }  # fmt: skip


def settled(run: Run, pushed: int) -> dict[str, int]:
    """Where all the triggers are: taken once nothing moves between the places that are counted."""
    for name in ("scheduler", "fetcher", "parser", "storage"):
        process = run.services[name].process
        assert process is not None
        process.terminate()
        process.wait(60)
    wait_there, ended = run.waiting(), run.ended()
    custody = {key.decode() for key in run.redis.zrange(CUSTODY, 0, -1)}
    with run.engine.connect() as connection:
        done = set(connection.execute(text("SELECT trace_id FROM page WHERE disposition IS NOT NULL")).scalars())
    under_way = len(custody - done)
    return {"pushed": pushed, "waiting": wait_there, "under_way": under_way, "ended": ended,
            "missing": pushed - wait_there - under_way - ended}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--triggers", type=int, default=1_000_000)
    parser.add_argument("--memory", type=int, default=1024, help="MB that Redis may use (NEWSMILL_REDIS_MEMORY_MB)")
    options = parser.parse_args()
    site = f"http://127.0.0.1:{serve(0).server_port}"
    settings = SETTINGS | {"NEWSMILL_REDIS_MEMORY_MB": str(options.memory)}
    with tempfile.TemporaryDirectory() as folder, running(Path(folder), 8080, settings) as system:
        run = Run(system, site)
        time.sleep(5)
        run.phase = "pushing"
        pushed_per_second = run.push(options.triggers)
        run.phase = "crowd"
        urgent = [run.urgent(number) for number in range(3)]
        time.sleep(20)
        stopped = storage_stopped(run)
        run.phase = "after"
        urgent_after = run.urgent(3)
        run.end()
        report = {
            "pushed_per_second": round(pushed_per_second), "urgent_seconds": urgent, "urgent_after_seconds": urgent_after,
            "storage": stopped, "where": settled(run, options.triggers + 4),
        }  # fmt: skip
    print(json.dumps(report | {"curve": run.curve}, indent=1))


if __name__ == "__main__":
    main()
