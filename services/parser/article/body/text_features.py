"""Features of a block's own text: how long it is, how much of it is links, and how it begins and ends.

Lengths are in letters and words that are comparable between scripts (`page/words.py`).
"""

import re
from collections import Counter

import numpy as np

from services.parser.article.body.box_features import Columns
from services.parser.page.layout import Block
from services.parser.page.words import Extent, extent

# A block with this many letters, few of them links, is prose.
_PROSE = 60
_FEW_LINKS = 0.4
_ALL_LINK, _LONGEST_BARE_LINK = 0.9, 60
_ASCII_POINTS, _OTHER_POINTS = ".,;:!?", "،؛؟。、，！？；：।॥۔།።"
_POINTS_SAMPLE = 400
_DIGIT, _CAPITAL = re.compile(r"\d"), re.compile(r"[A-ZÀ-ÖØ-ÞĀĂĄĆČĎĐĒĘĚĞĢĪĮİĶŁŃŇŌŐŒŘŚŞŠŤŪŮŰŹŻŽΑ-ΩЀ-Я]")
_SENTENCE_ENDS = frozenset(".!?…。！？؟۔:;\"”»“'’)]।॥」』）》：።။។")
_DATE = re.compile(r"\b(?:19|20)\d\d\b|\d{1,2}:\d\d")
_START = 80
_MOSTLY = 0.5


def of_text(blocks: list[Block], extents: list[Extent], bare: list[bool]) -> Columns:
    """Returns the columns, with a row for each block; `letters`, `link_letters` and `prose` are what others are computed from.

    Args:
        blocks: of the page.
        extents: how long each is.
        bare: whether each is a bare link; what only its own row is judged by is not read of it.
    """
    texts = [block.text for block in blocks]
    samples = ["" if is_bare else text[:_POINTS_SAMPLE] for text, is_bare in zip(texts, bare, strict=True)]
    starts = [sample[:_START] for sample in samples]
    size, letters, words, link_chars, bold, inline, points, digits, capitals = np.array([
        list(map(len, texts)), [extent.letters for extent in extents], [extent.words for extent in extents],
        [block.link_chars for block in blocks], [block.bold_chars for block in blocks],
        [block.inline_elements for block in blocks],
        [_points(sample, extent) if sample else 0 for sample, extent in zip(samples, extents, strict=True)],
        [len(_DIGIT.findall(start)) if start else 0 for start in starts],
        [len(_CAPITAL.findall(start)) if start else 0 for start in starts],
    ], float)  # fmt: skip
    start_size = np.minimum(size, _START)
    copies = Counter(texts)
    return {
        "letters": letters,
        "link_letters": link_chars * letters / size,
        "prose": np.where((letters >= _PROSE) & (link_chars < _FEW_LINKS * size) & (points > 0), letters, 0.0),
        "size": np.log1p(letters),
        "words": np.log1p(words),
        "word_length": letters / words,
        "link_density": link_chars / size,
        "bold": bold / size,
        "inline": np.minimum(inline, 10),
        "punctuation": points / words,
        "points": np.minimum(points, 10),
        "digits": digits / start_size,
        "capitals": capitals / start_size,
        "capital_first": np.array([start != "" and _begins_sentence(start[0]) for start in starts]),
        "sentence_end": np.array([text[-1] in _SENTENCE_ENDS for text in texts]),
        "date": np.array(
            [
                count > 0 and _DATE.search(start) is not None
                for start, count in zip(starts, digits.tolist(), strict=True)
            ]
        ),
        "copies": np.array([min(copies[text], 5) for text in texts]),
    }


def extents(blocks: list[Block]) -> list[Extent]:
    """Returns how long each block's text is."""
    return [extent(block.text) for block in blocks]


def is_bare_link(block: Block) -> bool:
    """Returns whether a block is a short link, as in a menu: it is never the article's, and most features skip it."""
    size = len(block.text)
    return size < _LONGEST_BARE_LINK and block.link_chars >= _ALL_LINK * size


def _points(text: str, extent: Extent) -> int:
    """Returns the number of punctuation marks; in Thai and its like, which have none, spaces stand between sentences."""
    count = sum(map(text.count, _ASCII_POINTS))
    if text.isascii():
        return count
    count += sum(map(text.count, _OTHER_POINTS))
    return max(count, text.count(" ")) if extent.unspaced > _MOSTLY else count


def _begins_sentence(letter: str) -> bool:
    """Returns whether a letter is a capital, or of a script that has none."""
    return letter.isupper() or (letter.isalpha() and not letter.islower())
