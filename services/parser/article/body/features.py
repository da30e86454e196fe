"""Numbers that describe each block of a page: its text, its position, and the boxes and blocks around it.

From these a forest (`forest.py`) decides which blocks are the article's. Text and link density are those of
Kohlschütter et al., "Boilerplate Detection using Shallow Text Features" (WSDM 2010); the main box is found as in
Arc90's Readability.
"""

import re
from collections import Counter
from dataclasses import dataclass

import numpy as np

from services.parser.article.body.box_features import BoxTree, Column, Columns, shifted
from services.parser.page.elements import comparison_key
from services.parser.page.layout import Block, Layout

# A block with this many characters, few of them links, is prose.
_PROSE = 60
_FEW_LINKS = 0.4
_ALL_LINK = 0.9
_TAGS = {tag: place for place, tag in enumerate("p li h1 h2 h3 h4 h5 h6 td th div blockquote section article".split())}
_ASCII_POINTS, _OTHER_POINTS = ".,;:!?", "،؛؟。、，"
_POINTS_SAMPLE = 400
_DIGIT, _CAPITAL = re.compile(r"\d"), re.compile(r"[A-ZÀ-ÖØ-ÞĀĂĄĆČĎĐĒĘĚĞĢĪĮİĶŁŃŇŌŐŒŘŚŞŠŤŪŮŰŹŻŽΑ-ΩЀ-Я]")
_SENTENCE_ENDS = frozenset(".!?…。！？؟۔:;\"”»“'’)]")
_DATE = re.compile(r"\b(?:19|20)\d\d\b|\d{1,2}:\d\d")
_START = 80
_LEAST_BODY = 200
# This much of a block's beginning identifies it in a description or in a declared body.
_KEY_SAMPLE = 60
_LEAST_BODY_KEY, _LEAST_DESCRIPTION_KEY, _DESCRIPTION_START = 12, 20, 40
# A longer description, or a declared body of which the blocks could be searched only at great cost, is not compared. The
# longest seen are 14,779 and 23,622 characters, and 6,233 blocks.
_LONGEST_DESCRIPTION, _LONGEST_BODY, _DEAREST_SEARCH = 150_000, 240_000, 1_500_000_000
# Longer blocks are not titles.
_TITLE_LIKE = 200


@dataclass(frozen=True, slots=True)
class DeclaredText:
    """What a page's metadata says about its article: titles, a description, and perhaps the whole body."""

    titles: tuple[str, ...] = ()
    description: str = ""
    body: str = ""


def features(page: Layout, declared: DeclaredText) -> Columns:
    """Returns a column for each feature, with a row for each block of a page that has at least one block."""
    text = _of_text(page.blocks)
    block_box = np.array([block.box for block in page.blocks])
    tree = BoxTree(page, block_box, text)
    return (
        text
        | tree.features()
        | _of_declared(page.blocks, declared)
        | _of_neighbours(page, text, block_box)
        | _of_position(page, tree)
    )


def is_bare_link(block: Block) -> bool:
    """Returns whether a block is a short link, as in a menu: it is never the article's, and most features skip it."""
    size = len(block.text)
    return size < _PROSE and block.link_chars >= _ALL_LINK * size


def _of_text(blocks: list[Block]) -> Columns:
    texts = [block.text for block in blocks]
    samples = ["" if is_bare_link(block) else block.text[:_POINTS_SAMPLE] for block in blocks]
    starts = [sample[:_START] for sample in samples]
    size, link_chars, bold, inline, words, points, digits, capitals = np.array([
        list(map(len, texts)), [block.link_chars for block in blocks], [block.bold_chars for block in blocks],
        [block.inline_elements for block in blocks], [text.count(" ") + 1 for text in texts],
        [_points(sample) for sample in samples],
        [len(_DIGIT.findall(start)) for start in starts], [len(_CAPITAL.findall(start)) for start in starts],
    ], float)  # fmt: skip
    start_size = np.minimum(size, _START)
    copies = Counter(texts)
    return {
        "chars": size,
        "link_chars": link_chars,
        "prose": np.where((size >= _PROSE) & (link_chars < _FEW_LINKS * size) & (points > 0), size, 0.0),
        "size": np.log1p(size),
        "words": np.log1p(words),
        "word_length": size / words,
        "link_density": link_chars / size,
        "bold": bold / size,
        "inline": np.minimum(inline, 10),
        "punctuation": points / words,
        "points": np.minimum(points, 10),
        "digits": digits / start_size,
        "capitals": capitals / start_size,
        "capital_first": np.array([text[0].isupper() for text in texts]),
        "sentence_end": np.array([text[-1] in _SENTENCE_ENDS for text in texts]),
        "date": np.array([_DATE.search(start) is not None for start in starts]),
        "copies": np.array([min(copies[text], 5) for text in texts]),
    }


