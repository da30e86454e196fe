"""The headings of a page that may be its article's title, each with a weight that says how likely it is."""

import re
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from selectolax.lexbor import LexborNode

from services.parser.article.authors.unspaced_names import UNSPACED
from services.parser.article.titles import kickers, lower_headings
from services.parser.article.titles.likeness import FEW_WORDS, SIMILAR, has_common_stem, similarity
from services.parser.article.titles.logos import is_home_link, is_logo
from services.parser.article.titles.site_names import SEPARATOR
from services.parser.page.document import Document
from services.parser.page.elements import attribute, clean, comparison_key
from services.parser.page.hidden import is_hidden
from services.parser.page.structured_data import as_list

# The weight of a source by itself. An only heading is nearly always the title. Of several headings each may be a
# section's, and a heading that no other source repeats is a logo, a menu or a greeting.
_ONLY, _OF_SEVERAL, LONE, _SUBHEADING = 2.2, 1.0, 0.35, 0.3
# The headline below a title that is made for search engines, whatever the metadata say.
_PRINTED = 2.6
_LONGEST = 400
_MOST_PARENTS = 8
# Longer than any headline seen on 2,049 pages that is not a declared title, too: a summary that is marked as a heading.
_LONGEST_HEADLINE = 220
_MANY_PARAGRAPHS = 6
_ASIDE, _ASIDE_ROLES = frozenset({"aside", "dialog", "footer"}), frozenset({"complementary", "contentinfo", "dialog"})
# React sends parts of a page hidden, with such an id, and then moves them to their places.
_STREAMED = "S:"
_LEAST_PRINTED, _FIRST_LETTERS = 15, 4
_WORD = re.compile(r"\w+")


class Heading(NamedTuple):
    """A heading: its text without kicker and subtitle, these or empty texts, the element's tag, and its weight."""

    text: str
    kicker: str
    subtitle: str
    tag: str
    weight: float


def headings(document: Document, declared: list[str]) -> list[Heading]:
    """Returns the headings h1 of a page; with those h2 that repeat a declared title where no h1 is likely.

    Args:
        document: the page.
        declared: the titles in its metadata.
    """
    nodes = lower_headings.by_text(document, "h1")
    slug = _slug(document.url)
    is_slug_known = len(nodes) > 1 or any(comparison_key(text) == comparison_key(slug) for text in nodes)
    evidence = [*declared, slug] if is_slug_known else declared
    first = [
        _heading_of(node, text, declared, _weight(node, text, len(nodes), evidence)) for text, node in nodes.items()
    ]
    if below := _printed_below(document, nodes.values(), first, declared):
        return below + [heading._replace(weight=min(heading.weight, LONE)) for heading in first]
    if any(heading.weight > LONE for heading in first):
        return first
    lower = lower_headings.in_titles(document, declared)
    return first + [
        _heading_of(node, text, declared, _ONLY if is_headline else _SUBHEADING) for node, text, is_headline in lower
    ]


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


def _printed_below(
    document: Document, nodes: Iterable[LexborNode], first: list[Heading], declared: list[str]
) -> list[Heading]:
    """Returns the headline below an h1 that only ends a path of links, or that the markup does not call the headline."""
    data = document.article_data
    with_kicker = (f"{data.get('headline')} {clean(str(rest))}" for rest in as_list(data.get("alternativeHeadline")))
    keys = {comparison_key(title) for title in (*declared, *with_kicker)}
    keys -= {"", *(comparison_key(heading.text) for heading in first)}
    last = next(filter(lower_headings.is_last_in_path, nodes), None)
    lower = lower_headings.after_path(document, last, keys) if last else None
    lower = lower or lower_headings.declared_headline(document, keys)
    return [_heading_of(lower.node, lower.text, declared, _PRINTED)] if lower else []


def _heading_of(node: LexborNode, text: str, declared: list[str], weight: float) -> Heading:
    return Heading(*kickers.parts(node, text, declared), node.tag or "", weight)


def _weight(node: LexborNode, text: str, count: int, declared: list[str]) -> float:
    """Returns the weight of one of `count` headings; a heading unlike every declared title is not the article's."""
    likeness = max((similarity(text, title) for title in declared), default=1.0)
    is_declared = any(comparison_key(text) == comparison_key(title) for title in declared)
    if not is_declared and (is_home_link(node) or any(_is_section(text, title) for title in declared)):
        return LONE
    if likeness < 1 and (len(text) > _LONGEST_HEADLINE or is_logo(node) or _is_out_of_sight(node)):
        return LONE
    if count == 1:
        is_like = likeness >= SIMILAR or any(has_common_stem(text, title) for title in declared)
        return _ONLY if is_like or len(_WORD.findall(text)) > FEW_WORDS else LONE
    is_short = len(_WORD.findall(text)) < FEW_WORDS and not UNSPACED.search(text)
    return _OF_SEVERAL + (0.25 if is_short else 0.5) * likeness if likeness >= SIMILAR else LONE


def _is_section(text: str, title: str) -> bool:
    """Returns whether a short heading is a later part of a declared title whose first part is longer: "Ferry returns – Local – The Post"."""
    first, *parts = SEPARATOR.split(title[:_LONGEST])
    size = len(_WORD.findall(text))
    is_later = any(comparison_key(part) == comparison_key(text) for part in parts)
    return is_later and size <= FEW_WORDS < len(_WORD.findall(first))


def _is_out_of_sight(node: LexborNode) -> bool:
    """Returns whether an element around a heading is hidden, beside or below the page's text, or a dialog, as on cookies."""
    parent = node.parent
    for _ in range(_MOST_PARENTS):
        if parent is None:
            break
        if parent.tag in _ASIDE or attribute(parent, "role") in _ASIDE_ROLES:
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
