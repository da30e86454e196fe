"""Snapshots of a running system, from the metrics, queues and tables that anybody can read."""

import re
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from time import monotonic
from typing import Any

import requests
from redis import Redis
from redis.exceptions import RedisError

from newsmill.local.layout import Layout
from shared.dead import DeadLetters
from shared.later import Later
from shared.queues import QUEUES, SOURCES_ERROR, TRIGGER_LANES, TRIGGERS, queue_keys
from shared.worker.pressure import paused

STAGES = {"fetch": "fetcher", "parse": "parser", "store": "storage"}
LATEST_HEADLINES = 8
LATEST_ERRORS = 3
PROBLEM_CHARACTERS = 200
# As /metrics shows it.
_ITEMS = re.compile(r'^newsmill_stage_items_total\{(?:[^}]*,)?stage="(\w+)"[^}]*\} (\S+)', re.MULTILINE)


@dataclass(frozen=True)
class Snapshot:
    """The system at a moment: lengths, totals, and the items that each stage has handled since it started.

    `sources_error` is what is wrong with the file of sources. `unknown` names what could not be read just now; the numbers
    that depend on it are those of the snapshot before.
    """

    at: float
    queues: Mapping[str, int]
    triggers: int
    custody: int
    parked: int
    dead: int
    paused: Mapping[str, Sequence[str]]
    handled: Mapping[str, float]
    pages: Mapping[str, int]
    articles: int
    headlines: int
    latest: tuple[tuple[str, str], ...]
    errors: tuple[str, ...]
    sources_error: str | None = None
    unknown: tuple[str, ...] = ()

    @property
    def idle(self) -> bool:
        """Whether everything that was triggered has its disposition, as far as all of it is known."""
        waiting = self.triggers or self.custody or self.parked or any(self.queues.values())
        return not waiting and not self.unknown

    def summary(self) -> dict[str, Any]:
        """Returns the totals, as `--json` prints them."""
        return {
            "articles": self.articles, "headlines": self.headlines, "pages": dict(self.pages),
            "dead_letters": self.dead, "idle": self.idle,
        }  # fmt: skip


class Watch:
    """Takes snapshots of a running system. A Redis or database that does not answer costs only its own numbers.

    Args:
        layout: of the system.
        redis: of the system, with a time limit for its answers.
    """

    def __init__(self, layout: Layout, redis: "Redis") -> None:
        self._layout = layout
        self._redis = redis
        self._later = Later(redis)
        self._dead = DeadLetters(redis)
        self._lengths: dict[str, Any] = {
            "queues": dict.fromkeys(QUEUES, 0), "triggers": 0, "custody": 0, "parked": 0, "dead": 0, "paused": {}, "errors": (),
            "sources_error": None,
        }  # fmt: skip
        self._totals: dict[str, Any] = {"pages": {}, "articles": 0, "headlines": 0, "latest": ()}

    def look(self) -> Snapshot:
        """Returns the system as it is now."""
        self._lengths, redis_problem = _attempt(self._read_redis, self._lengths)
        self._totals, database_problem = _attempt(self._read_database, self._totals)
        problems = tuple(problem for problem in (redis_problem, database_problem) if problem)
        handled = {stage: self._handled(stage) for stage in STAGES}
        return Snapshot(at=monotonic(), handled=handled, unknown=problems, **self._lengths, **self._totals)

    def _read_redis(self) -> dict[str, Any]:
        counts = self._later.counts()
        return {
            "queues": {queue: sum(self._redis.llen(key) for key in queue_keys(queue)) for queue in QUEUES},
            "triggers": sum(self._redis.xlen(stream) for stream in (TRIGGERS, *TRIGGER_LANES)),
            "custody": counts["custody"],
            "parked": counts["parked"],
            "dead": sum(self._dead.counts().values()),
            "paused": paused(self._redis),
            "sources_error": _text(self._redis.get(SOURCES_ERROR)),
            "errors": tuple(
                f"{letter.stage}: {letter.last.cause}: {letter.last.detail}"
                for letter in self._dead.newest(LATEST_ERRORS)
            ),
        }

    def _read_database(self) -> dict[str, Any]:
        # SQLAlchemy would take a third of the command's memory for four queries.
        with closing(sqlite3.connect(f"{self._layout.database.as_uri()}?mode=ro", uri=True)) as database:
            dispositions = database.execute("SELECT disposition, count(*) FROM page GROUP BY disposition")
            newest = database.execute("SELECT language, text FROM headline ORDER BY id DESC LIMIT ?", (LATEST_HEADLINES,))  # fmt: skip
            [[articles]] = database.execute("SELECT count(*) FROM article")
            [[headlines]] = database.execute("SELECT count(*) FROM headline")
            return {
                "pages": {disposition or "under-way": pages for disposition, pages in dispositions},
                "articles": articles,
                "headlines": headlines,
                "latest": tuple((language or "", text) for language, text in newest),
            }

    def _handled(self, stage: str) -> float:
        try:
            text = requests.get(self._layout.metrics_url(STAGES[stage]) + "/metrics", timeout=2).text
        except requests.RequestException:
            return 0.0
        return sum(float(items) for counted, items in _ITEMS.findall(text) if counted == stage)


def _text(value: Any) -> str | None:
    return value.decode(errors="replace") if isinstance(value, bytes) else None


def _attempt(read: Callable[[], dict[str, Any]], previous: dict[str, Any]) -> tuple[dict[str, Any], str | None]:
    """Returns what is read and None; when that fails, the previous values and the problem."""
    try:
        return read(), None
    except RedisError as error:
        return previous, f"Redis: {error}"[:PROBLEM_CHARACTERS]
    except sqlite3.Error as error:
        return previous, f"database: {error}"[:PROBLEM_CHARACTERS]