def _points(text: str) -> int:
    count = sum(map(text.count, _ASCII_POINTS))
    return count if text.isascii() else count + sum(map(text.count, _OTHER_POINTS))


def _of_declared(blocks: list[Block], declared: DeclaredText) -> Columns:
    title_words = {word for title in declared.titles for word in title.lower().split()}
    description = _searchable(declared.description[:_LONGEST_DESCRIPTION], blocks)
    body = _searchable(declared.body[:_LONGEST_BODY], blocks)
    if len(body) <= _LEAST_BODY:
        body = ""
    texts = [block.text if not is_bare_link(block) else "" for block in blocks]
    keys = [comparison_key(text[:_KEY_SAMPLE]) for text in texts] if body or description else texts
    word_sets = [{*text.lower().split()} if len(text) < _TITLE_LIKE else set[str]() for text in texts]
    return {
        "title_words": np.array([len(words & title_words) / max(len(words), 1) for words in word_sets]),
        "in_description": np.array([_in_description(key, description) for key in keys]),
        "body_declared": np.full(len(blocks), bool(body)),
        "in_declared_body": np.array([bool(body) and len(key) > _LEAST_BODY_KEY and key in body for key in keys]),
    }


def _searchable(text: str, blocks: list[Block]) -> str:
    """Returns the comparison key of a text; empty if looking for every block in it would take seconds."""
    key = comparison_key(text)
    return key if len(key) * len(blocks) <= _DEAREST_SEARCH else ""


def _in_description(key: str, description: str) -> bool:
    """Returns whether a block is part of the page's description, or begins as the description does."""
    if len(key) <= _LEAST_DESCRIPTION_KEY or not description:
        return False
    return key in description or description[:_DESCRIPTION_START] == key[:_DESCRIPTION_START]


def _of_neighbours(page: Layout, text: Columns, block_box: Column) -> Columns:
    tag = np.array([_TAGS.get(box.tag, -1) for box in page.boxes])[block_box]
    prose, chars = text["prose"], text["chars"]
    total_prose = max(prose.sum(), 1.0)
    columns = {f"is_{name}": tag == _TAGS[name] for name in ("div", "td", "h2", "h3", "p", "li")}
    for steps in (1, -1, 2):
        columns[f"size{steps:+}"] = shifted(text["size"], steps, 0.0)
        columns[f"link_density{steps:+}"] = shifted(text["link_density"], steps, 1.0)
        columns[f"tag{steps:+}"] = shifted(tag, steps, -1)
    for reach in (4, 10):
        columns[f"prose_around{reach}"] = _sum_around(prose, reach) / total_prose
        columns[f"links_around{reach}"] = _sum_around(text["link_chars"], reach) / _sum_around(chars, reach)
    return columns


def _sum_around(column: Column, reach: int) -> Column:
    """Returns for each row the sum of it and of `reach` rows on either side."""
    sums = np.concatenate(([0.0], np.cumsum(column)))
    rows = np.arange(len(column))
    result: Column = sums[np.minimum(rows + reach + 1, len(column))] - sums[np.maximum(rows - reach, 0)]
    return result


def _of_position(page: Layout, tree: BoxTree) -> Columns:
    """Returns how far along the page each block is: from the start, from the title and from the main box."""
    count, prose, chars = len(page.blocks), tree.prose, tree.chars
    rows = np.arange(count)
    main_rows = np.flatnonzero(tree.in_main[tree.block_box] & (prose > 0))
    first, last = (main_rows[0], main_rows[-1]) if len(main_rows) else (0, count - 1)
    columns = {
        "position": rows / count,
        "position_chars": np.cumsum(chars) / chars.sum(),
        "position_prose": np.cumsum(prose) / tree.total_prose,
        "before_main": np.clip(first - rows, -50, 50),
        "after_main": np.clip(rows - last, -50, 50),
        "blocks": np.full(count, np.log1p(count)),
        "page_prose": np.full(count, np.log1p(tree.total_prose)),
    }
    headings = [row for row, box in enumerate(tree.block_box) if page.boxes[box].tag == "h1"]
    if not headings:
        return columns | {"below_title": np.full(count, -99.0), "chars_below_title": np.full(count, -99.0)}
    title = min(headings, key=lambda row: abs(row - first))
    chars_before = np.cumsum(chars) - chars
    return columns | {
        "below_title": np.clip(rows - title, -60, 60),
        "chars_below_title": np.log1p(np.abs(chars_before - chars_before[title])) * np.sign(rows - title),
    }
