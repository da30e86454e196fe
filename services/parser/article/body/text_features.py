"""Features of a block's own text: how long it is, how much of it is links, and how it begins and ends.

Lengths are in letters and words that are comparable between scripts (`page/words.py`).
"""

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from services.parser.article.body.box_features import Columns
from services.parser.page.layout import Block
from services.parser.page.words import extent, is_alphabetic

# A block with this many letters, few of them links, is prose.
_PROSE = 60
_FEW_LINKS = 0.4
_ALL_LINK, _LONGEST_BARE_LINK = 0.9, 60
_ASCII_POINTS, _OTHER_POINT = ".,;:!?", re.compile("[،؛؟。、，！？；：।॥۔།።]")
_POINTS_SAMPLE = 400
_DIGIT, _CAPITAL = re.compile(r"\d"), re.compile(r"[A-ZÀ-ÖØ-ÞĀĂĄĆČĎĐĒĘĚĞĢĪĮİĶŁŃŇŌŐŒŘŚŞŠŤŪŮŰŹŻŽΑ-ΩЀ-Я]")
_SENTENCE_ENDS = frozenset(".!?…。！？؟۔:;\"”»“'’)]।॥」』）》：።။។")
_DATE = re.compile(r"\b(?:19|20)\d\d\b|\d{1,2}:\d\d")
_START = 80
_MOSTLY = 0.5


class Texts(NamedTuple):
    """The texts of a page's blocks, a row for each block.

    Attributes:
        texts: the texts.
        letters: how long each is (`words.Extent`).
        words: about how many words each has.
        unspaced: the share of each that is in scripts without spaces between words.
        bare: whether each is a bare link; what only its own row is judged by is not read of it.
        has_other_points: whether there may be punctuation marks other than those of ASCII.
    """

    texts: tuple[str, ...]
    letters: Sequence[float]
    words: Sequence[float]
    unspaced: Sequence[float]
    bare: list[bool]
    has_other_points: bool


def texts_of(blocks: list[Block]) -> Texts:
    """Returns the texts of at least one block."""
    texts, bare = tuple(block.text for block in blocks), [*map(is_bare_link, blocks)]
    # Most pages are in one script, so they are asked as a whole first.
    page = "".join(texts)
    has_other_points = not page.isascii() and _OTHER_POINT.search(page) is not None
    if is_alphabetic(page):
        spaced_words = [text.count(" ") + 1 for text in texts]
        return Texts(texts, [*map(len, texts)], spaced_words, [0.0] * len(texts), bare, has_other_points)
    letters, words, unspaced = zip(*map(extent, texts), strict=True)
    return Texts(texts, letters, words, unspaced, bare, has_other_points)


def of_text(blocks: list[Block], page: Texts) -> Columns:
    """Returns the columns, with a row for each block; `letters`, `link_letters` and `prose` are what others are computed from."""
    link_chars, bold, inline = (np.array(column, float) for column in [*zip(*blocks, strict=True)][1:4])
    letters, words = np.array(page.letters, float), np.array(page.words, float)
    samples = ["" if is_bare else text[:_POINTS_SAMPLE] for text, is_bare in zip(page.texts, page.bare, strict=True)]
    starts = [sample[:_START] for sample in samples]
    points = np.array(_points(samples, page), float)
    digits = [len(_DIGIT.findall(start)) if start else 0 for start in starts]
    capitals = [len(_CAPITAL.findall(start)) if start else 0 for start in starts]
    dates = [count > 0 and _DATE.search(start) is not None for start, count in zip(starts, digits, strict=True)]
    size = np.array([*map(len, page.texts)], float)
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
        "bold": bold / size,
        "inline": np.minimum(inline, 10),
        "punctuation": points / words,
        "points": np.minimum(points, 10),
        "digits": np.array(digits, float) / start_size,
        "capitals": np.array(capitals, float) / start_size,
        "capital_first": np.array([start != "" and _begins_sentence(start[0]) for start in starts]),
        "sentence_end": np.array([text[-1] in _SENTENCE_ENDS for text in page.texts]),
        "date": np.array(dates),
        "copies": np.minimum([copies[text] for text in page.texts], 5),
    }


def is_bare_link(block: Block) -> bool:
    """Returns whether a block is a short link, as in a menu: it is never the article's, and most features skip it."""
    size = len(block.text)
    return size < _LONGEST_BARE_LINK and block.link_chars >= _ALL_LINK * size


def _points(samples: list[str], page: Texts) -> list[int]:
    """Returns the number of punctuation marks; in Thai and its like, which have none, spaces stand between sentences."""
    counts = [sum(map(sample.count, _ASCII_POINTS)) if sample else 0 for sample in samples]
    if page.has_other_points:
        counts = [count + len(_OTHER_POINT.findall(sample)) for count, sample in zip(counts, samples, strict=True)]
    return [
        max(count, sample.count(" ")) if unspaced > _MOSTLY else count
        for count, sample, unspaced in zip(counts, samples, page.unspaced, strict=True)
    ]


def _begins_sentence(letter: str) -> bool:
    """Returns whether a letter is a capital, or of a script that has none."""
    return letter.isupper() or (letter.isalpha() and not letter.islower())
