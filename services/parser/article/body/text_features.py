"""Features of a block's own text: how long it is, how much of it is links, and how it begins and ends.

Lengths are in letters and words that are comparable between scripts (`page/words.py`).
"""

import re
from collections import Counter
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from services.parser.article.body.box_features import Column, Columns
from services.parser.page.layout import Block
from services.parser.page.words import extent, is_alphabetic

# A block with this many letters, few of them links, is prose.
_PROSE = 60
_FEW_LINKS = 0.4
_ALL_LINK, _LONGEST_BARE_LINK = 0.9, 60
_POINT = re.compile("[.,;:!?،؛؟。、，！？；：।॥۔።]")
_DIGIT, _CAPITAL = re.compile(r"\d"), re.compile(r"[A-ZÀ-ÖØ-ÞĀĂĄĆČĎĐĒĘĚĞĢĪĮİĶŁŃŇŌŐŒŘŚŞŠŤŪŮŰŹŻŽΑ-ΩЀ-Я]")
_SENTENCE_ENDS = frozenset(".!?…。！？؟۔:;\"”»“'’)]।॥」』）》：።។။")
_DATE = re.compile(r"\b(?:19|20)\d\d\b|\d{1,2}:\d\d")
# Punctuation is counted in this much of a block's beginning, digits and capitals in less of it.
_SAMPLE, _START = 400, 80
_MOSTLY = 0.5
# The counts of four kinds of characters in one number: where the bits of each begin, and how many it may need.
_COUNTED = {"points": (0, 9), "spaces": (9, 9), "digits": (18, 7), "capitals": (25, 7)}
# Beyond these characters of Unicode none is counted.
_CHARACTERS = 0x20000
# Bounds the memory: a beginning takes 5 KB while its characters are counted.
_TEXTS_AT_ONCE = 4_096


class Texts(NamedTuple):
    """The texts of a page's blocks, a row for each block.

    Attributes:
        texts: the texts.
        letters: how long each is (`words.Extent`).
        words: about how many words each has.
        unspaced: the share of each that is in scripts without spaces between words.
        sizes, link_chars, bold_chars, inline_elements, boxes: of the blocks, as columns.
        bare: whether each is a bare link; what only its own row is judged by is not read of it.
    """

    texts: tuple[str, ...]
    letters: Column
    words: Column
    unspaced: list[float]
    sizes: Column
    link_chars: Column
    bold_chars: Column
    inline_elements: Column
    boxes: Column
    bare: Column


def texts_of(blocks: list[Block]) -> Texts:
    """Returns the texts of at least one block."""
    texts, *columns = zip(*blocks, strict=True)
    link_chars, bold_chars, inline_elements, boxes = map(np.array, columns)
    letters, words, unspaced = _extents(texts)
    sizes = np.array([*map(len, texts)])
    bare = _is_bare(sizes, link_chars)
    return Texts(texts, letters, words, unspaced, sizes, link_chars, bold_chars, inline_elements, boxes, bare)


def _extents(texts: tuple[str, ...]) -> tuple[Column, Column, list[float]]:
    """Returns the letters, words and unspaced shares of texts, as columns and a list."""
    # Most pages are in one script, so they are asked as a whole first.
    if is_alphabetic("".join(texts)):
        return (
            np.array([*map(len, texts)], float),
            np.array([text.count(" ") + 1.0 for text in texts]),
            [0.0] * len(texts),
        )
    letters, words, unspaced = zip(*map(extent, texts), strict=True)
    return np.array(letters, float), np.array(words, float), [*unspaced]


