"""Reads a page's layout: one walk over its tree yields blocks of text and the boxes around them."""

from functools import lru_cache
from typing import NamedTuple

from selectolax.lexbor import LexborNode

from services.parser.page import class_words
from services.parser.page.hidden import is_hidden
from services.parser.page.layout import Block, Box, Element, Layout

_BLOCKS = frozenset(
    "p div td th tr dt dd dl article aside header footer nav main h1 h2 h3 h4 h5 h6 li ul ol blockquote table tbody thead "
    "figure figcaption section hr pre form fieldset address details summary center body html caption menu dialog "
    "hgroup marquee".split()
)
_UNREAD = frozenset(
    "script style noscript iframe svg template select option textarea button object video audio canvas head datalist input "
    "map area embed param source track math progress meter rp rt".split()
)
_LINK, _BOLD, _INLINE, _BOX, _HIDDEN = range(5)
_KINDS = {"a": _LINK, "b": _BOLD, "strong": _BOLD}
_NAME_ATTRIBUTES = ("id", "data-testid", "data-component", "role", "data-module")
# Blocks, links and images beyond these are not read; the most seen on 2,049 pages are 6,233, 2,215 and 493.
_MOST_BLOCKS, _MOST_LINKS, _MOST_IMAGES = 63_000, 23_000, 5_000
_PICTURES = frozenset({"img", "amp-img", "amp-anim"})
# A hidden inline element with more text is folded, not hidden: a script shows it at a click.
_LONGEST_HIDDEN = 200
# After this many characters a line break ends a paragraph; before, it divides lines of verse or of an address.
_PARAGRAPH = 120
# A line with a larger share of link text is an entry of a list; with a larger share of bold text, a heading.
_MOSTLY = 0.8


class _TextState(NamedTuple):
    """What the current block holds where a hidden element begins."""

    blocks: int
    pieces: int
    chars: int
    link_chars: int
    bold_chars: int
    inline_elements: int


def read_layout(body: LexborNode | None) -> Layout:
    """Returns the blocks and boxes of a page, without the text of scripts, form fields and other unread elements.

    The walk does not recurse, because pages nest without limit. A block ends where a box begins or ends, at two line
    breaks, and at one line break after a link or after the length of a paragraph.
    """
    walk = _TreeWalk()
    if body is not None:
        walk.over(body)
    return Layout(walk.blocks, walk.boxes, walk.links[:_MOST_LINKS], walk.images[:_MOST_IMAGES])


@lru_cache(maxsize=1_000)
def _kind(tag: str) -> int | None:
    """Returns how an element is walked; None if its text is not read. Custom elements begin lines."""
    if tag in _UNREAD or tag[0] in "-_":
        return None
    return _BOX if tag in _BLOCKS or "-" in tag else _KINDS.get(tag, _INLINE)


