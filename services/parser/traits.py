"""What can be said in numbers of each block of a page: its text, where it stands, and what stands around it.

From these a forest (`forest.py`) tells the article's own blocks from the rest. Text and link density are those of
Kohlschütter et al., "Boilerplate Detection using Shallow Text Features" (WSDM 2010); the box that holds most of the
prose is found as Arc90's Readability finds it.
"""

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.parser.blocks import Block, Layout
from services.parser.marks import BIT

Column = NDArray[Any]
Columns = dict[str, Column]

# A block of this many characters, few of them links, is prose.
_PROSE = 60
_FEW_LINKS = 0.4
_ALL_LINK = 0.9
# Boxes called so hold no article, unless they hold nearly all of the page's prose.
_APART = (
    "comment",
    "related",
    "letter",
    "foot",
    "hidden",
    "nav",
    "ad",
    "republish",
    "aside",
    "footer",
    "form",
    "figure",
)
_NEARLY_ALL = 0.8
_APART_WEIGHT = 0.35
_TAGS = {tag: place for place, tag in enumerate("p li h1 h2 h3 h4 h5 h6 td th div blockquote section article".split())}
_POINTS, _OTHER_POINTS = ".,;:!?", "،؛؟。、，"
_MOST_COUNTED = 400
_DIGIT, _CAPITAL = re.compile(r"\d"), re.compile(r"[A-ZÀ-ÖØ-ÞĀĂĄĆČĎĐĒĘĚĞĢĪĮİĶŁŃŇŌŐŒŘŚŞŠŤŪŮŰŹŻŽΑ-ΩЀ-Я]")
_SENTENCE_ENDS = frozenset(".!?…。！？؟۔:;\"”»“'’)]")
_DATE = re.compile(r"\b(?:19|20)\d\d\b|\d{1,2}:\d\d")
_NO_WORD = re.compile(r"\W+")
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
    tree = _Tree(page, place, text)
    return text | tree.traits() | _of_said(page.blocks, said) | _of_neighbours(page, text, place) | _of_way(page, tree)


def is_bare_link(block: Block) -> bool:
    """Whether a block is a short link and little else, as menus are made of: no article's, and not looked at closely."""
    size = len(block.text)
    return size < _PROSE and block.linked >= _ALL_LINK * size


def bare(text: str) -> str:
    """A text without case, spaces and punctuation: equal where two differ in these only."""
    return _NO_WORD.sub("", text.casefold())


