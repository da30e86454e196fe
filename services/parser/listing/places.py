"""Where the links of a page stand: in which block, in which teaser."""

from typing import NamedTuple

from selectolax.lexbor import LexborNode

from services.parser.page.blocks import HEADINGS, Layout
from services.parser.page.class_words import BIT

_NAVIGATION = sum(BIT[name] for name in ("nav", "footer", "foot", "share", "comment", "account", "form", "ad"))
_POPULAR, _TICKER, _BESIDE = BIT["popular"], BIT["ticker"] | BIT["marquee"], BIT["beside"] | BIT["aside"]
# A box with this share of a page's links is the page, whatever it is called.
_WHOLE = 0.6
_UP = 3


class Link(NamedTuple):
    """A link that may be a headline: its element, text and URL, the block and the box it stands in, whether in a heading."""

    node: LexborNode
    text: str
    url: str
    block: str
    box: int = 0
    in_heading: bool = False


class Places:
    """The block of each box of a page: `ticker`, `related`, `section`, or None for navigation and other furniture."""

    def __init__(self, page: Layout) -> None:
        self.page = page
        self._blocks: list[str | None] = ["section"]
        whole = _WHOLE * len(page.links)
        held = self._held()
        for number, box in enumerate(page.boxes[1:], 1):
            outer = self._blocks[box.parent]
            own = "section" if held[number] > whole else _own(box.class_words)
            self._blocks.append(own if outer == "section" or own is None else outer)

    def block(self, box: int) -> str | None:
        return self._blocks[box]

    def in_heading(self, box: int) -> bool:
        """Whether a box is a heading, or stands close in one."""
        for _ in range(_UP):
            if self.page.boxes[box].tag in HEADINGS:
                return True
            box = self.page.boxes[box].parent
        return False

    def _held(self) -> list[int]:
        held = [0] * len(self.page.boxes)
        for link in self.page.links:
            held[link.box] += 1
        for box in range(len(held) - 1, 0, -1):
            held[self.page.boxes[box].parent] += held[box]
        return held


def _own(said: int) -> str | None:
    if said & _TICKER:
        return "ticker"
    if said & _NAVIGATION:
        return None
    if said & _POPULAR:
        return "popular"
    return "related" if said & _BESIDE else "section"


def teasers(page: Layout, stories: dict[int, str]) -> list[str | None]:
    """For each box the one story that its links lead to; "" where to several, None where to none.

    Args:
        page: its layout.
        stories: the key of the story, by place of the link.
    """
    leads: list[str | None] = [None] * len(page.boxes)
    for place, key in stories.items():
        box = page.links[place].box
        while leads[box] not in (key, ""):
            leads[box] = key if leads[box] is None else ""
            box = page.boxes[box].parent
    return leads
