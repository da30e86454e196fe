"""Lists, quotations and folded answers between two paragraphs of the article: set apart, and yet its text.

The forest judges block by block and is unsure of these: other pages set their own lists and boxes apart as well.
Boxes of facts are left to it: newspapers count them to the article as often as not.
"""

import re
from itertools import pairwise, takewhile

from services.parser.page.boxes import PAGE_TAGS, around, is_in, rows_in, size
from services.parser.page.class_words import BIT
from services.parser.page.layout import Layout

_TAGS = frozenset({"blockquote", "ul", "ol", "dl", "details", "pre"})
# An entry of a list between two entries that are the article's.
_ENTRIES = frozenset({"li", "dt", "dd"})
_FOLDED = re.compile(r"accordion|\bfaq|toggle|collaps|spoiler|(?<!pull)(?<!pull-)(?<!pull_)quote", re.IGNORECASE)
_OTHERS = sum(
    BIT[name]
    for name in ("related", "share", "nav", "letter", "ad", "author", "comment", "account", "popular", "beside", "form", "caption", "figure")
)  # fmt: skip
# Posts of social networks are quoted in figures, under classes such as "twitter-tweet".
_OTHERS_AT_QUOTATION = _OTHERS & ~(BIT["share"] | BIT["figure"] | BIT["caption"])
_MOST_ROWS, _MOST_BOXES, _LONGEST, _LONGEST_SIGNATURE = 12, 8, 1_500, 300
_FEW_LINKS = 0.3
# The mean likelihood of the blocks of such a box, and of a quotation, such as a post of a social network.
_POSSIBLE, _POSSIBLE_QUOTATION = 0.2, 0.05
_LEAST_ENTRIES, _MOST_ENTRIES = 2, 20


def rows(page: Layout, likelihood: dict[int, float], body: set[int]) -> set[int]:
    """Returns the rows of the lists, quotations and folded boxes that stand between rows of the body in their column.

    Args:
        page: the layout.
        likelihood: of each row, that it is the article's.
        body: the rows that are the article's without these.
    """
    enclosed: set[int] = set()
    for before, after in pairwise(sorted(body)):
        gap = [*range(before + 1, after)]
        if (
            0 < len(gap) <= _MOST_ROWS
            and _is_possible(page, likelihood, gap)
            and _is_set_apart(page, gap, before, after)
        ):
            enclosed.update(gap)
    return enclosed | _closing_list(page, likelihood, body)


def _closing_list(page: Layout, likelihood: dict[int, float], body: set[int]) -> set[int]:
    """Returns the rows of a list without links right behind the last paragraph, in its column."""
    last = max(body, default=-1)
    if not 0 <= last < len(page.blocks) - 1:
        return set()
    holder = next((box for box in around(page, last + 1, _MOST_BOXES) if page.boxes[box].tag in ("ul", "ol")), 0)
    entries = rows_in(page, last + 1, holder, _MOST_ENTRIES) if holder else []
    if not _LEAST_ENTRIES <= len(entries) <= _MOST_ENTRIES or any(page.blocks[row].link_chars for row in entries):
        return set()
    before = entries[0] - 1
    is_next = before in body and page.boxes[holder].parent in around(page, before, _MOST_BOXES)
    is_other = any(page.boxes[box].class_words & _OTHERS for box in range(holder, page.boxes[holder].end))
    return {*entries} if is_next and not is_other and _is_possible(page, likelihood, entries) else set()


def _is_possible(page: Layout, likelihood: dict[int, float], gap: list[int]) -> bool:
    """Returns whether the rows of a gap are short, have few links, and are likely enough."""
    length = size(page, gap)
    links = sum(page.blocks[row].link_chars for row in gap)
    likely = sum(likelihood.get(row, 0.0) for row in gap)
    is_quoted = any(page.boxes[box].tag == "blockquote" for box in around(page, gap[0], _MOST_BOXES))
    least = _POSSIBLE_QUOTATION if is_quoted else _POSSIBLE
    return length <= _LONGEST and links <= _FEW_LINKS * length and likely >= least * len(gap)


def _is_set_apart(page: Layout, gap: list[int], before: int, after: int) -> bool:
    """Returns whether the rows of a gap are in one box that is a list, a quotation or folded, and no other kind of box."""
    column = {*around(page, before, _MOST_BOXES)} & {*around(page, after, _MOST_BOXES)}
    boxes = [[*takewhile(lambda box: box not in column, around(page, row, _MOST_BOXES))] for row in gap]
    if not column or not all(boxes):
        return False
    holder = boxes[0][-1]
    inner = {box for row_boxes in boxes for box in row_boxes}
    is_apart = any(
        page.boxes[box].tag in _TAGS | _ENTRIES or _FOLDED.search(page.boxes[box].signature[:_LONGEST_SIGNATURE])
        for box in boxes[0]
    )
    is_quoted = any(page.boxes[box].tag == "blockquote" for box in boxes[0])
    class_bits = _OTHERS_AT_QUOTATION if is_quoted else _OTHERS
    is_other = any(page.boxes[box].class_words & class_bits or page.boxes[box].tag in PAGE_TAGS for box in inner)
    return is_apart and not is_other and all(is_in(page, row, holder) for row in gap)
