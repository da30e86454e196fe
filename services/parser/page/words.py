"""Lengths of texts, comparable between scripts: words, and letters of an alphabet.

Chinese, Japanese, Thai, Lao, Khmer and Burmese put no spaces between words, and a Chinese character or a Korean syllable
says as much as several letters.
"""

import re
from typing import Any, NamedTuple

import regex

# Word boundaries of https://www.unicode.org/reports/tr29/#Word_Boundaries, but not in scripts that need a dictionary.
_WORD_START = regex.compile(r"(?w)\b(?!\p{Line_Break=Complex_Context})\w")
# In Latin letters the same boundaries take a third of the time as a pattern of `re`: an apostrophe, a point or a colon
# between letters, and a point, a comma or a semicolon between digits are within a word.
_LATIN = re.compile(
    "[\x00-\x7f\xa0\xab\xbb\xc0-\xd6\xd8-\xf6\xf8-\u017f\u2013\u2014\u2018-\u201e\u2022\u2026\u2039\u203a\u20ac]*"
)
_LATIN_WORD = re.compile(r"\w+(?:(?:(?<=[^\W\d_])[.'’‘:](?=[^\W\d_])|(?<=\d)[.,;'’‘](?=\d))\w+)*")
_NEEDS_DICTIONARY = regex.compile(r"\p{Line_Break=Complex_Context}")
# Thai, Lao, Khmer and Burmese words have 4.6 to 6 characters on average, by the dictionaries of ICU.
_MEAN_WORD = 5

_CHARACTERS, _SYLLABLES = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff", "\uac00-\ud7a3"
_RUNS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
_OTHER_WIDTH = re.compile(f"[{_CHARACTERS}{_SYLLABLES}{_RUNS}]")
_CHARACTER, _SYLLABLE, _IN_RUN = re.compile(f"[{_CHARACTERS}]"), re.compile(f"[{_SYLLABLES}]"), re.compile(f"[{_RUNS}]")
# So many letters has a translation for each Chinese character or Korean syllable.
_LETTERS_EACH = 2.5


class Extent(NamedTuple):
    """How long a text is.

    Attributes:
        letters: its characters; those of scripts with thousands of characters count as 2.5.
        words: about how many it has.
        unspaced: the share of its letters that are in scripts without spaces between words.
    """

    letters: float
    words: float
    unspaced: float


def word_count(text: str) -> int:
    """Returns how many words a text has: by Unicode's word boundaries (UAX #29), where each Chinese character is a word.

    Of Thai, Lao, Khmer and Burmese, five characters count as one word, as UAX #29 leaves these to dictionaries.
    """
    if _LATIN.fullmatch(text):
        return len(_LATIN_WORD.findall(text))
    # Not findall(): each Chinese character in its list would take sixty bytes.
    count = sum(1 for _ in _WORD_START.finditer(text))
    return count if text.isascii() else count + -(-_number(_NEEDS_DICTIONARY, text) // _MEAN_WORD)


def _number(character: Any, text: str) -> int:
    """Returns how many characters of a text a pattern of one character matches."""
    return len(text) - len(character.sub("", text))


def is_alphabetic(text: str) -> bool:
    """Returns whether a text has no characters of scripts that put no spaces between words, and none of Korean."""
    return text.isascii() or not _OTHER_WIDTH.search(text)


def extent(text: str) -> Extent:
    """Returns how long a text is, in letters and words of an alphabet."""
    size, spaces = len(text), text.count(" ")
    if is_alphabetic(text):
        return Extent(size, spaces + 1, 0.0)
    characters, syllables = _number(_CHARACTER, text), _number(_SYLLABLE, text)
    letters = size + (_LETTERS_EACH - 1) * (characters + syllables)
    unspaced = _LETTERS_EACH * characters + _number(_IN_RUN, text)
    return Extent(letters, spaces + 1 + unspaced / _MEAN_WORD, unspaced / letters)
