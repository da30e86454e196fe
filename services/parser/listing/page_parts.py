"""The parts of a page that its links are in: ticker, related articles, sections, navigation."""

from typing import NamedTuple

from selectolax.lexbor import LexborNode

from services.parser.page.blocks import HEADINGS, Layout
from services.parser.page.class_words import BIT

_NAVIGATION = sum(BIT[word] for word in ("nav", "footer", "foot", "share", "comment", "account", "form", "ad"))
_POPULAR, _TICKER, _RELATED = BIT["popular"], BIT["ticker"] | BIT["marquee"], BIT["beside"] | BIT["aside"]
# A box with a larger share of a page's links is the page itself, whatever its class words are.
_PAGE_SHARE = 0.6
_NEAR = 3


class Link(NamedTuple):
    """A link that may be a headline.

    Attributes:
        node: its element.
        text: the words of its title.
        url: where it leads, absolute.
        part: the part of the page that it is in, which becomes `Headline.block`.
        box: the index of the box that it is in.
        in_heading: whether it is in a heading, or a heading is in it.
    """

    node: LexborNode
    text: str
    url: str
    part: str
    box: int = 0
    in_heading: bool = False


class PageParts:
    """The part that each box of a page is in: `ticker`, `related`, `popular`, `section`; None for navigation."""

    def __init__(self, page: Layout) -> None:
        self.page = page
        self._parts: list[str | None] = ["section"]
        most_links = _PAGE_SHARE * len(page.links)
        link_counts = self._link_counts()
        for number, box in enumerate(page.boxes[1:], 1):
            outer = self._parts[box.parent]
            own = "section" if link_counts[number] > most_links else _part(box.class_words)
            self._parts.append(own if outer == "section" or own is None else outer)

    def part(self, box: int) -> str | None:
        return self._parts[box]

    def in_heading(self, box: int) -> bool:
        """Returns whether a box is a heading, or one of the next two boxes around it is."""
        for _ in range(_NEAR):
            if self.page.boxes[box].tag in HEADINGS:
                return True
            box = self.page.boxes[box].parent
        return False

    def _link_counts(self) -> list[int]:
        counts = [0] * len(self.page.boxes)
        for link in self.page.links:
            counts[link.box] += 1
        for box in range(len(counts) - 1, 0, -1):
            counts[self.page.boxes[box].parent] += counts[box]
        return counts


def _part(class_words: int) -> str | None:
    if class_words & _TICKER:
        return "ticker"
    if class_words & _NAVIGATION:
        return None
    if class_words & _POPULAR:
        return "popular"
    return "related" if class_words & _RELATED else "section"
