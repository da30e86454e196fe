"""Pages and feeds made to be expensive cost in proportion to their size; patterns by themselves: tests/hostile/test_patterns.py."""

import time

import pytest

from bench.hostile_pages import FAMILIES, cost
from services.parser.article.authors import person_name

pytestmark = pytest.mark.hostile

SMALL, LARGE = 60_000, 240_000
# Threefold for each of two doublings; below the floor the clock measures other things.
GROWTH, FLOOR_SECONDS, REPEATS = 9, 0.1, 3


@pytest.mark.parametrize("name", FAMILIES)
def test_a_page_of_four_times_the_size_costs_at_most_nine_times_as_much(name: str) -> None:
    small, large = [], []
    for _ in range(REPEATS):
        large.append(cost(name, LARGE).seconds)
        if min(large) <= GROWTH * FLOOR_SECONDS:
            return
        small.append(cost(name, SMALL).seconds)
        if min(large) <= GROWTH * max(min(small), FLOOR_SECONDS):
            return
    pytest.fail(f"{SMALL} bytes cost {min(small):.2f} s of CPU, {LARGE} bytes {min(large):.2f} s")


@pytest.mark.parametrize("unit", ["rédactrice", "redaktion", "editor ", "rédac"])
def test_a_long_row_of_roles_is_read_in_linear_time(unit: str) -> None:
    started = time.process_time()
    for length in (99, 100, 101, 1_000, 100_000):
        person_name.is_role((unit * length)[: length - 1] + "\x01")
    assert time.process_time() - started < 1
