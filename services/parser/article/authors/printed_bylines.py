"""The lines of a page that print who wrote its article: near the title, in the boxes of authors, and elsewhere."""

from collections.abc import Iterator
from itertools import islice, pairwise
from typing import NamedTuple

from services.parser.article import dates
from services.parser.article.authors import author_notes, byline, byline_lead, meta_line, unspaced_names
from services.parser.article.authors.person_name import is_full, is_role
from services.parser.article.publication.dateline import title_row
from services.parser.page.class_words import BIT
from services.parser.page.elements import lines_of
from services.parser.page.layout import Layout

_ABOVE, _BELOW, _MOST_PARENTS, _FEW_PARENTS = 4, 10, 8, 3
_MOST_LINES = 6
_BESIDE = BIT["related"] | BIT["beside"]
_ELSEWHERE = sum(BIT[name] for name in ("nav", "account", "comment", "popular"))
_LONGEST, _SHORT, _LONGEST_LABEL = 120, 60, 20


class Line(NamedTuple):
    """A text and the row of the block that it is in."""

    text: str
    row: int


def with_by_word(page: Layout, title: str | None) -> Iterator[Line]:
    """Yields the lines around the title that begin as a by-line, and those below a label for the author."""
    lines = [Line(_lines(page, row), row) for row in _rows(page, title)]
    short = [line for line in lines if len(line.text) <= _LONGEST]
    yield from (line for line in short if byline_lead.is_start(line.text))
    # "By" is alone on its line, and the name is on the next line.
    for number, line in enumerate(lines):
        if byline_lead.is_by_word(line.text) and (signature := _beside_label(lines, number)):
            yield signature
    for line in short:
        yield from (Line(text, line.row) for text in meta_line.bylines(page, line.row))
    yield from (line for line in short if author_notes.is_signed_genre(line.text))


def _beside_label(lines: list[Line], number: int) -> Line | None:
    """Returns the line below a label for the author; the one above where each name stands above its label: "Jane Doe", "Writer",
    "John Roe", "Editor"."""
    above, below, next_label = (
        lines[place] if 0 <= place < len(lines) else None for place in (number - 1, number + 1, number + 2)
    )
    is_above = above is not None and is_full(above.text) and next_label is not None and is_role(next_label.text)
    line = above if is_above else below
    return line if line is not None and len(line.text) <= _LONGEST else None


def is_of_article(page: Layout, line: Line) -> bool:
    """Returns whether a line is in no menu, comment or box of other articles."""
    return not _is_elsewhere(page, line.row)


def near_title(page: Layout, title: str | None) -> Iterator[str]:
    """Yields further lines around the title that name the author: beside a date or a role, in brackets where the text
    begins, or in a box with the class of an author."""
    rows = _rows(page, title)
    short = [(row, text) for row in rows if len(text := _lines(page, row)) <= _LONGEST]
    for _, text in short:
        if part := byline_lead.after_by(text) if dates.is_date(text) else "":
            yield part
    for row, text in short:
        yield from filter(None, map(byline.beside_role, (text, *meta_line.parts(page, row))))
        yield from meta_line.beside_address(page, row)
    for row in rows:
        if names := unspaced_names.in_brackets(page.blocks[row].text):
            yield "、".join(names)
    yield from (text for row, text in short if _is_author_box(page, row) and not _is_elsewhere(page, row))


def _rows(page: Layout, title: str | None) -> tuple[int, ...]:
    """Returns the rows of the blocks below the title, then those above it; none where no block is the title."""
    title_at = title_row(page, title)
    if title_at is None:
        return ()
    below = range(title_at + 1, min(len(page.blocks), title_at + _BELOW + 1))
    return (*below, *range(title_at - 1, max(-1, title_at - _ABOVE - 1), -1))


def _lines(page: Layout, row: int) -> str:
    """Returns a short block; with a bar at each line break in it, and without further lines that the article's text names.

    Below a name another name may stand, and also the place of the story.
    """
    text, node = page.blocks[row].text, page.boxes[page.blocks[row].box].node
    if node is None or len(text) > _LONGEST or node.css_first("br") is None:
        return text
    first, *further_lines = islice(lines_of(node), _MOST_LINES)
    if not text.startswith(first):
        return text
    long_texts = [block.text for block in page.blocks if len(block.text) > _LONGEST]
    names = (line for line in further_lines if line in text and not any(line in long_text for long_text in long_texts))
    return " | ".join((first, *names))


def marked(page: Layout) -> Iterator[str]:
    """Yields the lines anywhere on a page that begin as a by-line and are in boxes with the class of an author."""
    yield from filter(byline_lead.is_start, in_author_boxes(page))


def in_author_boxes(page: Layout) -> Iterator[str]:
    """Yields short lines in boxes with the class of an author, anywhere on the page but in its menus and beside other articles."""
    for row, block in enumerate(page.blocks):
        if len(block.text) <= _SHORT and _is_author_box(page, row) and not _is_elsewhere(page, row):
            yield block.text


def anywhere(page: Layout) -> Iterator[str]:
    """Yields the by-lines anywhere on a page; with a label, "Author: Jane Doe, …", they may be longer.

    Then come names in brackets on a line of their own, and last those after "By" alone on its line.
    """
    texts = [block.text for row, block in enumerate(page.blocks) if not _is_elsewhere(page, row)]
    for text in texts:
        longest = _LONGEST if ":" in text[:_LONGEST_LABEL] else _SHORT
        if len(text) <= longest and byline_lead.is_start(text):
            yield text
    yield from filter(byline_lead.is_bracketed_name, texts)
    for text, next_text in pairwise(texts):
        if (
            len(text) <= _LONGEST_LABEL
            and len(next_text) <= _SHORT
            and byline_lead.is_by_word(text)
            and is_full(next_text)
        ):
            yield next_text


def beside_date(page: Layout, title: str | None) -> Iterator[str]:
    """Yields the names that stand beside nothing but a date around the title."""
    for row in _rows(page, title):
        if len(page.blocks[row].text) <= _SHORT and not _is_elsewhere(page, row):
            yield from meta_line.beside_date(page, row)


def notes(page: Layout) -> Iterator[str]:
    """Yields the names in sentences and closing lines that say who wrote the article."""
    return author_notes.author_notes(
        [block.text for row, block in enumerate(page.blocks) if not _is_elsewhere(page, row)]
    )


def _is_author_box(page: Layout, row: int) -> bool:
    box, class_words = page.blocks[row].box, 0
    for _ in range(3):
        class_words |= page.boxes[box].class_words
        box = page.boxes[box].parent
    return bool(class_words & BIT["author"])


def _is_elsewhere(page: Layout, row: int) -> bool:
    """Returns whether a block is in a menu, a form for readers' accounts, a comment or beside another article."""
    box = page.blocks[row].box
    for step in range(_MOST_PARENTS):
        if page.boxes[box].class_words & (_ELSEWHERE | _BESIDE if step < _FEW_PARENTS else _ELSEWHERE):
            return True
        box = page.boxes[box].parent
    return False
