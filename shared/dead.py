"""Dead letters: messages that no retry of the machine's can cure, with their cause, for a person to look at.

They lie in Redis until a person tries them again or drops them; none goes by itself. A letter that is tried again and
fails again comes back with its history. A stage that sets aside too large a share of what it handles stops for a
minute instead (the brake), for then it is the stage that is wrong and not the messages.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from time import time
from typing import Any, NamedTuple, cast

import structlog
from pydantic import ValidationError
from redis import Redis
from redis.exceptions import OutOfMemoryError

from shared.contracts import AnyMessage, Reason, decode
from shared.errors import NewsmillError
from shared.later import Later

log = structlog.get_logger(__name__)

# Letters by the time they were last set aside; letters; how many by stage and cause; what is being tried again.
DEAD = "newsmill:dead"
LETTERS = "newsmill:dead:letters"
COUNTS = "newsmill:dead:counts"
TRIED = "newsmill:dead:tried:"
BRAKES = "newsmill:brake:"
OUTCOMES = "newsmill:outcomes:"
# For how long a letter that is tried again is remembered, should it fail again.
TRIED_SECONDS = 30 * 86_400
BRAKE_SECONDS = 60
# Fewer outcomes than these say nothing of a stage.
BRAKE_LEAST = 20
HISTORY = 50
SCAN = 500


class Braked(NewsmillError):
    """The stage sets aside too much and rests: its list goes back to the queue."""


class Failure(NamedTuple):
    """One time that a message was set aside. `at` is seconds since the epoch, `where` the line that raised."""

    at: float
    cause: str
    detail: str
    where: str


@dataclass(frozen=True)
class Letter:
    """A message set aside. `cause` names why in one word; `payload` is the message as it came; `attempts` how often the
    stage had tried it; `history` every time that it was set aside, the oldest first."""

    stage: str
    trace_id: str
    attempts: int
    payload: Any
    history: tuple[Failure, ...]

    @property
    def id(self) -> str:
        """The same for the same message at the same stage, however often it is set aside."""
        subject = self.trace_id or json.dumps(self.payload, default=str, sort_keys=True)
        return sha256(f"{self.stage} {subject}".encode(errors="replace")).hexdigest()[:16]

    @property
    def last(self) -> Failure:
        """The newest of its history."""
        return self.history[-1]

    @property
    def url(self) -> str | None:
        """The URL that the message is about, as far as it can be seen."""
        payload = self.payload if isinstance(self.payload, dict) else {}
        page = payload.get("page")
        return payload.get("url") or (page.get("url") if isinstance(page, dict) else None)

    def record(self) -> dict[str, Any]:
        """The letter as the JSON document that users see."""
        first, last = self.history[0], self.last
        return {
            "id": self.id, "stage": self.stage, "cause": last.cause, "detail": last.detail, "where": last.where,
            "trace_id": self.trace_id, "url": self.url, "attempts": self.attempts, "times": len(self.history),
            "first_at": first.at, "last_at": last.at, "history": [one._asdict() for one in self.history],
            "payload": self.payload,
        }  # fmt: skip


def letter(
    stage: str, cause: str, detail: str, payload: Any, *, trace_id: str = "", where: str = "", attempts: int = 1
) -> Letter:
    """A letter that is set aside for the first time, now."""
    return Letter(stage, trace_id, attempts, payload, (Failure(time(), cause, detail[:2000], where),))


class DeadLetters:
    """The dead letters of one Redis.

    Args:
        redis: where they are.
        brake_share: the share of a minute's outcomes, 0 to 1, beyond which a stage brakes.
    """

    def __init__(self, redis: "Redis", brake_share: float = 0.5) -> None:
        self._redis = redis
        self._brake_share = brake_share

    def set_aside(self, new: Letter) -> None:
        """Keeps a letter. One that was tried again, or that a redelivery sets aside once more, keeps its history."""
        known, tried = self.get(new.id), self._redis.getdel(TRIED + new.id)
        before = _load(cast("bytes", tried)) if tried else None
        whole = replace(new, history=((*before.history, *new.history) if before else new.history)[-HISTORY:])
        if known is not None:
            whole = replace(new, history=(*known.history[:-1], new.last))
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.hset(LETTERS, whole.id, _pack(whole))
            pipe.zadd(DEAD, {whole.id: whole.last.at})
            if known is not None:
                pipe.hincrby(COUNTS, _group(known), -1)
            pipe.hincrby(COUNTS, _group(whole), 1)
            pipe.execute()

    def get(self, letter_id: str) -> Letter | None:
        """A letter by its id."""
        packed = self._redis.hget(LETTERS, letter_id)
        return _load(cast("bytes", packed)) if packed else None

    def newest(self, limit: int = 100) -> list[Letter]:
        """The letters that were set aside last, newest first."""
        ids = cast("list[bytes]", self._redis.zrange(DEAD, 0, limit - 1, desc=True))
        return list(self._letters(ids))

    def every(self, *, stage: str | None = None, cause: str | None = None) -> Iterator[Letter]:
        """All letters of a stage, or cause, or all, oldest first; what is set aside meanwhile may be among them."""
        ids = cast("list[bytes]", self._redis.zrange(DEAD, 0, -1))
        for start in range(0, len(ids), SCAN):
            for one in self._letters(ids[start : start + SCAN]):
                if stage in (None, one.stage) and cause in (None, one.last.cause):
                    yield one

    def of(self, trace_ids: Iterable[str]) -> list[Letter]:
        """The letters about these traces."""
        wanted = set(trace_ids)
        return [one for one in self.every() if one.trace_id in wanted]

    def counts(self) -> dict[tuple[str, str], int]:
        """How many letters there are, by stage and cause."""
        rows = cast("dict[bytes, bytes]", self._redis.hgetall(COUNTS))
        groups = {tuple(key.decode(errors="replace").split("\x1f", 1)): int(value) for key, value in rows.items()}
        return cast("dict[tuple[str, str], int]", {group: number for group, number in groups.items() if number > 0})

    def take(self, letter_id: str, *, remember: bool) -> None:
        """Takes a letter out: for good, or to be tried again, when its history is remembered for a month."""
        found = self.get(letter_id)
        if found is None:
            return
        with self._redis.pipeline(transaction=True) as pipe:
            if remember:
                pipe.set(TRIED + letter_id, _pack(found), ex=TRIED_SECONDS)
            pipe.hdel(LETTERS, letter_id)
            pipe.zrem(DEAD, letter_id)
            pipe.hincrby(COUNTS, _group(found), -1)
            pipe.execute()

    def readable(self, stage: str, items: Iterable[Mapping[str, Any]]) -> list[AnyMessage]:
        """What waited, as messages. One that this version cannot read is set aside, so that it stops no other."""
        messages: list[AnyMessage] = []
        for item in items:
            try:
                messages.append(decode(item))
            except ValidationError as error:
                trace_id = str(item.get("trace_id", ""))
                self.set_aside(letter(stage, Reason.MALFORMED.value, str(error), item, trace_id=trace_id))
                Later(self._redis).release([trace_id])
        return messages

    def count(self, stage: str, handled: int, dead: int) -> None:
        """Adds outcomes of a stage to this minute's, over all its workers; not while Redis is full."""
        key = _minute(stage, time())
        with suppress(OutOfMemoryError), self._redis.pipeline(transaction=False) as pipe:
            pipe.hincrby(key, "handled", handled)
            pipe.hincrby(key, "dead", dead)
            pipe.expire(key, 180)
            pipe.execute()

    def check_brake(self, stage: str) -> None:
        """To be asked before a stage sets a message aside.

        Raises:
            Braked: it has set aside too large a share of the last minute's messages.
        """
        now = time()
        with self._redis.pipeline(transaction=False) as pipe:
            for minute in (now - 60, now):
                pipe.hmget(_minute(stage, minute), "handled", "dead")
            handled, dead = (sum(map(int, filter(None, column))) for column in zip(*pipe.execute(), strict=True))
        if handled >= BRAKE_LEAST and dead > self._brake_share * handled:
            text = f"{dead} of {handled} messages were set aside within a minute"
            self._redis.set(BRAKES + stage, text, ex=BRAKE_SECONDS)
            self._redis.unlink(*(_minute(stage, minute) for minute in (now - 60, now)))
            log.error("braked", stage=stage, detail=text, seconds=BRAKE_SECONDS)
            raise Braked(f"{stage} brakes: {text}")
        if (braked := self.braked(stage)) is not None:
            raise Braked(f"{stage} brakes: {braked}")

    def braked(self, stage: str) -> str | None:
        """Why a stage brakes now; None when it does not."""
        text = self._redis.get(BRAKES + stage)
        return text.decode() if isinstance(text, bytes) else None

    def release_brake(self, stage: str) -> None:
        """Lets a stage go on at once."""
        self._redis.unlink(BRAKES + stage)

    def _letters(self, ids: list[bytes]) -> Iterator[Letter]:
        if ids:
            yield from (_load(packed) for packed in self._redis.hmget(LETTERS, ids) if isinstance(packed, bytes))


def _minute(stage: str, moment: float) -> str:
    return f"{OUTCOMES}{stage}:{int(moment // 60)}"


def _group(one: Letter) -> bytes:
    return f"{one.stage}\x1f{one.last.cause}".encode(errors="replace")


def _pack(one: Letter) -> bytes:
    # What lies here may be anything at all, halves of surrogate pairs included: JSON in ASCII holds those.
    return json.dumps(asdict(one), default=str).encode()


def _load(packed: bytes) -> Letter:
    fields = json.loads(packed)
    return Letter(**fields | {"history": tuple(Failure(*one) for one in fields["history"])})
