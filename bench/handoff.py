"""What handing a page on costs: CPU of Celery on Redis beside a bare Redis list that keeps the same promise.

    python bench/handoff.py [--pages 3000] [--items 1,10,50]

A sender gives lists of parsed articles (8 KB each) to a worker that does nothing with them. Ours is the pipeline's own
sender and a Celery worker that takes along what waits, as storage does, with custody, screening and late acknowledgement;
the bare one moves JSON from list to list (BLMOVE) and removes it when it is done (LREM). Prints for each length of list the CPU milliseconds a page of sender,
worker and Redis, and the ratio.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from cpu import cpu
from redis import Redis

from newsmill.local.redis_server import RedisServer
from shared.contracts import Article, ArticleParsed, Message, Page, encode, now_utc
from shared.later import Later
from shared.queues import PARSE, STORE, queue_keys
from shared.settings import Settings
from shared.worker.app import make_app
from shared.worker.connection import connect
from shared.worker.process import serve
from shared.worker.sender import make_sender
from shared.worker.waiting import Waiting

TEXT = "The council of the port met on Tuesday to weigh the cost of the new quay. " * 100
BARE, TAKEN = "bare", "bare:taken"
PATIENCE = 300


def message(number: int) -> ArticleParsed:
    url = f"https://port.example/{number}"
    page = Page(url=url, final_url=url, key="", fetched_at=now_utc())
    return ArticleParsed(page=page, article=Article(title=f"Quay {number} opens", text=TEXT))


def celery_worker(address: str) -> None:
    settings = Settings(redis_url=address, metrics_port=0, log_level="ERROR")
    app = make_app(settings)
    waiting = cache(lambda: Waiting(connect(settings), STORE, before=PARSE))

    def discard(_items: list[Any]) -> None:
        """Does nothing with a list and with what waits behind it."""
        waiting().done(waiting().take())

    app.task(discard, name=STORE.task, shared=False)
    serve(app, settings, "handoff", queues=[STORE.queue], pool="solo", concurrency=1)


def bare_worker(address: str) -> None:
    redis: Any = Redis.from_url(address)
    while True:
        packed = redis.blmove(BARE, TAKEN, 0, "RIGHT", "LEFT")
        json.loads(packed)
        redis.lrem(TAKEN, 1, packed)


def celery_sender(redis: "Redis", address: str) -> tuple[Callable[[Sequence[Message]], None], Callable[[], bool]]:
    settings = Settings(redis_url=address)
    own = connect(settings)
    send = make_sender(Later(own))
    return send, lambda: not any(map(redis.llen, queue_keys(STORE.queue))) and not redis.hlen("unacked")


def bare_sender(redis: "Redis", _address: str) -> tuple[Callable[[Sequence[Message]], None], Callable[[], bool]]:
    def send(messages: Sequence[Message]) -> None:
        redis.lpush(BARE, json.dumps([encode(message) for message in messages]))

    return send, lambda: not redis.llen(BARE) and not redis.llen(TAKEN)


KINDS = {"celery": (celery_worker, celery_sender), "bare": (bare_worker, bare_sender)}


def measured(kind: str, pages: int, items: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder, RedisServer(Path(folder), appendonly=True) as server:
        redis: Any = Redis.from_url(server.url)
        send, done = KINDS[kind][1](redis, server.url)
        pids = {"redis": int(redis.info("server")["process_id"])}
        command = [sys.executable, __file__, "--worker", kind, "--address", server.url]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as worker:
            try:
                pids["worker"] = worker.pid
                # The first list warms both ends up.
                send([message(0)])
                _until(done)
                before, begun = {name: cpu(pid) for name, pid in pids.items()}, time.process_time()
                for start in range(0, pages, items):
                    send([message(start + number) for number in range(items)])
                sending = time.process_time() - begun
                _until(done)
                spent = {name: cpu(pid) - before[name] for name, pid in pids.items()} | {"sender": sending}
            finally:
                worker.kill()
    return {name: 1000 * seconds / pages for name, seconds in spent.items()}


def _until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not done():
        if time.monotonic() > deadline:
            raise SystemExit(f"not done after {PATIENCE} s")
        time.sleep(0.1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=3000)
    parser.add_argument("--items", default="1,10,50", help="lengths of the lists, by comma")
    parser.add_argument("--worker", choices=KINDS)
    parser.add_argument("--address")
    options = parser.parse_args()
    if options.worker:
        KINDS[options.worker][0](options.address)
    for items in map(int, options.items.split(",")):
        rows = {kind: measured(kind, options.pages, items) for kind in KINDS}
        ratio = sum(rows["celery"].values()) / sum(rows["bare"].values())
        parts = "  ".join(
            f"{kind}: " + " ".join(f"{part} {ms:.2f}" for part, ms in row.items()) for kind, row in rows.items()
        )
        print(f"{items:3} a list  ratio {ratio:.2f}   {parts}", flush=True)


if __name__ == "__main__":
    main()
