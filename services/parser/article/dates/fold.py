"""One form for words that differ in case, accents and invisible marks only."""

import unicodedata

# The combining classes of what is removed: the points of Hebrew and Arabic, accents. Indian vowels and Thai tones are
# kept, because words differ by them.
_POINTS, _ACCENTS = range(10, 37), 200


class _Folds(dict[int, str]):
    """The folded form of each character, computed at its first use; no larger than Unicode."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = _folded(chr(code))
        return folded


def fold(text: str) -> str:
    """Returns a text in lower case, with single spaces, without accents, points, invisible marks, dots and quotes.

    "Août" is "aout", "أبريل" and "ابريل" are one word, "p. m." is "p m" and "ต.ค." "ตค".
    """
    return " ".join(text.translate(_FOLDS).split())


def _folded(character: str) -> str:
    if character in "\u0131\u0130":  # Turkish: KASIM has the lower case kasım, but kasim in other languages
        return "i"
    if character in ".\"'\u2019\u02bc\u05f3\u05f4\u00b4`\u0640\u0970":
        return "'" if character in "'\u2019\u02bc" else ""
    if unicodedata.category(character) == "Cf":
        return ""
    return unicodedata.normalize("NFC", "".join(filter(_stays, unicodedata.normalize("NFKD", character.casefold()))))


def _stays(character: str) -> bool:
    weight = unicodedata.combining(character)
    return weight not in _POINTS and weight < _ACCENTS


_FOLDS = _Folds()
