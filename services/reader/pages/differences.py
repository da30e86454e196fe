"""What differs between two wordings of a text, word by word, as people read it.

Paragraphs are compared first, then the words of paragraphs that took each other's place. Both are bounded, since the cost of
comparing grows with the square of the length: beyond the bounds a paragraph is shown as removed and added whole.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Literal, NamedTuple

# Paragraphs of a text, words of a paragraph, and words in all that are compared.
MOST_PARAGRAPHS, MOST_WORDS, MOST_WORDS_IN_ALL = 2_000, 800, 20_000
# Paragraphs that share less of their words than this are not the same one edited.
LEAST_SHARED = 0.3
_WORD = re.compile(r"\s+|[^\s\w]|\w+")

Kind = Literal["same", "removed", "added"]


class Piece(NamedTuple):
    """A stretch of a text, and whether both wordings have it."""

    kind: Kind
    text: str


Paragraph = tuple[Piece, ...]


def differences(old: str, new: str) -> list[Paragraph]:
    """Returns the paragraphs of both wordings in order, each as its pieces."""
    old_paragraphs, new_paragraphs = (text.split("\n")[:MOST_PARAGRAPHS] for text in (old, new))
    budget = MOST_WORDS_IN_ALL
    paragraphs: list[Paragraph] = []
    for tag, *places in SequenceMatcher(None, old_paragraphs, new_paragraphs, autojunk=False).get_opcodes():
        removed, added = old_paragraphs[places[0] : places[1]], new_paragraphs[places[2] : places[3]]
        if tag == "equal":
            paragraphs += [(Piece("same", text),) for text in added]
            continue
        for before, after in zip_longest(removed, added):
            budget -= len(_WORD.findall(before or "")) + len(_WORD.findall(after or ""))
            paragraphs += _compared(before, after, whole=budget < 0)
    return paragraphs


def _compared(before: str | None, after: str | None, *, whole: bool) -> Iterator[Paragraph]:
    """Yields an edited paragraph, or the two that took each other's place."""
    if before is not None and after is not None and not whole:
        words = _WORD.findall(before), _WORD.findall(after)
        if max(map(len, words)) <= MOST_WORDS and (pieces := _pieces(*words)):
            yield pieces
            return
    if before:
        yield (Piece("removed", before),)
    if after:
        yield (Piece("added", after),)


def _pieces(before: Sequence[str], after: Sequence[str]) -> Paragraph | None:
    """Returns the pieces of a paragraph by its words; None where the two have too little in common."""
    if _shared(before, after) < LEAST_SHARED:
        return None
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    pieces: list[Piece] = []
    for tag, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        if tag == "equal":
            pieces.append(Piece("same", "".join(after[new_start:new_end])))
            continue
        sides: tuple[tuple[Kind, str], ...] = (
            ("removed", "".join(before[old_start:old_end])), ("added", "".join(after[new_start:new_end])),
        )  # fmt: skip
        pieces += [Piece(kind, text) for kind, text in sides if text]
    return tuple(pieces)


def _shared(before: Sequence[str], after: Sequence[str]) -> float:
    """Returns the share of words, spaces and punctuation left out, that two paragraphs have in common, in any order."""
    bags = [Counter(word for word in words if word[0].isalnum()) for words in (before, after)]
    return 2 * (bags[0] & bags[1]).total() / max((bags[0] + bags[1]).total(), 1)
