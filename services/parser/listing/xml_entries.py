"""The entries of a feed or sitemap, each parsed by itself, so that broken markup costs no entry but its own.

Nothing is resolved: no DTD reaches the XML parser, hence no entity but those of XML and HTML.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from html import escape, unescape
from itertools import islice
from typing import Any, NamedTuple

from lxml import etree

from services.parser.listing.xml_repair import escaped, repaired

_SCHEME_NAMES = {
    "sitemap-news": "news", "sitemap-image": "image", "sitemap-video": "video", "search.yahoo.com/mrss": "media",
    "purl.org/dc/elements": "dc", "purl.org/dc/terms": "dcterms", "purl.org/rss/1.0/modules/content": "content",
    "feedburner": "feedburner", "itunes": "itunes", "www.w3.org/2005/Atom": "atom", "purl.org/atom/ns": "atom",
}  # fmt: skip
_ROOT = re.compile(r"<(?:([\w.-]+):)?(rss|feed|RDF|urlset|sitemapindex)(?=[\s/>])", re.IGNORECASE)
_ENTRY_NAMES = {"rss": "item", "rdf": "item", "feed": "entry", "urlset": "url|sitemap", "sitemapindex": "url|sitemap"}
_DECLARATION = re.compile(r"""\s(xmlns(?::[\w.-]+)?|xml:base|xml:lang)\s*=\s*("[^"<]{0,120}"|'[^'<]{0,120}')""")
_PREFIX = re.compile(r"[<\s]/?([^\W\d][\w.-]*):[^\W\d]")
_HEAD, _MOST_DECLARATIONS = 16_384, 40
_WRAPPER = "listing"
_CLOSINGS = {"<![CDATA[": "]]>", "<!--": "-->"}
_MOST_ENTRIES = 50_000
# Of an entry, whose content may be a whole page; the most seen in one are 19,629.
_MOST_TAGS = 200_000
_MOST_OUTSIDE = 100_000
# Tags and references in broken entries that are repaired: what repair may cost is bounded.
_MOST_REPAIRED = 1_000_000
_LONGEST_TAG = 64
# Entries are parsed so many characters at a time, where they are well-formed: each by itself costs five times as much.
_CHUNK = 50_000
_OPTIONS: dict[str, Any] = {
    "resolve_entities": False, "load_dtd": False, "no_network": True, "huge_tree": False,
    "remove_comments": True, "remove_pis": True,
}  # fmt: skip


class Listing(NamedTuple):
    """A feed or sitemap: its root element without the entries, whether that is closed, and its entries as (name,
    element), in order."""

    root: Any
    is_complete: bool
    entries: Iterator[tuple[str, Any]]


def read(xml: str) -> Listing | None:
    """Returns a feed's or sitemap's entries; None if there is no such root element."""
    root = _ROOT.search(xml)
    if root is None:
        return None
    prefix = rf"(?:{re.escape(root[1])}:)?" if root[1] and root[2] != "RDF" else r"(?:[\w.-]+:)?" if root[1] else ""
    names = _ENTRY_NAMES[root[2].lower()]
    marks = re.compile(rf"<!--|<!\[CDATA\[|<(/?){prefix}({names})(?=[\s/>])", re.IGNORECASE if root[2].isupper() else 0)
    spans = list(islice(_spans(xml, marks, root.start()), _MOST_ENTRIES))
    end = spans[-1][2] if len(spans) == _MOST_ENTRIES else len(xml)
    edges = [root.start(), *(edge for _, *span in spans for edge in span), end]
    outside = "".join(xml[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True))
    is_complete = re.search(rf"</{re.escape(root[0][1:])}\s*>|^<[^<>]*/>", outside) is not None
    declarations = _declarations(outside[:_HEAD])
    return Listing(
        _parsed(repaired(outside[:_MOST_OUTSIDE]), _opening(outside, {}), recover=True),
        is_complete,
        _entries(xml, spans, declarations),
    )


def name_of(element: Any, entry: Any) -> str:
    """Returns an element's name in lower case: alone in its entry's own namespace, else `media:title`, by the namespace
    and, where that is unknown, by the prefix."""
    return _name(element.tag, element.prefix, entry.tag)


def text_of(element: Any) -> str:
    """Returns the text of an element and of what is in it."""
    if element is None:
        return ""
    return "".join(element.itertext()) if len(element) else element.text or ""


@lru_cache(maxsize=4_096)
def _name(tag: str, own_prefix: str | None, entry_tag: str) -> str:
    namespace, _, name = tag.rpartition("}")
    own_namespace = entry_tag.rpartition("}")[0]
    if namespace == own_namespace and ":" not in name:
        return str(name).lower()
    scheme = next((short for part, short in _SCHEME_NAMES.items() if part in namespace), None)
    prefix = scheme or own_prefix
    return f"{prefix}:{name}".lower() if prefix else str(name).lower()


