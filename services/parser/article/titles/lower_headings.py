"""Headings below h1 that print a page's headline.

Some newspapers have the title for search engines as h1 at the end of the path of links above the article, and their
headline as h2. In older themes h1 is the name of the site.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from selectolax.lexbor import LexborNode

from services.parser.article.titles import kickers
from services.parser.article.titles.likeness import is_most_of, is_other_wording
from services.parser.page.document import Document
from services.parser.page.elements import attribute, comparison_key
from services.parser.page.heading_text import heading_text
from services.parser.page.hidden import is_hidden

_MOST, _MOST_SEARCHED, _MOST_PARENTS = 12, 200, 6
_LONGEST, _LONG_PARAGRAPH = 400, 150
# Names of a path of links in the classes of themes; in German, Dutch, French, Spanish, Italian, the Nordic languages, Polish.
_PATH = re.compile(
    r"bread[-_]?crumb|(?:^|[\s_-])crumbs?(?:$|[\s_-])|brotkr[uü]m|kruimel|rootline|nav-?path|ariane|migas?(?:$|[\s_-])|"
    r"briciol|smulor|br[oø]d?e?(?:smul|krumme)|murupolku|okruszk",
    re.IGNORECASE,
)
_MARKED = re.compile("itemprop=[\"']?headline")
_ELSEWHERE = frozenset({"a", "nav", "aside", "footer", "dialog", "figure", "form"})


class Lower(NamedTuple):
    """A heading below h1: the element, its text, and whether it is the headline or perhaps only a part of the title."""

    node: LexborNode
    text: str
    is_headline: bool


def is_last_in_path(heading: LexborNode) -> bool:
    """Returns whether a heading is the last item of a path of links: "Home › Politics › Ferry returns"."""
    if _PATH.search(" ".join([attribute(heading, "class"), attribute(heading, "id"), *heading.attributes])):
        return True
    if (item := heading.parent) is None:
        return False
    if attribute(item, "itemprop") == "itemListElement":
        return True
    is_item = _has_link(_before(heading), ("ul", "ol", "nav", "a", "span")) or _has_link(_before(item), (item.tag,))
    return is_item and any(
        _PATH.search(f"{attribute(parent, 'class')} {attribute(parent, 'id')}") for parent in _parents(heading)
    )


def after_path(document: Document, last: LexborNode, keys: set[str]) -> Lower | None:
    """Returns the heading that follows a path of links and is one of the declared titles, if there is one.

    A heading that is none of them may be a subheading, and the end of the path be all that prints the headline.

    Args:
        document: the page.
        last: the heading h1 that ends the path.
        keys: the comparison keys of the titles in the page's metadata.
    """
    nodes = iter(document.tree.css("h1, h2, h3, p"))
    if not any(node.mem_id == last.mem_id for node in nodes):
        return None
    for node in islice(nodes, _MOST_SEARCHED):
        if node.tag == "p" and len(node.text()) > _LONG_PARAGRAPH and not _is_elsewhere(node):
            return None
        if node.tag in ("h2", "h3") and (lower := _declared(node, keys)):
            return lower
    return None


def declared_headline(document: Document, keys: set[str]) -> Lower | None:
    """Returns the heading h2 that the markup calls the headline and that is one of the declared titles, if there is one."""
    if _MARKED.search(document.html) is None:
        return None
    nodes = document.tree.css('h2[itemprop="headline"], h2 > [itemprop="headline"]')[:_MOST]
    lowers = (_declared(node if node.tag == "h2" or node.parent is None else node.parent, keys) for node in nodes)
    return next(filter(None, lowers), None)


def _declared(node: LexborNode, keys: set[str]) -> Lower | None:
    """Returns a heading if it is one of the declared titles, with or without its kicker."""
    text = heading_text(node)[:_LONGEST]
    is_declared = comparison_key(text) in keys or comparison_key(kickers.parts(node, text).headline) in keys
    is_headline = is_declared and kickers.is_headline(text) and not _is_elsewhere(node)
    return Lower(node, text, is_headline=True) if is_headline else None


def in_titles(document: Document, titles: list[str]) -> Iterator[Lower]:
    """Yields the headings that are a part of one of the titles or say the same in other words, for pages where no h1 is likely."""
    keys = [comparison_key(title) for title in titles]
    for text, node in by_text(document, "h2").items():
        is_most = any(is_most_of(text, title) for title in titles)
        if kickers.is_headline(text) and any(comparison_key(text) in key for key in keys):
            yield Lower(node, text, is_headline=is_most)
        elif any(is_other_wording(text, title) for title in titles):
            yield Lower(node, text, is_headline=True)


def by_text(document: Document, tag: str) -> dict[str, LexborNode]:
    """Returns the headings with this tag by their text, of equal ones the first."""
    nodes: dict[str, LexborNode] = {}
    for node in document.elements(tag)[:_MOST_SEARCHED]:
        if text := heading_text(node)[:_LONGEST]:
            nodes.setdefault(text, node)
    return dict(islice(nodes.items(), _MOST))


def _before(node: LexborNode) -> LexborNode | None:
    """Returns the element before another."""
    before = node.prev
    while before is not None and (before.tag or "-").startswith("-"):
        before = before.prev
    return before


def _has_link(node: LexborNode | None, tags: tuple[str | None, ...]) -> bool:
    return node is not None and node.tag in tags and (node.tag == "a" or node.css_first("a[href]") is not None)


def _parents(node: LexborNode) -> Iterator[LexborNode]:
    parent = node.parent
    for _ in range(_MOST_PARENTS):
        if parent is None or parent.tag in ("body", "html"):
            return
        yield parent
        parent = parent.parent


def _is_elsewhere(node: LexborNode) -> bool:
    """Returns whether an element is in a menu, beside the article, hidden, or a link to another page."""
    is_outside = any(parent.tag in _ELSEWHERE or is_hidden(parent.attributes) for parent in _parents(node))
    return is_outside or (node.tag != "p" and node.css_first("a[href]") is not None)
