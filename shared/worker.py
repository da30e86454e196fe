"""A service as a process: Celery with our delivery settings, that pauses when it should and tells when it is stuck.

A service's own worker.py builds its stage and calls serve(); nothing is opened before that.
"""

import os
import socket
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn

import structlog
from celery import Celery, Task, bootsteps, signals
from celery.exceptions import Reject as Requeue
from celery.worker import state
from celery.worker.loops import synloop
from kombu.entity import Exchange, Queue
from kombu.exceptions import OperationalError
from kombu.transport import redis as kombu_redis
from prometheus_client.registry import Collector
from redis import BlockingConnectionPool, Redis
from redis.exceptions import RedisError

from shared import clock
from shared.contracts import Message, encode
from shared.dead import DeadLetters
from shared.errors import SettingsError, Unavailable
from shared.later import Later
from shared.pressure import Gate, Pressure
from shared.queues import MOST_URGENT, PRIORITY_STEPS, QUEUES, SCHEDULE_QUEUE, Route, batches, celery_priority
from shared.settings import Settings
from shared.stage import Courier, Limits, Stage
from shared.telemetry import configure_logging, forget_child, start_exporter, verify

log = structlog.get_logger(__name__)

BEAT_SECONDS = 5
# A worker that has not turned its loop for this long does not consume: it is unhealthy.
SILENCE_SECONDS = 60
LEAVE_SECONDS = 120
# What else runs in a process and has stopped does not begin again by itself.
AILING_SECONDS = 15
# A worker that may take no more though nothing is being worked on.
LEAK_SECONDS = 3.0
# How long a stage rests when what it needs is away, before the list goes back to its queue.
REST_SECONDS = 2.0
DRAIN_SECONDS = 0.05
# To Redis, of one client.
CONNECTIONS = 50


class _Pool(BlockingConnectionPool):
    """A pool that never leaves its process, as nothing of ours does, and need not ask at each command which it is in.

    The question is a system call, and cost a tenth of all that a fetcher says to Redis.
    """

    def _checkpid(self) -> None:
        return


def connect(settings: Settings) -> "Redis":
    """A Redis client that notices a dead connection. Must not cross a fork.

    Whoever finds all its connections busy waits for one: a fetcher has hundreds of pages under way at a time.

    Raises:
        SettingsError: NEWSMILL_REDIS_URL cannot be read.
    """
    try:
        pool = _Pool.from_url(
            settings.redis_address(), max_connections=CONNECTIONS, timeout=30,
            socket_timeout=30, socket_connect_timeout=5, health_check_interval=30,
        )  # fmt: skip
        return Redis.from_pool(pool)
    except ValueError as error:
        raise SettingsError(f"NEWSMILL_REDIS_URL: {error}") from None


def make_app(settings: Settings) -> Celery:
    """Celery with the delivery promise of docs/architecture.md; JSON only."""
    app = Celery("newsmill", broker=_broker_url(settings), set_as_current=False)
    app.conf.update(
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        # Publish first, acknowledge after. A lost or overlong child gives its message back at once.
        task_acks_late=True,
        task_acks_on_failure_or_timeout=False,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        worker_enable_remote_control=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_soft_shutdown_timeout=10.0,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_pool_limit=10,
        broker_transport_options={
            "visibility_timeout": settings.visibility_timeout,
            # Look for unacknowledged messages every ten seconds; the default is every hundred.
            "unacked_restore_interval": 10,
            "unacked_restore_throttle": 1,
            "unacked_mutex_expire": 30,
            "queue_order_strategy": "priority",
            "priority_steps": list(PRIORITY_STEPS),
            # Kombu's default of ten is fewer than the tasks of a gevent pool that acknowledge at one time.
            "max_connections": 200,
            "socket_keepalive": True,
            "socket_timeout": 30,
            "health_check_interval": 15,
        },
        task_create_missing_queues=False,
        task_queues=[_queue(name) for name in (*QUEUES, SCHEDULE_QUEUE)],
        enable_utc=True,
        timezone="UTC",
    )
    return app


