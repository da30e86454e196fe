"""No pattern that may meet foreign text costs more than in proportion to its length."""

import signal
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.hostile.patterns import Repetition, Use, repetitions, uses

pytestmark = pytest.mark.hostile

# Rooms whose processes serve everybody: none of them may stand still over one text. The parser's children may be killed.
ROOMS = ("services/fetcher", "services/scheduler", "services/storage", "services/reader", "shared")
SHORTER, LONGER = 50_000, 1_000_000
# Of the parser's patterns, which tests/parser/test_cost.py feeds what its modules cut: one that meets lines of any length.
OF_LONG_LINES = [
    use for use in uses("services/parser/article/byline.py") if "(?P<publisher>" in str(use.pattern.pattern)
]
# So much more is the clock's: a linear pattern costs less than this over a million characters.
CPU_SECONDS = 0.3
# Patterns that only ever meet short texts of our own: file and pattern -> why.
SHORT_AND_OWN: dict[tuple[str, str], str] = {}


class TooDear(Exception):
    """A search was ended."""


@contextmanager
def at_most(cpu_seconds: float) -> Iterator[None]:
    def end(*_: Any) -> None:
        raise TooDear

    before = signal.signal(signal.SIGPROF, end)
    signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def cost(use: Use, repetition: Repetition, length: int, cpu_seconds: float) -> float:
    """CPU seconds of a search for every match, and of a match of the text; infinite beyond a limit."""
    text: Any = repetition.text(length)
    text = text.encode("latin-1") if isinstance(use.pattern.pattern, bytes) else text
    began = time.process_time()
    try:
        with at_most(cpu_seconds):
            use.pattern.fullmatch(text)
            deque(use.pattern.finditer(text), maxlen=0)
    except TooDear:
        return float("inf")
    return time.process_time() - began


def dear(use: Use, repetition: Repetition) -> bool:
    """Whether a million characters cost more than twenty times as much as fifty thousand.

    Both are timed again, side by side, before it is believed: a busy neighbour slows either of them down.
    """
    for _ in range(5):
        shorter = cost(use, repetition, SHORTER, CPU_SECONDS)
        bound = 20 * shorter + CPU_SECONDS
        if shorter != float("inf") and cost(use, repetition, LONGER, bound) <= bound:
            return False
    return True


@pytest.mark.parametrize(
    "use",
    [use for use in (*uses(*ROOMS), *OF_LONG_LINES) if (use.file, str(use.pattern.pattern)) not in SHORT_AND_OWN],
    ids=str,
)
def test_a_pattern_costs_in_proportion_to_the_text(use: Use) -> None:
    assert [repetition for repetition in repetitions(use.pattern) if dear(use, repetition)] == []
