"""What the newest articles of an outlet have: their fields, and how fresh they were. Pure functions."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import NamedTuple

FIELDS = ("author", "date", "image", "text")
# An article of fewer words has lost its body (as services/storage/health/observation.py has it).
FEWEST_WORDS = 25
# What was published longer ago was not fetched as news.
_FRESH = timedelta(days=7)


class Reading(NamedTuple):
    """What was read of an article. `published` is the date as the page states it, `published_at` its instant."""

    has_author: bool
    published: str | None
    published_at: datetime | None
    image: str | None
    words: int
    stored_at: datetime


def presence(readings: Sequence[Reading]) -> dict[str, float]:
    """Returns the share of articles that have each of FIELDS; nothing where there is no article."""
    if not readings:
        return {}
    numbers = [sum(column) for column in zip(*map(_fields, readings), strict=True)]
    return {name: round(number / len(readings), 3) for name, number in zip(FIELDS, numbers, strict=True)}


def freshness(readings: Sequence[Reading], moment: datetime) -> float | None:
    """Returns the median of the seconds from published to stored, of the last seven days; None where no article states a time."""
    seconds = [
        max(0.0, (reading.stored_at - reading.published_at).total_seconds())
        for reading in readings
        if reading.published_at is not None and "T" in (reading.published or "")
        and moment - reading.stored_at <= _FRESH and reading.stored_at - reading.published_at <= _FRESH
    ]  # fmt: skip
    return round(median(seconds), 1) if seconds else None


def _fields(reading: Reading) -> tuple[bool, bool, bool, bool]:
    return reading.has_author, bool(reading.published), bool(reading.image), reading.words >= FEWEST_WORDS
