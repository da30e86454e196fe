"""Trims HTML to what a parser reads in linear time.

The algorithm of the HTML standard is quadratic in the depth of nesting, in the number of open formatting elements and in
the number of an element's attributes. The limits are ten times the largest value on 2,049 real pages, or as many times as
the bounds of CPU and memory allow (ADR 14), so real pages pass unchanged.
"""

import re
from collections import Counter, defaultdict
from functools import lru_cache

from selectolax.lexbor import LexborHTMLParser

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
# With fewer tags, no nesting is expensive.
_FEW_TAGS, _FEW_TAGS_OF_PART = 10_000, 100

_ATTRIBUTE = r"""[\s/]++(?:[^\s/>=]++|=)(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"']*+))?+"""
_NAME = r"<[a-zA-Z][^\s/>]*+"
# Group 1 is there only in a tag with too many attributes.
_START_TAG = re.compile(rf"{_NAME}(?:{_ATTRIBUTE}){{0,{MOST_ATTRIBUTES}}}+({_ATTRIBUTE})?+")
_LONG_TAG = re.compile(rf"({_NAME}(?:{_ATTRIBUTE}){{0,{MOST_ATTRIBUTES}}}+)(?:{_ATTRIBUTE})*+")
_ROOT_ATTRIBUTE = re.compile(_ATTRIBUTE)
_ROOT_TAG = re.compile(rf"<(?:html|body)(?:{_ATTRIBUTE})++", re.IGNORECASE)
_TAG = re.compile(
    rf"<!--(?:-?>|.*?(?:--!?>|\Z))|<(/?)([a-zA-Z][^\s/>]*+)(?:{_ATTRIBUTE})*+/?>?",
    re.DOTALL | re.IGNORECASE,
)

_VOID = frozenset("area base br col embed hr img input link meta param source track wbr html head body".split())
_FORMATTING = frozenset("b big code em font i nobr s small strike strong tt u".split())
# Letters of both cases cost half of what a pattern that ignores case does; most tags end at the first letter.
_FORMATTING_NAMES = ("".join(f"[{letter}{letter.upper()}]" for letter in name) for name in sorted(_FORMATTING))
_FORMATTING_TAG = re.compile(rf"<(?=[bcefinstuBCEFINSTU])(?:{'|'.join(_FORMATTING_NAMES)})[\s/>]")
_TABLE_PARTS = frozenset("table tbody thead tfoot tr td th caption".split())
# An end tag reaches no open element that is outside of one of these.
_BARRIERS = frozenset("table td th caption template object applet marquee".split())
_BLOCKS = frozenset(
    "address article aside blockquote center dd details dialog dir div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 "
    "h6 header hgroup li main menu nav ol p pre search section summary ul".split()
)  # fmt: skip
_SPECIAL = _BLOCKS | _BARRIERS | _TABLE_PARTS | {"button", "select"}
# By start tag: the open elements that it ends, and the group of elements outside of which it ends none.
_ENDS = {
    "li": ("list", ("li",)), "dt": ("list", ("dt", "dd")), "dd": ("list", ("dt", "dd")),
    "tr": ("table", ("tr",)), "td": ("table", ("td", "th")), "th": ("table", ("td", "th")),
}  # fmt: skip
_GROUPS = {
    "barrier": _BARRIERS,
    "paragraph": _BARRIERS | {"button"},
    "list": _SPECIAL - {"address", "div", "p", "li", "dt", "dd"},
    "table": frozenset({"table", "template"}),
    "special": _SPECIAL,
    "drawing": frozenset({"svg", "math"}),
    # Within a drawing, these hold HTML again.
    "html": frozenset("foreignobject desc title mi mo mn ms mtext annotation-xml".split()),
}
# These start tags end a drawing.
_BREAKOUTS = (_BLOCKS | {"span", "table", "ruby", "sub", "sup", "var"}) - {
    "section",
    "article",
    "aside",
    "main",
    "nav",
    "header",
    "footer",
}


def parse_html(html: str) -> LexborHTMLParser:
    """Returns the tree of a page, trimmed to the limits of this module."""
    return LexborHTMLParser(trim(open_shadow_roots(html)))


def parse_part(html: str) -> LexborHTMLParser:
    """Returns the tree of a text of which a page or feed may have hundreds: what costs little once would cost much."""
    return LexborHTMLParser(trim(html, _FEW_TAGS_OF_PART, DEEPEST_OF_PART))


