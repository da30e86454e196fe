"""Elements of a page as text."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain, islice
from typing import NamedTuple

from selectolax.lexbor import LexborNode

from services.parser.page.trim import parse_part

BLOCKS = frozenset(
    "p div br td th dt dd article aside header footer nav main h1 h2 h3 h4 h5 h6 li ul ol blockquote table tr figure figcaption section hr pre".split()
)
UNREAD = frozenset({"script", "style", "noscript", "iframe", "figcaption", "form", "button"})
# No article that people wrote nests deeper.
_DEEPEST = 200
# The text of a title, a name or a caption; the longest link seen has 5,270 characters and 137 elements.
_LONGEST, _MOST_PIECES = 60_000, 3_000
# Longer texts are rarely compared twice, and would fill the memory.
_LONGEST_KEPT = 200
# Characters of a long text that are looked at in one go.
_PART = 2**20
_NO_WORD = re.compile(r"[\W_]+")


def attribute(node: LexborNode | None, name: str) -> str:
    """Returns an attribute's value; empty if there is none."""
    return (node.attributes.get(name) or "") if node is not None else ""


def text_of(node: LexborNode | None) -> str:
    """Returns an element's text on one line, with a space between blocks and none around a word in bold.

    Reads at most 60,000 characters and 3,000 pieces, since elements nest and each may be asked for its text.
    """
    if node is None or node.child is None:
        return ""
    if (text := only_text(node)) is not None:
        return _one_line(text)
    pieces = list(_first(_pieces(node)))
    if node.tag in BLOCKS or any(piece.text is None for piece in pieces):
        return " ".join(_lines(piece.text for piece in pieces if not piece.hidden))
    return _one_line("".join(piece.text or "" for piece in pieces))


def only_text(node: LexborNode) -> str | None:
    """Returns the text of an element that holds nothing else, as most do that are asked for it; None of any other."""
    child = node.child
    return child.text_content or "" if child is not None and child.tag == "-text" and child.next is None else None


def clean(text: str) -> str:
    """Returns a value on one line, without the tags and entities of values that were escaped twice."""
    if "&" not in text and "<" not in text:
        return _one_line(text)
    return text_of(parse_part(f"<body>{text[:_LONGEST]}").body)


def comparison_key(text: str) -> str:
    """Returns a text without case, spaces and punctuation, so that texts which differ only in these are equal."""
    if len(text) <= _LONGEST_KEPT:
        return _short_key(text)
    # In parts: the pieces between the spaces of a page that is one paragraph take twenty times its memory.
    parts = (text[start : start + _PART] for start in range(0, len(text), _PART))
    return "".join(_NO_WORD.sub("", part.casefold()) for part in parts)


@lru_cache(maxsize=8_192)
def _short_key(text: str) -> str:
    # Titles, names and beginnings of blocks are compared many times on one page.
    return _NO_WORD.sub("", text.casefold())


def lines_of(node: LexborNode) -> Iterator[str]:
    """Yields an element's text line by line: a line ends where a block begins or ends, and at a line break."""
    return _lines(piece.text for piece in _pieces(node) if not piece.hidden)


class _Piece(NamedTuple):
    """A piece of text, or None where a line ends; `hidden` in elements whose text is not read, such as scripts."""

    text: str | None
    hidden: bool


def _first(pieces: Iterable[_Piece]) -> Iterator[_Piece]:
    size = 0
    for piece in islice(pieces, _MOST_PIECES):
        yield piece
        size += len(piece.text or "")
        if size > _LONGEST:
            return


def _lines(texts: Iterable[str | None]) -> Iterator[str]:
    pieces: list[str] = []
    for text in chain(texts, (None,)):
        if text is not None:
            pieces.append(text)
            continue
        if line := _one_line("".join(pieces)):
            yield line
        pieces = []


def _one_line(text: str) -> str:
    return " ".join(text.replace("\u200b", "").split())


def _pieces(node: LexborNode, hidden: bool = False, depth: int = 0) -> Iterator[_Piece]:
    for child in node.iter(include_text=True):
        tag = child.tag or ""
        if tag == "-text":
            yield _Piece(child.text(), hidden)
        elif depth < _DEEPEST:
            is_unread = hidden or tag in UNREAD
            line_end = (_Piece(None, is_unread),) if tag in BLOCKS else ()
            yield from line_end
            yield from _pieces(child, is_unread, depth + 1)
            yield from line_end
