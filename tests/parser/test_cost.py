"""Pages and feeds made to be expensive cost in proportion to their size; no pattern takes the square of its input."""

import importlib
import pkgutil
import re
import time

import pytest

import services.parser
from bench.hostile_pages import FAMILIES, cost
from services.parser.article import person_name

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


# What a module's patterns are used on is cut to so many characters before.
LONGEST_INPUT = {"article.authors": 300, "article.byline": 1_000, "article.dateline": 250, "article.dates": 300,
                 "article.titles": 400, "article.kickers": 400, "discovery.candidates": 500, "article.site_names": 400, "article.images": 2_000, "article.person_name": 1_000, "article.unspaced_names": 1_000, "article.body.furniture": 1_000,
                 "listing.item_texts": 80, "article.body.paragraphs": 150, "article.body.text_features": 80, "article.body.furniture_boxes": 300, "page.shadow": 1_000_000,
                 "listing.link_text": 60_000, "listing.story_links": 500, "listing.page_parts": 300, "page.class_words": 300,
                 "kinds": 100_000, "article.plain_text": 1_000_000}  # fmt: skip
LONGEST, MOST_TIMES = 1_000_000, 20 * 4
CHARACTERS = [
    "a",
    "A",
    "1",
    " ",
    "\n",
    "<",
    ">",
    "-",
    "/",
    "'",
    '"',
    "&",
    "=",
    ":",
    ".",
    ",",
    ";",
    "[",
    "]",
    "{",
    "}",
    "(",
    "|",
    "é",
    "ا",
    "字",
]


def patterns() -> dict[str, re.Pattern]:
    """Every compiled pattern of the parser's modules, by module and name."""
    compiled = {}
    for module in pkgutil.walk_packages(services.parser.__path__, "services.parser."):
        if module.name != "services.parser.worker":
            for name, value in vars(importlib.import_module(module.name)).items():
                if isinstance(value, re.Pattern):
                    compiled[f"{module.name.removeprefix('services.parser.')}.{name}"] = value
    return compiled


def inputs(pattern: re.Pattern) -> list[tuple[str, bool]]:
    """Strings to repeat, and whether they are pairs: characters of each class, the pattern's literals, and pairs of these."""
    source = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    literals = list(dict.fromkeys(re.findall(r"[<>!\[\]/\-:=\"'&#;,.]+|[\w ]{2,}", source)))[:8]
    pairs = [first + second for first in literals for second in (*literals[:3], " ")]
    return [(unit, False) for unit in CHARACTERS + literals] + [(unit, True) for unit in pairs]


def seconds(pattern: re.Pattern, text: str) -> float:
    haystack = text.encode("utf-8") if isinstance(pattern.pattern, bytes) else text
    started = time.process_time()
    for _ in pattern.finditer(haystack):
        pass
    return time.process_time() - started


@pytest.mark.parametrize("name", patterns())
def test_a_pattern_takes_time_in_proportion_to_its_input(name: str) -> None:
    pattern = patterns()[name]
    longest = next((size for module, size in LONGEST_INPUT.items() if name.startswith(f"{module}.")), LONGEST)
    for unit, is_pair in inputs(pattern):
        size = longest // 8 if is_pair else longest
        short, long = unit * (size // 20 // len(unit)), unit * (size // len(unit))
        taken = seconds(pattern, long)
        # Linear is 20 times; what is done within a few hundredths of a second is not measured.
        if taken > 0.05:
            assert taken < MOST_TIMES * max(seconds(pattern, short), 0.005), f"{unit!r} repeated: {taken:.2f} s"


@pytest.mark.parametrize("unit", ["rédactrice", "redaktion", "editor ", "rédac"])
def test_a_long_row_of_roles_is_read_in_linear_time(unit: str) -> None:
    started = time.process_time()
    for length in (99, 100, 101, 1_000, 100_000):
        person_name.is_role((unit * length)[: length - 1] + "\x01")
    assert time.process_time() - started < 1
