"""Numbers that describe each block of a page: its text, its position, and the boxes and blocks around it.

From these a forest (`forest.py`) decides which blocks are the article's. Text and link density are those of
Kohlschütter et al., "Boilerplate Detection using Shallow Text Features" (WSDM 2010); the main box is found as in
Arc90's Readability.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from services.parser.article.body.box_features import BoxTree, Column, Columns, shifted
from services.parser.article.body.text_features import Texts, of_text, texts_of
from services.parser.page.elements import comparison_key
from services.parser.page.layout import Layout
from services.parser.page.words import extent

_TAGS = {tag: place for place, tag in enumerate("p li h1 h2 h3 h4 h5 h6 td th div blockquote section article".split())}
_LEAST_BODY = 200
# This much of a block's beginning identifies it in a description or in a declared body.
_KEY_SAMPLE = 60
_LEAST_BODY_KEY, _LEAST_DESCRIPTION_KEY, _DESCRIPTION_START = 12, 20, 40
# A longer description, or a declared body of which the blocks could be searched only at great cost, is not compared. The
# longest seen are 14,779 and 23,622 characters, and 6,233 blocks.
_LONGEST_DESCRIPTION, _LONGEST_BODY, _DEAREST_SEARCH = 150_000, 240_000, 750_000_000
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
    page_texts = texts_of(page.blocks)
    text = of_text(page_texts)
    tree = BoxTree(page, page_texts.boxes, text)
    tags = [page.boxes[block.box].tag for block in page.blocks]
    return (
        text
        | tree.features()
        | _of_declared(page_texts, declared)
        | _of_neighbours(tags, text)
        | _of_position(tags, tree)
    )


def _of_declared(page: Texts, declared: DeclaredText) -> Columns:
    description = _searchable(declared.description[:_LONGEST_DESCRIPTION], len(page.texts))
    body = _searchable(declared.body[:_LONGEST_BODY], len(page.texts))
    if len(body) <= _LEAST_BODY:
        body = ""
    rows = np.flatnonzero(~page.bare).tolist()
    samples = [page.texts[row][:_KEY_SAMPLE] for row in rows]
    columns = {"title_words": np.zeros(len(page.texts))} | {
        name: np.zeros(len(page.texts), bool) for name in ("in_description", "in_declared_body")
    }
    columns["title_words"][rows] = _title_shares(page, rows, declared.titles)
    if description:
        columns["in_description"][rows] = [_in_description(sample, description) for sample in samples]
    if body:
        columns["in_declared_body"][rows] = [_in_body(sample, body) for sample in samples]
    return columns | {"body_declared": np.full(len(page.texts), bool(body))}


def _title_shares(page: Texts, rows: list[int], titles: tuple[str, ...]) -> list[float]:
    """Returns which share of the words of each short text in these rows is in the titles."""
    title_words = {word for title in titles for word in _words(title, extent(title).unspaced)}
    texts, unspaced = page.texts, page.unspaced
    return [
        _title_share(_words(texts[row], unspaced[row]), title_words) if len(texts[row]) < _TITLE_LIKE else 0.0
        for row in rows
    ]


def _words(text: str, unspaced: float) -> list[str]:
    """Returns the words of a text; of a script without spaces, the pairs of neighbouring characters too."""
    words = text.lower().split()
    return [*words, *map("".join, pairwise(text))] if unspaced else words


def _title_share(words: list[str], title_words: set[str]) -> float:
    if title_words.isdisjoint(words):
        return 0.0
    distinct = {*words}
    return len(distinct & title_words) / len(distinct)


def _searchable(text: str, blocks: int) -> str:
    """Returns the comparison key of a text; empty if looking for so many blocks in it would take seconds."""
    key = comparison_key(text)
    return key if len(key) * blocks <= _DEAREST_SEARCH else ""


def _in_description(text: str, description: str) -> bool:
    """Returns whether the beginning of a block is part of the page's description, or begins as the description does."""
    # A word without punctuation is its own key, and most blocks begin with one that the description has not.
    word = text.split(" ", 1)[0].casefold()[:_DESCRIPTION_START]
    if word.isalnum() and word not in description:
        return False
    key = comparison_key(text)
    if not key or not (key in description or description[:_DESCRIPTION_START] == key[:_DESCRIPTION_START]):
        return False
    return extent(key).letters > _LEAST_DESCRIPTION_KEY


def _in_body(text: str, body: str) -> bool:
    key = comparison_key(text)
    return len(key) > _LEAST_BODY_KEY and key in body


def _of_neighbours(tags: list[str], text: Columns) -> Columns:
    tag = np.array([_TAGS.get(name, -1) for name in tags])
    columns = {f"is_{name}": tag == _TAGS[name] for name in ("div", "td", "h2", "h3", "p", "li")}
    for steps in (1, -1, 2):
        columns[f"size{steps:+}"] = shifted(text["size"], steps, 0.0)
        columns[f"link_density{steps:+}"] = shifted(text["link_density"], steps, 1.0)
        columns[f"tag{steps:+}"] = shifted(tag, steps, -1)
    total_prose = max(text["prose"].sum(), 1.0)
    for reach in (4, 10):
        prose, links, letters = _sums_around([text[name] for name in ("prose", "link_letters", "letters")], reach)
        columns[f"prose_around{reach}"] = prose / total_prose
        columns[f"links_around{reach}"] = links / letters
    return columns


def _sums_around(columns: list[Column], reach: int) -> Column:
    """Returns for each row of each column the sum of it and of `reach` rows on either side."""
    count = len(columns[0])
    sums = np.zeros((len(columns), count + 1))
    np.cumsum(columns, axis=1, out=sums[:, 1:])
    rows = np.arange(count)
    result: Column = sums[:, np.minimum(rows + reach + 1, count)] - sums[:, np.maximum(rows - reach, 0)]
    return result


def _of_position(tags: list[str], tree: BoxTree) -> Columns:
    """Returns how far along the page each block is: from the start, from the title and from the main box."""
    count, prose, letters = len(tags), tree.prose, tree.letters
    rows = np.arange(count)
    main_rows = np.flatnonzero(tree.in_main[tree.block_box] & (prose > 0))
    first, last = (main_rows[0], main_rows[-1]) if len(main_rows) else (0, count - 1)
    columns = {
        "position": rows / count,
        "position_letters": np.cumsum(letters) / letters.sum(),
        "position_prose": np.cumsum(prose) / tree.total_prose,
        "before_main": np.clip(first - rows, -50, 50),
        "after_main": np.clip(rows - last, -50, 50),
        "blocks": np.full(count, np.log1p(count)),
        "page_prose": np.full(count, np.log1p(tree.total_prose)),
    }
    headings = [row for row, tag in enumerate(tags) if tag == "h1"]
    if not headings:
        return columns | {"below_title": np.full(count, -99.0), "letters_below_title": np.full(count, -99.0)}
    title = min(headings, key=lambda row: abs(row - first))
    letters_before = np.cumsum(letters) - letters
    return columns | {
        "below_title": np.clip(rows - title, -60, 60),
        "letters_below_title": np.log1p(np.abs(letters_before - letters_before[title])) * np.sign(rows - title),
    }
