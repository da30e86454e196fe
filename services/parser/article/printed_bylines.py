"""The lines of a page that print who wrote its article: near the title, in the boxes of authors, and elsewhere."""

from collections.abc import Iterator
from itertools import pairwise

from services.parser.article import byline, dates, unspaced_names
from services.parser.article.dateline import title_row
from services.parser.article.person_name import is_full
from services.parser.page.class_words import BIT
from services.parser.page.layout import Layout

_ABOVE, _BELOW = 4, 10
_LONGEST, _SHORT, _LONGEST_LABEL = 120, 60, 20


def near_title(page: Layout, title: str | None) -> Iterator[str]:
    """Yields the by-lines around the title: lines that begin as one, that name the author beside a date or a role, or
    that are in a box with the class of an author."""
    title_at = title_row(page, title)
    if title_at is None:
        return
    below = range(title_at + 1, min(len(page.blocks), title_at + _BELOW + 1))
    above = range(title_at - 1, max(-1, title_at - _ABOVE - 1), -1)
    lines = [(page.blocks[row].text, _is_author_box(page, row)) for row in (*below, *above)]
    short = [(text, in_author_box) for text, in_author_box in lines if len(text) <= _LONGEST]
    yield from (text for text, _ in short if byline.is_start(text))
    # "By" is alone on its line, and the name is on the next line.
    for (text, _), (next_text, _) in pairwise(lines):
        if byline.is_by_word(text) and len(next_text) <= _LONGEST:
            yield next_text
    for text, _ in short:
        if part := byline.after_by(text) if dates.is_date(text) else "":
            yield part
    for row in below:
        if names := unspaced_names.in_brackets(page.blocks[row].text):
            yield "、".join(names)
    yield from (text for text, in_author_box in short if in_author_box)


def in_author_boxes(page: Layout) -> Iterator[str]:
    """Yields short lines in boxes with the class of an author, anywhere on the page."""
    for row, block in enumerate(page.blocks):
        if len(block.text) <= _SHORT and _is_author_box(page, row):
            yield block.text


def anywhere(page: Layout) -> Iterator[str]:
    """Yields the by-lines anywhere on a page; with a label, "Author: Jane Doe, …", they may be longer.

    Last come the names after "By" alone on its line.
    """
    texts = [block.text for block in page.blocks]
    for text in texts:
        longest = _LONGEST if ":" in text[:_LONGEST_LABEL] else _SHORT
        if len(text) <= longest and byline.is_start(text):
            yield text
    for text, next_text in pairwise(texts):
        if len(text) <= _LONGEST_LABEL and len(next_text) <= _SHORT and byline.is_by_word(text) and is_full(next_text):
            yield next_text


def _is_author_box(page: Layout, row: int) -> bool:
    box, class_words = page.blocks[row].box, 0
    for _ in range(3):
        class_words |= page.boxes[box].class_words
        box = page.boxes[box].parent
    return bool(class_words & BIT["author"])
