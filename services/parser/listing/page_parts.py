"""The parts of a page that its links are in: ticker, related articles, most read, sections, navigation."""

from collections.abc import Iterable, Iterator
from functools import reduce
from operator import or_
from typing import NamedTuple

from selectolax.lexbor import LexborNode

from services.parser.listing import popular_words
from services.parser.page.boxes import ancestors
from services.parser.page.class_words import BIT
from services.parser.page.elements import attribute
from services.parser.page.layout import HEADINGS, Box, Layout

_NAVIGATION = sum(BIT[word] for word in ("nav", "footer", "foot", "share", "comment", "account", "form", "ad"))
_POPULAR, _TICKER, _RELATED = BIT["popular"], BIT["ticker"] | BIT["marquee"], BIT["beside"] | BIT["aside"]
_NAMED = _NAVIGATION | _POPULAR | _TICKER | _RELATED
# A box with a larger share of a page's links is the page itself, whatever its class words are.
_PAGE_SHARE = 0.6
# Under a heading such as "Most read" are so many links, the image and the title of ten at most, and this share of a page's.
_LEAST_POPULAR, _LEAST_CERTAIN, _MOST_POPULAR, _POPULAR_SHARE = 5, 2, 25, 0.5
# A box named like navigation is a section if at least so many of its links lead to stories, and this share of them.
_LEAST_STORIES = 3
_STORY_SHARE = 0.6
# The name of one card is wrong more often than a link to one story: a single story is enough for a share bar's name.
_CARD = BIT["share"] | BIT["nav"] | BIT["comment"]
_CARD_TAGS = frozenset({"article", "li", "div", "section"})
# So near to a line that is no heading is the box that it begins.
_NEAR_LINE = 3
_LABELLED_TAGS = frozenset({"section", "aside", "div", "ol", "ul", "nav"})
# Inside a box that is navigation by its links too, nearly all links must lead to stories.
_STORY_SHARE_IN_NAVIGATION = 0.8


class Link(NamedTuple):
    """A link that may be a headline.

    Attributes:
        node: its element.
        text: the words of its title.
        url: where it leads, absolute.
        story: the key of the story that it leads to: `candidates.story_key`.
        part: the part of the page that it is in, which becomes `Headline.block`.
        box: the index of the box that it is in.
        in_heading: whether it is in a heading, or a heading is in it.
        is_printed: whether its text is printed on the page, not the text of an attribute.
    """

    node: LexborNode
    text: str
    url: str
    story: str
    part: str
    box: int = 0
    in_heading: bool = False
    is_printed: bool = True


def has_side_parts(page: Layout) -> bool:
    """Returns whether a box of a page may be its ticker or its related articles, by its name: a quick test."""
    return reduce(or_, [box.class_words for box in page.boxes]) & (_TICKER | _RELATED) != 0


