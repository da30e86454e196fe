"""Kickers: the topic, place or club that is printed before a headline and is no part of it."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from selectolax.lexbor import LexborNode

from services.parser.article.authors.unspaced_names import UNSPACED
from services.parser.page.elements import attribute, comparison_key
from services.parser.page.heading_text import KICKER_CLASS, heading_text

LONGEST, _MOST_ELEMENTS = 80, 40
_EDGE_ENDS = " \t:：|｜–—-·•/"
_EDGE = f"{_EDGE_ENDS}.»›"
_SUBTITLE_CLASS = re.compile(
    r"(?:sub|secondary|unter|sous|onder|under)[-_]?(?:title|heading|headline|head|hed|line|titel|[ué]berschrift|titre|rubrik)|"
    r"(?:sub|sotto)t[ií]t[uo]l|podtytu|standfirst|tagline|strapline|bajada|(?:^|[\s_-])(?:deck|dek)(?:$|[\s_-])",
    re.IGNORECASE,
)
# The word before a title on pages that describe a document.
_LABEL = re.compile(
    r"^(?:title|titel|titre|t[íi]tulo|t[íi]tol|titolo|tytu[łl]|titul|titlu|n[áa]zov|n[áa]zev|c[íi]m|otsikko|rubrik|ba[şs]l[ıi]k|judul|"
    r"ti[êe]u đ[ềe]|заголовок|назва|название|τίτλος|العنوان|عنوان|כותרת|शीर्षक|标题|標題|题目|題目|题名|題名|タイトル|제목)\s?[:：]\s?",
    re.IGNORECASE,
)
_CANDIDATES = "span, small, strong, em, b, i, a, p, div, h2, h3, h4"
_WORD = re.compile(r"\w+")
# Between a kicker and its headline, as titles for search engines join them.
_JOINT = re.compile(r"\s*[:：|｜·•»›]\s*$|\s+[–—-]\s+$")
_LEAST_WORDS, _LEAST_LETTERS = 2, 5


class Parts(NamedTuple):
    """The parts of a heading; kicker and subtitle are empty where none is told apart."""

    headline: str
    kicker: str = ""
    subtitle: str = ""


def parts(heading: LexborNode, text: str, declared: Iterable[str] = ()) -> Parts:
    """Returns the headline of a heading, and its kicker and subtitle if it has them.

    A kicker inside the heading begins it, and has its class or is in small print; one outside stands right before it. What
    ends a heading is a subtitle, or a kicker that is moved by style alone, if no declared title has it, too.

    Args:
        heading: the element.
        text: of the heading.
        declared: the titles in the page's metadata.
    """
    keys = [comparison_key(title) for title in declared]
    text = _without_label(text, keys)
    marked = [node for node in heading.css(_CANDIDATES)[:_MOST_ELEMENTS] if _is_marked(node)]
    for node in marked:
        kicker = heading_text(node)
        headline = _without_edge(text[len(kicker) :]) if text.startswith(kicker) else ""
        if 0 < len(kicker) <= LONGEST and is_headline(headline):
            return _ending(marked, headline, keys, kicker.strip(_EDGE))
    return _ending(marked, text, keys, _before(heading))


def _ending(marked: list[LexborNode], text: str, keys: list[str], kicker: str) -> Parts:
    """Returns the parts of a heading whose beginning is read."""
    for node in marked:
        ending = heading_text(node)
        headline = text.removesuffix(ending).rstrip(_EDGE_ENDS)
        is_apart = ending and text.endswith(ending) and is_headline(headline)
        if is_apart and not any(comparison_key(text) in key for key in keys):
            is_kicker = not kicker and KICKER_CLASS.search(attribute(node, "class")) and not _is_subtitle(node)
            return Parts(headline, ending, "") if is_kicker else Parts(headline, kicker, ending)
    return Parts(text, kicker)


def _is_marked(node: LexborNode) -> bool:
    class_names = attribute(node, "class")
    return node.tag == "small" or KICKER_CLASS.search(class_names) is not None or _is_subtitle(node)


def _is_subtitle(node: LexborNode) -> bool:
    return _SUBTITLE_CLASS.search(attribute(node, "class")) is not None


def _without_label(text: str, keys: list[str]) -> str:
    """Returns a heading without the word "Title:" before it, where a declared title is the rest."""
    unlabelled = _LABEL.sub("", text)
    return unlabelled if unlabelled != text and comparison_key(unlabelled) in keys else text


def _without_edge(text: str) -> str:
    """Returns a text without separators at its ends; « and » are separators only where they do not enclose a quotation."""
    is_quoted = "«" in text or "‹" in text
    return text.lstrip(_EDGE_ENDS if is_quoted else _EDGE).rstrip(_EDGE_ENDS)


def before_headline(headline: str, titles: Iterable[str]) -> str:
    """Returns the kicker that a title has before the headline and a colon, bar or dash; empty if none has."""
    for title in titles:
        before = title[: -len(headline)] if title != headline and title.endswith(headline) else ""
        if joint := _JOINT.search(before):
            return before[: joint.start()].strip(_EDGE)[:LONGEST]
    return ""


def is_headline(text: str) -> bool:
    """Returns whether a text is long enough to be a headline without its kicker."""
    if UNSPACED.search(text):
        return len(comparison_key(text)) >= _LEAST_LETTERS
    return len(_WORD.findall(text)) >= _LEAST_WORDS


def _before(heading: LexborNode) -> str:
    """Returns the text of the element with the class of a kicker right before a heading."""
    before = heading.prev
    while before is not None and before.tag == "-text" and not (before.text_content or "").strip():
        before = before.prev
    if before is None or (before.tag or "-").startswith("-") or not KICKER_CLASS.search(attribute(before, "class")):
        return ""
    kicker = heading_text(before)
    return kicker.strip(_EDGE) if len(kicker) <= LONGEST else ""
