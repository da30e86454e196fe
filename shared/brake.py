"""The brake: a stage that would set aside too large a share of its messages pauses for a minute instead.

Then the fault is in the stage and not in the messages. The outcomes of each minute are counted over all workers of a stage.
"""

from contextlib import suppress
from time import time

import structlog
from redis import Redis
from redis.exceptions import OutOfMemoryError

from shared.errors import NewsmillError
from shared.queues import QUEUES

log = structlog.get_logger(__name__)

BRAKES = "newsmill:brake:"
OUTCOMES = "newsmill:outcomes:"
# For how long the outcomes of each minute are kept, for curves; a small hash a stage and minute.
OUTCOMES_MINUTES = 360
BRAKE_SECONDS = 60
# A stage with fewer outcomes than this in a minute does not brake.
LEAST_OUTCOMES = 20


class Braked(NewsmillError):
    """The stage sets aside too many messages and pauses: its list goes back to the queue."""


class Brake:
    """The brakes of the stages of one Redis.

    Args:
        redis: holds the outcomes and the brakes.
        share: a stage brakes when a larger share of a minute's outcomes than this (0 to 1) is set aside.
    """

    def __init__(self, redis: "Redis", share: float = 0.5) -> None:
        self._redis = redis
        self._share = share

    def count(self, stage: str, handled: int, dead: int) -> None:
        """Adds to the outcomes of a stage in this minute, over all its workers; does nothing while Redis is full."""
        key = _minute(stage, time())
        with suppress(OutOfMemoryError), self._redis.pipeline(transaction=False) as pipe:
            pipe.hincrby(key, "handled", handled)
            pipe.hincrby(key, "dead", dead)
            pipe.expire(key, 60 * (OUTCOMES_MINUTES + 2))
            pipe.execute()

    def outcomes(self, stage: str) -> list[tuple[int, int]]:
        """Returns how many messages a stage handled and set aside in each of the last OUTCOMES_MINUTES, the oldest first."""
        this_minute = int(time() // 60)
        with self._redis.pipeline(transaction=False) as pipe:
            for minute in range(this_minute - OUTCOMES_MINUTES, this_minute):
                pipe.hmget(_minute(stage, minute * 60), "handled", "dead")
            return [(_number(handled), _number(dead)) for handled, dead in pipe.execute()]

    def check(self, stage: str) -> None:
        """Checks whether a stage may set a message aside.

        Raises:
            Braked: the stage has set aside too large a share of the last minute's messages.
        """
        now = time()
        with self._redis.pipeline(transaction=False) as pipe:
            for minute in (now - 60, now):
                pipe.hmget(_minute(stage, minute), "handled", "dead")
            handled, dead = (sum(map(_number, column)) for column in zip(*pipe.execute(), strict=True))
        if handled >= LEAST_OUTCOMES and dead > self._share * handled:
            text = f"{dead} of {handled} messages were set aside within a minute"
            self._redis.set(BRAKES + stage, text, ex=BRAKE_SECONDS)
            self._redis.unlink(*(_minute(stage, minute) for minute in (now - 60, now)))
            log.error("braked", stage=stage, detail=text, seconds=BRAKE_SECONDS)
            raise Braked(f"{stage} brakes: {text}")
        if (reason := self.reason(stage)) is not None:
            raise Braked(f"{stage} brakes: {reason}")

    def reason(self, stage: str) -> str | None:
        """Returns why a stage brakes; None when it does not."""
        text = self._redis.get(BRAKES + stage)
        return text.decode(errors="replace") if isinstance(text, bytes) else None

    def reasons(self) -> dict[str, str]:
        """Returns why stages brake, by those that do."""
        return {stage: reason for stage in QUEUES if (reason := self.reason(stage)) is not None}

    def release(self, stage: str) -> None:
        """Ends a stage's brake at once."""
        self._redis.unlink(BRAKES + stage)


def _number(text: bytes | None) -> int:
    """Returns a count; 0 for what is none: the key is set aside when the next outcome is counted."""
    return int(text) if text and text.isdigit() else 0


def _minute(stage: str, moment: float) -> str:
    return f"{OUTCOMES}{stage}:{int(moment // 60)}"
