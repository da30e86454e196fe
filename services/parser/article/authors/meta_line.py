"""The line below a title that its elements divide, often with no space between them: date, by-line, length, share links."""

import re
from collections.abc import Iterator
from itertools import islice, takewhile

from selectolax.lexbor import LexborNode

from services.parser.article import dates
from services.parser.article.authors import byline_lead
from services.parser.article.authors.person_name import is_full, is_name, is_organization
from services.parser.page.elements import BLOCKS, UNREAD, text_of
from services.parser.page.layout import Layout

_MOST_PARTS, _DEEPEST, _MOST_NAMES, _MOST_CELLS, _MOST_WORDS = 20, 4, 6, 3, 3
# Labels for screen readers are read here and not in the block, and are short.
_LONGEST_LABELS = 60
_CELL_END = re.compile(r"\s(?:[-–—|•·/]\s?)+\s?|\s?[|•·]\s?")
_WORD = re.compile(r"\w{3,}")
# A page with less text says too little of which words are places or subjects.
_LEAST_TEXT = 300


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
    return _texts(children, len(block.text) + _LONGEST_LABELS)


def _texts(nodes: list[LexborNode], longest: int) -> tuple[str, ...]:
    """Returns the texts of elements; nothing if they are longer than the block, which is then only a part of them."""
    texts: list[str] = []
    for node in nodes:
        longest -= len(text := _text(node))
        if longest < 0:
            return ()
        texts.append(text)
    return tuple(filter(None, texts)) if len(texts) > 1 else ()


def _children(node: LexborNode) -> list[LexborNode]:
    """Returns the first elements and texts in an element, without white space and what is not read."""
    children = (child for child in node.iter(include_text=True) if child.tag not in UNREAD)
    return [*islice((child for child in children if child.tag != "-text" or _text(child)), _MOST_PARTS)]


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


def beside_address(page: Layout, row: int) -> Iterator[str]:
    """Yields the full names whose neighbour in a line is an e-mail address or the name of an account: "Jane Doe", "@jane"."""
    texts = parts(page, row)
    for before, text, address in zip(("", *texts), texts, texts[1:], strict=False):
        is_address = "@" in address and " " not in address
        # Behind a caption the photographer stands.
        if is_address and is_full(text) and is_name(text) and (not before or dates.is_date(before)):
            yield text


def beside_date(page: Layout, row: int) -> Iterator[str]:
    """Yields the full name that stands in a line with a date and nothing else.

    It may be a section or a place instead, so no link of the page may have the same text, and none of its words may stand
    in other text of the page.
    """
    line = page.blocks[row].text
    if not dates.is_date(line):
        return
    cells = [cell for text in parts(page, row) or (line,) for cell in _CELL_END.split(text) if cell]
    names = [cell for cell in cells if not dates.is_date(cell)]
    if (
        len(names) == 1
        and len(cells) <= _MOST_CELLS
        and _is_capitalized_name(names[0])
        and not _is_named(page, row, names[0])
    ):
        yield names[0]


def _is_capitalized_name(text: str) -> bool:
    words = text.split()
    has_capitals = all(word[0].isupper() for word in words) and not text.isupper()
    return 1 < len(words) <= _MOST_WORDS and has_capitals and is_name(text) and not is_organization(text)


def _is_named(page: Layout, row: int, name: str) -> bool:
    """Returns whether a page has little text, or names a word of a name in another place than a line of the name alone."""
    other_texts = [block.text for number, block in enumerate(page.blocks) if number != row and block.text != name]
    if sum(map(len, other_texts)) < _LEAST_TEXT or any(text_of(link.node) == name for link in page.links):
        return True
    words = set(_WORD.findall(name.lower()))
    return any(words & set(_WORD.findall(text.lower())) for text in other_texts)


def _may_name(text: str) -> bool:
    return not dates.is_date(text) and not byline_lead.is_by_word(text) and not byline_lead.is_start(text)
