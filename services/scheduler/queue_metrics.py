"""The queues as metrics, read when Prometheus asks: in one process, since every worker would show the same."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, cast

import structlog
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from redis import Redis
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import OperationalError
from sqlmodel import col

from shared import VERSION
from shared.brake import Brake
from shared.clock import now
from shared.database.engine import transaction
from shared.database.models import Source
from shared.dead import DeadLetters
from shared.later import TURNS, Later
from shared.queues import QUEUES, TRIGGER_LANES, TRIGGERS
from shared.worker.pressure import paused
from shared.worker.queued import oldest_enqueued, ready

log = structlog.get_logger(__name__)

UNACKED = "unacked_index"
STAGES = QUEUES


class QueueCollector(Collector):
    """Queue lengths and ages, custody, dead letters, and the sources by state."""

    def __init__(self, redis: "Redis", engine: Engine) -> None:
        self._redis = redis
        self._engine = engine

    def describe(self) -> Iterable[Any]:
        """Nothing: registering must not ask Redis."""
        return []

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """The gauges as of now."""
        messages = GaugeMetricFamily("newsmill_queue_messages", "Messages in a queue.", labels=["queue", "state"])
        age = GaugeMetricFamily("newsmill_queue_oldest_message_age_seconds", "Age of the oldest.", labels=["queue"])
        for queue in QUEUES:
            messages.add_metric([queue, "ready"], ready(self._redis, queue))
            oldest = oldest_enqueued(self._redis, queue)
            age.add_metric([queue], max(0.0, now() - oldest) if oldest else 0.0)
        messages.add_metric(["all", "unacked"], self._redis.zcard(UNACKED))
        waiting = sum(int(cast("Any", self._redis.xlen(stream))) for stream in (TRIGGERS, *TRIGGER_LANES))
        messages.add_metric(["triggers", "ready"], waiting)
        yield messages
        yield age
        yield from self._waiting()
        yield from self._stopped()
        yield from self._sources()
        yield _gauge("newsmill_build_info", "What runs here.", ["version"], {VERSION: 1})

    def _waiting(self) -> Iterable[GaugeMetricFamily]:
        later = Later(self._redis)
        counts = later.counts()
        yield _gauge("newsmill_waiting_urls", "URLs that wait for their host's turn.", [], {"": later.waiting()})
        yield _gauge("newsmill_waiting_hosts", "Hosts for whose turn URLs wait.", [], {"": self._redis.zcard(TURNS)})
        yield _gauge(
            "newsmill_custody_urls", "URLs accepted that have no disposition yet.", [], {"": counts["custody"]}
        )
        yield _gauge("newsmill_parked_messages", "Messages parked until a time.", [], {"": counts["parked"]})
        letters = Counter(dict.fromkeys((*STAGES, "trigger", "schedule"), 0))
        for (stage, _), number in DeadLetters(self._redis).counts().items():
            letters[stage] += number
        yield _gauge("newsmill_dead_letters", "Messages set aside.", ["queue"], letters)

    def _stopped(self) -> Iterable[GaugeMetricFamily]:
        pauses, brake = paused(self._redis), Brake(self._redis)
        pausing = {stage: len(pauses.get(stage, ())) for stage in STAGES}
        braking = {stage: int(brake.reason(stage) is not None) for stage in STAGES}
        yield _gauge("newsmill_stage_paused", "Workers that take nothing for now.", ["stage"], pausing)
        yield _gauge("newsmill_stage_braked", "Whether a stage sets aside too much and rests.", ["stage"], braking)
        info = self._redis.info("memory")
        memory = {"used": info["used_memory"], "limit": info.get("maxmemory", 0)}
        yield _gauge("newsmill_redis_memory_bytes", "Of Redis; its limit is 0 when there is none.", ["kind"], memory)

    def _sources(self) -> Iterable[GaugeMetricFamily]:
        query = select(col(Source.state), func.count()).group_by(col(Source.state))
        try:
            with transaction(self._engine) as session:
                rows = session.execute(query).all()
        except OperationalError as error:
            # The queues matter most when the database is away: they are shown without it.
            log.warning("database is away", error=str(error.orig))
            return
        yield _gauge("newsmill_sources", "Sources by state.", ["state"], {row[0]: row[1] for row in rows})


def _gauge(name: str, text: str, labels: list[str], values: Mapping[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=labels)
    for label, value in values.items():
        family.add_metric([label] if labels else [], value)
    return family
