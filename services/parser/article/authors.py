"""The authors of an article: the people that the page names, from the most reliable source that names any."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from selectolax.lexbor import LexborNode

from services.parser.article import byline, byline_lead, printed_bylines
from services.parser.article.person_name import is_full, is_role
from services.parser.article.site_names import site_names
from services.parser.page.class_words import BIT
from services.parser.page.document import Document
from services.parser.page.elements import attribute, comparison_key, lines_of, text_of
from services.parser.page.structured_data import as_list, names_in, types_of
from services.parser.page.surroundings import is_within
from services.parser.rules.site_rules import Rules
from shared.contracts import Candidate

_METAS = ("author", "article:author", "parsely-author", "sailthru.author", "dc.creator", "dcterms.creator", "citation_author",
          "byl", "creator", "dcsext.author", "cxenseparse:author", "twitter:creator:name")  # fmt: skip
_VISIBLE = ('[itemprop="author"] [itemprop="name"]', '[itemprop="author"]', '[rel~="author"]', ".byline-name", ".author-name",
          ".byline a", ".author a", ".byline", ".author", ".article-author", ".post-author", ".entry-author", '[class*="author"]',
          '[class*="byline"]', '[class*="autor"]', '[class*="auteur"]', '[class*="writer"]', '[class*="contributor"]', '[class*="firma"]')  # fmt: skip
# Where nothing of these is, none of those is: on many pages one search instead of nineteen.
_ANY_VISIBLE = ", ".join(
    ['[itemprop="author"]', '[rel~="author"]']
    + [f'[class*="{word}" i]' for word in ("author", "byline", "autor", "auteur", "writer", "contributor", "firma")]
)
# The most marked elements that are tried for the name of the outlet itself.
_OWNER = ('[rel~="author"]', '[itemprop="author"]', ".author.vcard")
_AUTHOR_ADDRESS = re.compile(
    "/(?:authors?|autor(?:en|es?)?|auteurs?|profile|by|people|staff|journalist|reporter|redaktion|contributors?|writers|team)/"
)
_ORGANIZATIONS = frozenset({"organization", "newsmediaorganization", "corporation"})
_MOST_LINES = 4
_LONGEST = 120
_MOST_ELEMENTS, _MOST_PARENTS = 20, 10
# Authors in these parts of a page wrote something else.
_ELSEWHERE = BIT["comment"] | BIT["popular"]
_BESIDE, _FEW_PARENTS = BIT["related"] | BIT["beside"], 3
_LONGEST_NAME = 80
_CONFIDENCE = {
    "rules": 1.0,
    "JSON-LD author": 0.95,
    "meta": 0.85,
    "near the title": 0.8,
    "shown": 0.7,
    "elsewhere": 0.5,
    "organization": 0.4,
}

# When an organization has signed the article, a name from these sources belongs to another article or is no name.
_WEAK = frozenset({"shown", "elsewhere"})

_AUTHOR_BOX, _AUTHOR_LINK = "author box", "link to an author"

_ARTICLE = re.compile(r"^(?:the|die|der|das|el|la|le|les|los|il|het|de)\s", re.IGNORECASE)

# The key in _CONFIDENCE, the source, and the names in it.
Source = tuple[str, str, list[str]]


def authors(document: Document, rules: Rules, title: str | None, outlets: frozenset[str]) -> tuple[Candidate, ...]:
    """Returns the authors; an organization if it alone signs.

    Args:
        document: the page.
        rules: of its host.
        title: of the article; the by-line is next to it.
        outlets: the newspaper's names in lower case, which are not authors.
    """
    site = site_names(document)
    first_names: tuple[Candidate, ...] = ()
    site_signatures: tuple[Candidate, ...] = ()
    declared = [name for name in _declared_names(document) if "://" not in name and not _is_nobody(name)]
    others_declared = [name for name in declared if not _is_of_site(name, site)]
    for kind, source, names in _sources(document, rules, title, outlets):
        if kind in _WEAK and (others_declared if kind == "shown" else declared):
            break
        if source == _AUTHOR_BOX and first_names:
            continue
        unique = dict.fromkeys(names)
        signed = tuple(Candidate(value=name, source=source, confidence=_CONFIDENCE[kind]) for name in unique)
        people = tuple(candidate for candidate in signed if not _is_of_site(candidate.value, site))
        if kind in _WEAK and site_signatures and not any(is_full(candidate.value) for candidate in people):
            continue
        if any(is_full(candidate.value) for candidate in people):
            return people
        first_names = first_names or people
        site_signatures = site_signatures or signed
    return first_names or _organizations(document, declared) or site_signatures or _owner(document, outlets)


def _is_of_site(name: str, site: set[str]) -> bool:
    """Returns whether a name is one of the site's, with or without an article: "The Harbour Post"."""
    return comparison_key(name) in site or comparison_key(_ARTICLE.sub("", name)) in site


def _owner(document: Document, outlets: frozenset[str]) -> tuple[Candidate, ...]:
    """Returns the outlet's name where it is marked as the author's: many write in a journal called after themselves."""
    texts = (text for selector in _OWNER for text in _sibling_texts(document.tree.css(selector)))
    name = next((name for text in texts for name in byline.people(text) if name.lower() in outlets), None)
    return (Candidate(value=name, source="owner", confidence=_CONFIDENCE["organization"]),) if name else ()