def make_courier(app: Celery, later: Later) -> Courier:
    """What takes messages to their queues. Each is in custody before it is sent.

    It raises RedisError or Unavailable while Redis is away: nothing may be acknowledged then.
    """

    def deliver(messages: Iterable[Message], *, at_once: bool = False) -> None:
        listed = list(messages)
        later.hold(listed)
        for route, priority, items in batches(listed):
            try:
                send(route, MOST_URGENT if at_once else priority, [encode(item) for item in items])
            except OperationalError as error:
                # Kombu's own name for it: whoever waits for Redis to come back must not be felled by another.
                raise Unavailable(f"queue {route.queue}: {error}") from error

    def send(route: Route, priority: int, items: Sequence[Any]) -> None:
        app.send_task(
            route.task,
            args=[items],
            queue=route.queue,
            priority=celery_priority(priority),
            headers={"enqueued_at": clock.now()},
            ignore_result=True,
            # Nobody reads the pages' text in Celery's own log, and its abridgement costs time.
            argsrepr="",
            kwargsrepr="",
        )

    return deliver


def _queue(name: str) -> Queue:
    # Named in full: Celery gives a queue without an exchange the default one, and then each gets all messages.
    return Queue(name, Exchange(name, type="direct"), routing_key=name)  # type: ignore[no-untyped-call]


def dead_letters(redis: "Redis", settings: Settings) -> DeadLetters:
    """The dead letters, with the brake as the settings have it."""
    return DeadLetters(redis, settings.brake_share)


def limits(settings: Settings) -> Limits:
    """The stage's limits as the settings have them."""
    return Limits(settings.max_attempts, settings.max_redeliveries, remember=10 * settings.visibility_timeout)


def register(app: Celery, task: str, stage: Callable[[], Stage]) -> None:
    """Makes a stage the body of a Celery task. `stage` is called in the process that runs the task."""

    def run(task: Task, items: Sequence[Any]) -> None:
        try:
            stage().run(items, task.request.id or "")
        except Unavailable as error:
            # Celery on Redis forgets a failed message even when told to acknowledge late (request.on_failure
            # rejects it without requeueing), so it is given back in so many words.
            log.exception("given back", error=str(error))
            time.sleep(REST_SECONDS)
            raise Requeue(reason=str(error), requeue=True) from None

    app.task(run, name=task, shared=False, bind=True)


def serve(
    app: Celery,
    settings: Settings,
    service: str,
    *,
    queues: Sequence[str],
    pool: str,
    concurrency: int,
    options: Sequence[str] = (),
    collectors: Sequence[Collector] = (),
    alive: Callable[[], bool] = lambda: True,
) -> NoReturn:
    """Runs a Celery worker in this process until it is told to stop, with /metrics and /healthz beside it.

    Args:
        app: with the service's tasks registered.
        settings: of the service.
        service: its name, for logs.
        queues: what it consumes.
        pool: `prefork`, `threads`, `gevent` or `solo` (docs/adr/0002).
        concurrency: tasks at a time.
        options: more options of `celery worker`.
        collectors: metrics made when they are asked for.
        alive: whether what else runs in this process does; /healthz asks.

    Raises:
        SettingsError: Redis does not answer, or forked metrics have no folder.
    """
    configure_logging(settings.log_level, service)
    verify(pool)
    try:
        connect(settings).ping()
    except RedisError as error:
        raise SettingsError(f"NEWSMILL_REDIS_URL: Redis does not answer ({error})") from None
    gate = _gate(settings, queues[0])
    heartbeat = Heartbeat(gate)
    gate.look()
    # By its own clock a worker would judge when the messages of others are abandoned.
    kombu_redis.time = clock.now  # type: ignore[attr-defined] # what kombu has imported
    gate.watch(lambda: leave_if_stuck(gate, heartbeat, alive))
    app.steps["consumer"].add(heartbeat.step())
    signals.worker_process_shutdown.connect(forget_child, weak=False)
    start_exporter(settings, lambda: heartbeat.fresh() and alive(), collectors, lambda: gate.reason)
    log.info("started", queues=list(queues), pool=pool, concurrency=concurrency)
    app.worker_main(
        ["worker", "--pool", pool, "--concurrency", str(concurrency), "--hostname", f"{service}@%h",
         "--queues", ",".join(queues),
         "--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", settings.log_level, *options]
    )  # fmt: skip
    sys.exit(0)


def _gate(settings: Settings, stage: str) -> Gate:
    """The gate of a worker."""
    redis = connect(settings)
    worker = f"{socket.gethostname()}-{os.getpid()}"
    return Gate(redis, stage, Pressure(redis, settings), dead_letters(redis, settings), worker)


