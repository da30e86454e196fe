"""Tables of figures within an article: each is read whole, a line for each of its rows, or left whole."""

from collections import defaultdict
from collections.abc import Mapping
from itertools import islice

from services.parser.page.boxes import ancestors, around, rows_in, size
from services.parser.page.elements import attribute
from services.parser.page.layout import Layout

_LONGEST_CELL, _MOST_CELLS = 200, 600
# How far around a block its table is looked for, and how many boxes of its own a table may stand in, such as one that scrolls.
_NEAR, _OWN_BOXES = 12, 3
_MOST = 0.5


def tables(page: Layout, body: set[int]) -> list[tuple[list[int], list[str]]]:
    """Returns the tables of figures in and beside the article: the rows of their blocks, and a line of text for each table row.

    The cells of a line are divided by tabs. A table that is not the article's has no lines: none of its cells is text.
    """
    figure_tables: list[tuple[list[int], list[str]]] = []
    if not any(box.tag == "table" for box in page.boxes):
        return figure_tables
    table_boxes: set[int] = set()
    end = 0
    beside = {row + step for row in body for step in (-1, 0, 1)}
    for row in sorted(beside):
        table = _table_of(page, row) if end <= row < len(page.blocks) else None
        if table is None or table in table_boxes:
            continue
        table_boxes.add(table)
        rows = rows_in(page, row, table, _MOST_CELLS)
        if not any(box.tag == "table" for box in page.boxes[table + 1 : page.boxes[table].end]):
            end = rows[-1] + 1
        if lines := _lines(page, rows, table):
            figure_tables.append((rows, lines if _is_of_article(page, body, rows, table) else []))
    return figure_tables


def _table_of(page: Layout, row: int) -> int | None:
    return next((box for box in around(page, row, _NEAR) if page.boxes[box].tag == "table"), None)


def _is_of_article(page: Layout, body: set[int], rows: list[int], table: int) -> bool:
    """Returns whether most of a table is likely, or text of the article stands on both sides of it, or on one in its column."""
    if size(page, body & {*rows}) >= _MOST * size(page, rows):
        return True
    before, after = rows[0] - 1, rows[-1] + 1
    columns = {*islice(ancestors(page, table), _OWN_BOXES)}
    sides = [side for side in (before, after) if side in body]
    if len(sides) > 1 and {*around(page, before, _NEAR)} & {*around(page, after, _NEAR)}:
        return True
    return any(page.boxes[page.blocks[side].box].parent in columns for side in sides)


def _lines(page: Layout, rows: list[int], table: int) -> list[str]:
    """Returns the lines of a table of at least two rows and columns; none of a table that is a layout."""
    cells: dict[int, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    caption: list[str] = []
    for row in rows:
        boxes = [box for box in around(page, row, _NEAR) if box > table]
        if any(page.boxes[box].tag == "caption" for box in boxes):
            caption.append(page.blocks[row].text)
            continue
        line = next((box for box in boxes if page.boxes[box].tag == "tr"), None)
        cell = next((box for box in boxes if page.boxes[box].tag in ("td", "th")), None)
        is_nested = any(page.boxes[box].tag == "table" for box in boxes)
        if line is None or cell is None or is_nested or len(page.blocks[row].text) > _LONGEST_CELL:
            return []
        cells[line][cell].append(page.blocks[row].text)
    full_lines = sum(len(line) > 1 for line in cells.values())
    is_data = full_lines > 1 or (full_lines == 1 < len(cells) and _has_span(page, cells))
    if not is_data or len(rows) > _MOST_CELLS:
        return []
    return [*caption, *("\t".join(" ".join(texts) for texts in line.values()) for line in cells.values())]


def _has_span(page: Layout, cells: Mapping[int, Mapping[int, list[str]]]) -> bool:
    """Returns whether a cell reaches over several lines."""
    return any(attribute(page.boxes[cell].node, "rowspan") > "1" for line in cells.values() for cell in line)
