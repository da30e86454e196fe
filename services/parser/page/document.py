"""A parsed HTML page: its tree, and what its head declares. The tree is parsed once.

Nothing here fails on a broken page: what cannot be read is left out.
"""

import re
from collections.abc import Iterator
from functools import cached_property

from selectolax.lexbor import LexborNode

from services.parser.page.blocks import read_layout
from services.parser.page.elements import attribute, clean, text_of
from services.parser.page.layout import Layout
from services.parser.page.structured_data import Entity, entities, main_article
from services.parser.page.trim import parse_html
from shared.urls import join

# The largest numbers seen on 2,049 pages: 119 of an element, 619 metas.
_MOST_ELEMENTS = 1_200
_MOST_OF_TAG = 6_200
_MOST_HEADLINES = 3
# Several fields are read from elements of these tags. A search walks the whole tree, so that it costs nearly the same for all of
# them as for one.
_TAGS = ("base", "h1", "link", "meta", "script", "time", "title")
_DAY_FIRST_HOST = re.compile(
    r"^https?://[^/]*\.(?:uk|ie|au|nz|in|za|ng|ke|gh|pk|bd|sg|my|lk|mt|hk|eu|de|fr|es|it|tn|ma|dz|eg|ae|qa|sa|lb|jo)(?:[:/]|$)"
)


class Document:
    """A parsed HTML page. `url` is its address; its links are relative to `base`."""

    def __init__(self, html: str, url: str) -> None:
        self.html = html
        self.url = url
        self.tree = parse_html(html)

    @cached_property
    def base(self) -> str:
        node = next((node for node in self.elements("base") if "href" in node.attributes), None)
        return (join(self.url, attribute(node, "href")) if node else None) or self.url

    @cached_property
    def layout(self) -> Layout:
        """The page's text in blocks."""
        return read_layout(self.tree.body)

    @cached_property
    def language(self) -> str | None:
        """The language that the page declares."""
        declared = attribute(self.tree.css_first("html"), "lang")
        return declared or next((text for text, _ in self.meta("og:locale", "language", "content-language")), None)

    @cached_property
    def month_first(self) -> bool:
        """Whether 9/3/2026 is the third of September: in American English, and where the kind of English is unknown."""
        language = (self.language or "").replace("_", "-").lower()
        return language in {"en", "en-us", "en-ph"} and not _DAY_FIRST_HOST.search(self.url)

    @cached_property
    def metas(self) -> dict[str, list[str]]:
        """The contents of the meta elements by lower-case name, property or itemprop, in order.

        Some sites write `value` instead of `content`.
        """
        contents: dict[str, list[str]] = {}
        for attributes in (node.attributes for node in self.elements("meta")):
            content = clean(attributes.get("content") or attributes.get("value") or "")
            keys = {(attributes.get(name) or "").strip().lower() for name in ("property", "name", "itemprop")}
            for key in keys - {""} if content else ():
                contents.setdefault(key, []).append(content)
        return contents

    @cached_property
    def entities(self) -> list[Entity]:
        """The JSON-LD objects that have a type, in order."""
        return entities(self.elements("script"), self.html)

    @cached_property
    def article_data(self) -> Entity:
        """The JSON-LD object of the article that the page is about; empty if there is none."""
        urls = [self.url, *(attribute(node, "href") for node in self.related("canonical")[:1])]
        headlines = [*map(text_of, self.elements("h1")[:_MOST_HEADLINES]), *(text for text, _ in self.meta("og:title"))]
        return main_article(self.entities, filter(None, urls), headlines)

    @cached_property
    def entities_by_id(self) -> dict[str, Entity]:
        """The JSON-LD objects by their `@id`, to which other objects refer."""
        return {entity["@id"]: entity for entity in self.entities if isinstance(entity.get("@id"), str)}

    @cached_property
    def _by_tag(self) -> dict[str, list[LexborNode]]:
        elements: dict[str, list[LexborNode]] = {tag: [] for tag in _TAGS}
        for node in self.tree.css(", ".join(_TAGS)):
            if len(same_tag := elements[node.tag or ""]) < _MOST_OF_TAG:
                same_tag.append(node)
        return elements

    def elements(self, selector: str) -> list[LexborNode]:
        """Returns the elements that a selector finds, in order."""
        return self._by_tag[selector] if selector in _TAGS else self.tree.css(selector)

    def related(self, relation: str) -> list[LexborNode]:
        """Returns the `link` elements of a relation, such as "canonical", in order."""
        return [node for node in self.elements("link") if relation in attribute(node, "rel").lower().split()]

    def meta(self, *names: str) -> Iterator[tuple[str, str]]:
        """Yields (content, source) of the meta elements with these names, in the order of the names."""
        for name in names:
            for content in self.metas.get(name, ()):
                yield content, f"meta {name}"

    def text(self, *selectors: str) -> Iterator[tuple[str, str]]:
        """Yields (text, selector) of the elements that have text, in the order of the selectors."""
        for selector in selectors:
            for node in self.elements(selector)[:_MOST_ELEMENTS]:
                if text := text_of(node):
                    yield text, selector

    def link(self, href: str | None) -> str | None:
        """Returns the absolute URL of a link on this page; None if it is none."""
        return join(self.base, href) if href and href.strip() else None
