"""Trims HTML to what a parser reads in linear time.

The algorithm of the HTML standard is quadratic in the depth of nesting, in the number of open formatting elements and in
the number of an element's attributes. The limits are ten times the largest value on 2,049 real pages, or as many times as
the bounds of CPU and memory allow (ADR 14), so real pages pass unchanged.
"""

import re
from collections import Counter

from selectolax.lexbor import LexborHTMLParser

from services.parser.page.fallbacks import open_pictures
from services.parser.page.open_elements import FORMATTING, OpenElements
from services.parser.page.shadow import open_shadow_roots

# Start and end tags of a page; the largest seen is 19,629.
MOST_TAGS = 200_000
# Attributes of an element; the largest seen is 73.
MOST_ATTRIBUTES = 1_000
# Elements in one another; the deepest tree seen is 55.
DEEPEST, DEEPEST_OF_PART = 1_000, 100
# Open formatting elements times the tags of the page: the standard opens them again in every paragraph after the one that
# they stand in. The largest seen is 132,000.
MOST_REOPENED = 800_000
# So few tags `html` and `body` may have all attributes that a tag may have, though these are given to one element.
_FEW_ROOTS = 3
# With fewer tags, no nesting is expensive.
_FEW_TAGS, _FEW_TAGS_OF_PART = 10_000, 100

# A start tag and its attributes as the standard reads them: a name may begin with "=" or hold quotes, and nothing need stand between a
# quoted value and the next name. https://html.spec.whatwg.org/multipage/parsing.html#before-attribute-name-state
_S = r"\t\n\f\r "
_VALUE = rf"""[{_S}]*+=[{_S}]*+(?:"[^"]*+"|'[^']*+'|[^{_S}>"'][^{_S}>]*+)?+"""
_ATTRIBUTE = rf"[^{_S}/>][^{_S}/>=]*+(?:{_VALUE})?+[{_S}/]*+"
_NAME = rf"[a-zA-Z][^{_S}/>]*+"
_FIRST_ATTRIBUTES = rf"<{_NAME}[{_S}/]*+(?:{_ATTRIBUTE}){{0,{MOST_ATTRIBUTES}}}+"
# Group 1 is there only in a tag with too many attributes.
_START_TAG = re.compile(rf"{_FIRST_ATTRIBUTES}([^>])?+")
_LONG_TAG = re.compile(rf"({_FIRST_ATTRIBUTES})(?:{_ATTRIBUTE})*+")
_ROOT_ATTRIBUTE = re.compile(_ATTRIBUTE)
_ROOT_TAG = re.compile(rf"<(?:html|body)[{_S}/]++(?:{_ATTRIBUTE})++", re.IGNORECASE)
_TAG = re.compile(
    rf"<!--(?:-?>|.*?(?:--!?>|\Z))|<(/?)({_NAME})[{_S}/]*+(?:{_ATTRIBUTE})*+>?",
    re.DOTALL,
)

_VOID = frozenset("area base br col embed hr img input link meta param source track wbr html head body".split())
_ROOTS = frozenset({"html", "body"})
# Letters of both cases cost half of what a pattern that ignores case does; most tags end at the first letter.
_NAMES = ("".join(f"[{letter}{letter.upper()}]" for letter in name) for name in sorted(FORMATTING | _ROOTS))
_FORMATTING_OR_ROOT = re.compile(rf"<(?=[bcefhinstuBCEFHINSTU])(?:{'|'.join(_NAMES)})[\s/>]")


def parse_html(html: str) -> LexborHTMLParser:
    """Returns the tree of a page, trimmed to the limits of this module."""
    return LexborHTMLParser(trim(open_pictures(open_shadow_roots(html))))


def parse_part(html: str) -> LexborHTMLParser:
    """Returns the tree of a text of which a page or feed may have hundreds: what costs little once would cost much."""
    return LexborHTMLParser(trim(html, _FEW_TAGS_OF_PART, DEEPEST_OF_PART))


def trim(html: str, few_tags: int = _FEW_TAGS, deepest: int = DEEPEST) -> str:
    """Returns HTML without what is beyond the limits: late tags, surplus attributes, and tags that nest too deep.

    With few tags, how deep they nest is not looked at.
    """
    tags = html.count("<")
    if tags > MOST_TAGS:
        html, tags = cut_after_tags(html, MOST_TAGS), MOST_TAGS
    html = cut_attributes(html)
    formatting, roots = _formatting_and_roots(html)
    if roots > _FEW_ROOTS:
        html = _cut_roots(html)
    most_formatting = MOST_REOPENED // max(tags, 1)
    if tags < few_tags and (formatting < most_formatting or _open_formatting(html) <= most_formatting):
        return html
    return _flattened(html, most_formatting, deepest)


def cut_after_tags(markup: str, most: int) -> str:
    """Returns markup up to its tag number `most`; all of it if it has fewer."""
    if markup.count("<") <= most:
        return markup
    end = -1
    for _ in range(most + 1):
        end = markup.find("<", end + 1)
    return markup[:end]


def cut_attributes(markup: str) -> str:
    """Returns markup of which no element has more than `MOST_ATTRIBUTES` attributes."""
    return _LONG_TAG.sub(r"\1", markup) if any(_START_TAG.findall(markup)) else markup


def _formatting_and_roots(html: str) -> tuple[int, int]:
    """Returns how many start tags of formatting elements there are, and how many of `html` and `body`: in one pass."""
    tags = _FORMATTING_OR_ROOT.findall(html)
    roots = sum(tag[1:-1].lower() in _ROOTS for tag in tags)
    return len(tags) - roots, roots


def _cut_roots(html: str) -> str:
    """Returns HTML whose `html` and `body` tags, whose attributes are all given to one element, have no more than one may have."""
    pieces, end, attributes = [], 0, 0
    for tag in _ROOT_TAG.finditer(html):
        attributes += sum(1 for _ in _ROOT_ATTRIBUTE.finditer(tag[0], len("<html")))
        if attributes > MOST_ATTRIBUTES:
            # It still is a tag, and nothing of it becomes text.
            pieces.append(html[end : tag.start() + len("<html")])
            end = tag.end()
    return "".join((*pieces, html[end:]))


def _flattened(html: str, most_formatting: int, deepest: int) -> str:
    """Returns HTML without the start tags that would be open too deep."""
    pieces, end, open_elements = [], 0, OpenElements(most_formatting, deepest)
    for tag in _TAG.finditer(html):
        name = (tag[2] or "").lower()
        if tag[1]:
            open_elements.end(name)
        elif name and name not in _VOID and not open_elements.start(name):
            pieces.append(html[end : tag.start()])
            end = tag.end()
    return "".join((*pieces, html[end:]))


def _open_formatting(html: str) -> int:
    """Returns how many formatting elements are open at once at most, as `OpenElements` counts them, in a third of the time."""
    counts: Counter[str] = Counter()
    most = open_elements = 0
    for tag in _TAG.finditer(html):
        name = (tag[2] or "").lower()
        if name not in FORMATTING or (tag[1] and not counts[name]):
            continue
        step = -1 if tag[1] else 1
        counts[name] += step
        open_elements += step
        most = max(most, open_elements)
    return most