def _entries(xml: str, spans: list[tuple[str, int, int]], declarations: dict[str, str]) -> Iterator[tuple[str, Any]]:
    repairable = _MOST_REPAIRED
    for chunk in _chunks(xml, spans):
        texts = [xml[start:end] for _, start, end in chunk]
        opening = _opening("".join(texts), declarations)
        elements = _well_formed(texts, opening) or _well_formed(list(map(escaped, texts)), opening)
        if elements is None:
            elements = [
                _parsed(text, opening) if _is_closed(name, text) else None
                for (name, _, _), text in zip(chunk, texts, strict=True)
            ]
            repairable -= _repair(elements, texts, opening, repairable)
        for (name, _, _), element in zip(chunk, elements, strict=True):
            if element is not None:
                yield name, element


def _is_closed(name: str, text: str) -> bool:
    """Returns whether an entry ends with its end tag, or may; parsing those that do not would only show that."""
    return text[-_LONGEST_TAG:].rstrip("/> \t\r\n").lower().endswith(name)


def _chunks(xml: str, spans: list[tuple[str, int, int]]) -> Iterator[list[tuple[str, int, int]]]:
    """Yields entries in lists of about so many characters as are parsed at a time, without those of too many tags."""
    chunk: list[tuple[str, int, int]] = []
    size = 0
    for name, start, end in spans:
        if size + end - start > _CHUNK and chunk:
            yield chunk
            chunk, size = [], 0
        if xml.count("<", start, end) <= _MOST_TAGS:
            chunk.append((name, start, end))
            size += end - start
    yield chunk


def _well_formed(texts: list[str], opening: str) -> list[Any] | None:
    """Returns the elements of entries; None if one of them is not well-formed.

    Each ends with its first end tag at the latest, so that no two broken entries make a well-formed pair.
    """
    wrapper = _wrapper("".join(texts), opening)
    return list(wrapper) if wrapper is not None and len(wrapper) == len(texts) else None


def _repair(elements: list[Any], texts: list[str], opening: str, most: int) -> int:
    """Puts elements in the place of None, up to a number of marks in their texts; returns the number that they have."""
    marks, repaired_texts = 0, {}
    for place, text in enumerate(texts):
        if elements[place] is None and marks + (cost := text.count("<") + text.count("&")) <= most:
            marks += cost
            repaired_texts[place] = repaired(text)
    repaired_elements = _well_formed(list(repaired_texts.values()), opening)
    for number, (place, text) in enumerate(repaired_texts.items()):
        elements[place] = repaired_elements[number] if repaired_elements else _parsed(text, opening, recover=True)
    return marks


def _spans(xml: str, marks: re.Pattern[str], start: int) -> Iterator[tuple[str, int, int]]:
    """Yields (name, start, end) of each entry. One that is not closed ends where the next begins, or with the text."""
    name, begin = "", -1
    for mark in _tags(xml, marks, start):
        if begin >= 0:
            yield name, begin, (xml.find(">", mark.end()) + 1 or len(xml)) if mark[1] else mark.start()
        name, begin = (mark[2] or "").lower(), -1 if mark[1] else mark.start()
    if begin >= 0:
        yield name, begin, len(xml)


def _tags(xml: str, marks: re.Pattern[str], start: int) -> Iterator[re.Match[str]]:
    """Yields the tags of entries that stand in no comment and no CDATA section."""
    last = {closing: xml.rfind(closing) for closing in _CLOSINGS.values()}
    while mark := marks.search(xml, start):
        start = mark.end()
        closing = _CLOSINGS.get(mark[0])
        if closing is None:
            yield mark
        elif last[closing] >= start:
            # A section that is never closed would hide all entries after it.
            start = xml.find(closing, start) + len(closing)


def _declarations(head: str) -> dict[str, str]:
    """Returns the namespaces, language and base address that hold for all entries, by attribute."""
    matches = list(_DECLARATION.finditer(head))[:_MOST_DECLARATIONS]
    return {match[1]: unescape(match[2][1:-1]) for match in reversed(matches)}


def _opening(xml: str, declarations: dict[str, str]) -> str:
    """Returns the start tag of an element that may hold a text: it declares the namespaces of all prefixes in it."""
    undeclared = {f"xmlns:{name}": f"urn:prefix:{name}" for name in _PREFIX.findall(xml) if not name.startswith("xml")}
    attributes = (f' {name}="{escape(value)}"' for name, value in (undeclared | declarations).items())
    return f"<{_WRAPPER}{''.join(attributes)}>"


def _parsed(xml: str, opening: str, *, recover: bool = False) -> Any:
    """Returns an element, if need be recovered from what can be read; None if it cannot be read."""
    wrapper = _wrapper(xml, opening, recover=recover)
    return next(iter(wrapper), None) if wrapper is not None else None


def _wrapper(xml: str, opening: str, *, recover: bool = False) -> Any:
    """Returns an element that holds the elements of a text; None if they cannot be read."""
    text = f"{opening}{xml}</{_WRAPPER}>"
    try:
        return etree.fromstring(text.encode("utf-8", errors="replace"), _parser(recover=recover))
    except etree.XMLSyntaxError:
        return None


@cache
def _parser(*, recover: bool) -> etree.XMLParser:
    return etree.XMLParser(recover=recover, **_OPTIONS)
