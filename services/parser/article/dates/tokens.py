"""A short line as tokens, each with the kind that the grammar of dates is written in: a letter a token.

    n y x  numbers of one or two digits, of four, of others   M J H  names of months, Gregorian, Jalali, Hijri
    Y T D  marks of the year, the month, the day (年月日)      h m s  marks of hours, minutes, seconds
    a      half of the day    t  "yesterday"    e  an era     z  a zone    c  a word between a date's parts    w  any other

Punctuation is its own kind, dashes are "-".
"""

import re
import unicodedata
from functools import lru_cache
from typing import Any, NamedTuple

from services.parser.article.dates import zones
from services.parser.article.dates.fold import fold
from services.parser.article.dates.words import Meaning, Vocabulary

_PUNCTUATION = r"\s\d!-&(-/:-@\[-_{-~،؛。、·•–—―−‐‑‒|«»“”„‘"
_TOKEN = re.compile(rf"\d+|[^{_PUNCTUATION}]+(?:[.'’\"״׳][^{_PUNCTUATION}.'’\"״׳]+)*\.?|[^\s\d]")
_SAME = {
    "–": "-", "—": "-", "―": "-", "−": "-", "‐": "-", "‑": "-", "‒": "-", "،": ",", "、": ",", "。": ".", "’": "'", "°": ".",
}  # fmt: skip
# Scripts without spaces between words: a run of these characters is cut at the longest words of the vocabulary.
UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_LONGEST_UNSPACED = 12
_ZONES_IN_SMALL = frozenset({"gmt", "utc", "мск"})
_OTHER = Meaning("w")
# Marks of direction, joiners, soft hyphens, the hyphen behind a Hebrew prefix: they may be anywhere and mean nothing here.
_INVISIBLE = dict.fromkeys(
    [0xAD, 0x5BE, 0x61C, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A)]
)


# Numbers of a date in Chinese characters, digit by digit or up to 31: "二〇二六年十月九日".
_HAN_NUMBER = re.compile("[〇零○一二三四五六七八九十]{1,4}(?=[年月日號号])")
_HAN_DIGITS = {character: str(value) for value, character in enumerate("〇一二三四五六七八九")} | {"零": "0", "○": "0"}
# The mark of a short word, as keyboards have it: "באוק' 2026".
_HEBREW_SHORT = re.compile("(?<=[\u05d0-\u05ea])'(?!\\w)")
# Months by their number: "9 Th10, 2026" in Vietnamese, "9 تشرين1 2026" in Arabic, "9 X 2026" in much of Europe.
_VIETNAMESE_MONTH = re.compile(r"\bTh(?=1?\d\b)")
_ARABIC_TWINS = re.compile("(تشرين|كانون) ?([12])(?!\\d)")
_TWINS = {"1": "الأول", "2": "الثاني"}
_HAS_NUMBERED_MONTH = re.compile(r"\bTh\d|[ .][IVX]{1,4}[ .]")
_ROMAN = "I II III IV V VI VII VIII IX X XI XII".split()
_ROMAN_MONTH = re.compile(r"\b(\d{1,2})[ .]{1,2}([IVX]{1,4})[ .]{1,2}(?=(?:19|20)\d\d\b)")
_HAN_MONTH = "月"
# Numbers of the day in English words: "the ninth of October".
_UNITS = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth".split()
_ORDINALS = {word: number for number, word in enumerate(_UNITS, 1)} | {"twentieth": 20, "thirtieth": 30}
_TENS = {"twenty": 20, "thirty": 30}
_ORDINAL = re.compile(rf"\b(?:({'|'.join(_TENS)})[ -])?({'|'.join(_ORDINALS)})(?: day)?(?= of [A-Z])", re.IGNORECASE)
# "The 9th day of October".
_DAY_OF = re.compile(r"(?<=\dst|\dnd|\drd|\dth) day(?= of )")
_OF = " of "
_NUMBERED_MONTH = re.compile("[一二三四五六七八九十]月")


class Token(NamedTuple):
    """A token, what it means, and where it stands in the line."""

    kind: str
    value: Any
    text: str
    start: int
    end: int


