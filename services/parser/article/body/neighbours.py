"""Blocks that belong to the article because of those around them: the last paragraph of a column, the entries of a list.

The forest judges block by block; a list or a column of paragraphs is one thing to its readers.
"""

import re
from collections import defaultdict

from services.parser.article.body import furniture
from services.parser.article.body.text_features import is_bare_link
from services.parser.page.boxes import around, rows_in, size
from services.parser.page.layout import HEADINGS, Block, Layout
from services.parser.page.words import extent

_MOSTLY, _FEW_LINKS = 0.5, 0.4
_COLUMN, _LEAST_IN_COLUMN, _LEAST_IN_LIST = 0.5, 2, 3
_POSSIBLE = 0.1
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?:[\w-]+\.)+[a-z]{2,}/\S*", re.IGNORECASE)
# What ends in an exclamation mark is more often the page's: "Try it for free!"
_SENTENCE_ENDS = (".", "…", "。", "।", "۔")
_LEAST_WORDS = 4
_INTRODUCES = (":", "：")
_MOST_ENTRIES, _LEAST_HEADINGS, _LONGEST_TIME, _NEAR_TIME = 40, 3, 20, 2
_NEAR = 12
_LISTS = frozenset({"ul", "ol"})


def column_rows(page: Layout, likelihood: dict[int, float], body: set[int]) -> set[int]:
    """Returns possible rows in columns of paragraphs most of which are the article's, in scripts without spaces.

    The forest has seen few pages in these scripts, so it is less sure of them.
    """
    columns: dict[tuple[int, str], list[int]] = defaultdict(list)
    for row in likelihood:
        if _is_unspaced(page.blocks[row]):
            box = page.boxes[page.blocks[row].box]
            columns[box.parent, box.signature].append(row)
    rows: set[int] = set()
    for column in columns.values():
        if _is_mostly_chosen(page, column, body, _LEAST_IN_COLUMN):
            rows.update(row for row in column if likelihood[row] >= _POSSIBLE)
    return rows


def link_rows(page: Layout, body: set[int]) -> set[int]:
    """Returns the rows of addresses and sentences that are links between two paragraphs of the article, in a paragraph of their own."""
    bare = {row + 1 for row in body if row + 2 in body and is_bare_link(page.blocks[row + 1])}
    return {row for row in bare if _is_address_or_sentence(page.blocks[row].text) and _is_in_column(page, row)}


def _is_address_or_sentence(text: str) -> bool:
    """Returns whether a link's text is an address, or a sentence that is not the page's own."""
    if _ADDRESS.fullmatch(text):
        return True
    is_sentence = text.endswith(_SENTENCE_ENDS) and text.count(" ") + 1 >= _LEAST_WORDS
    return is_sentence and not furniture.begins_reference(text) and not furniture.begins_invitation(text)


def _is_in_column(page: Layout, row: int) -> bool:
    """Returns whether a row stands in the same box as the rows before and after it, and in an element as theirs."""
    boxes = [page.boxes[page.blocks[near_row].box] for near_row in (row - 1, row, row + 1)]
    return len({box.parent for box in boxes}) == 1 and boxes[1].tag in (boxes[0].tag, boxes[2].tag)


def heading_rows(page: Layout, body: set[int]) -> set[int]:
    """Returns the rows of headings that are alike and each right above text of the article, as in a live report.

    They may be links, as the names of products in a guide are. A heading of another story may be like one of the article's, but no text of the article is below it.
    """
    alike: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row in range(max(0, min(body, default=0) - _NEAR_TIME), max(body, default=0)):
        block, box = page.blocks[row], page.boxes[page.blocks[row].box]
        if box.tag in HEADINGS and (not block.link_chars or is_bare_link(block)):
            alike[box.tag, box.signature].append(row)
    rows: set[int] = set()
    for headings in alike.values():
        if len(headings) >= _LEAST_HEADINGS and all(_is_above_text(page, row, body) for row in headings):
            rows.update(headings)
    return rows


def _is_above_text(page: Layout, row: int, body: set[int]) -> bool:
    """Returns whether text of the article is right below a row, or below a time between them."""
    return row + 1 in body or (len(page.blocks[row + 1].text) <= _LONGEST_TIME and row + 2 in body)


def list_rows(page: Layout, body: set[int]) -> set[int]:
    """Returns the rows of lists of which most is the article's, or that a line of it introduces with a colon."""
    return _begun_lists(page, body) | _introduced_lists(page, body)


def _begun_lists(page: Layout, body: set[int]) -> set[int]:
    rows: set[int] = set()
    for row in sorted(body):
        holder = next((box for box in around(page, row, _NEAR) if page.boxes[box].tag in _LISTS), None)
        if holder is None or row in rows:
            continue
        entries = rows_in(page, row, holder, _MOST_ENTRIES)
        is_plain = all(page.boxes[page.blocks[entry].box].tag == "li" for entry in entries)
        if is_plain and (_is_mostly_chosen(page, entries, body, _LEAST_IN_LIST) or _is_among_text(page, entries, body)):
            rows.update(entry for entry in entries if not is_bare_link(page.blocks[entry]))
    return rows


def _is_among_text(page: Layout, rows: list[int], body: set[int]) -> bool:
    """Returns whether text of the article is right before and after these rows, and half of them is chosen."""
    is_among = rows[0] - 1 in body and rows[-1] + 1 in body
    return is_among and size(page, body & {*rows}) >= _COLUMN * size(page, rows)


def _introduced_lists(page: Layout, body: set[int]) -> set[int]:
    """Returns the rows of lists that follow a line with a colon at its end and after which the article goes on."""
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
    holder = next((box for box in around(page, row + 1, _NEAR) if page.boxes[box].tag in _LISTS), None)
    if holder is None or page.boxes[holder].parent != column:
        return []
    rows = rows_in(page, row + 1, holder, _MOST_ENTRIES)
    return rows if len(rows) <= _MOST_ENTRIES else []


def _is_mostly_chosen(page: Layout, rows: list[int], body: set[int], least: int) -> bool:
    """Returns whether so many of the rows, and half of their text, is chosen."""
    body_rows = [row for row in rows if row in body]
    return len(body_rows) >= least and size(page, body_rows) >= _COLUMN * size(page, rows)


def _is_unspaced(block: Block) -> bool:
    if block.text.isascii() or block.link_chars >= _FEW_LINKS * len(block.text):
        return False
    return extent(block.text).unspaced > _MOSTLY
