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
# How an element is walked. Those before _LINK are not entered.
_UNREAD_ELEMENT, _BREAK, _PICTURE, _NOSCRIPT, _LINK, _BOLD, _INLINE, _BOX, _HIDDEN = range(9)
_LATE_BACKGROUNDS = frozenset({"data-bg", "data-background", "data-background-image"})
_PICTURES = frozenset({"img", "amp-img", "amp-anim"})
_KINDS = {"br": _BREAK, "noscript": _NOSCRIPT, "a": _LINK, "b": _BOLD, "strong": _BOLD} | dict.fromkeys(
    _PICTURES, _PICTURE
)
_NAME_ATTRIBUTES = frozenset({"id", "data-testid", "data-component", "role", "data-module"})
# Blocks, links and images beyond these are not read; the most seen on 2,049 pages are 6,233, 2,215 and 493.
_MOST_BLOCKS, _MOST_LINKS, _MOST_IMAGES = 63_000, 23_000, 5_000
# A hidden inline element with more text is folded, not hidden: a script shows it at a click.
_LONGEST_HIDDEN = 200
# After this many characters a line break ends a paragraph; before, it divides lines of verse or of an address.
_PARAGRAPH = 120
# A Chinese or Japanese sentence of so many characters, with its full stop, is a paragraph as well.
_UNSPACED_SENTENCE, _UNSPACED_ENDS = 5, ("。", "。”", "。」", "！", "？")
# A line with a larger share of link text is an entry of a list; with a larger share of bold text, a heading.
_MOSTLY = 0.8


class _TextState(NamedTuple):
    """What the current block holds where a hidden element begins."""

    blocks: int
    pieces: int
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
def _kind(tag: str) -> int:
    """Returns how an element is walked. Custom elements begin lines."""
    if tag in _KINDS:
        return _KINDS[tag]
    if tag in _UNREAD or tag[0] in "-_":
        return _UNREAD_ELEMENT
    return _BOX if tag in _BLOCKS or "-" in tag else _INLINE


