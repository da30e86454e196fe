"""Which boxes a block stands in, and which blocks a box holds."""

from collections.abc import Iterator
from itertools import islice, takewhile

from services.parser.page.layout import Layout

PAGE_TAGS = frozenset({"article", "main", "body"})


def ancestors(page: Layout, box: int) -> Iterator[int]:
    """Yields the boxes around a box, from the inside; not the page itself."""
    while box := page.boxes[box].parent:
        yield box


def around(page: Layout, row: int, most: int | None = None) -> Iterator[int]:
    """Yields the boxes that a block stands in, from the inside, at most so many."""
    box = page.blocks[row].box
    yield from islice((box, *ancestors(page, box)) if box else (), most)


def is_in(page: Layout, row: int, box: int) -> bool:
    """Returns whether a block stands in a box."""
    inner = page.blocks[row].box
    while inner > box:
        inner = page.boxes[inner].parent
    return inner == box


def rows_in(page: Layout, row: int, box: int, most: int) -> list[int]:
    """Returns the rows of a box around a row that stands in it, in order, at most so many on either side."""
    before = range(row - 1, max(row - 1 - most, -1), -1)
    after = range(row, min(row + 1 + most, len(page.blocks)))
    return [
        *reversed([*takewhile(lambda inner: is_in(page, inner, box), before)]),
        *takewhile(lambda inner: is_in(page, inner, box), after),
    ]


def size(page: Layout, rows: set[int] | list[int]) -> int:
    """Returns how many characters the blocks of these rows have."""
    return sum(len(page.blocks[row].text) for row in rows)


def text_sizes(page: Layout) -> list[int]:
    """Returns how many characters each box has, with those in it; the first is the whole page."""
    sizes = [0] * len(page.boxes)
    for block in page.blocks:
        sizes[block.box] += len(block.text)
    for box in range(len(sizes) - 1, 0, -1):
        sizes[page.boxes[box].parent] += sizes[box]
    return sizes
