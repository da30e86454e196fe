"""The words of a text with where they stand in it, compared as they are indexed (shared/database/search.py)."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from shared.database.search import MARKS, UNSPACED, fold

# Characters of a text that are looked at.
MAX_TEXT = 100_000
_TOKEN = re.compile(f"[{UNSPACED}]+|(?:[^\\W_{UNSPACED}]|[{MARKS}\u0900-\u0963\u0966-\u0dff])+")


class Token(NamedTuple):
    """A word of a text, as it is indexed, and where it stands; of a script without spaces a whole run."""

    word: str
    start: int
    end: int


def tokens(text: str) -> Iterator[Token]:
    """Yields the words of a text, in order."""
    return (Token(fold(match[0]), match.start(), match.end()) for match in _TOKEN.finditer(text[:MAX_TEXT]))
