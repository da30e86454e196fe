"""The headings of a page that may be its article's title, each with a weight that says how likely it is."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from selectolax.lexbor import LexborNode

from services.parser.article import kickers
from services.parser.article.site_names import SEPARATOR
from services.parser.article.unspaced_names import UNSPACED
from services.parser.page.document import Document
from services.parser.page.elements import attribute, comparison_key
from services.parser.page.heading_text import heading_text
from services.parser.page.hidden import is_hidden

# The weight of a source by itself. An only heading is nearly always the title. Of several headings each may be a
# section's, and a heading that no other source repeats is a logo, a menu or a greeting.
_ONLY, _OF_SEVERAL, LONE, _SUBHEADING = 1.75, 1.0, 0.35, 0.3
_LONGEST = 400
_MOST, _MOST_SEARCHED, _MOST_PARENTS = 12, 200, 8
# Two titles with at least this share of common words are about the same thing.
_SIMILAR = 0.3
_FEW_WORDS, _SEVERAL_WORDS, _MANY_LETTERS = 3, 5, 12
# Two titles with at least this share of their words in common are the same in other words.
_SAME_WORDING = 0.7
_MANY_PARAGRAPHS = 6
# React sends parts of a page hidden, with such an id, and then moves them to their places.
_STREAMED = "S:"
_LEAST_PRINTED, _FIRST_LETTERS = 15, 4
_WORD = re.compile(r"\w+")
_LOGO = re.compile(r"(?:^|[\s_-])(?:logo|brand|site-?(?:title|name)|blog-?title)(?:$|[\s_-])", re.IGNORECASE)


class Heading(NamedTuple):
    """A heading: its text without the kicker, the kicker or an empty text, the element's tag, and its weight."""

    text: str
    kicker: str
    tag: str
    weight: float


def headings(document: Document, declared: list[str]) -> list[Heading]:
    """Returns the headings h1 of a page; with those h2 that repeat a declared title where no h1 is likely.

    Args:
        document: the page.
        declared: the titles in its metadata.
    """
    nodes = _nodes(document, "h1")
    slug = _slug(document.url)
    is_slug_known = len(nodes) > 1 or any(comparison_key(text) == comparison_key(slug) for text in nodes)
    evidence = [*declared, slug] if is_slug_known else declared
    first = [_heading(node, text, len(nodes), evidence) for text, node in nodes.items()]
    if any(heading.weight > LONE for heading in first):
        return first
    return first + list(_confirmed(document, declared))


def printed_keys(document: Document, titles: Iterable[str]) -> set[str]:
    """Returns the comparison keys of the page's lines that are as long as a title, for pages without a heading.

    Args:
        document: the page.
        titles: those that may hold one of the lines; lines that begin like no part of them are left out.
    """
    keys = "\n".join(map(comparison_key, titles))
    texts = (block.text for block in document.layout.blocks if len(block.text) <= _LONGEST)
    lines = (text for text in texts if _may_be_in(text, keys))
    return {
        key for line in lines if len(key := comparison_key(line)) >= (6 if UNSPACED.search(line) else _LEAST_PRINTED)
    }


def _may_be_in(text: str, keys: str) -> bool:
    """Returns whether a text's key may be a part of these keys, by its first letters: a key costs much more."""
    start = text[:_FIRST_LETTERS].casefold()
    return start in keys or not start.isalnum()


def _confirmed(document: Document, declared: list[str]) -> Iterator[Heading]:
    declared_keys = [comparison_key(title) for title in declared]
    for text, node in _nodes(document, "h2").items():
        if kickers.is_headline(text) and any(comparison_key(text) in key for key in declared_keys):
            yield Heading(*kickers.parts(node, text), "h2", _SUBHEADING)
        elif any(_is_other_wording(text, title) for title in declared):
            yield Heading(*kickers.parts(node, text), "h2", _ONLY)


def _is_other_wording(text: str, declared: str) -> bool:
    """Returns whether two titles of several words have most of their words in common: "Ten ways to (help you) sail"."""
    words, declared_words = ({*_WORD.findall(title.casefold())} for title in (text, declared))
    is_long = min(len(words), len(declared_words)) >= _SEVERAL_WORDS
    if comparison_key(text).find(comparison_key(declared)) > 0:
        return False  # "Ten thoughts on …" stands above the comments.
    return is_long and len(words & declared_words) >= _SAME_WORDING * len(words | declared_words)


