"""Titles and summaries of feeds as text. Feeds say badly whether these are HTML, so their markup decides."""

import re
from html import unescape

from services.parser.page.elements import clean

_FORMATS = "a abbr acronym b bdi bdo big cite code dfn div em font h1 h2 h3 i ins kbd mark p q s small span strike strong sub sup tt u".split()
_PAIRED = re.compile(rf"""<(/?)({"|".join(_FORMATS)})((?:\s[^<>]*)?)>""", re.IGNORECASE)
_EMPTY = re.compile(r"""<(?:br|wbr|img|hr)(?:\s[^<>]*)?/?>""", re.IGNORECASE)
# References that a program wrote twice over.
_TWICE = re.compile(r"&(?:amp|quot|nbsp|#\d{2,4});")
# A "<" that begins neither a tag as HTML has it nor a comment.
_NO_TAG = re.compile(r"<(?!/?[a-z][a-z0-9:-]*(?:\s[^<>]*|/)?>|!--|!\[CDATA\[|\?)", re.IGNORECASE)


def title(text: str) -> str:
    """Returns a title without its formatting. What is in angle brackets and formats nothing, `<canvas>`, is part of it."""
    without_tags = _without_pairs(_EMPTY.sub(" ", text))
    plain = unescape(without_tags)
    plain = unescape(plain) if _TWICE.search(plain) else plain
    return " ".join(plain.replace("\u200b", "").split())


def summary(html: str) -> str:
    """Returns a summary, which is HTML, as text on one line."""
    return clean(_NO_TAG.sub("&lt;", html))


def _without_pairs(text: str) -> str:
    """Returns a text without the start and end tags of formatting that belong to each other."""
    open_tags: dict[str, list[re.Match[str]]] = {}
    spans: list[tuple[int, int]] = []
    for tag in _PAIRED.finditer(text):
        starts = open_tags.setdefault(tag[2].lower(), [])
        if not tag[1]:
            starts.append(tag)
        elif starts:
            spans += [starts.pop().span(), tag.span()]
    # A tag with attributes formats, even where its end was cut off.
    spans += [tag.span() for tags in open_tags.values() for tag in tags if "=" in tag[3]]
    edges = [0, *(edge for span in sorted(spans) for edge in span), len(text)]
    return "".join(text[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True))