def trim(html: str, few_tags: int = _FEW_TAGS, deepest: int = DEEPEST) -> str:
    """Returns HTML without what is beyond the limits: late tags, surplus attributes, and tags that nest too deep.

    With few tags, how deep they nest is not looked at.
    """
    html = _cut_roots(cut_attributes(cut_after_tags(html, MOST_TAGS)))
    tags = html.count("<")
    is_cheap = tags < few_tags and tags * len(_FORMATTING_TAG.findall(html)) < MOST_REOPENED
    return html if is_cheap else _flattened(html, MOST_REOPENED // max(tags, 1), deepest)


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
    has_too_many = any(_START_TAG.findall(markup))
    return _LONG_TAG.sub(r"\1", markup) if has_too_many else markup


def _cut_roots(html: str) -> str:
    """Returns HTML whose `html` and `body` tags, whose attributes are all given to one element, have no more than one may have."""
    pieces, end, attributes = [], 0, 0
    for tag in _ROOT_TAG.finditer(html):
        attributes += sum(1 for _ in _ROOT_ATTRIBUTE.finditer(tag[0]))
        if attributes > MOST_ATTRIBUTES:
            # It still is a tag, and nothing of it becomes text.
            pieces.append(html[end : tag.start() + len("<html")])
            end = tag.end()
    return "".join((*pieces, html[end:]))


def _flattened(html: str, most_formatting: int, deepest: int) -> str:
    """Returns HTML without the start tags that would be open too deep."""
    pieces, end, open_elements = [], 0, _OpenElements(most_formatting, deepest)
    for tag in _TAG.finditer(html):
        name = (tag[2] or "").lower()
        if tag[1]:
            open_elements.end(name)
        elif name and name not in _VOID and not open_elements.start(name):
            pieces.append(html[end : tag.start()])
            end = tag.end()
    return "".join((*pieces, html[end:]))


@lru_cache(maxsize=1_000)
def _groups(name: str) -> tuple[str, ...]:
    """Returns the keys under which an element's row in the stack is kept."""
    return (name, *(f"+{group}" for group, names in _GROUPS.items() if name in names))


class _OpenElements:
    """The open elements of a page, nearly as the HTML standard keeps them."""

    def __init__(self, most_formatting: int, deepest: int) -> None:
        self._most_formatting, self._deepest = most_formatting, deepest
        self._stack: list[str] = []
        # The rows in the stack, by name and by group.
        self._rows: defaultdict[str, list[int]] = defaultdict(list)
        self._formatting: Counter[str] = Counter()
        self._formatting_count = 0

    def start(self, name: str) -> bool:
        """Opens an element; returns False if it would nest too deep."""
        if name in _FORMATTING:
            return self._start_formatting(name)
        in_drawing = self._last("+drawing") > self._last("+html")
        if in_drawing and name in _BREAKOUTS:
            inner_html = self._last("+html")
            self._cut(next(row for row in self._rows["+drawing"] if row > inner_html))
            in_drawing = False
        if name in _TABLE_PARTS and name != "table" and self._last("+table") < 0 and not in_drawing:
            return True  # Ignored outside of a table.
        if name in _ENDS and not in_drawing:
            self._end_open(*_ENDS[name])
        if name in _BLOCKS and not in_drawing:
            self._end_open("paragraph", ("p",))
        if len(self._stack) >= self._deepest:
            return False
        for group in _groups(name):
            self._rows[group].append(len(self._stack))
        self._stack.append(name)
        return True

    def end(self, name: str) -> None:
        """Ends the last open element of this name, if it is in scope."""
        if self._formatting[name]:
            self._formatting[name] -= 1
            self._formatting_count -= 1
            return
        row = self._last(name)
        if name not in _TABLE_PARTS and row < self._last("+barrier"):
            return
        if row >= 0 and (name in _SPECIAL or row >= self._last("+special")):
            self._cut(row)

    def _end_open(self, scope: str, names: tuple[str, ...]) -> None:
        row = max(map(self._last, names))
        if row > self._last(f"+{scope}"):
            self._cut(row)

    def _start_formatting(self, name: str) -> bool:
        # They outlive the element that they stand in, until their own end tag.
        if self._formatting_count >= self._most_formatting:
            return False
        self._formatting[name] += 1
        self._formatting_count += 1
        return True

    def _last(self, group: str) -> int:
        rows = self._rows.get(group)
        return rows[-1] if rows else -1

    def _cut(self, size: int) -> None:
        for name in set(self._stack[size:]):
            for group in _groups(name):
                rows = self._rows[group]
                while rows and rows[-1] >= size:
                    rows.pop()
        del self._stack[size:]