def _sources(document: Document, rules: Rules, title: str | None, excluded: frozenset[str]) -> Iterator[Source]:
    def people(texts: Iterable[str]) -> list[str]:
        return [name for text in texts for name in byline.people(text[:300], excluded)]

    for selector in rules.authors:
        yield "rules", selector, people(text for text, _ in document.text(selector))
    yield "JSON-LD author", "JSON-LD author", _declared_people(document, excluded)
    for name in _METAS:
        yield "meta", f"meta {name}", people(text for text, _ in document.meta(name))
    yield "meta", "meta twitter:data1", people(_labelled(document))
    for line in islice(printed_bylines.near_title(document.layout, title), _MOST_LINES):
        yield "near the title", "near the title", people([line])
    for selector in _VISIBLE if document.tree.css_first(_ANY_VISIBLE) is not None else ():
        yield "shown", selector, people(_sibling_texts(document.tree.css(selector)))
    for kind, source, lines in _printed_anywhere(document):
        for line in islice(lines, _MOST_LINES):
            yield kind, source, [name for name in people([line]) if is_full(name) or source == _AUTHOR_LINK]


def _printed_anywhere(document: Document) -> Iterator[tuple[str, str, Iterable[str]]]:
    """Yields the kind, the source and the lines of each place on a page that may name the author; all but links by a full name."""
    yield "shown", "marked by-line", printed_bylines.marked(document.layout)
    yield "shown", _AUTHOR_LINK, _sibling_texts(_author_links(document))
    yield "elsewhere", _AUTHOR_BOX, printed_bylines.in_author_boxes(document.layout)
    yield "elsewhere", "by-line", printed_bylines.anywhere(document.layout)


def _labelled(document: Document) -> Iterator[str]:
    """Yields the author in the pairs of label and value that are made for previews: "Written by", "Jane Doe"."""
    for number in (1, 2):
        label = next((text for text, _ in document.meta(f"twitter:label{number}")), "")
        if byline_lead.is_by_word(label):
            yield from (text for text, _ in document.meta(f"twitter:data{number}"))


def _author_links(document: Document) -> list[LexborNode]:
    """Returns the first links to pages of authors. One pattern costs less than a selector for each kind of address."""
    links = document.tree.css("a[href]")
    return [*islice((link for link in links if _AUTHOR_ADDRESS.search(attribute(link, "href"))), _MOST_ELEMENTS)]


def _sibling_texts(nodes: list[LexborNode]) -> list[str]:
    """Returns the texts of the first of these elements with text and of its siblings; others belong to other articles."""
    nodes = nodes[:_MOST_ELEMENTS]
    texts = (node for node in nodes if 0 < len(text_of(node)) <= _LONGEST)
    first = next((node for node in texts if not _is_elsewhere(node)), None)
    if first is None or first.parent is None:
        return []
    parent = first.parent.mem_id
    siblings = (node for node in nodes if node.parent is not None and node.parent.mem_id == parent)
    texts_of_siblings = (" | ".join(lines_of(node)) for node in islice(siblings, _MOST_LINES))
    return [text for text in texts_of_siblings if len(text) <= _LONGEST]


def _is_elsewhere(node: LexborNode) -> bool:
    """Returns whether an element is in a comment or beside the article."""
    return is_within(node, _ELSEWHERE, _MOST_PARENTS) or is_within(node, _BESIDE, _FEW_PARENTS)


def _declared_people(document: Document, excluded: frozenset[str]) -> list[str]:
    """Returns the names of the JSON-LD author and creator that are not declared as organizations."""
    names: dict[str, None] = {}
    for value in _resolved(document, "author", "creator"):
        types = types_of(value) if isinstance(value, dict) else frozenset()
        if not types & _ORGANIZATIONS:
            read_names = byline.declared_people if "person" in types else byline.people
            names.update(dict.fromkeys(name for text in names_in(value) for name in read_names(text, excluded)))
    return list(names)


def _declared_names(document: Document) -> Iterator[str]:
    for value in _resolved(document, "author"):
        yield from names_in(value)


def _resolved(document: Document, *keys: str) -> Iterator[Any]:
    """Yields the values of the article's keys; of a mere reference the object that it refers to."""
    for key in keys:
        for value in as_list(document.article_data.get(key)):
            is_reference = isinstance(value, dict) and not any(names_in(value))
            yield document.entities_by_id.get(str(value.get("@id")), value) if is_reference else value


def _organizations(document: Document, declared: list[str]) -> tuple[Candidate, ...]:
    metas = (text for text, _ in document.meta(*_METAS) if "://" not in text and not _is_nobody(text))
    names = declared or [*islice(metas, 1)]
    return tuple(
        Candidate(value=name, source="organization", confidence=_CONFIDENCE["organization"])
        for name in dict.fromkeys(names)
    )


def _is_nobody(name: str) -> bool:
    """Returns whether a name is a mere role ("admin", "La rédaction"), a handle or an address."""
    is_handle = " " not in name and name.islower() and "." not in name
    return len(name) > _LONGEST_NAME or not name.strip() or is_handle or "@" in name or is_role(name)
