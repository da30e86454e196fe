"""The teaser around a link to a story: the box with its image, its summary and its date."""

from collections.abc import Iterable
from itertools import dropwhile

from selectolax.lexbor import LexborNode

from services.parser.listing import story_links
from services.parser.listing.candidates import SEVERAL, story_of_boxes
from services.parser.listing.page_parts import Link, PageParts
from services.parser.page.elements import lines_of, text_of
from services.parser.rules.site_rules import Rules

_LEAST_IN_SUMMARY = 4
_DEEPEST = 8
# A box with more characters, white space included, is a part of the page.
_LARGEST = 1_500


class Teasers:
    """The teasers of a page: for each link the widest box that leads to no other story, or the box that a rule names.

    Args:
        parts: of the page.
        rules: of its host.
        stories: the links that lead to stories.
    """

    def __init__(self, parts: PageParts, rules: Rules, stories: Iterable[Link]) -> None:
        self._page, self._parts, self._rule_boxes = parts.page, parts, rules.teaser_box
        self._row = {link.node.mem_id: row for row, link in enumerate(self._page.links)}
        boxes = (
            (self._page.links[row].box, link.story)
            for link in stories
            if (row := self._row.get(link.node.mem_id)) is not None
        )
        self._story = story_of_boxes(self._page, boxes)

    def box_of(self, link: Link) -> LexborNode:
        """Returns the teaser's element; the link itself if it has none."""
        row = self._row.get(link.node.mem_id)
        if link.part == "ticker" or row is None:
            return link.node
        widest, box = link.node, self._page.links[row].box
        for _ in range(_DEEPEST):
            node = self._page.boxes[box].node
            if node is None or node.tag in ("body", "main"):
                break
            if any(node.css_matches(selector) for selector in self._rule_boxes):
                return node
            is_outside = link.part == "related" and self._parts.part(box) != "related"
            if is_outside or self._story[box] in (None, SEVERAL) or len(node.text()) > _LARGEST:
                break
            widest, box = node, self._page.boxes[box].parent
        return widest


def summary(teaser: LexborNode, rules: Rules, title: str) -> str | None:
    """Returns the text below a teaser's title: a rule's element, a paragraph or a line; None if there is none."""
    nodes = (node for selector in (*rules.summary, "p") for node in teaser.css(selector))
    paragraphs = (text_of(node) for node in nodes)
    paragraph = next((text for text in paragraphs if title not in text and _is_summary(text)), None)
    if paragraph is not None or not title:
        return paragraph
    below_title = dropwhile(lambda line: title not in line, lines_of(teaser))
    return next((line for line in below_title if title not in line and _is_summary(line)), None)


def _is_summary(text: str) -> bool:
    return story_links.word_count(text) > _LEAST_IN_SUMMARY
