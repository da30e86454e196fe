"""What stands around the blocks of a page: the boxes' sums, what they are called, and the box that holds most of the prose."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.parser.page.blocks import Layout
from services.parser.page.class_words import BIT

Column = NDArray[Any]
Columns = dict[str, Column]

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
_SUMMED = ("prose", "chars", "linked", "blocks")
_MARKS_OF = {
    "off": "author box caption comment foot hidden share side related letter",
    "near": "article box caption foot lead",
    "in": "letter article figcaption figure main table ul articlebody",
}


def moved(column: Column, steps: int, edge: float) -> Column:
    """The column as the block so many places later sees it; `edge` where none stands."""
    moved = np.full(len(column), edge)
    if steps > 0:
        moved[steps:] = column[:-steps]
    else:
        moved[:steps] = column[-steps:]
    return moved


class Surroundings:
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
        self.class_words = [box.class_words for box in page.boxes]
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
            here = self.class_words[box] & bits
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
        every, off = list(self.class_words), list(self.class_words)
        for box in range(1, len(every)):
            every[box] |= every[self.parents[box]]
            off[box] = 0 if box in self.line else off[box] | off[self.parents[box]]
        own = np.array(self.class_words)
        near = own | own[self.parent] | own[self.parent[self.parent]]
        rows = {"in": np.array(every)[self.place], "off": np.array(off)[self.place], "near": near[self.place]}
        columns = {
            f"{where}_{name}": (rows[where] & BIT[name]) > 0
            for where, names in _MARKS_OF.items()
            for name in names.split()
        }
        return columns | {
            "has_body_mark": np.full(len(self.place), any(one & BIT["articlebody"] for one in self.class_words))
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
        kinds = [known.setdefault((box.signature, boxes[box.parent].signature), len(known)) for box in boxes]
        kind = np.array(kinds)[self.place]
        count, chars = np.bincount(kind), np.bincount(kind, self.chars)
        return {
            "alike_prose": (np.bincount(kind, self.prose) / self.total)[kind],
            "alike": np.log1p(count[kind]),
            "alike_links": (np.bincount(kind, self.text["linked"]) / np.maximum(chars, 1))[kind],
            "alike_size": np.log1p((chars / np.maximum(count, 1))[kind]),
            "like_next": moved(kind, -1, -1) == kind,
        }
