"""JSON-LD: the objects that a page describes its article with, in the vocabulary of schema.org.

Nothing here fails on broken data: what cannot be read is left out.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from services.parser.page.elements import clean

ARTICLE_TYPES = frozenset(
    "article newsarticle reportagenewsarticle analysisnewsarticle opinionnewsarticle backgroundnewsarticle "
    "askpublicnewsarticle reviewnewsarticle satiricalarticle blogposting liveblogposting report techarticle "
    "socialmediaposting advertisercontentarticle".split()
)
_WRAPPER = re.compile(r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\s*\]\]>|\]\]>)\s*$")
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_NESTING_KEYS = ("@graph", "mainEntity", "mainEntityOfPage", "itemListElement", "liveBlogUpdate")
_MOST = 200
_DEEPEST = 6
_DECODER = json.JSONDecoder(strict=False)

Entity = dict[str, Any]


def entities(tree: LexborHTMLParser) -> list[Entity]:
    """Returns the JSON-LD objects of a page that have a type, in order."""
    objects: list[Entity] = []
    for script in tree.css('script[type*="ld+json"]'):
        for value in _json_values(script.text()):
            objects.extend(_entities_in(value))
    return objects[:_MOST]


def types_of(entity: Entity) -> frozenset[str]:
    """Returns the lower-case types of a JSON-LD object, without the vocabulary's URL."""
    return frozenset(str(name).rsplit("/", 1)[-1].lower() for name in as_list(entity.get("@type")))


def as_list(value: Any) -> list[Any]:
    """Returns a JSON-LD value, which may or may not be a list, as a list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def names_in(value: Any) -> Iterator[str]:
    """Yields the names in a JSON-LD value: a string, an object with a name, or a list of either."""
    for item in as_list(value):
        name = item.get("name") if isinstance(item, dict) else item
        yield from (clean(text) for text in as_list(name) if isinstance(text, str) and clean(text))


def urls_in(value: Any) -> Iterator[str]:
    """Yields the URLs in a JSON-LD value: a string, an ImageObject, or a list of either."""
    for item in as_list(value):
        url = (item.get("url") or item.get("contentUrl") or item.get("@id")) if isinstance(item, dict) else item
        yield from (text for text in as_list(url) if isinstance(text, str) and text.strip())


def _json_values(text: str) -> Iterator[Any]:
    """Yields the JSON values in a script, which may have a wrapper, trailing commas, or several values in a row."""
    script = _WRAPPER.sub("", _WRAPPER.sub("", text)).strip().rstrip(";")
    for attempt in (script, _TRAILING_COMMA.sub(r"\1", script)):
        values = list(_values_until_broken(attempt))
        if values:
            yield from values
            return


def _values_until_broken(text: str) -> Iterator[Any]:
    while text:
        try:
            value, end = _DECODER.raw_decode(text)
        except (ValueError, RecursionError):
            return
        yield value
        text = text[end:].lstrip(" \t\r\n,;")


def _entities_in(value: Any, depth: int = 0) -> Iterator[Entity]:
    if depth > _DEEPEST:
        return
    for item in as_list(value)[:_MOST]:
        if isinstance(item, dict):
            if "@type" in item:
                yield item
            for key in _NESTING_KEYS:
                if isinstance(item.get(key), (dict, list)):
                    yield from _entities_in(item[key], depth + 1)
