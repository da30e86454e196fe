"""What a page says about itself: JSON-LD, OpenGraph and other meta elements, links. One parse of the tree.

Nothing here fails on a broken page: what cannot be read is not there.
"""

import json
import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from services.parser.page.blocks import Layout, layout
from services.parser.page.elements import attribute, clean, words
from shared.urls import join

ARTICLE_TYPES = frozenset(
    "article newsarticle reportagenewsarticle analysisnewsarticle opinionnewsarticle backgroundnewsarticle "
    "askpublicnewsarticle reviewnewsarticle satiricalarticle blogposting liveblogposting report techarticle "
    "socialmediaposting advertisercontentarticle".split()
)
_WRAPPED = re.compile(r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\s*\]\]>|\]\]>)\s*$")
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_NESTED = ("@graph", "mainEntity", "mainEntityOfPage", "itemListElement", "liveBlogUpdate")
_LIMIT = 200
_MOST_METAS = 2_000
_BRITISH = re.compile(
    r"^https?://[^/]*\.(?:uk|ie|au|nz|in|za|ng|ke|gh|pk|bd|sg|my|lk|mt|hk|eu|de|fr|es|it|tn|ma|dz|eg|ae|qa|sa|lb|jo)(?:[:/]|$)"
)
_DECODER = json.JSONDecoder(strict=False)

Node = dict[str, Any]


class Document:
    """A parsed HTML page. `url` is where it stands; every link of it is read against `base`."""

    def __init__(self, html: str, url: str) -> None:
        self.html = html
        self.url = url
        self.tree = LexborHTMLParser(html)

    @cached_property
    def base(self) -> str:
        node = self.tree.css_first("base[href]")
        return (join(self.url, attribute(node, "href")) if node else None) or self.url

    @cached_property
    def layout(self) -> Layout:
        """Its text in blocks, from one walk over the tree."""
        return layout(self.tree.body)

    @cached_property
    def language(self) -> str | None:
        """What the page says that its language is."""
        declared = attribute(self.tree.css_first("html"), "lang")
        return declared or next((text for text, _ in self.meta("og:locale", "language", "content-language")), None)

    @cached_property
    def month_first(self) -> bool:
        """Whether 9/3/2026 is the third of September here: in American English, and where nothing says which English."""
        language = (self.language or "").replace("_", "-").lower()
        return language in {"en", "en-us", "en-ph"} and not _BRITISH.search(self.url)

    @cached_property
    def metas(self) -> dict[str, list[str]]:
        """The contents of the meta elements by lower-case name, property or itemprop, in order."""
        found: dict[str, list[str]] = {}
        for node in self.tree.css("meta[content]")[:_MOST_METAS]:
            content = clean(attribute(node, "content"))
            for key in {attribute(node, name).strip().lower() for name in ("property", "name", "itemprop")} - {""}:
                if content:
                    found.setdefault(key, []).append(content)
        return found

    @cached_property
    def nodes(self) -> list[Node]:
        """Every JSON-LD object that says what it is, in order."""
        found: list[Node] = []
        for script in self.tree.css('script[type*="ld+json"]'):
            for value in _json_values(script.text()):
                found.extend(_typed(value))
        return found[:_LIMIT]

    @cached_property
    def article(self) -> Node:
        """The JSON-LD object of the article that the page is about, or an empty one."""
        articles = [node for node in self.nodes if types(node) & ARTICLE_TYPES]
        return max(articles, key=lambda node: bool(node.get("headline")) + bool(node.get("datePublished")), default={})

    def meta(self, *names: str) -> Iterator[tuple[str, str]]:
        """(content, name) of the meta elements of these names, in the names' order."""
        for name in names:
            for content in self.metas.get(name, ()):
                yield content, f"meta {name}"

    def text(self, *selectors: str) -> Iterator[tuple[str, str]]:
        """(text, selector) of the elements, in the selectors' order; empty ones left out."""
        for selector in selectors:
            for node in self.tree.css(selector)[:_LIMIT]:
                if text := words(node):
                    yield text, selector

    def link(self, href: str | None) -> str | None:
        """The absolute URL of a link on this page, or None."""
        return join(self.base, href) if href and href.strip() else None


def types(node: Node) -> frozenset[str]:
    """The lower-case types of a JSON-LD object, without their vocabulary's URL."""
    return frozenset(str(one).rsplit("/", 1)[-1].lower() for one in listed(node.get("@type")))


def listed(value: Any) -> list[Any]:
    """A JSON-LD value as the list it may or may not be."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def names(value: Any) -> Iterator[str]:
    """The names in a JSON-LD value: a string, a thing with a name, or a list of either."""
    for one in listed(value):
        name = one.get("name") if isinstance(one, dict) else one
        yield from (clean(text) for text in listed(name) if isinstance(text, str) and clean(text))


def addresses(value: Any) -> Iterator[str]:
    """The URLs in a JSON-LD value: a string, an ImageObject, or a list of either."""
    for one in listed(value):
        url = (one.get("url") or one.get("contentUrl") or one.get("@id")) if isinstance(one, dict) else one
        yield from (text for text in listed(url) if isinstance(text, str) and text.strip())


def _json_values(text: str) -> Iterator[Any]:
    """The JSON values in a script, which may be wrapped, end in commas or follow one another."""
    rest = _WRAPPED.sub("", _WRAPPED.sub("", text)).strip().rstrip(";")
    for attempt in (rest, _TRAILING_COMMA.sub(r"\1", rest)):
        found = list(_values_until_broken(attempt))
        if found:
            yield from found
            return


def _values_until_broken(text: str) -> Iterator[Any]:
    while text:
        try:
            value, end = _DECODER.raw_decode(text)
        except (ValueError, RecursionError):
            return
        yield value
        text = text[end:].lstrip(" \t\r\n,;")


def _typed(value: Any, depth: int = 0) -> Iterator[Node]:
    if depth > 6:
        return
    for one in listed(value)[:_LIMIT]:
        if isinstance(one, dict):
            if "@type" in one:
                yield one
            for key in _NESTED:
                if isinstance(one.get(key), (dict, list)):
                    yield from _typed(one[key], depth + 1)
