"""Kickers: the topic, place or club that is printed before a headline and is no part of it."""

import re
from collections.abc import Iterable

from selectolax.lexbor import LexborNode

from services.parser.article.unspaced_names import UNSPACED
from services.parser.page.elements import attribute, comparison_key
from services.parser.page.heading_text import KICKER_CLASS, heading_text

LONGEST, _MOST_ELEMENTS = 80, 40
_EDGE = " \t:：|｜–—-·•/.»›"
_CANDIDATES = "span, small, strong, em, b, i, a, p, div, h2, h3, h4"
_WORD = re.compile(r"\w+")
# Between a kicker and its headline, as titles for search engines join them.
_JOINT = re.compile(r"\s*[:：|｜·•»›]\s*$|\s+[–—-]\s+$")
_LEAST_WORDS, _LEAST_LETTERS = 2, 5


def parts(heading: LexborNode, text: str) -> tuple[str, str]:
    """Returns a heading's headline and its kicker; the whole text and an empty kicker where none is told apart.

    A kicker inside the heading begins it, and has its class or is in small print; one outside stands right before it.

    Args:
        heading: the element.
        text: of the heading.
    """
    for node in heading.css(_CANDIDATES)[:_MOST_ELEMENTS]:
        if node.tag == "small" or KICKER_CLASS.search(attribute(node, "class")):
            kicker = heading_text(node)
            headline = text[len(kicker) :].strip(_EDGE.replace("-", "") + "-") if text.startswith(kicker) else ""
            if 0 < len(kicker) <= LONGEST and is_headline(headline):
                return headline, kicker.strip(_EDGE)
    return text, _before(heading)


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
