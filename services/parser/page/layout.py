"""The layout of a page: blocks of text, the boxes around them, links and images."""

from dataclasses import dataclass, field
from typing import NamedTuple

from selectolax.lexbor import LexborNode

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})


@dataclass(slots=True)
class Box:
    """An element that begins a new line, such as a `div`.

    The first box of a page stands for the page itself and has no element.

    Attributes:
        node: the element.
        tag: its tag.
        class_words: bits of the words in its class, id and tag (`class_words.BIT`).
        parent: the index of the box around it.
        depth: how many boxes are around it.
        signature: its tag and class; boxes of one template share it.
        end: the index after the last box in it, so that the boxes in it are those from its own index to this.
    """

    node: LexborNode | None
    tag: str
    class_words: int
    parent: int
    depth: int
    signature: str
    end: int = 0


class Block(NamedTuple):
    """A run of text between two line ends.

    Attributes:
        text: on one line, never empty.
        link_chars: how many of its characters are in links.
        bold_chars: how many of its characters are bold.
        inline_elements: how many other inline elements it has.
        box: the index of the box that it stands in.
    """

    text: str
    link_chars: int
    bold_chars: int
    inline_elements: int
    box: int


class Element(NamedTuple):
    """A link or a picture (an image, or a box with a background image), the index of its box, and the number of blocks that end before it."""

    node: LexborNode
    box: int
    row: int


@dataclass(slots=True)
class Layout:
    """The blocks of a page in reading order, its boxes (each after the one around it), its links and its images.

    `title_rows` has the block of each title that was looked for (`dateline.title_row`), since several fields are near it.
    """

    blocks: list[Block] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)
    links: list[Element] = field(default_factory=list)
    images: list[Element] = field(default_factory=list)
    title_rows: dict[str, int | None] = field(default_factory=dict)
