"""What became of the invented sites of a kind, as a row of a table."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol


class Delayed(Protocol):
    """Something that took a time, or never came."""

    @property
    def delay(self) -> float | None:
        """How long it took; None if it never came."""


class Outcome(NamedTuple):
    """What became of a site: false alerts in a year, and the delay from its death or break to the alert (None: not delays)."""

    false: int
    delay: float | None


HEAD = ("", "false a year", "median", "95 %", "worst", "not found")


def row(name: str, unit: str, outcomes: Sequence[Outcome]) -> Sequence[str]:
    """Returns the cells of a kind of site."""
    return name, f"{sum(outcome.false for outcome in outcomes) / len(outcomes):.2f}", *delays(unit, outcomes)


def delays(unit: str, outcomes: Sequence[Delayed]) -> Sequence[str]:
    """Returns how long the alerts took: the median, 95 %, the longest, and how many never came."""
    waits = sorted(outcome.delay for outcome in outcomes if outcome.delay is not None)
    missed = str(len(outcomes) - len(waits))
    if not waits:
        return "never", "", "", missed
    marks = waits[len(waits) // 2], waits[min(len(waits) - 1, int(len(waits) * 0.95))], waits[-1]
    return *(f"{mark:.0f} {unit}" for mark in marks), missed


def edges(states: Iterable[bool]) -> int:
    """Returns how often something that is open or not has opened."""
    opened, before = 0, False
    for is_open in states:
        opened, before = opened + (is_open and not before), is_open
    return opened
