"""What goes through the pipeline now: queues, rates, workers, hosts that are waited for, stages that stand still."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple, cast

from redis import Redis

from shared.brake import OUTCOMES_MINUTES, Brake
from shared.clock import now
from shared.later import TURNS, Later
from shared.queues import QUEUES, SCHEDULE_QUEUE, TRIGGER_LANES, TRIGGERS
from shared.worker.pressure import paused, workers
from shared.worker.queued import oldest_enqueued, ready

HOST = "newsmill:host:"
# Hosts whose queues are counted, and that are shown.
COUNTED_HOSTS, SHOWN_HOSTS = 1000, 30
# Minutes that are one point of a curve.
POINT_MINUTES = 5


class Queue(NamedTuple):
    """What waits for a stage, and for how many seconds the oldest of it has."""

    stage: str
    waiting: int
    oldest_seconds: float | None


class Rates(NamedTuple):
    """Messages a minute that a stage handled and set aside, in points of POINT_MINUTES, the oldest first."""

    stage: str
    handled: list[float]
    dead: list[float]


class Stop(NamedTuple):
    """A stage that stands still, and why. One that brakes goes on at a person's word."""

    stage: str
    reason: str
    brakes: bool


class WaitingHost(NamedTuple):
    """A host for whose turn URLs wait, when it comes, and what holds it up, in words."""

    host: str
    urls: int
    seconds: float
    reason: str


class Pipeline(NamedTuple):
    """The state of the pipeline. `counts` are messages by where they wait; `memory` is Redis', in bytes, its limit or 0."""

    queues: list[Queue]
    triggers: int
    counts: dict[str, int]
    rates: list[Rates]
    stops: list[Stop]
    workers: dict[str, list[str]]
    hosts: list[WaitingHost]
    host_number: int
    memory: tuple[int, int]


def pipeline(redis: "Redis") -> Pipeline:
    """Returns what Redis knows of the pipeline now."""
    brake, later, memory = Brake(redis), Later(redis), redis.info("memory")
    return Pipeline(
        queues=[_queue(redis, stage) for stage in (SCHEDULE_QUEUE, *QUEUES)],
        triggers=sum(redis.xlen(stream) for stream in (TRIGGERS, *TRIGGER_LANES)),
        counts=later.counts() | {"turns": later.waiting()},
        rates=[_rates(brake, stage) for stage in QUEUES],
        stops=_stops(redis, brake.reasons()),
        workers=workers(redis),
        hosts=hosts(redis),
        host_number=int(redis.zcard(TURNS)),
        memory=(int(memory["used_memory"]), int(memory.get("maxmemory", 0))),
    )


def _stops(redis: "Redis", braking: Mapping[str, str]) -> list[Stop]:
    """Returns the stages that take nothing now: those that brake, and those whose workers pause."""
    pausing = paused(redis)
    return [Stop(stage, reason, brakes=True) for stage, reason in braking.items()] + [
        Stop(stage, reason, brakes=False)
        for stage, reasons in pausing.items()
        for reason in sorted(set(reasons))
        if reason != braking.get(stage)
    ]


def hosts(redis: "Redis") -> list[WaitingHost]:
    """Returns the hosts for which most URLs wait. Where very many hosts are waited for, those whose turn is last are left out."""
    turns = cast("list[tuple[bytes, float]]", redis.zrange(TURNS, 0, COUNTED_HOSTS - 1, withscores=True))
    names = [name.decode(errors="replace") for name, _ in turns]
    with redis.pipeline(transaction=False) as pipe:
        for name in names:
            pipe.zcard(f"{TURNS}:{name}")
        waiting = pipe.execute()
    longest = sorted(zip(waiting, names, (at for _, at in turns), strict=True), key=lambda row: (-row[0], row[1]))
    busiest = longest[:SHOWN_HOSTS]
    with redis.pipeline(transaction=False) as pipe:
        for _, name, _ in busiest:
            pipe.hgetall(HOST + name)
        states = pipe.execute()
    moment = now()
    return [
        WaitingHost(name, urls, max(0.0, at - moment), _reason(state, moment))
        for (urls, name, at), state in zip(busiest, states, strict=True)
    ]


def _queue(redis: "Redis", stage: str) -> Queue:
    oldest = oldest_enqueued(redis, stage)
    return Queue(stage, ready(redis, stage), None if oldest is None else max(0.0, now() - oldest))


def _rates(brake: Brake, stage: str) -> Rates:
    handled, aside = zip(*brake.outcomes(stage), strict=True)
    return Rates(stage, _points(handled), _points(aside))


def _points(minutes: Sequence[int]) -> list[float]:
    bounds = range(0, OUTCOMES_MINUTES + 1, POINT_MINUTES)
    return [sum(minutes[start:end]) / POINT_MINUTES for start, end in pairwise(bounds)]


def _reason(state: dict[bytes, Any], moment: float) -> str:
    """Returns what keeps a host from being asked: services/fetcher/politeness/turns.lua tells what its fields mean."""
    value = {name.decode(): float(text) for name, text in state.items() if name in _FIELDS}
    if value.get("paused"):
        return "paused by a person"
    if value.get("open", 0) > moment:
        return f"does not answer ({value.get('failures', 0):.0f} failures in a row)"
    if value.get("rest", 0) > moment:
        return "asked to be left alone"
    return "slowed down by its complaints" if value.get("slow", 1) > 1 else "its turn comes"


_FIELDS = frozenset({b"paused", b"open", b"failures", b"rest", b"slow"})
