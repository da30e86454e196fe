"""Boxes between and after an article's paragraphs that are the page's: appeals, comments, about the author, what is hidden."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice, takewhile

from services.parser.article.body import captions
from services.parser.article.body.furniture_words import begins, keys
from services.parser.page.boxes import PAGE_TAGS, around, is_in, rows_in, size
from services.parser.page.elements import attribute, comparison_key
from services.parser.page.hidden import is_hidden
from services.parser.page.layout import Block, Box, Layout
from services.parser.page.words import extent

_SAMPLE, _LONGEST_SIGNATURE, _LONGEST_WALL = 60, 300, 100
_ASKS = re.compile(
    r"(?:^|[^a-z])(?:support(?:-?us)?|donat\w*|fundrais\w*|membership|crowdfunding|patreon|spenden?|soutien|apoya\w*|doacao|"
    r"newsletter-?(?:promo|sign-?up|box|form|widget|unit)|app-?(?:promo|download|banner)|promo-?(?:unit|box)|polls?|surveys?|"
    r"audio-?(?:player|box|bar|widget)|read-?aloud|text-?to-?speech|listen|(?:article|story|page|share)-?tools)(?:$|[^a-z])"
)
# The first letters of what readers agree to, in every language: most blocks begin otherwise.
_AGREES = (
    "By ",
    "Mit ",
    "Al ",
    "En ",
    "Iscriv",
    "Registr",
    "Door ",
    "Zapis",
    "Rejestr",
    "Ao ",
    "Genom ",
    "Ved ",
    "Kayd",
    "Abone",
)
# Addresses of pages on which money is given.
_GIVES = re.compile(
    r"[/.=_-](?:donat\w*|donar|fundrais\w*|crowdfunding|patreon|spenden?|faire-un-don|doacao|doe)(?:$|[^a-z])"
)
# A box with more blocks or characters is not set apart from the text; one that is hidden and longer is folded.
_MOST_BLOCKS, _LONGEST_BOX, _LONGEST_HIDDEN, _LONGEST_COMMENT = 5, 700, 200, 3_000
_LONGEST_ABOUT = 300
_NEAR = 3
_LARGEST_SECTION = 0.5
_SECTIONS = ("comments", "authors", "references", "others")
# Bounds the cost: no page seen has so many.
_MOST_HEADINGS, _MOST_IN_SECTION = 40, 1_000
_DIGITS = re.compile(r"\d+")
_LAST_ROWS = 3


def rows(page: Layout, body: set[int], authors: frozenset[str]) -> frozenset[int]:
    """Returns those of the body's rows that stand in boxes of the page's own.

    Args:
        page: the layout.
        body: rows of blocks.
        authors: the names of the article's authors.
    """
    if not body:
        return frozenset()
    span = range(min(body) + 1, min(max(body) + _MOST_BLOCKS, len(page.blocks)))
    # A box that holds more of the body is the article's own: a short report with a link to subscribe below it.
    most = int(_LARGEST_SECTION * size(page, body))
    furniture = _appeal_rows(page, span, min(most, _LONGEST_BOX)) | _reply_rows(page, span, min(most, _LONGEST_COMMENT))
    furniture |= _hidden_rows(page, body) | captions.rows(page, body)
    furniture |= _section_rows(page, body, span, authors) | _contact_rows(page, body, authors)
    return frozenset(body & furniture)


def _appeal_rows(page: Layout, span: range, longest: int) -> set[int]:
    """Returns the rows of the boxes that ask for money, an address or an account, of which a row is in the span."""
    appeals: set[int] = set()
    for row in span:
        block = page.blocks[row]
        is_link = block.link_chars > 0 and len(block.text) <= _SAMPLE
        is_appeal = (is_link and _key(block) in keys("appeals")) or _is_agreement(block)
        for box in (block.box, page.boxes[block.box].parent):
            if is_appeal or _asks(page.boxes[box].signature):
                appeals.update(_small_box(page, row, box, longest))
    forms = {box.parent for box in page.boxes if box.tag == "form"}
    for row in span if forms else ():
        for box in _near(page, row):
            if box in forms:
                appeals.update(_small_box(page, row, box, longest))
    return appeals | _linked_appeals(page, span)


def _is_agreement(block: Block) -> bool:
    """Returns whether a block says what readers agree to who give an address."""
    return len(block.text) <= _LONGEST_BOX and block.text.startswith(_AGREES) and begins(_key(block), "agreements")


def _linked_appeals(page: Layout, span: range) -> set[int]:
    """Returns the rows of short paragraphs with a link to where money is given."""
    short = {row for row in span if len(page.blocks[row].text) <= _LONGEST_ABOUT and page.blocks[row].link_chars}
    return {link.row for link in page.links if link.row in short and _gives(attribute(link.node, "href"))}


def _hidden_rows(page: Layout, body: set[int]) -> set[int]:
    """Returns the rows of short boxes that the page hides."""
    near = [(row, box) for row in body for box in _near(page, row)]
    hidden_boxes = {box for box in {box for _, box in near} if _is_hidden(page.boxes[box])}
    small = (_small_box(page, row, box, _LONGEST_HIDDEN) for row, box in near if box in hidden_boxes)
    return {row for box_rows in small if _letters(page, box_rows) <= _LONGEST_HIDDEN for row in box_rows}


def _letters(page: Layout, rows: list[int]) -> float:
    """Returns how many letters of an alphabet the text of these rows is worth: Chinese says the same in fewer."""
    return sum(extent(page.blocks[row].text).letters for row in rows)


def _is_hidden(box: Box) -> bool:
    return box.node is not None and is_hidden(box.node.attributes)


def _reply_rows(page: Layout, span: range, longest: int) -> set[int]:
    """Returns the rows of the boxes that readers can reply to."""
    replies = [row for row in span if page.blocks[row].link_chars and _key(page.blocks[row]) in keys("replies")]
    boxes = ((row, box) for row in replies for box in _near(page, row))
    return {comment for row, box in boxes for comment in _small_box(page, row, box, longest)}


def _section_rows(page: Layout, body: set[int], span: range, authors: frozenset[str]) -> set[int]:
    """Returns the rows under headings of comments, of what is said about the author, of other stories, and of walls."""
    sections: set[int] = set()
    limit = _LARGEST_SECTION * size(page, body)
    names = {comparison_key(name) for name in authors}
    headings = (row for row in span if row not in sections and _is_section_heading(page.blocks[row], names))
    for row in islice(headings, _MOST_HEADINGS):
        section = body & {*_section(page, row)}
        if size(page, section) <= limit:
            sections |= section
    return sections


def _is_section_heading(block: Block, names: set[str]) -> bool:
    is_short = len(block.text) <= _SAMPLE
    if len(block.text) > _LONGEST_WALL and not _DIGITS.search(block.text[:_SAMPLE]):
        return False
    key = _DIGITS.sub("", sample := _key(block))
    if len(block.text) <= _LONGEST_WALL and begins(key, "walls"):
        return True
    if key != sample and begins(key, "comments_on"):
        return True
    return is_short and any(key in words for words in (*map(keys, _SECTIONS), names))


def _section(page: Layout, row: int) -> Iterator[int]:
    """Yields the rows of the widest box that a row begins; of the box around it, if the row is a heading with a number."""
    box, holder = page.blocks[row].box, 0
    while box and page.boxes[box].tag not in PAGE_TAGS and (row == 0 or not is_in(page, row - 1, box)):
        holder, box = box, page.boxes[box].parent
    if holder == page.blocks[row].box and _DIGITS.search(page.blocks[row].text[:_SAMPLE]):
        holder = box
    section = range(row, min(row + _MOST_IN_SECTION, len(page.blocks)))
    return takewhile(lambda inner: holder > 0 and is_in(page, inner, holder), section)


def _contact_rows(page: Layout, body: set[int], authors: frozenset[str]) -> set[int]:
    """Returns the last rows that begin with an author's name and lead to an address."""
    last = sorted(body)[-_LAST_ROWS:]
    return {row for row in last if authors and _is_contact(page.blocks[row], tuple(authors))}


