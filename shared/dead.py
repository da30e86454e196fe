"""Dead letters: messages that automatic retries cannot cure, with their cause, for a person to look at.

They stay in Redis until a person tries them again or drops them. A letter that fails again after that keeps its
history. When a stage sets aside too many, it brakes (`shared/brake.py`).
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from time import time
from typing import Any, NamedTuple, cast

import structlog
from pydantic import ValidationError
from redis import Redis

from shared.contracts import AnyMessage, Reason, decode
from shared.later import Later
from shared.queues import QUEUES, SCHEDULE_QUEUE

log = structlog.get_logger(__name__)

# Ids by the time of the last failure; letters by id; numbers by stage and cause; letters that are being tried again.
DEAD = "newsmill:dead"
LETTERS = "newsmill:dead:letters"
COUNTS = "newsmill:dead:counts"
RETRIED = "newsmill:dead:tried:"
# How long the history of a letter that is tried again is kept, in case it fails again.
RETRIED_SECONDS = 30 * 86_400
HISTORY = 50
SCAN = 500
# The stages of letters: those that handle messages, the scheduler's rounds, and the reader of the public stream.
STAGES = (*QUEUES, SCHEDULE_QUEUE, "trigger")


class Failure(NamedTuple):
    """A failure for which a message was set aside. `at` is in seconds since the epoch, `where` the line that raised."""

    at: float
    cause: str
    detail: str
    where: str


@dataclass(frozen=True)
class Letter:
    """A message that was set aside.

    `payload` is the message as it arrived, `attempts` is how often the stage had tried it, and `history` are its failures,
    the oldest first.
    """

    stage: str
    trace_id: str
    attempts: int
    payload: Any
    history: tuple[Failure, ...]

    @property
    def id(self) -> str:
        """Returns the id. It is the same each time that the same message is set aside at the same stage."""
        return _letter_id(self.stage, self.trace_id or json.dumps(self.payload, default=str, sort_keys=True))

    @property
    def last(self) -> Failure:
        """Returns the newest failure."""
        return self.history[-1]

    @property
    def url(self) -> str | None:
        """Returns the URL that the message is about, if the payload has one."""
        payload = self.payload if isinstance(self.payload, dict) else {}
        page = payload.get("page")
        return payload.get("url") or (page.get("url") if isinstance(page, dict) else None)

    def record(self) -> dict[str, Any]:
        """Returns the letter as the JSON document that users see."""
        first, last = self.history[0], self.last
        return {
            "id": self.id, "stage": self.stage, "cause": last.cause, "detail": last.detail, "where": last.where,
            "trace_id": self.trace_id, "url": self.url, "attempts": self.attempts, "times": len(self.history),
            "first_at": first.at, "last_at": last.at, "history": [failure._asdict() for failure in self.history],
            "payload": self.payload,
        }  # fmt: skip


def letter(
    stage: str, cause: str, detail: str, payload: Any, *, trace_id: str = "", where: str = "", attempts: int = 1
) -> Letter:
    """Returns a new letter whose first failure is now."""
    return Letter(stage, trace_id, attempts, payload, (Failure(time(), cause, detail[:2000], where),))


class DeadLetters:
    """The dead letters of one Redis."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis

    def set_aside(self, new: Letter) -> None:
        """Adds a letter. If it was tried again, or a redelivery sets it aside again, it keeps its history."""
        present, packed = self.get(new.id), self._redis.getdel(RETRIED + new.id)
        retried = _load(cast("bytes", packed), new.id) if packed else None
        earlier = retried.history if retried else ()
        letter = replace(new, history=(*earlier, *new.history)[-HISTORY:])
        if present is not None:
            letter = replace(new, history=(*present.history[:-1], new.last))
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.hset(LETTERS, letter.id, _pack(letter))
            pipe.zadd(DEAD, {letter.id: letter.last.at})
            if present is not None:
                pipe.hincrby(COUNTS, _group(present), -1)
            pipe.hincrby(COUNTS, _group(letter), 1)
            pipe.execute()

    def get(self, letter_id: str) -> Letter | None:
        """Returns a letter by its id; None if there is none that can be read."""
        packed = self._redis.hget(LETTERS, letter_id)
        return _load(cast("bytes", packed), letter_id) if packed else None

    def newest(self, limit: int = 100) -> list[Letter]:
        """Returns the letters that were set aside last, newest first."""
        ids = cast("list[bytes]", self._redis.zrange(DEAD, 0, limit - 1, desc=True))
        return list(self._letters(ids))

    def every(self, *, stage: str | None = None, cause: str | None = None) -> Iterator[Letter]:
        """Yields the letters of a stage, of a cause, or all, oldest first. Changes meanwhile may show in them."""
        ids = cast("list[bytes]", self._redis.zrange(DEAD, 0, -1))
        for start in range(0, len(ids), SCAN):
            for letter in self._letters(ids[start : start + SCAN]):
                if stage in (None, letter.stage) and cause in (None, letter.last.cause):
                    yield letter

    def of(self, trace_ids: Iterable[str]) -> list[Letter]:
        """Returns the letters about these traces, whatever their stage, oldest first."""
        ids = (_letter_id(stage, trace_id) for trace_id in trace_ids if trace_id for stage in STAGES)
        letters = self._letters([letter_id.encode() for letter_id in dict.fromkeys(ids)])
        return sorted(letters, key=lambda letter: letter.last.at)

    def counts(self) -> dict[tuple[str, str], int]:
        """Returns the number of letters by stage and cause."""
        rows = cast("dict[bytes, bytes]", self._redis.hgetall(COUNTS))
        groups = {
            tuple(key.decode(errors="replace").split("\x1f", 1)): _number(value)
            for key, value in rows.items()
            if b"\x1f" in key
        }
        return cast("dict[tuple[str, str], int]", {group: number for group, number in groups.items() if number > 0})

    def take(self, letter_id: str, *, remember: bool) -> None:
        """Removes a letter. With `remember` its history is kept for a month, for a letter that is tried again."""
        removed = self.get(letter_id)
        if removed is None:
            return
        with self._redis.pipeline(transaction=True) as pipe:
            if remember:
                pipe.set(RETRIED + letter_id, _pack(removed), ex=RETRIED_SECONDS)
            pipe.hdel(LETTERS, letter_id)
            pipe.zrem(DEAD, letter_id)
            pipe.hincrby(COUNTS, _group(removed), -1)
            pipe.execute()

    def readable(self, stage: str, items: Iterable[Mapping[str, Any]]) -> list[AnyMessage]:
        """Returns JSON objects as messages. An object that this version cannot read is set aside, and the others go on."""
        messages: list[AnyMessage] = []
        for item in items:
            try:
                messages.append(decode(item))
            except ValidationError as error:
                trace_id = str(item.get("trace_id", ""))
                self.set_aside(letter(stage, Reason.MALFORMED.value, str(error), item, trace_id=trace_id))
                Later(self._redis).release([trace_id])
        return messages

    def _letters(self, ids: list[bytes]) -> Iterator[Letter]:
        if ids:
            rows = zip(ids, self._redis.hmget(LETTERS, ids), strict=True)
            letters = (
                _load(packed, letter_id.decode(errors="replace"))
                for letter_id, packed in rows
                if isinstance(packed, bytes)
            )
            yield from (letter for letter in letters if letter)


