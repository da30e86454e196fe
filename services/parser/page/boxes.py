"""Which boxes a block stands in, and which blocks a box holds."""

from collections.abc import Iterator

from services.parser.page.layout import Layout

PAGE_TAGS = frozenset({"article", "main", "body"})


def ancestors(page: Layout, box: int) -> Iterator[int]:
    """Yields the boxes around a box, from the inside; not the page itself."""
    while box := page.boxes[box].parent:
        yield box


def around(page: Layout, row: int, most: int | None = None) -> Iterator[int]:
    """Yields the boxes that a block stands in, from the inside, at most so many."""
    boxes, box, steps = page.boxes, page.blocks[row].box, -1 if most is None else most
    while box and steps:
        yield box
        box, steps = boxes[box].parent, steps - 1


def is_in(page: Layout, row: int, box: int) -> bool:
    """Returns whether a block stands in a box."""
    return box <= page.blocks[row].box < page.boxes[box].end


def rows_in(page: Layout, row: int, box: int, most: int) -> list[int]:
    """Returns the rows of a box around a row that stands in it, in order, at most so many on either side."""
    first, last = max(row - most, 0), min(row + most, len(page.blocks) - 1)
    start = end = row
    while start > first and is_in(page, start - 1, box):
        start -= 1
    while end < last and is_in(page, end + 1, box):
        end += 1
    return [*range(start, end + 1)]


def size(page: Layout, rows: set[int] | list[int]) -> int:
    """Returns how many characters the blocks of these rows have."""
    return sum(len(page.blocks[row].text) for row in rows)
