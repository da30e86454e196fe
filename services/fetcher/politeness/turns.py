"""Politeness across the cluster: turns at a host, in Redis, shared by every fetcher.

Each request takes a turn, those for robots.txt and those that redirects lead to like any other. A turn comes with
a window in which the request has to start: the next turn is reckoned from the window's end until it is known when the
request did start, and who misses it, held up by a busy machine, asks anew. So the distance that a host sees between two requests is never under its interval,
whatever the fetchers do or suffer. After Mercator's back queues (Heydon and Najork, 1999), with Redis as the heap.
"""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from time import monotonic
from typing import Any, Literal, NamedTuple

from prometheus_client import Counter
from redis import Redis
from redis.exceptions import NoScriptError, RedisError

from services.fetcher.settings import FetcherSettings
from shared.contracts import Reason
from shared.errors import Drop, TryLater
from shared.urls import host_of

DAY = 86_400
# Waits as long as this are slept through, with the connection open; what must wait longer is parked.
PATIENCE = 1.0
# Seconds in which a granted request has to start, at first. A fetcher that misses its windows takes wider ones.
NARROWEST, WIDEST = 0.03, 2.0
# Seconds that a request may take longer to its host than the next one.
MARGIN = 0.02

MISSED = Counter("newsmill_fetch_turns_missed_total", "Turns that passed before the fetcher was ready.")
BREAKS = Counter("newsmill_fetch_breaker_openings_total", "Times that a host's circuit breaker opened.")

Outcome = Literal["ok", "refused", "overloaded", "failed", "unused"]


class Window(NamedTuple):
    """When a request may start, on the monotonic clock: Redis' own clock lies between `earliest` and `opens`."""

    earliest: float
    opens: float
    closes: float


@dataclass
class Turn:
    """A turn at a host. Called when the connection is open: returns when the request may start.

    What became of it is to be said with answered(), overloaded() or failed(); else it counts as unused.
    """

    host: str
    _again: Callable[[float], "Window"]
    window: Window
    outcome: Outcome = "unused"
    seconds: float = 0.0
    rest: float = 0.0
    waited: float | None = None
    late: float = -1.0

    def __call__(self) -> None:
        """Sleeps until the window opens.

        Raises:
            TryLater: the window was missed and the next is not near.
        """
        began = monotonic()
        while True:
            time.sleep(max(0.0, self.window.opens - monotonic()))
            if (starts := monotonic()) <= self.window.closes:
                self.outcome, self.waited, self.late = "failed", starts - began, starts - self.window.earliest
                return
            MISSED.inc()
            self.window = self._again(starts - self.window.earliest)

    def answered(self, seconds: float, *, well: bool = True) -> None:
        """The host answered, in `seconds`; not `well`: with a refusal, which makes nothing faster."""
        self.outcome, self.seconds = "ok" if well else "refused", seconds

    def overloaded(self, seconds: float, rest: float | None) -> None:
        """The host said that it has had too much: its interval doubles, and for `rest` seconds it is left alone."""
        self.outcome, self.seconds, self.rest = "overloaded", seconds, rest or 0.0

    def failed(self) -> None:
        """The host did not answer, or with its own failure."""
        self.outcome = "failed"


