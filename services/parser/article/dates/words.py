"""What the words of a date mean, by language: months, parts of the day, "ago", "yesterday".

`bench/date_words.py` makes the table from CLDR. It is loaded at the first date.
"""

import json
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from services.parser.article.dates import calendars
from services.parser.article.dates.fold import fold

_FILE = Path(__file__).with_name("words.json")
# In the longest phrase of the table.
_MOST_WORDS = 3
# Words at a number that say what it counts; CLDR has these in patterns, not in tables.
_MARKS = {
    "Y": "年 년 nam оны он ឆ្នាំ",
    "T": "月 월 thang thg р_сарын р_сар сарын",
    "D": "日 일 號 号 ngay",
    "h": "時 时 點 点 시 h uhr ч gio klo kl hrs hs นาฬิกา ໂມງ",
    "m": "分 분 min мин phut นาที ນາທີ",
    "s": "秒 초 วินาที ວິນາທີ",
}


class Meaning(NamedTuple):
    """The kind of a word, a letter of `grammar.py`, and its value: a month's number, hours, days from today."""

    kind: str
    value: Any = None


@dataclass(frozen=True)
class Vocabulary:
    """The words of all languages; a word of `language` has its meaning in that language."""

    language: str

    @cached_property
    def own(self) -> dict[str, Meaning]:
        return _meanings(_table().get(self.language, {}), halves_first=True)

    def meaning(self, word: str) -> Meaning | None:
        """Returns what a folded word means; None if it is no word of a date."""
        return self.own.get(word) or every_meaning().get(word)

    @property
    def starts(self) -> frozenset[str]:
        """The first words of phrases."""
        return _starts()

    def phrase(self, words: list[str], place: int) -> tuple[Meaning, int] | None:
        """Returns the meaning and the number of words of the longest phrase that begins at `place`; None if none does."""
        for size in range(min(_MOST_WORDS, len(words) - place), 1, -1):
            if meaning := self.meaning(" ".join(words[place : place + size])):
                return meaning, size
        return None


@lru_cache(maxsize=256)
def vocabulary(language: str | None) -> Vocabulary:
    """Returns the words as a page in this language (a BCP 47 tag) means them."""
    return Vocabulary((language or "").replace("_", "-").lower().split("-")[0])


@cache
def every_meaning() -> dict[str, Meaning]:
    """Returns the words of every language; of two meanings that in the language that is first in the table."""
    meanings = dict(_marks())
    meanings |= {word: Meaning(calendars.ERA, first) for word, first in calendars.ERAS.items()}
    for kind, names in calendars.MONTHS.items():
        meanings |= {fold(name): Meaning(kind, number) for name, number in names.items()}
    for halves_only in (False, True):
        for table in _table().values():
            for word, meaning in _meanings(table).items():
                if (meaning.kind == "a") == halves_only:
                    meanings.setdefault(word, meaning)
    return meanings


@cache
def past() -> dict[str, dict[str, int]]:
    """Returns minutes by the text before a number and the text after it: "il y a" and "heures", "" and "hours ago"."""
    minutes_by_text: dict[str, dict[str, int]] = {}
    for table in _table().values():
        for phrase, minutes in table.get("ago", {}).items():
            before, _, after = phrase.partition("#")
            if "#" in phrase:
                minutes_by_text.setdefault(before, {}).setdefault(after, minutes)
    return minutes_by_text


@cache
def past_phrases() -> dict[str, dict[str, int]]:
    """Returns minutes by phrases without a number, "منذ ساعتين", grouped by their last word."""
    minutes_by_phrase: dict[str, dict[str, int]] = {}
    for table in _table().values():
        for phrase, minutes in table.get("ago", {}).items():
            if "#" not in phrase:
                minutes_by_phrase.setdefault(phrase.split()[-1], {})[phrase] = minutes
    return minutes_by_phrase


def order(language: str) -> str:
    """Returns the order of year, month and day in a language's numbers; "dmy" for languages outside the table."""
    return str(_table().get(language, {}).get("order", "dmy"))


@cache
def _table() -> dict[str, dict[str, Any]]:
    return dict(json.loads(_FILE.read_text("utf-8")))


@cache
def _marks() -> dict[str, Meaning]:
    return {fold(word.replace("_", " ")): Meaning(kind) for kind, words in _MARKS.items() for word in words.split()}


@cache
def _starts() -> frozenset[str]:
    return frozenset(word.split()[0] for word in every_meaning() if " " in word)


def _meanings(table: dict[str, Any], *, halves_first: bool = False) -> dict[str, Meaning]:
    """Returns a language's words.

    Args:
        table: of the language.
        halves_first: whether a word that is a part of the day and something else too is the part of the day.
    """
    halves = {word: Meaning("a", tuple(hours)) for word, hours in table.get("halves", {}).items()}
    meanings = dict(halves) if halves_first else {}
    for number, names in enumerate(table.get("months", ()), 1):
        for name in names:
            meanings.setdefault(name, Meaning("M", number))
    for word in table.get("joins", ()):
        meanings.setdefault(word, _marks().get(word) or Meaning("c"))
    for word, offset in table.get("days", {}).items():
        meanings.setdefault(word, Meaning("t", offset))
    return halves | meanings
