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

LONGER = 1_000_000
# So much more is the clock's: a linear pattern costs less than this over a million characters.
CPU_SECONDS = 0.3
# Where what patterns meet is cut to so many characters before: the first of these that a pattern's place begins with.
LONGEST = {
    "services/parser/article/publication/publication_line.py": LONGER, "services/parser/article/authors/byline.py": 1_000, "services/parser/article/authors/joined_names.py": 1_000,
    "services/parser/article/titles/headings.py:SEPARATOR": 400, "services/parser/article/authors/byline_lead.py": 1_000, "services/parser/article/authors/authors.py": 2_000, "services/parser/article/placeholders.py": 2_000,
    "services/parser/article/publication/dateline.py": 250, "services/parser/article/publication/date_labels.py": 250, "services/parser/article/publication/dates_elsewhere.py:_IN_ATTRIBUTE": 4_500, "services/parser/article/publication/dates_elsewhere.py:_OPENING": 150, "services/parser/article/dates/": 300, "services/parser/article/titles/titles.py": 400,
    "services/parser/article/titles/kickers.py": 400, "services/parser/article/titles/site_names.py": 400, "services/parser/article/images.py": 2_000,
    "services/parser/article/authors/person_name.py:_ROLE_ALONE": 100, "services/parser/article/authors/person_name.py": 1_000,
    "services/parser/article/authors/unspaced_names.py": 1_000, "services/parser/article/body/furniture.py": 1_000,
    "services/parser/article/body/furniture_boxes.py": 300, "services/parser/article/body/enclosed.py": 300, "services/parser/article/body/captions.py": 300, "services/parser/article/body/agency_marks.py": 60, "services/parser/article/body/neighbours.py": 500, "services/parser/article/body/paragraphs.py": 150,
    "services/parser/article/body/text_features.py": 80, "services/parser/discovery/candidates.py": 500,
    "services/parser/kinds.py": 100_000, "services/parser/listing/item_texts.py": 80, "services/parser/listing/link_text.py": 60_000,
    "services/parser/listing/story_links.py": 500, "services/parser/page/class_words.py": 300, "services/parser/page/hidden.py": 1_000,
}  # fmt: skip


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


def longest(use: Use) -> int:
    """Characters of the longest text that a pattern meets."""
    return next((length for place, length in LONGEST.items() if str(use).startswith(place)), LONGER)


def dear(use: Use, repetition: Repetition, length: int) -> bool:
    """Whether a text costs more than twenty times as much as a twentieth of it.

    Both are timed again, side by side, before it is believed: a busy neighbour slows either of them down.
    """
    if cost(use, repetition, length, CPU_SECONDS) <= CPU_SECONDS:
        return False
    for _ in range(5):
        shorter = cost(use, repetition, length // 20, CPU_SECONDS)
        bound = 20 * shorter + CPU_SECONDS
        if shorter != float("inf") and cost(use, repetition, length, bound) <= bound:
            return False
    return True


@pytest.mark.parametrize("use", uses("services", "shared", "newsmill"), ids=str)
def test_a_pattern_costs_in_proportion_to_the_text(use: Use) -> None:
    assert [repetition for repetition in repetitions(use.pattern) if dear(use, repetition, longest(use))] == []


def test_every_length_is_of_a_pattern_that_is_there() -> None:
    places = [str(use) for use in uses("services", "shared", "newsmill")]
    assert [beginning for beginning in LONGEST if not any(place.startswith(beginning) for place in places)] == []
