"""What becomes of one item of a stage: it is decoded, handled by the stage's handler, timed and counted.

Each item has exactly one outcome: `ok`, `dropped` (a named end), `parked` (TryLater) or `dead` (set aside with its
cause). What is sent of it, and when its delivery is acknowledged, is the stage's matter (`shared/stage.py`).
"""

import traceback
from collections.abc import Callable, Iterable
from time import perf_counter
from typing import Any, NamedTuple

import structlog
from pydantic import ValidationError
from redis import Redis
from redis.exceptions import RedisError

from shared import stage_metrics
from shared.brake import Brake, Braked
from shared.contracts import (
    AnyMessage,
    Attempt,
    FetchRequested,
    Message,
    Page,
    PageDropped,
    PageFetched,
    Reason,
    decode,
    now_utc,
)
from shared.dead import DeadLetters, letter
from shared.deliveries import CeleryMessage, Deliveries
from shared.errors import Drop, Reject, TryLater, Unavailable
from shared.later import Later

log = structlog.get_logger(__name__)

Handler = Callable[[Any], Iterable[Message]]


class Limits(NamedTuple):
    """What ends the tries of a message.

    Attributes:
        attempts: how often it may be tried.
        redeliveries: how often it may be delivered.
        memory_seconds: for how long its deliveries are remembered.
        brake_share: the share of a minute's messages that may be set aside, 0 to 1.
    """

    attempts: int
    redeliveries: int
    memory_seconds: int
    brake_share: float = 0.5


class Result(NamedTuple):
    """The outcome of an item, its reason, and the messages that the item leads to."""

    trace_id: str
    messages: tuple[Message, ...]
    outcome: str
    reason: str


class Outcomes:
    """Decides what becomes of each item of a stage.

    Args:
        name: the stage's name in metrics, logs and dead letters.
        handle: one message -> messages.
        redis: holds custody, deliveries, dead letters and brakes.
        limits: what ends the tries of a message.
    """

    def __init__(self, name: str, handle: Handler, *, redis: "Redis", limits: Limits) -> None:
        self.name = name
        self._handle = handle
        self._later = Later(redis)
        self._deliveries = Deliveries(redis, limits.memory_seconds)
        self._dead = DeadLetters(redis)
        self._brake = Brake(redis, limits.brake_share)
        self._limits = limits

    def result(self, item: Any, redelivery: CeleryMessage | None) -> Result:
        """Handles an item, a message as a JSON object. `redelivery` is the message that carries it, if it came before.

        Raises:
            Unavailable, RedisError, Braked: nothing is decided about the item.
        """
        started = perf_counter()
        with stage_metrics.IN_PROGRESS.labels(self.name).track_inprogress():
            try:
                message = decode(item)
            except ValidationError as error:
                result = self._malformed(item, error)
            else:
                with structlog.contextvars.bound_contextvars(trace_id=message.trace_id, stage=self.name):
                    result = self._handled(message, item, redelivery)
                if result.outcome == "ok":
                    stage_metrics.beat(self.name, message)
        stage_metrics.count(self.name, result.outcome, result.reason, perf_counter() - started)
        return result

    def _handled(self, message: AnyMessage, item: Any, redelivery: CeleryMessage | None) -> Result:
        """Returns the result of a message, whatever its handler does. `redelivery` is its carrier if it is a redelivery."""
        try:
            if redelivery and self._deliveries.count(redelivery, message.trace_id) >= self._limits.redeliveries:
                raise Reject(Reason.POISON, f"delivered {self._limits.redeliveries} times and never finished")
            return Result(message.trace_id, tuple(self._handle(message)), "ok", "")
        except (Unavailable, RedisError, Braked):
            raise
        except TryLater as error:
            return self._try_later(message, error)
        except Drop as error:
            log.info("page dropped", reason=error.reason.value, detail=error.detail)
            return self._end(message, "dropped", error.reason, error.detail, error)
        except Reject as error:
            self._set_aside(message.trace_id, item, error.reason.value, error)
            return self._end(message, "dead", error.reason, error.detail)
        except Exception as error:
            log.exception("handler crashed")
            self._set_aside(message.trace_id, item, type(error).__name__, error)
            return self._end(message, "dead", Reason.CRASHED, repr(error))

    def _try_later(self, message: AnyMessage, error: TryLater) -> Result:
        if error.counts and message.attempt >= self._limits.attempts:
            detail = f"after {message.attempt} attempts: {error.detail}"
            return self._end(message, "dropped", error.reason, detail)
        if error.host is None:
            attempt = Attempt(at=now_utc(), stage=self.name, reason=error.reason, detail=error.detail[:300])
            self._later.park(message.next_attempt(attempt) if error.counts else message, error.seconds)
        else:
            waiting = message.model_copy(update={"trail": error.trail}) if error.trail else message
            self._later.wait_turn(waiting, error.host, error.seconds, first=error.first)
        # Most URLs of a burst wait for their host: a line for each would only fill the log.
        write = log.info if error.counts else log.debug
        write("parked", reason=error.reason.value, seconds=round(error.seconds, 1), detail=error.detail)
        return Result(message.trace_id, (), "parked", error.reason.value)

    def _malformed(self, item: Any, error: ValidationError) -> Result:
        trace_id = str(item.get("trace_id", "")) if isinstance(item, dict) else ""
        self._set_aside(trace_id, item, Reason.MALFORMED.value, error)
        return Result(trace_id, (), "dead", Reason.MALFORMED.value)

    def _end(self, message: AnyMessage, outcome: str, reason: Reason, detail: str, drop: Drop | None = None) -> Result:
        url, page = _subject(message)
        page = (drop and drop.page) or page
        if url is None or isinstance(message, PageDropped):
            return Result(message.trace_id, (), outcome, reason.value)
        dropped = PageDropped(
            **message.envelope(),
            url=url,
            page=page,
            stage=self.name,
            reason=reason,
            detail=detail[:2000],
            status=page.status if page else None,
            dead=outcome == "dead",
            fresh_seconds=drop.fresh_seconds if drop else None,
        )
        return Result(message.trace_id, (dropped, *(drop.messages if drop else ())), outcome, reason.value)

    def _set_aside(self, trace_id: str, item: Any, cause: str, error: Exception) -> None:
        self._brake.check(self.name)
        frame = (traceback.extract_tb(error.__traceback__) or [None])[-1]
        where = f"{frame.filename}:{frame.lineno}" if frame else ""
        attempt = item.get("attempt", 1) if isinstance(item, dict) else 1
        attempts = attempt if isinstance(attempt, int) else 1
        self._dead.set_aside(
            letter(self.name, cause, str(error), item, trace_id=trace_id, where=where, attempts=attempts)
        )
        log.error("set aside", cause=cause, detail=str(error)[:200], where=where, dead_trace_id=trace_id)


def _subject(message: AnyMessage) -> tuple[str | None, Page | None]:
    """Returns the URL and the page that a message is about."""
    if isinstance(message, FetchRequested):
        return message.url, None
    if isinstance(message, PageFetched):
        return message.page.url, message.page
    page = getattr(message, "page", None)
    return (page.url, page) if page is not None else (getattr(message, "url", None), None)