def _is_contact(block: Block, authors: tuple[str, ...]) -> bool:
    is_short = len(block.text) <= _LONGEST_ABOUT
    return is_short and block.text.startswith(authors) and ("@" in block.text or block.link_chars > 0)


def _small_box(page: Layout, row: int, box: int, longest: int) -> list[int]:
    """Returns the rows of the box around a row; none if it is too large, or the article's."""
    if page.boxes[box].tag in PAGE_TAGS or not box:
        return []
    box_rows = rows_in(page, row, box, _MOST_BLOCKS)
    return box_rows if len(box_rows) <= _MOST_BLOCKS and size(page, box_rows) <= longest else []


def _near(page: Layout, row: int) -> Iterator[int]:
    """Yields the nearest boxes around a block, as far as the article's."""
    return takewhile(lambda box: page.boxes[box].tag not in PAGE_TAGS, around(page, row, _NEAR))


def _key(block: Block) -> str:
    return comparison_key(block.text[:_SAMPLE])


def _gives(url: str) -> bool:
    return _GIVES.search(url[:_LONGEST_SIGNATURE].lower()) is not None


@lru_cache(maxsize=20_000)
def _asks(name: str) -> bool:
    return _ASKS.search(name[:_LONGEST_SIGNATURE].lower()) is not None
