"""Politeness across the cluster: turns at a host, in Redis, shared by every fetcher.

Each request takes a turn, also those for robots.txt and those that redirects lead to. A turn comes with a window in which
the request has to start. The next turn is counted from the end of the window until it is known when the request did
start; a fetcher that misses its window, held up by a busy machine, asks again. So the distance that a host sees between
two requests is never under its interval, whatever happens to the fetchers. After Mercator's back queues (Heydon and
Najork, 1999), with Redis as the heap.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from importlib.resources import files
from time import monotonic
from typing import Any

from prometheus_client import Counter
from redis import Redis
from redis.exceptions import NoScriptError, RedisError

from services.fetcher.politeness.turn import Turn, TurnEnd, Window
from services.fetcher.settings import FetcherSettings
from shared.contracts import Reason
from shared.errors import Drop, TryLater
from shared.later import fields_of
from shared.urls import host_of

DAY = 86_400
# Waits up to this long are slept through, with the connection open; a longer wait is parked.
PATIENCE = 1.0
# Seconds in which a granted request has to start, at first. A fetcher that misses its windows takes wider ones.
NARROWEST, WIDEST = 0.03, 2.0
# Seconds that a request may take longer to its host than the next one.
MARGIN = 0.02

BREAKS = Counter("newsmill_fetch_breaker_openings_total", "Times that a host's circuit breaker opened.")


class Politeness:
    """Turns at hosts.

    Args:
        redis: shared by all fetchers.
        settings: of the fetcher.
    """

    def __init__(self, redis: "Redis", settings: FetcherSettings) -> None:
        self._redis = redis
        self._script = redis.register_script(files(__package__).joinpath("turns.lua").read_text())
        # Turns that ended well are reported with the next request: a round trip to Redis for each is dear.
        self._unreported: list[TurnEnd] = []
        self._settings = json.dumps(script_settings(settings))
        self._window_seconds = NARROWEST

    @contextmanager
    def turn(self, host: str, holder: str, crawl_delay: float | None, *, first: bool, url: str = "") -> Iterator[Turn]:
        """Yields a turn at a host, and gives it back at the end.

        Args:
            host: as site_of() names it.
            holder: the trace that takes the turn, or a further turn of that trace.
            crawl_delay: seconds, of robots.txt; None while that is not known.
            first: whether a trace that has to wait goes before all others, because it is half-way through.
            url: the URL that is requested, which may be refused for itself and not for its host.

        Raises:
            TryLater: HOST_BUSY, when the turn is not near.
            Drop: HOST_DOWN, when the host has been away for too long.
        """
        delay = -1.0 if crawl_delay is None else crawl_delay
        request = partial(self._request_window, host, holder, delay, first)
        turn = Turn(host, partial(self._renew, request), request())
        try:
            yield turn
        finally:
            self._give_back(turn.end(holder, url))

    def decline(self, host: str, holder: str) -> None:
        """Gives back a turn that came with a message and is not used, because robots.txt forbids the page, say."""
        self._give_back(TurnEnd(host, holder, "unused"))

    def _give_back(self, end: TurnEnd) -> None:
        """Gives a turn back, at once if it changes what others may do."""
        self._unreported.append(end)
        if end.outcome not in ("ok", "refused"):
            self.flush()

    def flush(self) -> None:
        """Reports to Redis the turns that have ended since the last report."""
        if ends := self._take_unreported():
            self._report("flush", ends)

    def _take_unreported(self) -> list[TurnEnd]:
        ends, self._unreported = self._unreported, []
        return ends

    def _report(self, operation: str, ends: list[TurnEnd], *arguments: Any) -> Sequence[bytes]:
        """Calls an operation with the turns that have ended; those that Redis does not take are reported next time."""
        try:
            reply = self._call(operation, json.dumps(ends), *arguments)
        except RedisError:
            self._unreported += ends
            raise
        BREAKS.inc(int(reply[-1]))
        return reply

    def _renew(self, request: Callable[[], Window], late_seconds: float) -> Window:
        """Returns another window; from now on windows are wide enough for such a delay."""
        self._window_seconds = min(max(self._window_seconds, late_seconds * 1.25), WIDEST)
        return request()

    def _request_window(self, host: str, holder: str, delay: float, first: bool) -> Window:
        """Returns the window of a turn.

        It opens counted from after the reply of Redis and ends counted from before the request, so that the clock of
        Redis, which is some way off in between, agrees with both.
        """
        requested_at = monotonic()
        reply = self._report(
            "enter", self._take_unreported(), host, holder, f"{delay:.3f}", f"{self._window_seconds:.4f}"
        )
        verdict, seconds = reply[0].decode(), float(reply[1])
        if verdict == "down":
            raise Drop(Reason.HOST_DOWN, f"{host} has not answered for {seconds / 3600:.1f} hours")
        if verdict == "later":
            detail = f"the turn at {host} comes in {seconds:.1f} s or later ({reply[2].decode()})"
            raise TryLater(Reason.HOST_BUSY, seconds, detail, counts=False, host=host, first=first)
        self._window_seconds = max(NARROWEST, self._window_seconds * 0.98)
        width = float(reply[2]) or float("inf")
        return Window(requested_at + seconds, monotonic() + seconds, requested_at + seconds + width)

    def release(self, limit: int) -> list[dict[str, Any]]:
        """Returns messages, as JSON objects, that wait for hosts whose turn comes, with the turns granted to them.

        Call Later.sent() once they are on their queue.
        """
        ends = self._take_unreported()
        *messages, _ = self._report("release", ends, f"{PATIENCE}", limit, f"{self._window_seconds:.4f}")
        return [fields_of(message) for message in messages]

    def pause(self, host: str, *, paused: bool) -> None:
        """Keeps every fetcher off a host at a person's word, or lets them at it again."""
        self._call("pause", host, int(paused))

    def state(self, host: str) -> dict[str, str]:
        """Returns what is known of a host: its interval and `why`, the queue, its breaker. Times are seconds from now."""
        flat = [item.decode() for item in self._call("look", host)]
        return dict(zip(flat[::2], flat[1::2], strict=True))

    def _call(self, operation: str, *arguments: Any) -> Sequence[bytes]:
        script_arguments = (operation, self._settings, *arguments)
        try:
            # Script.__call__ costs as much again as the command.
            reply: Any = self._redis.execute_command("EVALSHA", self._script.sha, 0, *script_arguments)  # type: ignore[no-untyped-call]
        except NoScriptError:
            reply = self._script(args=script_arguments)
        return reply  # type: ignore[no-any-return] # redis-py's commands return what they return


def script_settings(settings: FetcherSettings) -> dict[str, float]:
    """Returns the settings as turns.lua reads them; times are in seconds."""
    return {
        "interval": settings.host_interval,
        "in_flight": settings.host_in_flight,
        "factor": settings.host_latency_factor,
        "longest_latency": 60,
        "slowest": 64,
        # URLs of a host whose complaints are remembered.
        "complaints": 1000,
        # A host rests so long at most because of one URL that was refused; then another shows whether it was meant itself.
        "unsure_rest": 600,
        "patience": PATIENCE,
        "margin": MARGIN,
        # A holder keeps a grant for as long as a page may take. A grant that is on its way with its message lapses
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
    """Returns whose turn a URL takes: its host, where www.HOST is HOST.

    Raises:
        BadUrl: as shared.urls.check().
    """
    return host_of(url).removeprefix("www.")