def _nodes(document: Document, tag: str) -> dict[str, LexborNode]:
    """Returns the headings with this tag by their text, of equal ones the first."""
    nodes: dict[str, LexborNode] = {}
    for node in document.elements(tag)[:_MOST_SEARCHED]:
        if text := heading_text(node)[:_LONGEST]:
            nodes.setdefault(text, node)
    return dict(islice(nodes.items(), _MOST))


def _heading(node: LexborNode, text: str, count: int, declared: list[str]) -> Heading:
    headline, kicker = kickers.parts(node, text)
    return Heading(headline, kicker, "h1", _weight(node, text, count, declared))


def _weight(node: LexborNode, text: str, count: int, declared: list[str]) -> float:
    """Returns the weight of one of `count` headings; a heading unlike every declared title is not the article's."""
    similarity = max((_similarity(text, title) for title in declared), default=1.0)
    is_declared = any(comparison_key(text) == comparison_key(title) for title in declared)
    if not is_declared and (_is_in_root_link(node) or any(_is_section(text, title) for title in declared)):
        return LONE
    if similarity < 1 and (_is_logo(node) or _is_out_of_sight(node)):
        return LONE
    if count == 1:
        return _ONLY if similarity >= _SIMILAR or len(_WORD.findall(text)) > _FEW_WORDS else LONE
    is_short = len(_WORD.findall(text)) < _FEW_WORDS and not UNSPACED.search(text)
    return _OF_SEVERAL + (0.25 if is_short else 0.5) * similarity if similarity >= _SIMILAR else LONE


def _is_logo(node: LexborNode) -> bool:
    """Returns whether a heading is the site's name or device: by its class, or since it links to the site's first page."""
    return _LOGO.search(f"{attribute(node, 'class')} {attribute(node, 'id')}") is not None or _is_in_root_link(node)


def _is_in_root_link(node: LexborNode) -> bool:
    links = [link for link in (node.css_first("a[href]"), node.parent) if link is not None and link.tag == "a"]
    return any(_is_root(attribute(link, "href")) for link in links)


def _is_section(text: str, title: str) -> bool:
    """Returns whether a short heading is a later part of a declared title whose first part is longer: "Ferry returns – Local – The Post"."""
    first, *others = SEPARATOR.split(title[:_LONGEST])
    size = len(_WORD.findall(text))
    is_later = any(comparison_key(part) == comparison_key(text) for part in others)
    return is_later and size <= _FEW_WORDS < len(_WORD.findall(first))


def _is_root(href: str) -> bool:
    try:
        url = urlsplit(href.strip())
    except ValueError:
        return False
    return bool(href) and url.path in ("", "/") and not url.query and not url.fragment


def _is_out_of_sight(node: LexborNode) -> bool:
    """Returns whether an element around a heading is hidden or a dialog, such as a question about cookies."""
    parent = node.parent
    for _ in range(_MOST_PARENTS):
        if parent is None:
            break
        if parent.tag == "dialog" or attribute(parent, "role") == "dialog":
            return True
        if is_hidden(parent.attributes) and not _holds_page(parent):
            return True
        parent = parent.parent
    return False


def _holds_page(node: LexborNode) -> bool:
    """Returns whether a hidden element holds the page itself, which a script shows when it has run."""
    is_streamed = attribute(node, "id").startswith(_STREAMED)
    return is_streamed or node.tag in ("main", "article") or len(node.css("p")) >= _MANY_PARAGRAPHS


def _slug(url: str) -> str:
    """Returns the words in the longest part of an address, which are often those of the headline."""
    try:
        parts = unquote(urlsplit(url).path).split("/")
    except ValueError:
        return ""
    return " ".join(_WORD.findall(max(parts, key=len).rpartition(".")[0] or max(parts, key=len))).replace("_", " ")


def _similarity(text: str, declared: str) -> float:
    """Returns the share of the shorter title's words that the longer has; of its letters in scripts without spaces."""
    words, declared_words = ({*_WORD.findall(title.casefold())} for title in (text, declared))
    key, declared_key = comparison_key(text), comparison_key(declared)
    is_unspaced = UNSPACED.search(key) is not None
    if min(len(words), len(declared_words)) >= _FEW_WORDS and not is_unspaced:
        return len(words & declared_words) / min(len(words), len(declared_words))
    if is_unspaced:
        if len({*key}) >= _MANY_LETTERS:
            return len({*key} & {*declared_key}) / len({*key})
        return float(bool(declared_key) and (key in declared_key or declared_key in key))
    return float(
        bool(words and declared_words) and (words <= declared_words or declared_words <= words or key == declared_key)
    )
