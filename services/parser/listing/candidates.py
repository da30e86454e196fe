"""The links of a page that may be headlines, each with its title and what it says of itself."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import NamedTuple

from selectolax.lexbor import LexborNode

from services.parser.listing import link_text, story_links
from services.parser.listing.link_text import HEADINGS, MORE, TITLES
from services.parser.page.document import Document
from services.parser.page.elements import attribute, only_text
from services.parser.page.layout import HEADINGS as HEADING_TAGS
from services.parser.page.layout import Element, Layout
from shared.errors import BadUrl
from shared.urls import canonical

_TITLE_CLASS = re.compile(r"title|headline|titre|titulo", re.IGNORECASE)
LONGEST_TEXT = 300
_NEAR = 3
# A line that so many stories show is a section, an author or an age.
_LEAST_LABELLED = 3
# The place of the readers' comments on a story's page.
_COMMENTS = re.compile(r"#(?:[\w-]*comm?ent|comment|disqus|respond|reply|kommentar|reacties|discuss)", re.IGNORECASE)
SEVERAL = ""


class Candidate(NamedTuple):
    """A link with an address.

    Attributes:
        element: the link, with its place in the layout.
        url: where it leads, absolute.
        story: the key of the story that it leads to, made once: there may be thousands of links.
        text: its title; empty if it has none, or a call such as "read more".
        is_printed: whether the title is printed on the page, not the text of an attribute.
        in_heading: whether it is in a heading, or a heading is in it.
        is_story: whether it leads to a story by its own text and address.
    """

    element: Element
    url: str
    story: str
    text: str
    is_printed: bool
    in_heading: bool
    is_story: bool


def read(document: Document, most: int, is_shown: Callable[[int], bool] | None = None) -> list[Candidate]:
    """Returns the links of a page that have an address, in order.

    Args:
        document: the page.
        most: so many links are read.
        is_shown: whether the links of a box, by its index, are read; None if all are.
    """
    anchors = [
        (element, url, link_text.lines_of(element.node))
        for element in document.layout.links[:most]
        if (is_shown is None or is_shown(element.box)) and (url := document.link(attribute(element.node, "href")))
    ]
    labels = _labels(
        (url, lines, link_text.lead_of(element.node) if len(lines) == 1 else "") for element, url, lines in anchors
    )
    links = [_candidate(document, element, url, lines, labels) for element, url, lines in anchors]
    headings = _CardHeadings(document.layout, links)
    return [link if link.is_story and link.is_printed else _with_heading(document, headings, link) for link in links]


def _labels(links: Iterable[tuple[str, list[str], str]]) -> frozenset[str]:
    """Returns the lines that are no titles beside others: those that links show alone, and those that come with several stories.

    A link is its address, its lines, and what its only line begins with in an element of its own.
    """
    alone: set[str] = set()
    addresses: dict[str, set[str]] = defaultdict(set)
    for url, lines, lead in links:
        if len(lines) == 1:
            alone.add(lines[0])
        for line in lines if len(lines) > 1 else filter(None, (lead,)):
            addresses[line].add(url)
    return frozenset(alone | {line for line, urls in addresses.items() if len(urls) >= _LEAST_LABELLED})


def story_key(url: str) -> str:
    """Returns one key for the links of a teaser, which may differ in parameters for the newspaper's statistics."""
    try:
        return canonical(url)
    except BadUrl:
        return url


def story_of_boxes(page: Layout, stories: Iterable[tuple[int, str]]) -> list[str | None]:
    """Returns for each box the key of the story that its links lead to; None if to none, SEVERAL if to several.

    Args:
        page: its layout.
        stories: the box and the key of the story of each link.
    """
    leads: list[str | None] = [None] * len(page.boxes)
    for link_box, key in stories:
        box = link_box
        while leads[box] not in (key, SEVERAL):
            leads[box] = key if leads[box] is None else SEVERAL
            box = page.boxes[box].parent
    return leads


def _candidate(document: Document, element: Element, url: str, lines: list[str], labels: frozenset[str]) -> Candidate:
    is_of_comments = _COMMENTS.search(attribute(element.node, "href")) is not None
    text, is_printed = ("", False) if is_of_comments else link_text.of_link(element.node, lines, labels)
    in_heading = _is_titled(document.layout, element)
    is_story = not MORE.match(text) and story_links.is_story(text, url, document.url, in_heading)
    return Candidate(element, url, story_key(url), text[:LONGEST_TEXT], is_printed, in_heading, is_story)


def _is_titled(page: Layout, element: Element) -> bool:
    """Returns whether a link is a title: in a heading, around one, or with a title's class."""
    box = element.box
    if _TITLE_CLASS.search(page.boxes[box].signature) or _TITLE_CLASS.search(attribute(element.node, "class")):
        return True
    for _ in range(_NEAR):
        if page.boxes[box].tag in HEADING_TAGS:
            return True
        box = page.boxes[box].parent
    return only_text(element.node) is None and element.node.css_first(f"{HEADINGS}, {TITLES}") is not None


def _with_heading(document: Document, headings: "_CardHeadings", link: Candidate) -> Candidate:
    """Returns a link without words, or with a call such as "read more", with the heading of its card."""
    if link.text and link.is_printed and not MORE.match(link.text):
        return link
    heading = headings.of(link)
    text = heading or ("" if MORE.match(link.text) else link.text)
    is_story = bool(text) and story_links.is_story(text, link.url, document.url, link.in_heading or bool(heading))
    return link._replace(text=text[:LONGEST_TEXT], is_story=is_story, is_printed=bool(heading))


class _CardHeadings:
    """The headings of cards, for the links that cover a card. No link has a heading that other stories stand under."""

    def __init__(self, page: Layout, links: list[Candidate]) -> None:
        self._page = page
        self._headings: dict[int, str | None] = {}
        titled = ((link.element.box, link.story) for link in links if link.is_story or MORE.match(link.text))
        self._story = story_of_boxes(page, titled)

    def of(self, link: Candidate) -> str:
        """Returns the heading of the card around a link; empty if there is none, or it has a link itself."""
        box = link.element.box
        for _ in range(_NEAR):
            if self._story[box] == SEVERAL or self._page.boxes[box].node is None:
                return ""
            if (heading := self._heading(box)) is not None:
                return heading
            box = self._page.boxes[box].parent
        return ""

    def _heading(self, box: int) -> str | None:
        """Returns the first heading in a box, empty if it has a link; None if there is none. A box is searched once."""
        if box not in self._headings:
            node = self._page.boxes[box].node
            heading = node.css_first(HEADINGS) if node is not None else None
            self._headings[box] = None if heading is None else _unlinked_text(heading)
        return self._headings[box]


def _unlinked_text(heading: LexborNode) -> str:
    """Returns the title in a heading; empty if the heading has a link, or is all of one."""
    has_link = heading.css_first("a") is not None or (heading.parent is not None and heading.parent.tag == "a")
    return "" if has_link else link_text.of_heading(heading)
