"""Features of a block that follow from the boxes around it: their sums, class words, and distance from the main box."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.parser.page.class_words import BIT
from services.parser.page.layout import Layout

Column = NDArray[Any]
Columns = dict[str, Column]

# Boxes with these class words hold no article, unless they hold nearly all of the page's prose.
_FURNITURE = sum(
    BIT[word]
    for word in "comment related letter foot hidden nav ad republish aside footer form figure".split()
)  # fmt: skip
_NEARLY_ALL = 0.8
_FURNITURE_WEIGHT = 0.35
_SUMMED = ("prose", "letters", "link_letters", "blocks")
# The box of a block and three around it.
_LEVELS = 4
_IN = ("letter", "article", "figcaption", "figure", "main", "table", "ul", "articlebody")
_OFF = ("author", "box", "caption", "comment", "foot", "hidden", "share", "side", "related", "letter")
_NEAR = ("article", "box", "caption", "foot", "lead")


def shifted(column: Column, steps: int, edge: float) -> Column:
    """Returns the column moved down by `steps` rows (up if negative); `edge` fills the rows that become free."""
    result = np.full(len(column), edge)
    if steps > 0:
        result[steps:] = column[:-steps]
    else:
        result[:steps] = column[-steps:]
    return result


def _has(class_words: Column, words: tuple[str, ...]) -> Column:
    """Returns for each word whether each box has it."""
    result: Column = (class_words & np.array([[BIT[word]] for word in words])) > 0
    return result


class BoxTree:
    """The boxes of a page with the sums of their blocks, and the main box: the one that holds most of the prose.

    Args:
        page: its layout.
        block_box: the index of the box of each block.
        text: the features of the blocks' text.
    """

    def __init__(self, page: Layout, block_box: Column, text: Columns) -> None:
        self.page, self.block_box, self.text = page, block_box, text
        self.prose, self.letters = text["prose"], text["letters"]
        self.total_prose = max(float(self.prose.sum()), 1.0)
        self.parents = [box.parent for box in page.boxes]
        self.parent = np.array(self.parents)
        self.end = np.array([box.end for box in page.boxes])
        self.depth = np.array([box.depth for box in page.boxes])
        block_columns = [text[name] for name in _SUMMED[:-1]] + [np.ones(len(block_box))]
        self.sums = dict(zip(_SUMMED, self._summed(block_columns), strict=True))
        self.class_words = [box.class_words for box in page.boxes]
        self.furniture = self._furniture()
        self.main = int(np.argmax(self._scores()))
        self.main_ancestors = self._main_ancestors()
        self.in_main = self._in_main()

    def features(self) -> Columns:
        """Returns a column for each feature, with a row for each block."""
        return self._of_sums() | self._of_class_words() | self._of_main() | self._of_signatures()

    def _summed(self, columns: list[Column]) -> Column:
        """Returns the sums of columns of the blocks over each box and the boxes in it, which follow it."""
        count = len(self.parents)
        sums_before = np.zeros((len(columns), count + 1))
        own = [np.bincount(self.block_box, column, count) for column in columns]
        np.cumsum(own, axis=1, out=sums_before[:, 1:])
        result: Column = sums_before[:, self.end] - sums_before[:, :-1]
        return result

    def _furniture(self) -> Column:
        """Returns for each box how many class words of furniture it and the boxes around it have."""
        is_page = self.sums["prose"] > _NEARLY_ALL * self.total_prose
        words = np.where(is_page, 0, np.bitwise_count(np.array(self.class_words) & _FURNITURE))
        # The words of all boxes that have begun, without those of the boxes that have ended.
        ended = np.bincount(self.end, words, len(words) + 1)[:-1]
        result: Column = np.cumsum(words) - np.cumsum(ended)
        return result

    def _scores(self) -> Column:
        """Returns how likely each box is the main one: prose in its children counts in full, in grandchildren by half."""
        own = np.bincount(self.block_box, self.prose, len(self.parents))
        scores = own / 2
        np.add.at(scores, self.parent, own)
        np.add.at(scores, self.parent[self.parent], own / 2)
        text_share = 1 - self.sums["link_letters"] / np.maximum(self.sums["letters"], 1)
        result: Column = scores * text_share * _FURNITURE_WEIGHT**self.furniture
        return result

    def _main_ancestors(self) -> dict[int, int]:
        """Returns the main box and the boxes around it, with the number of steps outwards."""
        steps, box = {self.main: 0}, self.main
        while box:
            box = self.parents[box]
            steps[box] = len(steps)
        return steps

    def _in_main(self) -> Column:
        inside = np.zeros(len(self.parents), bool)
        inside[self.main : self.end[self.main]] = True
        return inside

    def _of_sums(self) -> Columns:
        """Returns the sums of the box of each block, and of the three boxes around it."""
        boxes = [self.block_box]
        for _ in range(_LEVELS - 1):
            boxes.append(self.parent[boxes[-1]])
        prose, letters, link_letters, blocks = np.array([self.sums[name] for name in _SUMMED])[:, boxes]
        letters = np.maximum(letters, 1)
        by_level = {
            "prose_share": prose / self.total_prose,
            "links": link_letters / letters,
            "blocks": np.log1p(blocks),
            "density": prose / letters,
            "prose": np.log1p(prose),
        }
        columns: Columns = {"depth": self.depth[self.block_box]}
        for level in range(_LEVELS):
            columns |= {f"box{level}_{name}": values[level] for name, values in by_level.items()}
        return columns

    def _of_class_words(self) -> Columns:
        """Returns which class words the boxes around each block have.

        `in_`: any box around it. `off_`: any box around it that is not around the main box. `near_`: the nearest three.
        """
        own = np.array(self.class_words)
        off_main = own.copy()
        off_main[[*self.main_ancestors]] = 0
        near = own | own[self.parent] | own[self.parent[self.parent]]
        boxes = {"in": self._around(own, _IN), "off": self._around(off_main, _OFF), "near": _has(near, _NEAR)}
        columns: Columns = {"has_body_class": np.full(len(self.block_box), _has(own, ("articlebody",)).any())}
        for where, words in (("in", _IN), ("off", _OFF), ("near", _NEAR)):
            columns |= zip((f"{where}_{word}" for word in words), boxes[where][:, self.block_box], strict=True)
        return columns

    def _around(self, class_words: Column, words: tuple[str, ...]) -> Column:
        """Returns for each word whether each box, or a box around it, has it."""
        # A box that begins before another and ends after it is around it.
        ends = np.maximum.accumulate(np.where(_has(class_words, words), self.end, 0), axis=1)
        result: Column = ends > np.arange(len(self.end))
        return result

    def _of_main(self) -> Columns:
        """Returns how far each block is from the main box: steps outwards, then steps inwards."""
        out, out_depth = np.zeros_like(self.parent), np.zeros_like(self.parent)
        for box, steps in reversed(self.main_ancestors.items()):
            inner = slice(box, self.end[box])
            out[inner], out_depth[inner] = steps, self.depth[box]
        down, boxes = self.depth - out_depth, self.page.boxes
        return {
            "furniture": self.furniture[self.block_box],
            "in_main_box": self.in_main[self.block_box],
            "steps_out": np.minimum(out, 12)[self.block_box],
            "steps_down": np.minimum(down, 12)[self.block_box],
            "main_share": np.full(len(self.block_box), self.sums["prose"][self.main] / self.total_prose),
            "below_main": (self.depth - self.depth[self.main])[self.block_box],
            "around_li": np.array([boxes[boxes[block.box].parent].tag == "li" for block in self.page.blocks]),
        }

    def _of_signatures(self) -> Columns:
        """Returns the sums of all blocks whose boxes have the same signature: a page's paragraphs, its teasers."""
        boxes, numbers = self.page.boxes, dict[tuple[str, str], int]()
        block_boxes = (boxes[block.box] for block in self.page.blocks)
        signature = np.array([
            numbers.setdefault((box.signature, boxes[box.parent].signature), len(numbers)) for box in block_boxes
        ])  # fmt: skip
        count, letters = np.bincount(signature), np.bincount(signature, self.letters)
        link_letters = np.bincount(signature, self.text["link_letters"])
        return {
            "signature_prose": (np.bincount(signature, self.prose) / self.total_prose)[signature],
            "signature_blocks": np.log1p(count[signature]),
            "signature_links": (link_letters / np.maximum(letters, 1))[signature],
            "signature_size": np.log1p((letters / np.maximum(count, 1))[signature]),
            "signature_next": shifted(signature, -1, -1) == signature,
        }
