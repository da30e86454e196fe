"""The authors of an article: the people that the page names, from the most reliable source that names any."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from services.parser.article import byline, printed_bylines
from services.parser.article.person_name import is_full, is_role
from services.parser.page.document import Document
from services.parser.page.elements import comparison_key, text_of
from services.parser.page.structured_data import as_list, names_in, types_of
from services.parser.rules.site_rules import Rules
from shared.contracts import Candidate

_METAS = ("author", "article:author", "parsely-author", "sailthru.author", "dc.creator", "dcterms.creator", "citation_author",
          "byl", "creator", "dcsext.author", "cxenseparse:author", "twitter:creator:name")  # fmt: skip
_VISIBLE = ('[itemprop="author"] [itemprop="name"]', '[itemprop="author"]', '[rel~="author"]', ".byline-name", ".author-name",
          ".byline a", ".author a", ".byline", ".author", ".article-author", ".post-author", ".entry-author")  # fmt: skip
_AUTHOR_LINKS = ", ".join(f'a[href*="/{path}/"]' for path in "author authors autor autoren autores auteur auteurs autore profile by "
                          "people staff journalist reporter redaktion contributor contributors writers team".split())  # fmt: skip
_ORGANIZATIONS = frozenset({"organization", "newsmediaorganization", "corporation"})
_MOST_LINES = 4
_LONGEST = 120
_MOST_ELEMENTS = 20
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

_AUTHOR_BOX = "author box"

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
    host = _host_name(document.url)
    first_names: tuple[Candidate, ...] = ()
    host_names: tuple[Candidate, ...] = ()
    declared = [name for name in _declared_names(document) if "://" not in name and not _is_nobody(name)]
    for kind, source, names in _sources(document, rules, title, outlets):
        if kind in _WEAK and declared:
            break
        if source == _AUTHOR_BOX and first_names:
            continue
        unique = dict.fromkeys(names)
        signed = tuple(Candidate(value=name, source=source, confidence=_CONFIDENCE[kind]) for name in unique)
        people = tuple(
            candidate for candidate in signed if is_full(candidate.value) or comparison_key(candidate.value) != host
        )
        if any(is_full(candidate.value) for candidate in people):
            return people
        first_names = first_names or people
        host_names = host_names or signed
    return first_names or _organizations(document, declared) or host_names


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
    for selector in _VISIBLE:
        yield "shown", selector, people(_sibling_texts(document, selector))
    yield "shown", "link to an author", people(_sibling_texts(document, _AUTHOR_LINKS))
    for line in islice(printed_bylines.in_author_boxes(document.layout), _MOST_LINES):
        yield "elsewhere", _AUTHOR_BOX, [name for name in people([line]) if is_full(name)]
    for line in islice(printed_bylines.anywhere(document.layout), _MOST_LINES):
        yield "elsewhere", "by-line", people([line])


def _labelled(document: Document) -> Iterator[str]:
    """Yields the author in the pairs of label and value that are made for previews: "Written by", "Jane Doe"."""
    for number in (1, 2):
        label = next((text for text, _ in document.meta(f"twitter:label{number}")), "")
        if byline.is_by_word(label):
            yield from (text for text, _ in document.meta(f"twitter:data{number}"))


def _sibling_texts(document: Document, selector: str) -> list[str]:
    """Returns the texts of the first such element with text and of its siblings; others belong to other articles."""
    nodes = document.tree.css(selector)[:_MOST_ELEMENTS]
    first = next((node for node in nodes if 0 < len(text_of(node)) <= _LONGEST), None)
    if first is None or first.parent is None:
        return []
    parent = first.parent.mem_id
    siblings = (node for node in nodes if node.parent is not None and node.parent.mem_id == parent)
    return [text for node in islice(siblings, _MOST_LINES) if len(text := text_of(node)) <= _LONGEST]


def _declared_people(document: Document, excluded: frozenset[str]) -> list[str]:
    """Returns the names of the JSON-LD author and creator that are not declared as organizations."""
    names: dict[str, None] = {}
    for value in _resolved(document, "author", "creator"):
        types = types_of(value) if isinstance(value, dict) else frozenset()
        if not types & _ORGANIZATIONS:
            read = byline.declared_people if "person" in types else byline.people
            names.update(dict.fromkeys(name for text in names_in(value) for name in read(text, excluded)))
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
    metas = (text for text, _ in document.meta("author") if "://" not in text and not _is_nobody(text))
    names = declared or [*islice(metas, 1)]
    return tuple(
        Candidate(value=name, source="organization", confidence=_CONFIDENCE["organization"])
        for name in dict.fromkeys(names)
    )


def _host_name(url: str) -> str:
    """Returns the name in a host, "harbourpost" for https://www.harbourpost.example/: it is that of the newspaper."""
    labels = (urlsplit(url).hostname or "").removeprefix("www.").split(".")
    return max(labels[:-1] or labels, key=len)


def _is_nobody(name: str) -> bool:
    """Returns whether a name is a mere role ("admin", "La rédaction"), a handle or an address."""
    is_handle = " " not in name and name.islower() and "." not in name
    return len(name) > _LONGEST_NAME or not name.strip() or is_handle or "@" in name or is_role(name)
