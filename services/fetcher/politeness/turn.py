"""One turn at a host: when its request may start, and how it ended."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Literal, NamedTuple
from zlib import crc32

from prometheus_client import Counter

MISSED = Counter("newsmill_fetch_turns_missed_total", "Turns that passed before the fetcher was ready.")

Outcome = Literal["ok", "refused", "overloaded", "failed", "unused"]


class Window(NamedTuple):
    """When a request may start, on the monotonic clock: Redis' own clock lies between `earliest` and `opens`."""

    earliest: float
    opens: float
    closes: float


class TurnEnd(NamedTuple):
    """How a turn ended, as turns.lua takes it: texts, because a number would lose its fraction."""

    host: str
    holder: str
    outcome: Outcome
    seconds: str = "0"
    rest_seconds: str = "0"
    start_offset: str = "-1"
    url_number: str = ""


@dataclass
class Turn:
    """A turn at a host. Called when the connection is open, it returns when the request may start.

    Say what became of it with answer(), overload() or failure(); otherwise it counts as unused before its call, and as
    failed after it.

    Attributes:
        host: whose turn it is.
        window: when the request may start.
        outcome: how it ended.
        seconds: how long the request took.
        rest_seconds: for how long the host asked to be left alone.
        wait_seconds: how long the call waited for the window; None before it.
        start_offset: seconds after the window's earliest moment at which the request started; -1 before.
    """

    host: str
    renew: Callable[[float], Window]
    window: Window
    outcome: Outcome = "unused"
    seconds: float = 0.0
    rest_seconds: float = 0.0
    wait_seconds: float | None = None
    start_offset: float = -1.0

    def __call__(self) -> None:
        """Sleeps until the window opens.

        Raises:
            TryLater: the window was missed and the next is not near.
        """
        began = monotonic()
        while True:
            time.sleep(max(0.0, self.window.opens - monotonic()))
            if (start := monotonic()) <= self.window.closes:
                self.outcome, self.wait_seconds, self.start_offset = (
                    "failed",
                    start - began,
                    start - self.window.earliest,
                )
                return
            MISSED.inc()
            self.window = self.renew(start - self.window.earliest)

    def answer(self, seconds: float, *, ok: bool = True) -> None:
        """The host answered in `seconds`; not `ok`: with a refusal, which makes nothing faster."""
        self.outcome, self.seconds = "ok" if ok else "refused", seconds

    def overload(self, seconds: float, rest_seconds: float | None) -> None:
        """The host said that it has too much to do: its interval doubles, and for `rest_seconds` it is left alone."""
        self.outcome, self.seconds, self.rest_seconds = "overloaded", seconds, rest_seconds or 0.0

    def failure(self) -> None:
        """The host did not answer, or answered with its own failure."""
        self.outcome = "failed"

    def end(self, holder: str, url: str) -> TurnEnd:
        """Returns how the turn of a holder at a URL ended."""
        return TurnEnd(
            self.host,
            holder,
            self.outcome,
            f"{self.seconds:.3f}",
            f"{self.rest_seconds:.3f}",
            f"{self.start_offset:.4f}",
            str(crc32(url.encode())) if url else "",
        )
