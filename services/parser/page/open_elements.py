"""The open elements of a page, nearly as the HTML standard keeps them while it is parsed.

https://html.spec.whatwg.org/multipage/parsing.html#the-stack-of-open-elements
"""

from collections import Counter, defaultdict
from functools import lru_cache

FORMATTING = frozenset("b big code em font i nobr s small strike strong tt u".split())
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


@lru_cache(maxsize=1_000)
def _groups(name: str) -> tuple[str, ...]:
    """Returns the keys under which an element's row in the stack is kept."""
    return (name, *(f"+{group}" for group, names in _GROUPS.items() if name in names))


class OpenElements:
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
        if name in FORMATTING:
            return self._start_formatting(name)
        in_drawing = bool(self._rows["+drawing"]) and self._last("+drawing") > self._last("+html")
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
