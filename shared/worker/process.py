"""What serves: a Celery worker in this process, with /metrics and /healthz beside it.

A service's own worker.py builds its stage and calls serve(); nothing is opened before that.
"""

import os
import socket
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

import structlog
from celery import Celery, signals
from prometheus_client.registry import Collector
from redis import Redis
from redis.exceptions import RedisError

from shared.brake import Brake
from shared.dead import DeadLetters
from shared.errors import SettingsError
from shared.settings import Settings
from shared.worker.connection import connect
from shared.worker.consumer import consumer_step, use_redis_clock
from shared.worker.garbage import rarely_collect
from shared.worker.gate import Gate
from shared.worker.health import Heartbeat
from shared.worker.lifetime import end_children_with, follow_launcher
from shared.worker.pressure import Pressure
from shared.worker.screening import screen
from shared.worker.telemetry import configure_logging, forget_child, start_exporter, verify

log = structlog.get_logger(__name__)


def serve(
    app: Celery,
    settings: Settings,
    service: str,
    *,
    queues: Sequence[str],
    pool: str,
    concurrency: int,
    collectors: Sequence[Collector] = (),
    alive: Callable[[], bool] = lambda: True,
) -> NoReturn:
    """Runs a Celery worker in this process until a signal stops it.

    Args:
        app: with the service's tasks registered.
        settings: of the service.
        service: its name, for logs.
        queues: the queues that it consumes.
        pool: `prefork`, `threads`, `gevent` or `solo` (docs/adr/0002).
        concurrency: tasks at a time.
        collectors: metrics made when they are asked for.
        alive: whether the other threads of the process run; /healthz asks.

    Raises:
        SettingsError: Redis does not answer, or forked metrics have no folder.
    """
    configure_logging(settings.log_level, service)
    verify(pool)
    redis = _connect(settings)
    gate = _gate(redis, settings, queues[0])
    heartbeat = Heartbeat(gate)
    gate.look()
    use_redis_clock()
    screen(app, DeadLetters(redis))
    end_children_with(os.getpid())
    follow_launcher(settings)
    gate.watch(lambda: heartbeat.leave_if_stuck(alive))
    app.steps["consumer"].add(consumer_step(gate, heartbeat))
    signals.worker_process_shutdown.connect(forget_child, weak=False)
    start_exporter(settings, lambda: heartbeat.fresh() and alive(), collectors, lambda: gate.reason)
    rarely_collect()
    log.info("started", queues=list(queues), pool=pool, concurrency=concurrency)
    # Not app.worker_main: Celery's command line would load 250 modules, among them a terminal's.
    app.Worker(
        hostname=f"{service}@{socket.gethostname()}", pool_cls=pool, concurrency=concurrency, queues=list(queues),
        without_gossip=True, without_mingle=True, without_heartbeat=True, loglevel=settings.log_level,
    ).start()  # fmt: skip
    sys.exit(0)


def _connect(settings: Settings) -> "Redis":
    """A client of Redis, which answers.

    Raises:
        SettingsError: it does not.
    """
    redis = connect(settings)
    try:
        redis.ping()
    except RedisError as error:
        raise SettingsError(f"NEWSMILL_REDIS_URL: Redis does not answer ({error})") from None
    return redis


def _gate(redis: "Redis", settings: Settings, stage: str) -> Gate:
    worker = f"{socket.gethostname()}-{os.getpid()}"
    return Gate(redis, stage, Pressure(redis, settings), Brake(redis, settings.brake_share), worker)