class Politeness:
    """Turns at hosts.

    Args:
        redis: shared by all fetchers.
        settings: of the fetcher.
    """

    def __init__(self, redis: "Redis", settings: FetcherSettings) -> None:
        self._redis = redis
        self._script = redis.register_script(files(__package__).joinpath("turns.lua").read_text())
        # Turns that ended well, to be told of with the next question: a journey to Redis for each is dear.
        self._ended: list[tuple[str, ...]] = []
        self._settings = json.dumps(rules(settings))
        self._window = NARROWEST

    @contextmanager
    def turn(self, host: str, trace_id: str, crawl_delay: float | None, *, first: bool) -> Iterator[Turn]:
        """A turn at a host for a trace, given back at the end.

        Args:
            host: as site_of() names it.
            trace_id: whose turn.
            crawl_delay: seconds, of robots.txt; None when that is not known yet.
            first: whether a trace that has to wait goes before all others, being half-way through.

        Raises:
            TryLater: HOST_BUSY, when the turn is not near.
            Drop: HOST_DOWN, when the host has been away for too long.
        """
        delay = -1.0 if crawl_delay is None else crawl_delay
        again = partial(self._enter, host, trace_id, delay, first)
        turn = Turn(host, partial(self._missed, again), again())
        try:
            yield turn
        finally:
            self._leave((host, trace_id, turn.outcome, f"{turn.seconds:.3f}", f"{turn.rest:.3f}", f"{turn.late:.4f}"))

    def decline(self, host: str, trace_id: str) -> None:
        """Gives back a turn that was handed out with the message and is not wanted: robots.txt says no, say."""
        self._leave((host, trace_id, "unused", "0", "0", "-1"))

    def _leave(self, ended: tuple[str, ...]) -> None:
        """Gives a turn back, at once if others should know."""
        self._ended.append(ended)
        if ended[2] not in ("ok", "refused"):
            self.flush()

    def flush(self) -> None:
        """Tells Redis of the turns that have ended since it was last told or asked."""
        if ended := self._take_ended():
            self._tell("flush", ended)

    def _take_ended(self) -> list[tuple[str, ...]]:
        ended, self._ended = self._ended, []
        return ended

    def _tell(self, operation: str, ended: list[tuple[str, ...]], *more: Any) -> Sequence[bytes]:
        """Calls an operation with the turns that have ended; what Redis was not told it is told next time."""
        try:
            answer = self._call(operation, json.dumps(ended), *more)
        except RedisError:
            self._ended += ended
            raise
        BREAKS.inc(int(answer[-1]))
        return answer

    def _missed(self, again: Callable[[], Window], late: float) -> Window:
        """Another window, and from now on ones that would have been wide enough for this."""
        self._window = min(max(self._window, late * 1.25), WIDEST)
        return again()

    def _enter(self, host: str, trace_id: str, delay: float, first: bool) -> Window:
        """The window of a turn.

        Its opening is reckoned from after Redis' answer and its end from before the question, so that the clock
        of Redis, which is some way off in between, agrees with both.
        """
        asked = monotonic()
        answer = self._tell("enter", self._take_ended(), host, trace_id, f"{delay:.3f}", f"{self._window:.4f}")
        verdict, seconds = answer[0].decode(), float(answer[1])
        if verdict == "down":
            raise Drop(Reason.HOST_DOWN, f"{host} has not answered for {seconds / 3600:.1f} hours")
        if verdict == "later":
            detail = f"the turn at {host} comes in {seconds:.1f} s or later ({answer[2].decode()})"
            raise TryLater(Reason.HOST_BUSY, seconds, detail, counts=False, host=host, first=first)
        self._window = max(NARROWEST, self._window * 0.98)
        width = float(answer[2]) or float("inf")
        return Window(asked + seconds, monotonic() + seconds, asked + seconds + width)

    def release(self, limit: int) -> list[dict[str, Any]]:
        """Messages that wait for hosts whose turn comes, as JSON objects; their slots are theirs. Call Later.sent()
        once they are on their queue."""
        found = self._call("release", f"{PATIENCE}", limit, f"{self._window:.4f}")
        return [json.loads(message) for message in found]

    def pause(self, host: str, *, paused: bool) -> None:
        """A person keeps every fetcher off a host, or lets them at it again."""
        self._call("pause", host, int(paused))

    def look(self, host: str) -> dict[str, str]:
        """What is known of a host: its interval and `why`, who waits, its breaker. Moments are seconds from now."""
        flat = [item.decode() for item in self._call("look", host)]
        return dict(zip(flat[::2], flat[1::2], strict=True))

    def _call(self, operation: str, *more: Any) -> Sequence[bytes]:
        args = (operation, self._settings, *more)
        try:
            # Script.__call__ costs as much again as the command.
            answer: Any = self._redis.execute_command("EVALSHA", self._script.sha, 0, *args)  # type: ignore[no-untyped-call]
        except NoScriptError:
            answer = self._script(args=args)
        return answer  # type: ignore[no-any-return] # redis-py's commands return what they return


def rules(settings: FetcherSettings) -> dict[str, float]:
    """The settings as turns.lua reads them; seconds."""
    return {
        "interval": settings.host_interval,
        "in_flight": settings.host_in_flight,
        "factor": settings.host_latency_factor,
        "longest_latency": 60,
        "slowest": 64,
        "patience": PATIENCE,
        # Between the fetcher and the host; what the network adds is not ours to know.
        "margin": MARGIN,
        # A grant is its holder's for as long as a page may take. One that is on its way with its message lapses
        # sooner ("sending"): a killed fetcher must not keep others from a host for long.
        "lease": settings.fetch_total_timeout + 10,
        "failures": settings.host_failures,
        "first_open": 60,
        "longest_open": 3600,
        "down": settings.host_down_seconds,
        "paused": 3600,
        "sending": 30,
        "remember": 7 * DAY,
    }


def site_of(url: str) -> str:
    """Whose turn a URL takes: its host, and www.HOST is HOST.

    Raises:
        BadUrl: as shared.urls.check().
    """
    return host_of(url).removeprefix("www.")