class _TreeWalk:
    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.boxes = [Box(None, "", 0, 0, 0, "")]
        self.links: list[Element] = []
        self.images: list[Element] = []
        self.box = 0
        self.open_counts = [0, 0, 0]
        self.pieces: list[str] = []
        self.hidden: list[_TextState] = []
        self.chars = self.link_chars = self.bold_chars = self.inline_elements = self.line_breaks = 0

    def over(self, root: LexborNode) -> None:
        """Walks in document order: first child, next sibling, and a stack of the open elements."""
        open_elements: list[tuple[LexborNode, int, int]] = []
        node: LexborNode | None = root
        while node is not None and len(self.blocks) < _MOST_BLOCKS:
            tag = node.tag or "-"
            if tag == "-text":
                self.text(node.text_content or "")
            elif child := self.enter(node, tag, open_elements):
                node = child
                continue
            sibling = node.next if open_elements else None
            while sibling is None and open_elements:
                node, kind, box = open_elements.pop()
                self.leave(kind, box)
                sibling = node.next if open_elements else None
            node = sibling
        self.end_block()

    def enter(self, node: LexborNode, tag: str, open_elements: list[tuple[LexborNode, int, int]]) -> LexborNode | None:
        """Takes in an element; returns its first child if that is to be walked next."""
        if tag == "br":
            self.line_break()
        elif tag in _PICTURES:
            self.images.append(self.element(node))
        elif tag == "noscript":
            self.images += map(self.element, node.css("img"))
        elif (kind := _kind(tag)) is not None:
            attributes = node.attributes
            if tag == "dialog" and "open" not in attributes:
                return None
            kind = self.begin(node, kind, attributes)
            if child := node.child:
                open_elements.append((node, kind, self.box))
                if kind == _BOX:
                    self.box = self.new_box(node, tag, attributes)
                else:
                    self.open(kind)
                return child
        return None

    def element(self, node: LexborNode) -> Element:
        return Element(node, self.box, len(self.blocks))

    def begin(self, node: LexborNode, kind: int, attributes: dict[str, str | None]) -> int:
        """Ends the block before a box, notes links and background images; returns the kind, which may be hidden."""
        if kind == _BOX:
            self.end_block()
            if "data-bg" in attributes or "url(" in (attributes.get("style") or ""):
                self.images.append(self.element(node))
        elif kind == _LINK:
            self.links.append(self.element(node))
        elif attributes and is_hidden(attributes):
            return _HIDDEN
        return kind

    def open(self, kind: int) -> None:
        """Begins an element that is no box."""
        if kind == _HIDDEN:
            self.hidden.append(self.text_state())
        else:
            self.open_counts[kind] += 1
            self.inline_elements += kind == _INLINE

    def leave(self, kind: int, box: int) -> None:
        if kind == _BOX:
            self.end_block()
            self.box = box
        elif kind == _HIDDEN:
            self.cut(self.hidden.pop())
        else:
            self.open_counts[kind] -= 1

    def text_state(self) -> _TextState:
        counts = (len(self.blocks), len(self.pieces), self.chars)
        return _TextState(*counts, self.link_chars, self.bold_chars, self.inline_elements)

    def cut(self, state: _TextState) -> None:
        """Takes back the text since a hidden element began, unless that is long or holds lines of its own."""
        if state.blocks == len(self.blocks) and self.chars - state.chars <= _LONGEST_HIDDEN:
            del self.pieces[state.pieces :]
            self.chars, self.link_chars, self.bold_chars, self.inline_elements = state[2:]

    def text(self, text: str) -> None:
        if not text or text.isspace():
            if self.pieces:
                self.pieces.append(" ")
            return
        self.pieces.append(text)
        self.chars += len(text)
        self.line_breaks = 0
        if self.open_counts[_LINK]:
            self.link_chars += len(text)
        if self.open_counts[_BOLD]:
            self.bold_chars += len(text)

    def line_break(self) -> None:
        self.line_breaks += 1
        size = sum(map(len, self.pieces))
        is_entry_or_heading = max(self.link_chars, self.bold_chars) > _MOSTLY * size
        if self.line_breaks >= 2 or size >= _PARAGRAPH or is_entry_or_heading:
            self.end_block()
        elif self.pieces:
            self.pieces.append(" ")

    def end_block(self) -> None:
        """Ends the current block, if it has any text."""
        self.line_breaks = 0
        if not self.pieces:
            return
        if text := " ".join("".join(self.pieces).split()):
            size = len(text)
            link_chars, bold_chars = min(self.link_chars, size), min(self.bold_chars, size)
            self.blocks.append(Block(text, link_chars, bold_chars, self.inline_elements, self.box))
        self.pieces = []
        self.chars = self.link_chars = self.bold_chars = self.inline_elements = 0

    def new_box(self, node: LexborNode, tag: str, attributes: dict[str, str | None]) -> int:
        bits, class_names = class_words.in_tag(tag), ""
        if attributes:
            class_names = attributes.get("class") or ""
            bits |= class_words.in_names(class_names) | _other_names(attributes)
        # The class of <body> describes the whole site.
        bits = 0 if tag == "body" else bits
        depth = self.boxes[self.box].depth + 1
        self.boxes.append(Box(node, tag, bits, self.box, depth, f"{tag}.{class_names}"))
        return len(self.boxes) - 1


def _other_names(attributes: dict[str, str | None]) -> int:
    """Returns the bits of an element's other names, of its itemprop and of its being hidden."""
    bits = 0
    for name in _NAME_ATTRIBUTES:
        if name in attributes:
            bits |= class_words.in_names(attributes[name] or "")
    if attributes.get("itemprop") == "articleBody":
        bits |= class_words.BIT["articlebody"]
    if "hidden" in attributes or "display:none" in (attributes.get("style") or "").replace(" ", ""):
        bits |= class_words.BIT["hidden"]
    return bits