def leave_if_stuck(gate: Gate, heartbeat: "Heartbeat", alive: Callable[[], bool]) -> None:
    """Ends a process that has not consumed for long though Redis answers: whoever supervises it starts a new one.

    Celery workers have been seen to stay connected and take nothing for ever (celery#8030).
    """
    silent, most = (heartbeat.silent(), LEAVE_SECONDS) if alive() else (heartbeat.ailing(), AILING_SECONDS)
    # While Redis is away it cannot consume, and a moment after it has other things to do first.
    if min(silent, gate.answering()) > most:
        log.critical("stuck: does not consume though Redis answers; leaves", seconds=round(silent))
        os._exit(os.EX_SOFTWARE)


class Heartbeat:
    """When the consumer's loop last turned and took what there was to take.

    It stops beating when the connection to Redis is lost, and when messages wait and none is taken.
    """

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._taken = 0
        self._last = self._well_until = time.monotonic()

    def beat(self) -> None:
        taken = sum(state.total_count.values())
        if not self._gate.waiting or self._gate.reason or state.reserved_requests or taken != self._taken:
            self._last = time.monotonic()
        self._taken = taken

    def silent(self) -> float:
        """Seconds since the loop turned."""
        self._well_until = time.monotonic()
        return self._well_until - self._last

    def ailing(self) -> float:
        """Seconds since what else runs in the process was last seen to run."""
        return time.monotonic() - self._well_until

    def fresh(self) -> bool:
        """Whether the worker consumes."""
        return time.monotonic() - self._last < SILENCE_SECONDS

    def step(self) -> type[bootsteps.StartStopStep]:
        """A Celery consumer step that beats while the consumer is connected, and puts the gate before it."""
        beat, gate = self.beat, self._gate

        class Step(bootsteps.StartStopStep):  # type: ignore[misc] # Celery publishes no types
            requires = ("celery.worker.consumer.tasks:Tasks",)

            def start(self, parent: Any) -> None:
                parent.loop = _prompt(parent.loop)
                channel = parent.task_consumer.channel
                channel.qos.can_consume = _Credit(channel, gate)
                beat()
                parent.timer.call_repeatedly(BEAT_SECONDS, beat)

        return Step


class _Credit:
    """Whether a channel may ask for another message: while the gate is open, and as many as the worker may hold.

    What it has asked for already it must take: kombu's pop may have been answered, and the answer is the message.

    A message that could not be acknowledged or given back, because Redis was away at that moment, stays counted for ever:
    with as many of them as a worker may hold it never asks again, though it is connected and its loop turns
    (celery#8030). When nothing is being worked on, nothing can be held.
    """

    def __init__(self, channel: Any, gate: Gate) -> None:
        self._channel = channel
        self._gate = gate
        self._qos = channel.qos
        self._allowed = channel.qos.can_consume
        self._idle_since: float | None = None

    def __call__(self) -> bool:
        if self._gate.reason is not None and not self._channel._in_poll:  # noqa: SLF001 - kombu has no other word for it
            return False
        if self._allowed():
            self._idle_since = None
            return True
        return self._leaked()

    def _leaked(self) -> bool:
        """Gives back the credit of messages that nobody holds; in Redis they are unacknowledged, and come again."""
        if state.reserved_requests:
            self._idle_since = None
            return False
        self._idle_since = self._idle_since or time.monotonic()
        if time.monotonic() - self._idle_since < LEAK_SECONDS:
            return False
        log.warning("credit of lost acknowledgements given back")
        self._qos._delivered.clear()  # noqa: SLF001 - as above
        self._qos._dirty.clear()  # noqa: SLF001 - as above
        self._idle_since = None
        return True


def _prompt(loop: Callable[..., None]) -> Callable[..., None]:
    """Celery's blocking loop, which green pools run on, in steps of DRAIN_SECONDS instead of two seconds.

    Who has as many messages as it may take polls nothing, so no acknowledgement wakes it: a fetcher whose tasks
    all end within a step would idle for the rest of it, with a full queue before it.
    """
    if loop is not synloop:
        return loop

    def run(consumer: Any, connection: Any, *rest: Any, **more: Any) -> None:
        loop(consumer, _Impatient(connection), *rest, **more)

    return run


class _Impatient:
    """A connection whose drain_events() returns soon."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def drain_events(self, timeout: float) -> Any:
        return self._connection.drain_events(timeout=min(timeout, DRAIN_SECONDS))


def _broker_url(settings: Settings) -> str:
    """The Redis URL as Celery spells it: a socket is redis+socket://."""
    url = settings.redis_address()
    return url.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=")