def _of_text(blocks: list[Block]) -> Columns:
    texts = [block.text for block in blocks]
    told = [not is_bare_link(block) for block in blocks]
    starts = [text[:_START] if tell else "" for text, tell in zip(texts, told, strict=True)]
    size, linked, bold, inline, words, points, digits, capitals = np.array([
        list(map(len, texts)), [one.linked for one in blocks], [one.bold for one in blocks], [one.inline for one in blocks],
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
    description, body = bare(said.description), bare(said.body)
    if len(body) <= _LEAST_BODY:
        body = ""
    looked = [one.text if not is_bare_link(one) else "" for one in blocks]
    starts = [bare(text[:_ENOUGH]) for text in looked] if body or description else looked
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
        columns[f"size{steps:+}"] = _moved(text["size"], steps, 0.0)
        columns[f"link_density{steps:+}"] = _moved(text["link_density"], steps, 1.0)
        columns[f"tag{steps:+}"] = _moved(tag, steps, -1)
    for reach in (4, 10):
        columns[f"prose_around{reach}"] = _around(prose, reach) / total
        columns[f"links_around{reach}"] = _around(text["linked"], reach) / _around(chars, reach)
    return columns


def _moved(column: Column, steps: int, edge: float) -> Column:
    """The column as the block so many places later sees it; `edge` where none stands."""
    moved = np.full(len(column), edge)
    if steps > 0:
        moved[steps:] = column[:-steps]
    else:
        moved[:steps] = column[-steps:]
    return moved


def _around(column: Column, reach: int) -> Column:
    """The sum of each block and `reach` on either side."""
    sums = np.concatenate(([0.0], np.cumsum(column)))
    places = np.arange(len(column))
    result: Column = sums[np.minimum(places + reach + 1, len(column))] - sums[np.maximum(places - reach, 0)]
    return result


def _of_way(page: Layout, tree: "_Tree") -> Columns:
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


class _Tree:
    """The boxes' sums, the best box, and each block's relation to it."""

    def __init__(self, page: Layout, place: Column, text: Columns) -> None:
        self.page, self.place, self.text = page, place, text
        self.prose, self.chars = text["prose"], text["chars"]
        self.total = max(float(self.prose.sum()), 1.0)
        self.parents = [box.parent for box in page.boxes]
        self.parent = np.array(self.parents)
        self.sums = dict(
            zip(_SUMMED, self._summed([text[name] for name in _SUMMED[:-1]] + [np.ones(len(place))]), strict=True)
        )
        self.marks = [box.marks for box in page.boxes]
        self.apart = self._apart()
        self.best = int(np.argmax(self._scores()))
        self.line = self._line()
        self.in_best = self._in_best()

    def traits(self) -> Columns:
        return self._of_boxes() | self._of_marks() | self._of_best() | self._of_names()

    def _summed(self, columns: list[Column]) -> list[Column]:
        """Columns of the blocks summed up in every box around them."""
        counts = len(self.parents)
        first, second, third, fourth = (np.bincount(self.place, column, counts).tolist() for column in columns)
        for box in range(counts - 1, 0, -1):
            parent = self.parents[box]
            first[parent] += first[box]
            second[parent] += second[box]
            third[parent] += third[box]
            fourth[parent] += fourth[box]
        return [np.array(sums) for sums in (first, second, third, fourth)]

    def _apart(self) -> list[int]:
        """In how many boxes a box stands whose names say that they hold no article."""
        bits = sum(BIT[name] for name in _APART)
        most = (self.sums["prose"] > _NEARLY_ALL * self.total).tolist()
        apart = [0]
        for box in range(1, len(self.parents)):
            here = self.marks[box] & bits
            apart.append(apart[self.parents[box]] + (0 if most[box] else here.bit_count()))
        return apart

    def _scores(self) -> Column:
        """How much of the prose is a box's own: that of its children counts whole, and of theirs by half."""
        own = np.bincount(self.place, self.prose, len(self.parents))
        scores = own / 2
        np.add.at(scores, self.parent, own)
        np.add.at(scores, self.parent[self.parent], own / 2)
        sparse = 1 - self.sums["linked"] / np.maximum(self.sums["chars"], 1)
        result: Column = scores * sparse * _APART_WEIGHT ** np.array(self.apart)
        return result

    def _line(self) -> dict[int, int]:
        """The best box and those around it, and how many steps out each is."""
        line, box = {self.best: 0}, self.best
        while box:
            box = self.parents[box]
            line[box] = len(line)
        return line

    def _in_best(self) -> Column:
        inside = [False] * len(self.parents)
        inside[self.best] = True
        for box in range(self.best + 1, len(inside)):
            inside[box] = inside[self.parents[box]]
        return np.array(inside)

    def _of_boxes(self) -> Columns:
        """The sums of the box of a block, and of three around it."""
        columns: Columns = {"depth": np.array([box.depth for box in self.page.boxes])[self.place]}
        box = self.place
        for level in range(4):
            prose, chars = self.sums["prose"][box], np.maximum(self.sums["chars"][box], 1)
            columns |= {
                f"box{level}_prose_share": prose / self.total,
                f"box{level}_links": self.sums["linked"][box] / chars,
                f"box{level}_blocks": np.log1p(self.sums["blocks"][box]),
                f"box{level}_density": prose / chars,
                f"box{level}_prose": np.log1p(prose),
            }
            box = self.parent[box]
        return columns

    def _of_marks(self) -> Columns:
        """What the boxes around a block are called: all of them, those that are not around the best one too, the next three."""
        every, off = list(self.marks), list(self.marks)
        for box in range(1, len(every)):
            every[box] |= every[self.parents[box]]
            off[box] = 0 if box in self.line else off[box] | off[self.parents[box]]
        own = np.array(self.marks)
        near = own | own[self.parent] | own[self.parent[self.parent]]
        rows = {"in": np.array(every)[self.place], "off": np.array(off)[self.place], "near": near[self.place]}
        columns = {
            f"{where}_{name}": (rows[where] & BIT[name]) > 0
            for where, names in _MARKS_OF.items()
            for name in names.split()
        }
        return columns | {
            "has_body_mark": np.full(len(self.place), any(one & BIT["articlebody"] for one in self.marks))
        }

    def _of_best(self) -> Columns:
        out, down = [0] * len(self.parents), [0] * len(self.parents)
        for box in range(1, len(out)):
            parent = self.parents[box]
            out[box] = self.line.get(box, out[parent])
            down[box] = 0 if box in self.line else down[parent] + 1
        out[0] = self.line[0]
        depths = np.array([box.depth for box in self.page.boxes])
        return {
            "apart": np.array(self.apart)[self.place],
            "in_best": self.in_best[self.place],
            "steps_out": np.minimum(out, 12)[self.place],
            "steps_down": np.minimum(down, 12)[self.place],
            "best_share": np.full(len(self.place), self.sums["prose"][self.best] / self.total),
            "below_best": (depths - depths[self.best])[self.place],
            "around_li": np.array([self.page.boxes[box].tag == "li" for box in self.parents])[self.place],
        }

    def _of_names(self) -> Columns:
        """What blocks whose boxes are called alike hold together: a page's paragraphs, its teasers."""
        boxes, known = self.page.boxes, dict[tuple[str, str], int]()
        kinds = [known.setdefault((box.names, boxes[box.parent].names), len(known)) for box in boxes]
        kind = np.array(kinds)[self.place]
        count, chars = np.bincount(kind), np.bincount(kind, self.chars)
        return {
            "alike_prose": (np.bincount(kind, self.prose) / self.total)[kind],
            "alike": np.log1p(count[kind]),
            "alike_links": (np.bincount(kind, self.text["linked"]) / np.maximum(chars, 1))[kind],
            "alike_size": np.log1p((chars / np.maximum(count, 1))[kind]),
            "like_next": _moved(kind, -1, -1) == kind,
        }


_SUMMED = ("prose", "chars", "linked", "blocks")
_MARKS_OF = {
    "off": "author box caption comment foot hidden share side related letter",
    "near": "article box caption foot lead",
    "in": "letter article figcaption figure main table ul articlebody",
}