def _number(text: bytes | None) -> int:
    """Returns a count; 0 for what is none."""
    return int(text) if text and text.isdigit() else 0


def _letter_id(stage: str, subject: str) -> str:
    return sha256(f"{stage} {subject}".encode(errors="replace")).hexdigest()[:16]


def _group(letter: Letter) -> bytes:
    return f"{letter.stage}\x1f{letter.last.cause}".encode(errors="replace")


def _pack(letter: Letter) -> bytes:
    # A payload may hold any text, also halves of surrogate pairs: JSON in ASCII can hold those.
    return json.dumps(asdict(letter), default=str).encode()


def _load(packed: bytes, letter_id: str) -> Letter | None:
    """Returns a letter; None, named in the log, for what somebody else wrote in its place."""
    try:
        fields = json.loads(packed)
        history = tuple(
            Failure(float(at), str(cause), str(detail), str(where)) for at, cause, detail, where in fields["history"]
        )
        if not history:
            raise ValueError("it has no failure")
        fields |= {
            "stage": str(fields["stage"]),
            "trace_id": str(fields["trace_id"]),
            "attempts": int(fields["attempts"]),
        }
        return Letter(**fields | {"history": history})
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        log.warning(
            "a dead letter cannot be read and is passed over", key=LETTERS, id=letter_id, error=str(error)[:200]
        )
        return None
