"""What can be said in numbers of each block of a page: its text, where it stands, and what stands around it.

From these a forest (`forest.py`) tells the article's own blocks from the rest. Text and link density are those of
Kohlschütter et al., "Boilerplate Detection using Shallow Text Features" (WSDM 2010); the box that holds most of the
prose is found as Arc90's Readability finds it.
"""

import re
from collections import Counter
from dataclasses import dataclass

import numpy as np

from services.parser.article.body.box_features import Column, Columns, Surroundings, moved
from services.parser.page.blocks import Block, Layout
from services.parser.page.elements import comparison_key

# A block of this many characters, few of them links, is prose.
_PROSE = 60
_FEW_LINKS = 0.4
_ALL_LINK = 0.9
_TAGS = {tag: place for place, tag in enumerate("p li h1 h2 h3 h4 h5 h6 td th div blockquote section article".split())}
_POINTS, _OTHER_POINTS = ".,;:!?", "،؛؟。、，"
_MOST_COUNTED = 400
_DIGIT, _CAPITAL = re.compile(r"\d"), re.compile(r"[A-ZÀ-ÖØ-ÞĀĂĄĆČĎĐĒĘĚĞĢĪĮİĶŁŃŇŌŐŒŘŚŞŠŤŪŮŰŹŻŽΑ-ΩЀ-Я]")
_SENTENCE_ENDS = frozenset(".!?…。！？؟۔:;\"”»“'’)]")
_DATE = re.compile(r"\b(?:19|20)\d\d\b|\d{1,2}:\d\d")
_START = 80
_LEAST_BODY = 200
# By so much of its beginning a block is known again in a description or a body told elsewhere.
_ENOUGH = 60
# Longer blocks are no titles, and no part of a description.
_TITLE_LIKE = 200


@dataclass(frozen=True, slots=True)
class Said:
    """What a page says of its article outside the text: titles, description, and perhaps the whole body."""

    titles: tuple[str, ...] = ()
    description: str = ""
    body: str = ""


def traits(page: Layout, said: Said) -> Columns:
    """A column of numbers for each trait, a row for each block of the page, of which there is at least one."""
    text = _of_text(page.blocks)
    place = np.array([block.box for block in page.blocks])
    tree = Surroundings(page, place, text)
    return text | tree.traits() | _of_said(page.blocks, said) | _of_neighbours(page, text, place) | _of_way(page, tree)


def is_bare_link(block: Block) -> bool:
    """Whether a block is a short link and little else, as menus are made of: no article's, and not looked at closely."""
    size = len(block.text)
    return size < _PROSE and block.link_chars >= _ALL_LINK * size


def _of_text(blocks: list[Block]) -> Columns:
    texts = [block.text for block in blocks]
    told = [not is_bare_link(block) for block in blocks]
    starts = [text[:_START] if tell else "" for text, tell in zip(texts, told, strict=True)]
    size, linked, bold, inline, words, points, digits, capitals = np.array([
        list(map(len, texts)), [one.link_chars for one in blocks], [one.bold_chars for one in blocks], [one.inline_elements for one in blocks],
        [text.count(" ") + 1 for text in texts],
        [_points(text[:_MOST_COUNTED]) if tell else 0 for text, tell in zip(texts, told, strict=True)],
        [len(_DIGIT.findall(start)) for start in starts], [len(_CAPITAL.findall(start)) for start in starts],
    ], float)  # fmt: skip
    shown = np.minimum(size, _START)
    seen = Counter(texts)
    return {
        "chars": size,
        "linked": linked,
        "prose": np.where((size >= _PROSE) & (linked < _FEW_LINKS * size) & (points > 0), size, 0.0),
        "size": np.log1p(size),
        "words": np.log1p(words),
        "word_length": size / words,
        "link_density": linked / size,
        "bold": bold / size,
        "inline": np.minimum(inline, 10),
        "punctuation": points / words,
        "points": np.minimum(points, 10),
        "digits": digits / shown,
        "capitals": capitals / shown,
        "capital_first": np.array([text[0].isupper() for text in texts]),
        "ends": np.array([text[-1] in _SENTENCE_ENDS for text in texts]),
        "date": np.array([_DATE.search(start) is not None for start in starts]),
        "repeated": np.array([min(seen[text], 5) for text in texts]),
    }