class _TreeWalk:
    """The state of the walk: what is read, the box that it is in, and the text since the last line end.

    Pages have thousands of nodes, so each is asked as little as possible. Where there is no text since the last line
    end, another line end changes nothing.
    """

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.boxes = [Box(None, "", 0, 0, 0, "")]
        self.links: list[Element] = []
        self.images: list[Element] = []
        self.box = 0
        self.pieces: list[str] = []
        self.hidden: list[_TextState] = []
        self.open_links = self.open_bolds = 0
        self.link_chars = self.bold_chars = self.inline_elements = self.line_breaks = 0

    def over(self, root: LexborNode) -> None:
        """Walks in document order: first child, next sibling, and a stack of the open elements with their outer boxes."""
        open_elements: list[tuple[LexborNode, int, int]] = []
        node: LexborNode | None = root
        while node is not None and len(self.blocks) < _MOST_BLOCKS:
            tag = node.tag or "-"
            if tag == "-text":
                self.text(node.text_content or "")
            elif (kind := _kind(tag)) < _LINK or (tag == "dialog" and "open" not in node.attributes):
                self.leaf(node, kind)
            else:
                outer_box, child = self.box, node.child
                kind = self.begin(node, tag, kind, child is not None)
                if child is not None:
                    open_elements.append((node, kind, outer_box))
                    node = child
                    continue
            sibling = node.next if open_elements else None
            while sibling is None and open_elements:
                node, kind, outer_box = open_elements.pop()
                if kind != _INLINE:
                    self.leave(kind, outer_box)
                sibling = node.next if open_elements else None
            node = sibling
        self.end_block()
        self.end_boxes()

    def end_boxes(self) -> None:
        """Ends the page's own box, and what is still open of a page that is not read to its end."""
        while self.box:
            self.boxes[self.box].end = len(self.boxes)
            self.box = self.boxes[self.box].parent
        self.boxes[0].end = len(self.boxes)

    def leaf(self, node: LexborNode, kind: int) -> None:
        """Takes in an element that is not entered."""
        if kind == _BREAK:
            self.line_break()
        elif kind == _PICTURE:
            self.images.append(self.element(node))
        elif kind == _NOSCRIPT:
            self.images += map(self.element, node.css("img"))

    def element(self, node: LexborNode) -> Element:
        return Element(node, self.box, len(self.blocks))

    def begin(self, node: LexborNode, tag: str, kind: int, has_content: bool) -> int:
        """Begins an element; returns how it is walked, as it may be hidden."""
        if kind == _BOX:
            self.begin_box(node, tag, has_content)
        elif kind == _LINK:
            self.links.append(self.element(node))
            self.open_links += has_content
        elif (attributes := node.attributes) and is_hidden(attributes):
            if has_content:
                self.hidden.append(self.text_state())
            return _HIDDEN
        elif kind == _BOLD:
            self.open_bolds += has_content
        else:
            self.inline_elements += has_content
        return kind

    def begin_box(self, node: LexborNode, tag: str, has_content: bool) -> None:
        if self.pieces:
            self.end_block()
        attributes = node.attributes
        # Most boxes have no attribute but a class.
        if len(attributes) > ("class" in attributes) and _has_background(attributes):
            self.images.append(self.element(node))
        if has_content:
            bits, signature = _names(tag, attributes) if attributes else (class_words.in_tag(tag), f"{tag}.")
            self.boxes.append(Box(node, tag, bits, self.box, self.boxes[self.box].depth + 1, signature))
            self.box = len(self.boxes) - 1

    def leave(self, kind: int, outer_box: int) -> None:
        if kind == _BOX:
            if self.pieces:
                self.end_block()
            self.boxes[self.box].end = len(self.boxes)
            self.box = outer_box
        elif kind == _LINK:
            self.open_links -= 1
        elif kind == _BOLD:
            self.open_bolds -= 1
        else:
            self.cut(self.hidden.pop())

    def text_state(self) -> _TextState:
        counts = (self.link_chars, self.bold_chars, self.inline_elements)
        return _TextState(len(self.blocks), len(self.pieces), *counts)

    def cut(self, state: _TextState) -> None:
        """Takes back the text since a hidden element began, unless that is long or holds lines of its own."""
        # A space alone stands for white space.
        size = sum(len(piece) for piece in self.pieces[state.pieces :] if piece != " ")
        if state.blocks == len(self.blocks) and size <= _LONGEST_HIDDEN:
            del self.pieces[state.pieces :]
            self.link_chars, self.bold_chars, self.inline_elements = state[2:]

    def text(self, text: str) -> None:
        if not text or text.isspace():
            if self.pieces:
                self.pieces.append(" ")
            return
        self.pieces.append(text)
        self.line_breaks = 0
        if self.open_links:
            self.link_chars += len(text)
        if self.open_bolds:
            self.bold_chars += len(text)

    def line_break(self) -> None:
        self.line_breaks += 1
        size = sum(map(len, self.pieces))
        if size >= _UNSPACED_SENTENCE and self.pieces[-1].endswith(_UNSPACED_ENDS):
            size = _PARAGRAPH
        is_entry_or_heading = max(self.link_chars, self.bold_chars) > _MOSTLY * size
        if self.line_breaks >= 2 or size >= _PARAGRAPH or is_entry_or_heading:
            self.end_block()
        elif self.pieces:
            self.pieces.append(" ")

    def end_block(self) -> None:
        """Ends the current block, if it has any text."""
        if not self.pieces:
            return
        text = single_spaced("".join(self.pieces))
        size = len(text)
        link_chars, bold_chars = min(self.link_chars, size), min(self.bold_chars, size)
        self.blocks.append(Block(text, link_chars, bold_chars, self.inline_elements, self.box))
        self.pieces = []
        self.link_chars = self.bold_chars = self.inline_elements = self.line_breaks = 0


def _has_background(attributes: dict[str, str | None]) -> bool:
    return not _LATE_BACKGROUNDS.isdisjoint(attributes) or (
        "style" in attributes and "url(" in (attributes["style"] or "")
    )


def _names(tag: str, attributes: dict[str, str | None]) -> tuple[int, str]:
    """Returns the bits of the words in an element's tag, class and other names, of its itemprop and of its being hidden; and
    its signature."""
    bits, signature = _template(tag, attributes.get("class") or "")
    for name, value in attributes.items() if len(attributes) > ("class" in attributes) else ():
        if name in _NAME_ATTRIBUTES:
            bits |= class_words.in_names(value or "")
        elif name == "hidden" or (name == "style" and "display:none" in (value or "").replace(" ", "")):
            bits |= class_words.BIT["hidden"]
        elif name == "itemprop" and value == "articleBody":
            bits |= class_words.BIT["articlebody"]
    # The class of <body> describes the whole site.
    return 0 if tag == "body" else bits, signature


@lru_cache(maxsize=20_000)
def _template(tag: str, class_names: str) -> tuple[int, str]:
    return class_words.in_tag(tag) | class_words.in_names(class_names), f"{tag}.{class_names}"


def single_spaced(text: str, part: int = 2**20) -> str:
    """Returns a text with one space for each white space, and none at its ends.

    It is split in parts of so many characters and a little more: the words of a page that is one paragraph take ten times
    the memory of the page.
    """
    if len(text) <= part:
        return " ".join(text.split())
    parts, start = list[str](), 0
    while start < len(text):
        end = text.find(" ", start + part)
        end = len(text) if end < 0 else end
        parts += [" ".join(text[start:end].split())]
        start = end
    return " ".join(filter(None, parts))
