"""What the links of one template say of each other: a list in which most links lead to stories has nothing but stories."""

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from functools import lru_cache
from urllib.parse import urlsplit

from services.parser.listing import story_links
from services.parser.listing.page_parts import Link
from services.parser.listing.story_addresses import site_of
from services.parser.page.elements import attribute
from services.parser.page.layout import Layout
from services.parser.page.words import extent

_LEAST_ACCEPTED = 3
# At least this share of a group is accepted without it; titles in headings need less.
_SHARE = 0.6
_SHARE_IN_HEADINGS = 0.35
_LEAST_IN_MENU = 4
# Addresses that differ in their numbers or the words of a title only, under texts as long as titles: a few that are accepted vouch for the rest.
_LEAST_NUMBERED, _SHARE_NUMBERED, _LETTERS_OF_TITLES, _LETTERS_OF_LONG_TITLES = 4, 0.25, 22, 28
# Addresses of lists of stories: by an author, about a topic, of a section.
_LISTING = re.compile(
    r"/(?:tags?|tema|themen?|topics?|temas|kategorie|category|categories|categoria|rubrique|sections?|authors?|auteurs?|autor(?:en|es|e)?|"
    r"autori|staff|profiles?|users?|journalists?|columnists?|contributors?|writers?|redakt(?:ion|eure?)|by)/[^/?#]+/?(?:[?#]|$)",
    re.IGNORECASE,
)
_BOXES = 3
_NUMBER = re.compile(r"\d+")
_IDENTIFIER = re.compile(r"(?<!\w)(?=\w*\d)(?=\w*[a-zA-Z])[\w-]{4,}")
_WORDS = re.compile(r"[^\W\d_]+")
_HEXADECIMAL = re.compile(r"(?<!\w)[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}(?!\w)", re.IGNORECASE)
# The number of an article, or at least three words of its title.
_IS_OF_ARTICLE = re.compile(
    r"\d{4}|=\d{3}|/\d{3}/?[.?]|\d\w*[a-zA-Z]|[a-zA-Z]\d|/[^\W\d_]+(?:-[^\W\d_]+){2,}(?:[/.?]|$)"
)


def accepted(page: Layout, candidates: list[tuple[Link, bool]]) -> Iterator[Link]:
    """Yields the links that lead to stories, in order: those that do alone, and those whose siblings do.

    Siblings are links of one template, and links whose addresses differ in their numbers, or the words of a title, only.
    An address does not speak for the links of a menu beside stories: articles about the newspaper have such addresses
    too. A list of the most read, which stands on every page, is no such sign.

    Args:
        page: the layout of the page.
        candidates: each link that may lead to a story, and whether it does by its own text and address.
    """
    templates = _groups((_template(page, link), link, is_story) for link, is_story in candidates)
    shapes = _groups((_shape(link.url), link, is_story) for link, is_story in candidates)
    shapes.pop("", None)
    has_stories = any(is_story for link, is_story in candidates if link.part != "popular")
    for link, is_story in candidates:
        template, shape = templates[_template(page, link)], shapes.get(_shape(link.url))
        is_like_stories = template.vouches_for(link) or (
            shape is not None
            and (shape.vouches_for(link) or shape.is_row_of_titles())
            and not (has_stories and template.is_menu())
        )
        if is_story or (is_like_stories and not story_links.is_menu_text(link.text) and not _LISTING.search(link.url)):
            yield link


class _Group:
    """Links that are alike: the addresses of all, and of those that lead to stories by themselves with their sites."""

    def __init__(self) -> None:
        self.addresses: set[str] = set()
        self.stories: set[str] = set()
        self.sites: set[str] = set()
        self.in_headings = 0
        self.letters = 0.0
        self.printed = 0

    def add(self, link: Link, is_story: bool) -> None:
        self.addresses.add(link.url)
        self.in_headings += 1 if link.in_heading else -1
        if link.is_printed:
            self.letters += extent(link.text).letters
            self.printed += 1
        if is_story:
            self.stories.add(link.url)
            self.sites.add(site_of(link.url))

    def is_menu(self) -> bool:
        return not self.stories and len(self.addresses) >= _LEAST_IN_MENU

    def is_row_of_titles(self) -> bool:
        """Returns whether the links are as long as titles, and some of them lead to stories, or all are longer than names."""
        is_some = len(self.stories) >= _SHARE_NUMBERED * len(self.addresses)
        is_some = is_some or self.letters >= _LETTERS_OF_LONG_TITLES * self.printed
        return len(self.addresses) >= _LEAST_NUMBERED and is_some and self.letters >= _LETTERS_OF_TITLES * self.printed

    def vouches_for(self, link: Link) -> bool:
        """Returns whether most of the links lead to stories, some of them on the site that a link leads to."""
        share = _SHARE_IN_HEADINGS if self.in_headings > 0 else _SHARE
        is_strong = len(self.stories) >= max(_LEAST_ACCEPTED, share * len(self.addresses))
        return is_strong and site_of(link.url) in self.sites


def _groups(links: Iterable[tuple[Hashable, Link, bool]]) -> dict[Hashable, _Group]:
    groups: dict[Hashable, _Group] = defaultdict(_Group)
    for key, link, is_story in links:
        groups[key].add(link, is_story)
    return groups


def _template(page: Layout, link: Link) -> Hashable:
    """Returns what links of one template share: the part of the page, their class, and the boxes around them."""
    signatures, box = [], link.box
    for _ in range(_BOXES):
        # The first class names the template; those after it name the subject and the place of one teaser.
        signatures.append(_NUMBER.sub("", page.boxes[box].signature.partition(" ")[0]))
        box = page.boxes[box].parent
    return (link.part, attribute(link.node, "class"), *signatures)


@lru_cache(maxsize=4096)
def _shape(url: str) -> str:
    """Returns an address with its numbers as "0" and its words as "a"; empty if neither tells an article."""
    parts = urlsplit(url)
    address = _HEXADECIMAL.sub("0000", f"{parts.path}?{parts.query}"[:500])
    if not _IS_OF_ARTICLE.search(address):
        return ""
    pieces = [_IDENTIFIER.sub("0", piece) if "-" not in piece else piece for piece in address.split("/")]
    numbers = _NUMBER.sub("0", "/".join(pieces[:-1]))
    last = _NUMBER.sub("0", _WORDS.sub("a", pieces[-1]))
    return f"{parts.hostname}{numbers}/{re.sub(r'(?:a[-_+.])+a', 'a', last)}"
