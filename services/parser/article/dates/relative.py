"""Dates counted from when the page was fetched: "3 hours ago", "yesterday, 14:26"."""

import re
from datetime import datetime, timedelta
from functools import lru_cache

from services.parser.article.dates import clock, tokens
from services.parser.article.dates.fold import fold
from services.parser.article.dates.words import Vocabulary, past, past_phrases

_DAY = 1440
# Longer lines are sentences about other times.
_LONGEST, _SHORT = 80, 40
_LONGEST_AGE = 24
_HAS_DIGIT = re.compile(r"\d")
# Digits, or the article of "an hour ago".
_NUMBER = re.compile(r"(?<!\d)\d{1,3}(?!\d)|\b(?:an?|une?|ein|einer|einem|eine|una?|um|uma|uno|en|et|ett|een|jedna)\b")


def read(line: str, now: datetime, vocabulary: Vocabulary) -> str | None:
    """Returns when a line says that something was: to the minute for hours and minutes, to the day for days; or None.

    Args:
        line: short, as `tokens.visible` returns it.
        now: when the page was fetched.
        vocabulary: of the page's language.
    """
    if len(line) > _LONGEST:
        return None
    minutes = _minutes(fold(line))
    if minutes is None:
        return _named(line, now, vocabulary) if len(line) <= _SHORT else None
    moment = now - timedelta(minutes=minutes)
    return moment.replace(second=0, microsecond=0).isoformat() if minutes < _DAY else moment.date().isoformat()


@lru_cache(maxsize=4_096)
def is_age(text: str) -> bool:
    """Returns whether a short text is nothing but an age, such as "3 hours ago", in any language."""
    return len(text) <= _LONGEST_AGE and _HAS_DIGIT.search(text) is not None and _minutes(fold(text)) is not None


def _minutes(line: str) -> int | None:
    """Returns how many minutes ago; None if the line does not say so."""
    numbers = list(_NUMBER.finditer(line))
    for place, match in enumerate(numbers):
        unit = _unit(line[: match.start()].rstrip(), line[match.end() :].lstrip())
        if unit is not None:
            larger = _larger_part(line, numbers[place - 1], match, unit) if place else 0
            return larger + unit * _value(match)
    phrases = past_phrases().get(line.rsplit(maxsplit=1)[-1], {}) if line else {}
    return next((minutes for phrase, minutes in phrases.items() if _ends(line, phrase)), None)


def _value(number: re.Match[str]) -> int:
    return int(number[0]) if number[0].isdecimal() else 1


def _larger_part(line: str, number: re.Match[str], smaller: re.Match[str], smaller_unit: int) -> int:
    """Returns the minutes of "3 hours" in "3 hours, 20 minutes ago": both share the "ago" behind the smaller unit."""
    between = line[number.end() : smaller.start()].replace(",", " ").split()
    after = line[smaller.end() :].lstrip()
    ends = (between[0] + after[place:] for place in range(min(len(after), _LONGEST_AGE))) if between else ()
    units = (_unit(line[: number.start()].rstrip(), end) or 0 for end in ends)
    return next((unit * _value(number) for unit in units if unit > smaller_unit), 0)


def _unit(before: str, after: str) -> int | None:
    """Returns the minutes of the unit that a number between these two texts counts; None if it counts no past time."""
    for start, endings in past().items():
        if not _ends(before, start):
            continue
        for size in range(min(len(after), 24), -1 if start else 0, -1):
            if after[:size] in endings and not (size < len(after) and _joined(after[size - 1 : size + 1])):
                return endings[after[:size]]
    return None


def _ends(text: str, word: str) -> bool:
    """Returns whether a text ends in this whole word."""
    return text.endswith(word) and (not word or not _joined(text[-len(word) - 1 : len(text) - len(word) + 1]))


def _joined(pair: str) -> bool:
    """Returns whether two characters are of one word, in a script with spaces between words."""
    return len(pair) == 2 and pair.isalpha() and not tokens.UNSPACED.search(pair)


def _named(line: str, now: datetime, vocabulary: Vocabulary) -> str | None:
    """Returns the day of "yesterday" alone or with a time of day; None for "USA Today", which is a newspaper."""
    pieces = tokens.tokens(line, vocabulary)
    kinds = tokens.kinds_of(pieces)
    place = kinds.find("t")
    if place < 0:
        return None
    day = (now + timedelta(days=pieces[place].value)).date()
    moment = clock.beside(pieces, place, place + 1, day)
    return moment if kinds == "t" or len(moment) > len(day.isoformat()) else None
