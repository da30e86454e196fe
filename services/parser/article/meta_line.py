"""The line below a title that its elements divide, often with no space between them: date, by-line, length, share links."""

from collections.abc import Iterator
from itertools import islice, takewhile

from selectolax.lexbor import LexborNode

from services.parser.article import byline_lead, dates
from services.parser.page.elements import BLOCKS, text_of
from services.parser.page.layout import Layout

_MOST_PARTS, _DEEPEST, _MOST_NAMES = 20, 4, 6


def parts(page: Layout, row: int) -> tuple[str, ...]:
    """Returns the texts of the elements that a block consists of, with labels that only screen readers read; empty if it is undivided."""
    block = page.blocks[row]
    node = page.boxes[block.box].node
    if node is None or not (block.inline_elements or block.link_chars or block.bold_chars):
        return ()
    children = _children(node)
    for _ in range(_DEEPEST):
        if len(children) != 1:
            break
        children = _children(children[0])
    if len(children) < 2 or any(child.tag in BLOCKS for child in children):
        return ()
    return tuple(filter(None, map(_text, children)))


def _children(node: LexborNode) -> list[LexborNode]:
    """Returns the first elements and texts in an element, without white space."""
    return [*islice((child for child in node.iter(include_text=True) if _text(child)), _MOST_PARTS)]


def _text(node: LexborNode) -> str:
    return (" ".join((node.text_content or "").split()) if node.tag == "-text" else text_of(node)).strip(" |·•,")


def bylines(page: Layout, row: int) -> Iterator[str]:
    """Yields the parts of a line that begin as a by-line, and what follows a label for an author: "Author", "Jane Doe"."""
    texts = parts(page, row)
    for number, text in enumerate(texts):
        is_label = byline_lead.is_by_word(text)
        if not is_label and not byline_lead.is_start(text):
            continue
        # "by" in small letters beside no date names the author of a book or a picture.
        if number and text[0].islower() and not dates.is_date(page.blocks[row].text):
            continue
        following = takewhile(_may_name, texts[number + 1 : number + 1 + _MOST_NAMES])
        yield " | ".join(name for name in following if not name.islower()) if is_label else text


def _may_name(text: str) -> bool:
    return not dates.is_date(text) and not byline_lead.is_by_word(text) and not byline_lead.is_start(text)
