"""A worker that keeps the URLs that it handles in the Redis list `handled`: echo.py POOL PORT."""

import sys

if sys.argv[1] == "gevent":
    from gevent import monkey

    monkey.patch_all()

from collections.abc import Iterable
from functools import cache

from shared.contracts import FetchRequested, Message
from shared.later import Later
from shared.queues import FETCH
from shared.settings import Settings, load
from shared.stage import Stage
from shared.worker.app import make_app
from shared.worker.connection import connect
from shared.worker.process import serve
from shared.worker.sender import make_sender
from shared.worker.task import limits, register

settings = load(Settings, metrics_port=int(sys.argv[2]))
app = make_app(settings)


@cache
def stage() -> Stage:
    redis = connect(settings)

    def keep(message: FetchRequested) -> Iterable[Message]:
        redis.rpush("handled", message.url)
        return ()

    return Stage("fetch", keep, send=make_sender(Later(redis)), redis=redis, limits=limits(settings))


register(app, FETCH.task, stage)
serve(app, settings, "echo", queues=[FETCH.queue], pool=sys.argv[1], concurrency=1)
