"""JSON-LD: the objects that a page describes its article with, in the vocabulary of schema.org.

Nothing here fails on broken data: what cannot be read is left out.
"""

import json
import re
from collections.abc import Iterable, Iterator
from html import unescape
from itertools import islice
from typing import Any

from selectolax.lexbor import LexborNode

from services.parser.page import streamed_data
from services.parser.page.elements import attribute, clean, comparison_key

ARTICLE_TYPES = frozenset(
    "article newsarticle reportagenewsarticle analysisnewsarticle opinionnewsarticle backgroundnewsarticle "
    "askpublicnewsarticle reviewnewsarticle satiricalarticle blogposting liveblogposting report techarticle "
    "socialmediaposting advertisercontentarticle".split()
)
_WRAPPER = re.compile(
    r"^\s*+(?:<!--|(?://\s*+)?<!\[CDATA\[|/\*\s*+<!\[CDATA\[\s*+\*/)|(?:-->|(?://\s*+)?\]\]>|/\*\s*+\]\]>\s*+\*/)\s*$"
)
# A backslash before what JSON escapes not: "Port Elwick\\'s".
_STRAY_BACKSLASH = re.compile(r"(\\[\"\\/bfnrtu])|\\")
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_NESTING_KEYS = ("@graph", "mainEntity", "mainEntityOfPage", "itemListElement", "liveBlogUpdate")
# What these hold belongs to another object of the page: an update of a live blog, an item of a list.
_PART_KEYS = ("liveBlogUpdate", "itemListElement", "hasPart", "mentions", "citation", "isPartOf", "relatedLink")
# The largest seen on 2,049 pages: 90 objects, lists of 86 values, 28 scripts, 74,265 characters in a script.
_MOST_OBJECTS, _MOST_VALUES, _MOST_SCRIPTS, _LONGEST_SCRIPT = 1_000, 1_000, 300, 1_000_000
_LONGEST_NAME = 2_000
_VALUE_KEYS = ("@value", "date", "$date")
_DEEPEST = 6
_ENTITY = re.compile(r"&(?:#\d{1,6}|[a-zA-Z]{2,10});")
_BETWEEN_VALUES = re.compile(r"[ \t\r\n,;]*+")
_FALSE = frozenset({"false", "no", "0"})
_DECODER = json.JSONDecoder(strict=False)

Entity = dict[str, Any]


def entities(scripts: list[LexborNode], html: str = "") -> list[Entity]:
    """Returns the JSON-LD objects in a page's scripts that have a type, in order.

    Where no article is among them, those that stand escaped in the strings of its HTML's scripts follow.
    """
    data = [script for script in scripts if "ld+json" in attribute(script, "type").lower()][:_MOST_SCRIPTS]
    objects = _objects(script.text()[:_LONGEST_SCRIPT] for script in data)
    has_article = any(types_of(entity) & ARTICLE_TYPES for entity in objects)
    return objects if has_article else [*objects, *_objects(streamed_data.texts(html))]


def _objects(texts: Iterable[str]) -> list[Entity]:
    values = (value for text in texts for value in _json_values(text))
    return list(islice((entity for value in values for entity in _entities_in(value)), _MOST_OBJECTS))


def main_article(objects: list[Entity], urls: Iterable[str], headlines: Iterable[str]) -> Entity:
    """Returns the article that a page is about; empty if there is none.

    Args:
        objects: the JSON-LD objects of the page, in order.
        urls: of the page.
        headlines: that the page shows as its own.
    """
    articles = [entity for entity in objects if types_of(entity) & ARTICLE_TYPES]
    if len(articles) < 2:
        return articles[0] if articles else {}
    own_urls, own_headlines = set(map(_url_key, urls)), set(map(comparison_key, headlines)) - {""}
    parts = {id(part) for entity in objects for key in _PART_KEYS for part in _entities_in(entity.get(key))}

    def likelihood(entity: Entity) -> int:
        places = {_url_key(url) for key in ("url", "mainEntityOfPage", "@id") for url in urls_in(entity.get(key))}
        absolute = {place for place in places if "/" in place}
        is_here = 4 * bool(absolute & own_urls) - 2 * bool(absolute - own_urls and not absolute & own_urls)
        is_shown = 3 * any(comparison_key(name) in own_headlines for name in names_in(entity.get("headline")))
        is_complete = bool(entity.get("headline")) + bool(entity.get("datePublished"))
        return is_here + is_shown + is_complete - 8 * (id(entity) in parts)

    return max(articles, key=likelihood)


def types_of(entity: Entity) -> frozenset[str]:
    """Returns the lower-case types of a JSON-LD object, without the vocabulary's URL."""
    names = (name for name in as_list(entity.get("@type")) if isinstance(name, str))
    return frozenset(name.rsplit("/", 1)[-1].lower() for name in names)