def visible(text: str) -> str:
    """Returns a line without invisible marks, with plain characters for full-width ones and digits for a day in words."""
    text = _DAY_OF.sub("", _ORDINAL.sub(_ordinal, text)) if _OF in text else text
    if _HAS_NUMBERED_MONTH.search(text):
        text = _ROMAN_MONTH.sub(_roman_in_digits, _VIETNAMESE_MONTH.sub("Thg ", text))
    if text.isascii():
        return text
    line = unicodedata.normalize("NFKC", text.translate(_INVISIBLE))
    line = _ARABIC_TWINS.sub(lambda twin: f"{twin[1]} {_TWINS[twin[2]]}", line)
    line = _HEBREW_SHORT.sub("", line) if "'" in line else line
    return _HAN_NUMBER.sub(_in_digits, line) if _HAN_MONTH in line else line


def has_han_date(text: str) -> bool:
    """Returns whether a text has the number of a month in Chinese characters, such as "十月"."""
    return _HAN_MONTH in text and _NUMBERED_MONTH.search(text) is not None


def _ordinal(words: re.Match[str]) -> str:
    return str(_TENS.get((words[1] or "").lower(), 0) + _ORDINALS[words[2].lower()])


def _roman_in_digits(date: re.Match[str]) -> str:
    return f"{date[1]}.{_ROMAN.index(date[2]) + 1}." if date[2] in _ROMAN else date[0]


def _in_digits(number: re.Match[str]) -> str:
    tens, ten, units = number[0].partition("十")
    digits = "".join(map(_HAN_DIGITS.__getitem__, tens))
    return f"{digits or 1}{_HAN_DIGITS.get(units, '0')}" if ten else digits


def tokens(line: str, vocabulary: Vocabulary) -> list[Token]:
    """Returns the tokens of a line that `visible` returned."""
    pieces: list[Token] = []
    words: list[str] = []
    for match in _TOKEN.finditer(line):
        for word, meaning in _parts(match[0], vocabulary):
            pieces.append(Token(*meaning, match[0], match.start(), match.end()))
            words.append(word)
    return pieces if vocabulary.starts.isdisjoint(words) else _with_phrases(pieces, words, vocabulary)


def _with_phrases(pieces: list[Token], words: list[str], vocabulary: Vocabulary) -> list[Token]:
    """Returns the tokens, with one for each phrase of several words."""
    merged: list[Token] = []
    place = 0
    while place < len(pieces):
        phrase = vocabulary.phrase(words, place) if words[place] in vocabulary.starts else None
        meaning, size = phrase or (pieces[place][:2], 1)
        merged.append(Token(*meaning, pieces[place].text, pieces[place].start, pieces[place + size - 1].end))
        place += size
    return merged


def kinds_of(pieces: list[Token]) -> str:
    """Returns the kinds of tokens, a letter each: the patterns of the grammar match these."""
    return "".join(piece.kind for piece in pieces)


@lru_cache(maxsize=16384)
def _parts(text: str, vocabulary: Vocabulary) -> list[tuple[str, Meaning]]:
    """Returns (folded text, meaning) of a piece of a line; of each word in a run of words without spaces."""
    if not text[0].isalpha():
        return [("-" if text == "-" else "", _plain(text))]  # A hyphen may be in a phrase: "avant-hier".
    word = fold(text)
    if meaning := _zone(text) or vocabulary.meaning(word):
        return [(word, meaning)]
    if not UNSPACED.search(word):
        return [(word, _OTHER)]
    return [(part, vocabulary.meaning(part) or _OTHER) for part in _cut(word, vocabulary)]


def _cut(word: str, vocabulary: Vocabulary) -> list[str]:
    """Cuts a run of words without spaces at the longest words with a meaning, and the rest of it into characters."""
    parts: list[str] = []
    place = 0
    while place < len(word):
        sizes = range(min(_LONGEST_UNSPACED, len(word) - place), 0, -1)
        size = next((size for size in sizes if vocabulary.meaning(word[place : place + size])), 1)
        parts.append(word[place : place + size])
        place += size
    return parts


def _plain(text: str) -> Meaning:
    if not text[0].isdigit():
        return Meaning(_SAME.get(text, text if len(text) == 1 else "w"))
    return Meaning("n" if len(text) <= 2 else "y" if len(text) == 4 else "x", text)


def _zone(text: str) -> Meaning | None:
    """Returns the zone of a name in capitals: "est" and "art" in small letters are words."""
    name = text.strip(".")
    name = name.upper() if name.lower() in _ZONES_IN_SMALL else name
    return Meaning("z", name) if name in zones.NAMES else None
