"""A page as blocks of text in the boxes they stand in: one walk over the tree, from which the body is chosen."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from selectolax.lexbor import LexborNode

from services.parser.page import class_words

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_BLOCKS = frozenset(
    "p div td th tr dt dd dl article aside header footer nav main h1 h2 h3 h4 h5 h6 li ul ol blockquote table tbody thead "
    "figure figcaption section hr pre form fieldset address details summary center body html caption menu dialog "
    "hgroup marquee".split()
)
_SILENT = frozenset(
    "script style noscript iframe svg template select option textarea button object video audio canvas head datalist input "
    "map area embed param source track math progress meter rp rt".split()
)
_LINK, _BOLD, _INLINE, _BOX = range(4)
_KINDS = {"a": _LINK, "b": _BOLD, "strong": _BOLD}
_NAMED_IN = ("id", "data-testid", "data-component", "role", "data-module")
# More than any article has; a page of a million divisions is not read further.
_MOST = 20_000
# After this many characters a broken line is a paragraph's end; before, a line of verse or of an address.
_PARAGRAPH = 120
# A line of which this share is a link is one of a list; bold, it is a heading.
_MOSTLY = 0.8


@dataclass(slots=True)
class Box:
    """An element that begins a line: its tag, what its names say (`marks`) and the place of the box around it.

    The first box is the page's own and has no element.
    """

    node: LexborNode | None
    tag: str
    marks: int
    parent: int
    depth: int
    names: str


class Block(NamedTuple):
    """Text without a break: how many of its characters are links or bold, how many inline elements it has, and the
    place of its box."""

    text: str
    linked: int
    bold: int
    inline: int
    box: int


class Placed(NamedTuple):
    """A link or an image, the place of its box, and how many blocks end before it."""

    node: LexborNode
    box: int
    row: int


@dataclass(slots=True)
class Layout:
    """The blocks of a page in reading order, its boxes, each after the one around it, its links and images."""

    blocks: list[Block] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)
    links: list[Placed] = field(default_factory=list)
    images: list[Placed] = field(default_factory=list)


def layout(body: LexborNode | None) -> Layout:
    """The blocks and boxes of a page; nothing of scripts, forms' fields and what else is not read as text.

    Without recursion, for pages nest as deep as they like; two breaks of a line end a block, and so does one
    after a paragraph's length or a link.
    """
    walk = _Walk()
    if body is not None:
        walk.over(body)
    return Layout(walk.blocks, walk.boxes, walk.links, walk.images)


@lru_cache(maxsize=1_000)
def _kind(tag: str) -> int | None:
    """How an element is walked; None where it has no text to be read. Elements of a page's own making begin lines."""
    if tag in _SILENT or tag[0] in "-_":
        return None
    return _BOX if tag in _BLOCKS or "-" in tag else _KINDS.get(tag, _INLINE)


class _Walk:
    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.boxes = [Box(None, "", 0, 0, 0, "")]
        self.links: list[Placed] = []
        self.images: list[Placed] = []
        self.box = 0
        self.inside = [0, 0, 0]
        self.pieces: list[str] = []
        self.linked = self.bold = self.inline = self.breaks = 0

    def over(self, root: LexborNode) -> None:
        """In document order, by first child, next sibling and a stack of what is open."""
        opened: list[tuple[LexborNode, int, int]] = []
        node: LexborNode | None = root
        while node is not None and len(self.blocks) < _MOST:
            tag = node.tag or "-"
            if tag == "-text":
                self.text(node.text_content or "")
            elif child := self.enter(node, tag, opened):
                node = child
                continue
            following = node.next if opened else None
            while following is None and opened:
                node, kind, box = opened.pop()
                self.leave(kind, box)
                following = node.next if opened else None
            node = following
        self.end()

    def enter(self, node: LexborNode, tag: str, opened: list[tuple[LexborNode, int, int]]) -> LexborNode | None:
        """Takes an element in; its first child, where that is to be walked next."""
        if tag == "br":
            self.line_break()
        elif tag == "img":
            self.images.append(Placed(node, self.box, len(self.blocks)))
        elif (kind := _kind(tag)) is not None:
            if kind == _BOX:
                self.end()
            if kind == _LINK:
                self.links.append(Placed(node, self.box, len(self.blocks)))
            if child := node.child:
                opened.append((node, kind, self.box))
                self.open(node, tag, kind)
                return child
        return None

    def open(self, node: LexborNode, tag: str, kind: int) -> None:
        if kind == _BOX:
            self.box = self.new_box(node, tag)
        else:
            self.inside[kind] += 1
            self.inline += kind == _INLINE

    def leave(self, kind: int, box: int) -> None:
        if kind == _BOX:
            self.end()
            self.box = box
        else:
            self.inside[kind] -= 1

    def text(self, text: str) -> None:
        if not text or text.isspace():
            if self.pieces:
                self.pieces.append(" ")
            return
        self.pieces.append(text)
        self.breaks = 0
        if self.inside[_LINK]:
            self.linked += len(text)
        if self.inside[_BOLD]:
            self.bold += len(text)

    def line_break(self) -> None:
        self.breaks += 1
        size = sum(map(len, self.pieces))
        if self.breaks >= 2 or size >= _PARAGRAPH or max(self.linked, self.bold) > _MOSTLY * size:
            self.end()
        elif self.pieces:
            self.pieces.append(" ")

    def end(self) -> None:
        """A block ends here, if one had begun."""
        self.breaks = 0
        if not self.pieces:
            return
        if text := " ".join("".join(self.pieces).split()):
            size = len(text)
            self.blocks.append(Block(text, min(self.linked, size), min(self.bold, size), self.inline, self.box))
        self.pieces = []
        self.linked = self.bold = self.inline = 0

    def new_box(self, node: LexborNode, tag: str) -> int:
        said, names = class_words.of_tag(tag), ""
        if given := node.attributes:
            names = given.get("class") or ""
            said |= class_words.of_names(names)
            for name in _NAMED_IN:
                if name in given:
                    said |= class_words.of_names(given[name] or "")
            if given.get("itemprop") == "articleBody":
                said |= class_words.BIT["articlebody"]
            if "hidden" in given or "display:none" in (given.get("style") or "").replace(" ", ""):
                said |= class_words.BIT["hidden"]
        # What <body> is called tells of the whole site.
        said = 0 if tag == "body" else said
        self.boxes.append(Box(node, tag, said, self.box, self.boxes[self.box].depth + 1, f"{tag}.{names}"))
        return len(self.boxes) - 1