def of_text(page: Texts) -> Columns:
    """Returns the columns, with a row for each block; `letters`, `link_letters` and `prose` are what others are computed from."""
    letters, words = page.letters, page.words
    size, link_chars = page.sizes.astype(float), page.link_chars.astype(float)
    samples = ["" if is_bare else text[:_SAMPLE] for text, is_bare in zip(page.texts, page.bare.tolist(), strict=True)]
    counts = _counts(samples)
    # Thai and its like have no punctuation marks; spaces stand between sentences.
    is_unspaced = np.array(page.unspaced) > _MOSTLY
    points = np.where(is_unspaced, np.maximum(counts["points"], counts["spaces"]), counts["points"])
    dates = np.array([
        count > 0 and _DATE.search(sample, 0, _START) is not None
        for sample, count in zip(samples, counts["digits"].tolist(), strict=True)
    ])  # fmt: skip
    start_size = np.minimum(size, _START)
    copies = Counter(page.texts)
    return {
        "letters": letters,
        "link_letters": link_chars * letters / size,
        "prose": np.where((letters >= _PROSE) & (link_chars < _FEW_LINKS * size) & (points > 0), letters, 0.0),
        "size": np.log1p(letters),
        "words": np.log1p(words),
        "word_length": letters / words,
        "link_density": link_chars / size,
        "bold": page.bold_chars / size,
        "inline": np.minimum(page.inline_elements, 10),
        "punctuation": points / words,
        "points": np.minimum(points, 10),
        "digits": counts["digits"] / start_size,
        "capitals": counts["capitals"] / start_size,
        "capital_first": np.array([sample != "" and _begins_sentence(sample[0]) for sample in samples]),
        "sentence_end": np.array([text[-1] in _SENTENCE_ENDS for text in page.texts]),
        "date": dates,
        "copies": np.minimum([copies[text] for text in page.texts], 5),
    }


def is_bare_link(block: Block) -> bool:
    """Returns whether a block is a short link, as in a menu: it is never the article's, and most features skip it."""
    return bool(_is_bare(len(block.text), block.link_chars))


def _is_bare(size: Any, link_chars: Any) -> Any:
    """Returns of a block, or of a column of blocks, whether it is a short link."""
    return (size < _LONGEST_BARE_LINK) & (link_chars >= _ALL_LINK * size)


def _counts(samples: list[str]) -> Columns:
    """Returns how many characters of each kind the samples have: digits and capitals in their first 80 characters."""
    parts = (samples[start : start + _TEXTS_AT_ONCE] for start in range(0, len(samples), _TEXTS_AT_ONCE))
    in_sample, in_start = np.concatenate([_packed_counts(part) for part in parts], axis=1)
    packed = {"points": in_sample, "spaces": in_sample, "digits": in_start, "capitals": in_start}
    return {kind: (packed[kind] >> bit & 2**width - 1).astype(float) for kind, (bit, width) in _COUNTED.items()}


def _packed_counts(samples: list[str]) -> Column:
    """Returns two rows: for each sample the counts in all of it, and in its start.

    All samples are one array of characters, as a count a sample costs more than its characters do.
    """
    characters = np.frombuffer("".join(samples).encode("utf-32-le", "surrogatepass"), np.uint32)
    counted = _packed_kinds().take(characters, mode="clip")
    # Sums before each character; what overflows cancels out.
    sums = np.append(np.uint32(0), np.cumsum(counted, dtype=np.uint32))
    sizes = np.array([*map(len, samples)])
    ends = np.cumsum(sizes)
    starts = ends - sizes
    result: Column = sums[[ends, starts + np.minimum(sizes, _START)]] - sums[starts]
    return result


@cache
def _packed_kinds() -> Column:
    """Returns for each character of Unicode a one in the bits of the kind that it is of."""
    characters = "".join(map(chr, range(_CHARACTERS)))
    kinds = np.zeros(_CHARACTERS + 1, np.uint32)
    patterns = {"points": _POINT, "spaces": re.compile(" "), "digits": _DIGIT, "capitals": _CAPITAL}
    for kind, pattern in patterns.items():
        kinds[[match.start() for match in pattern.finditer(characters)]] |= np.uint32(1 << _COUNTED[kind][0])
    return kinds


def _begins_sentence(letter: str) -> bool:
    """Returns whether a letter is a capital, or of a script that has none."""
    return letter.isupper() or (letter.isalpha() and not letter.islower())
