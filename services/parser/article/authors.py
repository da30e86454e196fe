"""Who wrote an article: the people whom the page names, the surest place first."""

from collections.abc import Iterator
from itertools import islice, pairwise

from services.parser.article import byline
from services.parser.article.dateline import place_of_title
from services.parser.page.blocks import Layout
from services.parser.page.class_words import BIT
from services.parser.page.document import Document
from services.parser.page.elements import text_of
from services.parser.page.structured_data import as_list, names_in, types_of
from services.parser.rules.site_rules import Rules
from shared.contracts import Candidate

_METAS = ("author", "article:author", "parsely-author", "sailthru.author", "dc.creator", "dcterms.creator", "citation_author",
          "byl", "creator", "dcsext.author", "cxenseparse:author", "twitter:creator:name")  # fmt: skip
_SHOWN = ('[itemprop="author"] [itemprop="name"]', '[itemprop="author"]', '[rel~="author"]', ".byline-name", ".author-name",
          ".byline a", ".author a", ".byline", ".author", ".article-author", ".post-author", ".entry-author")  # fmt: skip
_AUTHOR_LINKS = ", ".join(f'a[href*="/{path}/"]' for path in "author authors autor autoren autores auteur auteurs autore profile by "
                          "people staff journalist reporter redaktion contributor contributors writers team".split())  # fmt: skip
_ORGANIZATIONS = frozenset({"organization", "newsmediaorganization", "corporation"})
_MOST_NODES = 4
_ABOVE, _BELOW = 4, 10
_LONGEST, _SHORT = 120, 60
_MOST_LOOKED_AT = 20
_LONGEST_NAME = 80
_SURE = {
    "rules": 1.0,
    "JSON-LD author": 0.95,
    "meta": 0.85,
    "near the title": 0.8,
    "shown": 0.7,
    "elsewhere": 0.5,
    "organization": 0.4,
}

# When an organization has signed the article, a name from these is another article's, or no name.
_WEAK = frozenset({"shown", "elsewhere"})

Group = tuple[str, str, list[str]]


def authors(document: Document, rules: Rules, title: str | None, outlets: frozenset[str]) -> tuple[Candidate, ...]:
    """The authors; an organization where it alone signs.

    Args:
        document: the page.
        rules: of its host.
        title: of the article; the by-line stands by it.
        outlets: what the newspaper is called, lower case: nobody's name.
    """
    second: tuple[Candidate, ...] = ()
    signed = [
        name for name in names_in(document.article_data.get("author")) if "://" not in name and not _is_nobody(name)
    ]
    for kind, source, texts in _groups(document, rules, title):
        if kind in _WEAK and signed:
            break
        people = dict.fromkeys(name for text in texts for name in byline.people(text[:300], outlets))
        found = tuple(Candidate(value=name, source=source, confidence=_SURE[kind]) for name in people)
        if any(byline.is_full(name) for name in people):
            return found
        second = second or found
    return second or _organizations(document, signed)


def _groups(document: Document, rules: Rules, title: str | None) -> Iterator[Group]:
    for selector in rules.authors:
        yield "rules", selector, [text for text, _ in document.text(selector)]
    yield "JSON-LD author", "JSON-LD author", _declared(document)
    for name in _METAS:
        yield "meta", f"meta {name}", [text for text, _ in document.meta(name)]
    for line in islice(_near_title(document, title), _MOST_NODES):
        yield "near the title", "near the title", [line]
    for selector in _SHOWN:
        yield "shown", selector, _together(document, selector)
    yield "shown", "link to an author", _together(document, _AUTHOR_LINKS)
    lines = (block.text for block in document.layout.blocks if len(block.text) <= _SHORT and byline.begins(block.text))
    for line in islice(lines, _MOST_NODES):
        yield "elsewhere", "by-line", [line]


def _together(document: Document, selector: str) -> list[str]:
    """The texts of the first such element and those beside it: what stands elsewhere is another article's, or a comment's."""
    nodes = document.tree.css(selector)[:_MOST_LOOKED_AT]
    first = next((node for node in nodes if 0 < len(text_of(node)) <= _LONGEST), None)
    if first is None or first.parent is None:
        return []
    home = first.parent.mem_id
    beside = (node for node in nodes if node.parent is not None and node.parent.mem_id == home)
    return [text for node in islice(beside, _MOST_NODES) if len(text := text_of(node)) <= _LONGEST]


def _declared(document: Document) -> list[str]:
    """The people of JSON-LD's author; a person may be one who only says so."""
    given = [*as_list(document.article_data.get("author")), *as_list(document.article_data.get("creator"))]
    return [
        name
        for one in given
        if not (isinstance(one, dict) and types_of(one) & _ORGANIZATIONS)
        for name in names_in(one)
    ]


def _organizations(document: Document, signed: list[str]) -> tuple[Candidate, ...]:
    given = signed or [text for text, _ in document.meta("author") if "://" not in text and not _is_nobody(text)][:1]
    return tuple(
        Candidate(value=name, source="organization", confidence=_SURE["organization"]) for name in dict.fromkeys(given)
    )


def _is_nobody(name: str) -> bool:
    """A role alone, such as "admin" or "La rédaction", a handle or an address is no organization's name either."""
    handle = " " not in name and name.islower() and "." not in name
    return len(name) > _LONGEST_NAME or not name.strip() or handle or "@" in name or byline.is_role(name)


def _near_title(document: Document, title: str | None) -> Iterator[str]:
    """The lines about the title that begin as a by-line does, or stand in a box called so."""
    page = document.layout
    place = place_of_title(page, title)
    if place is None:
        return
    rows = (
        *range(place + 1, min(len(page.blocks), place + _BELOW + 1)),
        *range(place - 1, max(-1, place - _ABOVE - 1), -1),
    )
    lines = [(page.blocks[row].text, _called_author(page, row)) for row in rows]
    short = [(text, called) for text, called in lines if len(text) <= _LONGEST]
    yield from (text for text, _ in short if byline.begins(text))
    # The word alone on its line, and the name on the next.
    yield from (
        after for (text, _), (after, _) in pairwise(lines) if byline.begins(f"{text} ") and len(after) <= _LONGEST
    )
    yield from (text for text, called in short if called)


def _called_author(page: Layout, row: int) -> bool:
    box, said = page.blocks[row].box, 0
    for _ in range(3):
        said |= page.boxes[box].class_words
        box = page.boxes[box].parent
    return bool(said & BIT["author"])