class PageParts:
    """The part that each box of a page is in: `ticker`, `related`, `popular`, `section`; None for navigation.

    A box is judged by its links first and by its name second: a box named `more-ads` in which most links lead to stories
    is a section.

    Args:
        page: its layout.
        links: the box and the address of each link with a text, in order, and whether the link alone leads to a
            story. A page without them is judged by names.
    """

    def __init__(self, page: Layout, links: Iterable[tuple[int, str, bool]] = ()) -> None:
        self.page = page
        self._links = _sums(page, ((link.box, 1) for link in page.links))
        # The image and the title of a teaser count as one link.
        teasers = [(box, story) for (box, _, story) in _first_of_runs(links)]
        self._addresses = _sums(page, ((box, 1) for box, _ in teasers))
        self._stories = _sums(page, teasers)
        self._cards = self._cards_of_templates()
        self._popular = frozenset(self._popular_boxes())
        self._parts: list[str | None] = ["section"]
        for number, box in enumerate(page.boxes[1:], start=1):
            outer = self._parts[box.parent]
            # Most boxes are named like no part, and are of the part that they stand in.
            is_plain = not box.class_words & _NAMED and number not in self._popular
            is_plain = is_plain and (outer is not None or not self._stories[number])
            self._parts.append(outer if is_plain else self._part_in(number, outer))

    def part(self, box: int) -> str | None:
        return self._parts[box]

    def _part_in(self, number: int, outer: str | None) -> str | None:
        """Returns the part of a box in a box of the part `outer`."""
        box = self.page.boxes[number]
        if self._links[number] > _PAGE_SHARE * len(self.page.links):
            return outer
        own = "popular" if number in self._popular else _part(box.class_words)
        if own is None and self._is_section(number):
            own = "popular" if box.class_words & _POPULAR else "section"
        if outer is None:
            is_list = self._stories[number] >= _LEAST_STORIES
            is_section = is_list and self._stories[number] >= _STORY_SHARE_IN_NAVIGATION * self._addresses[number]
            return (own or "section") if is_section else None
        return own if outer == "section" or own in (None, "popular") else outer

    def _popular_boxes(self) -> Iterator[int]:
        """Yields the boxes under a heading such as "Most read", or with it as their label, with their links and few others."""
        for box, heading in (*self._labelled_boxes(), *self._headed_boxes()):
            least = _LEAST_CERTAIN if popular_words.is_certain_heading(heading) else _LEAST_POPULAR
            if least <= self._links[box] <= min(_MOST_POPULAR, _POPULAR_SHARE * len(self.page.links)):
                yield box

    def _headed_boxes(self) -> Iterator[tuple[int, str]]:
        """Yields the boxes that begin with such a text: a heading, or a line of no link right above them."""
        for block in self.page.blocks:
            if block.link_chars or not popular_words.is_heading(block.text):
                continue
            most = None if self.page.boxes[block.box].tag in HEADINGS else _NEAR_LINE
            box = next((box for box in (block.box, *ancestors(self.page, block.box))[:most] if self._links[box]), 0)
            yield box, block.text

    def _labelled_boxes(self) -> Iterator[tuple[int, str]]:
        for number, box in enumerate(self.page.boxes):
            label = attribute(box.node, "aria-label") if box.tag in _LABELLED_TAGS else ""
            if label and popular_words.is_heading(label):
                yield number, label

    def _is_section(self, number: int) -> bool:
        """Returns whether the links of a box that is named like navigation lead to stories, or those of the cards like it."""
        box, stories = self.page.boxes[number], self._stories[number]
        if stories >= (1 if _is_card(box) else _LEAST_STORIES) and stories >= _STORY_SHARE * self._addresses[number]:
            return True
        stories, addresses = self._cards.get((box.parent, box.signature), (0, 0))
        return stories >= _LEAST_STORIES and stories >= _STORY_SHARE * addresses

    def _cards_of_templates(self) -> dict[tuple[int, str], tuple[int, int]]:
        """Returns how many links of the cards of one template that are named like navigation lead to stories, of how many."""
        sums: dict[tuple[int, str], tuple[int, int]] = {}
        for number, box in enumerate(self.page.boxes):
            if box.class_words & _CARD and self._addresses[number] and _is_card(box):
                stories, addresses = sums.get((box.parent, box.signature), (0, 0))
                sums[box.parent, box.signature] = (stories + self._stories[number], addresses + self._addresses[number])
        return sums


def _is_card(box: Box) -> bool:
    return box.tag in _CARD_TAGS and not box.class_words & _NAVIGATION & ~_CARD


def _first_of_runs(links: Iterable[tuple[int, str, bool]]) -> Iterator[tuple[int, str, bool]]:
    """Yields the links without those that lead where the link before them does."""
    previous = ""
    for link in links:
        if link[1] != previous:
            yield link
        previous = link[1]


def _sums(page: Layout, counts: Iterable[tuple[int, int]]) -> list[int]:
    """Returns for each box the sum of the counts in it and in the boxes in it."""
    sums = [0] * len(page.boxes)
    for box, count in counts:
        sums[box] += count
    for box in range(len(sums) - 1, 0, -1):
        if sums[box]:
            sums[page.boxes[box].parent] += sums[box]
    return sums


def _part(class_words: int) -> str | None:
    if class_words & _TICKER:
        return "ticker"
    if class_words & _NAVIGATION:
        return None
    if class_words & _POPULAR:
        return "popular"
    return "related" if class_words & _RELATED else "section"
