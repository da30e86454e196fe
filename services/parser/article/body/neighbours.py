"""Blocks that belong to the article because of those around them: the rest of a column, a list, a table.

The forest judges block by block; a list, a table or a column of paragraphs is one thing to its readers.
"""

import re
from collections import defaultdict
from collections.abc import Iterator

from services.parser.article.body import furniture
from services.parser.page.layout import Block, Layout

# Scripts that write no spaces: Thai, Lao, Burmese, Khmer, Japanese kana, Chinese characters.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_SAMPLE = 40
_MOSTLY, _FEW_LINKS = 0.5, 0.4
_COLUMN, _LEAST_IN_COLUMN = 0.5, 3
_POSSIBLE = 0.2
_INTRODUCES = (":", "：")
_MOST_ENTRIES, _LONGEST_CELL, _MOST_CELLS = 40, 200, 600
_NEAR = 12
_LISTS = frozenset({"ul", "ol"})


def column_rows(page: Layout, likelihood: dict[int, float], body: set[int]) -> set[int]:
    """Returns possible rows in columns of paragraphs most of which are the article's, in scripts without spaces.

    The forest counts words by spaces, so it is less sure of these scripts.
    """
    columns: dict[tuple[int, str], list[int]] = defaultdict(list)
    for row in likelihood:
        if _is_unspaced(page.blocks[row]):
            box = page.boxes[page.blocks[row].box]
            columns[box.parent, box.signature].append(row)
    rows: set[int] = set()
    for column in columns.values():
        chosen = [row for row in column if row in body]
        if len(chosen) >= _LEAST_IN_COLUMN and _size(page, chosen) >= _COLUMN * _size(page, column):
            rows.update(row for row in column if likelihood[row] >= _POSSIBLE)
    return rows


def list_rows(page: Layout, body: set[int]) -> set[int]:
    """Returns the rows of lists that a line of the article introduces with a colon and after which the article goes on."""
    rows: set[int] = set()
    for row in sorted(body):
        text = page.blocks[row].text
        is_introduction = text.endswith(_INTRODUCES) and not furniture.begins_reference(text)
        entries = _list_after(page, row) if is_introduction else []
        if entries and entries[-1] + 1 in body:
            rows.update(entries)
    return rows


def _list_after(page: Layout, row: int) -> list[int]:
    """Returns the rows of the list beside the box of a row; none if no list follows, or a long one."""
    column = page.boxes[page.blocks[row].box].parent
    if row + 1 >= len(page.blocks):
        return []
    holder = next((box for box in _around(page, row + 1) if page.boxes[box].tag in _LISTS), None)
    if holder is None or page.boxes[holder].parent != column:
        return []
    rows = list(_rows_in(page, row + 1, holder, _MOST_ENTRIES + 1))
    return rows if len(rows) <= _MOST_ENTRIES else []


def tables(page: Layout, body: set[int]) -> list[tuple[list[int], list[str]]]:
    """Returns the tables of figures within the article: the rows of their blocks, and a line of text for each table row.

    The cells of a line are divided by tabs. A table is the article's if text of the article stands on both sides of it.
    """
    figure_tables: list[tuple[list[int], list[str]]] = []
    end = 0
    for row in sorted(body):
        start = row + 1
        if start < end or start >= len(page.blocks):
            continue
        holder = next((box for box in _around(page, start) if page.boxes[box].tag == "table"), None)
        if holder is None or holder in _around(page, row):
            continue
        rows = list(_rows_in(page, start, holder, _MOST_CELLS + 1))
        end = rows[-1] + 1
        lines = _table_lines(page, rows, holder)
        if lines and end in body and page.boxes[page.blocks[end].box].parent in set(_around(page, row)):
            figure_tables.append((rows, lines))
    return figure_tables


def _table_lines(page: Layout, rows: list[int], table: int) -> list[str]:
    """Returns the lines of a table of at least two rows and columns; none of a table that is a layout."""
    cells: dict[int, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        around = [box for box in _around(page, row) if box > table]
        line = next((box for box in around if page.boxes[box].tag == "tr"), None)
        cell = next((box for box in around if page.boxes[box].tag in ("td", "th")), None)
        is_nested = any(page.boxes[box].tag == "table" for box in around)
        if line is None or cell is None or is_nested or len(page.blocks[row].text) > _LONGEST_CELL:
            return []
        cells[line][cell].append(page.blocks[row].text)
    is_data = len(rows) <= _MOST_CELLS and sum(len(line) > 1 for line in cells.values()) > 1
    return ["\t".join(" ".join(texts) for texts in line.values()) for line in cells.values()] if is_data else []


def _rows_in(page: Layout, start: int, box: int, most: int) -> Iterator[int]:
    """Yields up to `most` rows from `start` on that stand in a box."""
    for row in range(start, min(start + most, len(page.blocks))):
        if box not in _around(page, row):
            return
        yield row


def _around(page: Layout, row: int) -> Iterator[int]:
    """Yields the nearest boxes around a block, from the inside."""
    box = page.blocks[row].box
    for _ in range(_NEAR):
        if not box:
            return
        yield box
        box = page.boxes[box].parent


def _is_unspaced(block: Block) -> bool:
    sample = block.text[:_SAMPLE]
    is_unspaced = not sample.isascii() and len(_UNSPACED.findall(sample)) > _MOSTLY * len(sample)
    return is_unspaced and block.link_chars < _FEW_LINKS * len(block.text)


def _size(page: Layout, rows: list[int]) -> int:
    return sum(len(page.blocks[row].text) for row in rows)