def _points(text: str) -> int:
    count = sum(map(text.count, _POINTS))
    return count if text.isascii() else count + sum(map(text.count, _OTHER_POINTS))


def _of_said(blocks: list[Block], said: Said) -> Columns:
    titles = {word for title in said.titles for word in title.lower().split()}
    description, body = comparison_key(said.description), comparison_key(said.body)
    if len(body) <= _LEAST_BODY:
        body = ""
    looked = [one.text if not is_bare_link(one) else "" for one in blocks]
    starts = [comparison_key(text[:_ENOUGH]) for text in looked] if body or description else looked
    words = [{*text.lower().split()} if len(text) < _TITLE_LIKE else set[str]() for text in looked]
    return {
        "title_words": np.array([len(one & titles) / max(len(one), 1) for one in words]),
        "in_description": np.array([_told(one, description) for one in starts]),
        "body_told": np.full(len(blocks), bool(body)),
        "in_told_body": np.array([bool(body) and len(one) > 12 and one in body for one in starts]),
    }


def _told(start: str, description: str) -> bool:
    """Whether a block is part of the page's description, or begins as it does."""
    return len(start) > 20 and bool(description) and (start in description or description[:40] == start[:40])


def _of_neighbours(page: Layout, text: Columns, place: Column) -> Columns:
    tag = np.array([_TAGS.get(box.tag, -1) for box in page.boxes])[place]
    prose, chars = text["prose"], text["chars"]
    total = max(prose.sum(), 1.0)
    columns = {f"is_{name}": tag == _TAGS[name] for name in ("div", "td", "h2", "h3", "p", "li")}
    for steps in (1, -1, 2):
        columns[f"size{steps:+}"] = moved(text["size"], steps, 0.0)
        columns[f"link_density{steps:+}"] = moved(text["link_density"], steps, 1.0)
        columns[f"tag{steps:+}"] = moved(tag, steps, -1)
    for reach in (4, 10):
        columns[f"prose_around{reach}"] = _around(prose, reach) / total
        columns[f"links_around{reach}"] = _around(text["linked"], reach) / _around(chars, reach)
    return columns


def _around(column: Column, reach: int) -> Column:
    """The sum of each block and `reach` on either side."""
    sums = np.concatenate(([0.0], np.cumsum(column)))
    places = np.arange(len(column))
    result: Column = sums[np.minimum(places + reach + 1, len(column))] - sums[np.maximum(places - reach, 0)]
    return result


def _of_way(page: Layout, tree: Surroundings) -> Columns:
    """How far along the page a block is: from its start, its title, and the box that holds most of the prose."""
    count, prose, chars = len(page.blocks), tree.prose, tree.chars
    places = np.arange(count)
    main = np.flatnonzero(tree.in_best[tree.place] & (prose > 0))
    first, last = (main[0], main[-1]) if len(main) else (0, count - 1)
    columns = {
        "way": places / count,
        "way_chars": np.cumsum(chars) / chars.sum(),
        "way_prose": np.cumsum(prose) / tree.total,
        "before_main": np.clip(first - places, -50, 50),
        "after_main": np.clip(places - last, -50, 50),
        "blocks": np.full(count, np.log1p(count)),
        "page_prose": np.full(count, np.log1p(tree.total)),
    }
    headings = [row for row, box in enumerate(tree.place) if page.boxes[box].tag == "h1"]
    if not headings:
        return columns | {"below_title": np.full(count, -99.0), "chars_below_title": np.full(count, -99.0)}
    title = min(headings, key=lambda row: abs(row - first))
    passed = np.cumsum(chars) - chars
    return columns | {
        "below_title": np.clip(places - title, -60, 60),
        "chars_below_title": np.log1p(np.abs(passed - passed[title])) * np.sign(places - title),
    }
