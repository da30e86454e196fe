"""Elements of a page as text."""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

_BLOCKS = frozenset(
    "p div br td th dt dd article aside header footer nav main h1 h2 h3 h4 h5 h6 li ul ol blockquote table tr figure figcaption section hr pre".split()
)
_SILENT = frozenset({"script", "style", "noscript", "iframe", "figcaption", "form", "button"})
_ANY_BLOCK = ", ".join(sorted(_BLOCKS))


# Elements that an end tag must close, and for each of which the parser looks through all that are open: deep nesting
# costs it the square of the depth.
_CLOSED = re.compile(
    r"<(/?)(?:div|ul|ol|dl|table|section|article|main|aside|header|footer|nav|form|blockquote|center|details|fieldset|figure|"
    r"address|menu|dir|summary|hgroup|button|search|dialog|pre|h[1-6])[\s>]",
    re.IGNORECASE,
)
_NO_WORD = re.compile(r"[\W_]+")
# A page of fewer tags cannot nest so deep that it matters.
_FEW_TAGS = 10_000


def nesting(html: str) -> int:
    """How deep elements stand in one another at most, nearly; 0 for pages with few tags, which are not looked through."""
    if html.count("<") < _FEW_TAGS:
        return 0
    depth = deepest = 0
    for closes in _CLOSED.findall(html):
        depth = max(0, depth - 1) if closes else depth + 1
        deepest = max(deepest, depth)
    return deepest


def attribute(node: LexborNode | None, name: str) -> str:
    """An attribute's value; empty where there is none."""
    return (node.attributes.get(name) or "") if node is not None else ""


def words(node: LexborNode | None) -> str:
    """An element's text on one line, a space between blocks and none where only a word is emphasised."""
    if node is None:
        return ""
    return " ".join(lines(node)) if node.css_first(_ANY_BLOCK) else _one_line(node.text())


def clean(text: str) -> str:
    """One line, single spaces, no tags or entities left over from a value escaped twice."""
    return words(LexborHTMLParser(f"<body>{text}").body) if "&" in text or "<" in text else _one_line(text)


def bare(text: str) -> str:
    """A text without case, spaces and punctuation: equal where two differ in these only."""
    return _NO_WORD.sub("", text.casefold())


def lines(node: LexborNode) -> Iterator[str]:
    """An element's text, a paragraph wherever a block begins or ends or a line is broken."""
    pieces: list[str] = []
    for piece in _pieces(node, 0):
        if piece is not None:
            pieces.append(piece)
            continue
        if line := _one_line("".join(pieces)):
            yield line
        pieces = []
    if line := _one_line("".join(pieces)):
        yield line


def _one_line(text: str) -> str:
    return " ".join(text.replace("\u200b", "").split())


def _pieces(node: LexborNode, depth: int) -> Iterator[str | None]:
    """Text, and None where a paragraph ends. Nothing nests deeper than 200 in an article that people wrote."""
    for child in node.iter(include_text=True):
        tag = child.tag or ""
        if tag == "-text":
            yield child.text()
        elif tag not in _SILENT and depth < 200:
            ends = (None,) if tag in _BLOCKS else ()
            yield from ends
            yield from _pieces(child, depth + 1)
            yield from ends
