"""JSON-LD inside the strings of scripts, as frameworks stream a page: each quote has a backslash before it."""

import json
import re
from collections.abc import Iterator
from itertools import islice

# The beginning of an object of JSON-LD in a string, of which each quote has a backslash, or three in a string in a string.
_BEGINNING = re.compile(r'\{\\{1,7}"@(?:context|type|graph)\\{1,7}"')
_QUICK = '\\"@type\\'
# The rest of a JSON string up to the quote that ends it.
_REST = re.compile(r'(?:[^"\\\n]|\\.)*+')
_MOST_OBJECTS, _LONGEST, _MOST_LEVELS = 20, 300_000, 3


def texts(html: str) -> Iterator[str]:
    """Yields the texts that begin with an object of JSON-LD and stand escaped in the strings of a page's scripts."""
    if _QUICK not in html:
        return
    end = 0
    for match in islice(_BEGINNING.finditer(html), _MOST_OBJECTS):
        if match.start() >= end:
            end = match.start() + len(_rest(html, match.start()))
            if text := _unescaped(html[match.start() : end]):
                yield text


def _rest(text: str, place: int) -> str:
    rest = _REST.match(text, place, place + _LONGEST)
    return rest[0] if rest else ""


def _unescaped(text: str) -> str:
    """Returns a text without the backslashes of the strings that it stands in; empty if it is no such text."""
    for _ in range(_MOST_LEVELS):
        if text.startswith('{"'):
            return text
        try:
            text = json.loads(f'"{_rest(text, 0)}"', strict=False)
        except ValueError:
            return ""
    return text if text.startswith('{"') else ""
