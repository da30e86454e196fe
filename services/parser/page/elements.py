"""Elements of a page as text."""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

BLOCKS = frozenset(
    "p div br td th dt dd article aside header footer nav main h1 h2 h3 h4 h5 h6 li ul ol blockquote table tr figure figcaption section hr pre".split()
)
UNREAD = frozenset({"script", "style", "noscript", "iframe", "figcaption", "form", "button"})
_ANY_BLOCK = ", ".join(sorted(BLOCKS))
# No article that people wrote nests deeper.
_DEEPEST = 200


# For each of these elements the HTML parser looks through all open elements, so deep nesting costs it the square of
# the depth.
_SCOPED_TAG = re.compile(
    r"<(/?)(?:div|ul|ol|dl|table|section|article|main|aside|header|footer|nav|form|blockquote|center|details|fieldset|figure|"
    r"address|menu|dir|summary|hgroup|button|search|dialog|pre|h[1-6])[\s>]",
    re.IGNORECASE,
)
_NO_WORD = re.compile(r"[\W_]+")
# A page with fewer tags cannot nest deeply enough to matter.
_FEW_TAGS = 10_000


def nesting_depth(html: str) -> int:
    """Returns about how deep elements nest; 0 for a page with few tags, which is not searched."""
    if html.count("<") < _FEW_TAGS:
        return 0
    depth = deepest = 0
    for slash in _SCOPED_TAG.findall(html):
        depth = max(0, depth - 1) if slash else depth + 1
        deepest = max(deepest, depth)
    return deepest


def attribute(node: LexborNode | None, name: str) -> str:
    """Returns an attribute's value; empty if there is none."""
    return (node.attributes.get(name) or "") if node is not None else ""


def text_of(node: LexborNode | None) -> str:
    """Returns an element's text on one line, with a space between blocks and none around a word in bold."""
    if node is None:
        return ""
    return " ".join(lines_of(node)) if node.css_first(_ANY_BLOCK) else _one_line(node.text())


def clean(text: str) -> str:
    """Returns a value on one line, without the tags and entities of values that were escaped twice."""
    return text_of(LexborHTMLParser(f"<body>{text}").body) if "&" in text or "<" in text else _one_line(text)


def comparison_key(text: str) -> str:
    """Returns a text without case, spaces and punctuation, so that texts which differ only in these are equal."""
    return _NO_WORD.sub("", text.casefold())


def lines_of(node: LexborNode) -> Iterator[str]:
    """Yields an element's text line by line: a line ends where a block begins or ends, and at a line break."""
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
    """Yields pieces of text, and None where a line ends."""
    for child in node.iter(include_text=True):
        tag = child.tag or ""
        if tag == "-text":
            yield child.text()
        elif tag not in UNREAD and depth < _DEEPEST:
            line_end = (None,) if tag in BLOCKS else ()
            yield from line_end
            yield from _pieces(child, depth + 1)
            yield from line_end