def as_list(value: Any) -> list[Any]:
    """Returns a JSON-LD value, which may or may not be a list, as a list of at most 1,000 values."""
    if value is None:
        return []
    if isinstance(value, dict):
        # PHP writes a list whose numbers have gaps as an object: {"0": ..., "2": ...}.
        numbered = list(value.values()) if value and all(map(str.isdecimal, value)) else None
        value = numbered or value.get("@list") or value.get("@set") or value
    return value[:_MOST_VALUES] if isinstance(value, list) else [value]


def names_in(value: Any) -> Iterator[str]:
    """Yields the names in a JSON-LD value: a string, an object with a name or the parts of one, or a list of these."""
    for item in as_list(value):
        for text in _name_texts(item, 0):
            if name := clean(text[:_LONGEST_NAME]):
                # An entity that is left was escaped once more.
                yield clean(name) if _ENTITY.search(name) else name


def texts_in(value: Any) -> Iterator[str]:
    """Yields the texts in a JSON-LD value: a string, a number, an object with either as `@value`, or a list of these.

    The dates of PHP and MongoDB have the value in `date` and `$date`.
    """
    for item in as_list(value):
        text = next((item[key] for key in _VALUE_KEYS if key in item), None) if isinstance(item, dict) else item
        if isinstance(text, str | int | float) and not isinstance(text, bool):
            yield f"{text:.0f}" if isinstance(text, float) else str(text)


def is_false(value: Any) -> bool:
    """Returns whether a JSON-LD value is false: false, "False", "http://schema.org/False", "schema:False", 0, or any of these
    as `@value` or `@id`."""
    values = (item.get("@value", item.get("@id")) if isinstance(item, dict) else item for item in as_list(value))
    return any(re.split("[/:]", str(item).strip())[-1].lower() in _FALSE for item in values)


def urls_in(value: Any) -> Iterator[str]:
    """Yields the URLs in a JSON-LD value: a string, an ImageObject, or a list of either."""
    for item in as_list(value):
        url = (item.get("url") or item.get("contentUrl") or item.get("@id")) if isinstance(item, dict) else item
        yield from (text for text in as_list(url) if isinstance(text, str) and text.strip())


def _url_key(url: str) -> str:
    """Returns one key for the addresses of a page: with or without scheme, "www.", query, fragment and final slash."""
    return re.sub(r"^(?:https?:)?//(?:www\.)?|[?#].*$", "", url.strip().lower()).rstrip("/")


def _name_texts(item: Any, depth: int) -> Iterator[str]:
    if isinstance(item, str):
        yield item
    elif isinstance(item, dict) and depth <= _DEEPEST:
        if named := item.get("@value") or item.get("name") or item.get("alternateName"):
            names = as_list(named)
            # Several languages have the same name: https://www.w3.org/TR/json-ld11/#string-internationalization
            is_translated = all(isinstance(part, dict) and "@language" in part for part in names)
            for part in names[:1] if is_translated else names:
                yield from _name_texts(part, depth + 1)
        else:
            parts = [
                part
                for key in ("givenName", "additionalName", "familyName")
                for value in as_list(item.get(key))
                for part in _name_texts(value, depth + 1)
            ]
            yield " ".join(parts)
            # A Role stands between an article and its author: https://schema.org/Role
            for author in as_list(item.get("author")) if not parts else ():
                yield from _name_texts(author, depth + 1)


def _json_values(text: str) -> Iterator[Any]:
    """Yields the JSON values in a script, which may have a wrapper, trailing commas, or several values in a row."""
    script = _WRAPPER.sub("", _WRAPPER.sub("", text)).strip().rstrip(";")
    if script.startswith(("{&quot;", "[{&quot;")):
        script = unescape(script)
    for attempt in _repairs(script):
        values = list(_values_until_broken(attempt))
        if values:
            yield from values
            return


def _repairs(script: str) -> Iterator[str]:
    yield script
    yield _TRAILING_COMMA.sub(r"\1", script)
    yield _STRAY_BACKSLASH.sub(r"\1", script)


def _values_until_broken(text: str) -> Iterator[Any]:
    place = 0
    for _ in range(_MOST_VALUES):
        try:
            value, end = _DECODER.raw_decode(text, place)
        except (ValueError, RecursionError):
            return
        yield value
        between = _BETWEEN_VALUES.match(text, end)
        place = between.end() if between else end


def _entities_in(value: Any, depth: int = 0) -> Iterator[Entity]:
    if depth > _DEEPEST:
        return
    for item in as_list(value):
        if isinstance(item, dict):
            if "@type" in item:
                yield item
            for key in _NESTING_KEYS:
                if isinstance(item.get(key), (dict, list)):
                    yield from _entities_in(item[key], depth + 1)
        elif isinstance(item, list):
            yield from _entities_in(item, depth + 1)
