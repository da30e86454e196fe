"""The authors of an article: the people that the page names, from the most reliable source that names any."""

import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice

from selectolax.lexbor import LexborNode

from services.parser.article.authors import byline, declared_authors, printed_bylines
from services.parser.article.authors.person_name import is_full, is_organization
from services.parser.article.titles.site_names import site_names
from services.parser.page.class_words import BIT
from services.parser.page.document import Document
from services.parser.page.elements import attribute, comparison_key, lines_of, text_of
from services.parser.page.surroundings import is_within
from services.parser.rules.site_rules import Rules
from shared.contracts import Candidate

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
# Profiles on other sites are anybody's.
_HOST = re.compile(r"(?:https?:)?//(?:[^/?#]*\.)?(?P<domain>[^./?#]+\.[^./?#]+)(?=[/?#]|$)")
# A page of somebody, not the list of all and not that of a desk.
_AUTHOR_ADDRESS = re.compile(
    "/(?:authors?|autor(?:en|es|i|ka)?|auteurs?|autore|profiles?|by|people|staff|journalist(?:e|en|es|as?)?|reporters?|redaktion|contributors?|"
    "writers?|team|editors?|columnists?|correspondents?|columnistas?|firmas?|periodistas?|colaborador(?:es)?|redacteurs?|redattori|"
    "yazar(?:lar)?|penulis|tac-gia|avtory?)/(?!(?:editorial|newsroom|redaktion|redaction|redaccion|redazione|redactie)/?$)"
    "(?=[^/?#])"
)
_MOST_LINES = 4
_LONGEST = 120
_MOST_ELEMENTS, _MOST_PARENTS = 20, 10
# Authors in these parts of a page wrote something else.
_ELSEWHERE = BIT["comment"] | BIT["popular"]
_BESIDE, _FEW_PARENTS = BIT["related"] | BIT["beside"], 3
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
    site = site_names(document) | declared_authors.publishers(document)
    first_names: tuple[Candidate, ...] = ()
    site_signatures: tuple[Candidate, ...] = ()
    declared = declared_authors.names(document)
    others_declared = [name for name in declared if not _is_of_site(name, site)]
    for kind, source, names in _sources(document, rules, title, outlets):
        if kind in _WEAK and (others_declared if kind == "shown" else declared):
            break
        if source == _AUTHOR_BOX and first_names:
            continue
        signed = _candidates(names, source, kind)
        people = tuple(candidate for candidate in signed if not _is_of_site(candidate.value, site))
        if kind in _WEAK and site_signatures and not any(is_full(candidate.value) for candidate in people):
            continue
        if any(is_full(candidate.value) for candidate in people):
            return people
        first_names = first_names or people
        site_signatures = site_signatures or signed
    organizations = _candidates(declared_authors.organizations(document), "organization", "organization")
    return first_names or organizations or site_signatures or _owner(document, outlets)


def _candidates(names: Iterable[str], source: str, kind: str) -> tuple[Candidate, ...]:
    """Returns the names, each once; one that is printed in capitals too is the same."""
    unique: dict[str, str] = {}
    for name in names:
        unique.setdefault(name.casefold(), name)
    return tuple(Candidate(value=name, source=source, confidence=_CONFIDENCE[kind]) for name in unique.values())


def _is_of_site(name: str, site: set[str]) -> bool:
    """Returns whether a name is one of the site's, with or without an article: "The Harbour Post"."""
    return comparison_key(name) in site or comparison_key(_ARTICLE.sub("", name)) in site


def _owner(document: Document, outlets: frozenset[str]) -> tuple[Candidate, ...]:
    """Returns the outlet's name where it is marked as the author's: many write in a journal called after themselves."""
    texts = (text for selector in _OWNER for text in _sibling_texts(document.tree.css(selector)))
    name = next((name for text in texts for name in byline.people(text) if name.lower() in outlets), None)
    return (Candidate(value=name, source="owner", confidence=_CONFIDENCE["organization"]),) if name else ()


def _sources(document: Document, rules: Rules, title: str | None, excluded: frozenset[str]) -> Iterator[Source]:
    for selector in rules.authors:
        yield "rules", selector, _people((text for text, _ in document.text(selector)), excluded)
    printed = [*islice(printed_bylines.with_by_word(document.layout, title), _MOST_LINES)]
    declared = _declared(document, excluded)
    if first := next((source for source in declared if source[2]), None):
        signed = _signed(document, printed, excluded)
        if _is_somebody_else(signed, first[2]):
            yield "near the title", "by-line", signed
        yield first
        yield from declared
    near = chain((line.text for line in printed), printed_bylines.near_title(document.layout, title))
    for line in islice(near, _MOST_LINES):
        yield "near the title", "near the title", _people([line], excluded)
    for selector in _VISIBLE if document.tree.css_first(_ANY_VISIBLE) is not None else ():
        yield "shown", selector, _people(_sibling_texts(document.tree.css(selector)), excluded)
    for kind, source, lines in _printed_anywhere(document, title):
        for line in islice(lines, _MOST_LINES):
            names = _people([line], excluded)
            yield kind, source, [name for name in names if is_full(name) or source == _AUTHOR_LINK]


def _signed(document: Document, lines: list[printed_bylines.Line], excluded: frozenset[str]) -> list[str]:
    """Returns the names in the first by-line of the article that has a full name."""
    of_article = (line for line in lines if printed_bylines.is_of_article(document.layout, line))
    people = (_people([line.text], excluded) for line in of_article)
    return next((names for names in people if any(map(is_full, names))), [])


def _people(texts: Iterable[str], excluded: frozenset[str]) -> list[str]:
    return [name for text in texts for name in byline.people(text[:300], excluded)]


def _declared(document: Document, excluded: frozenset[str]) -> Iterator[Source]:
    people, editors = declared_authors.people(document, excluded), declared_authors.editors(document)
    signed = [name for name in people if comparison_key(name) not in editors]
    yield "JSON-LD author", "JSON-LD author", signed
    for name in declared_authors.METAS:
        yield "meta", f"meta {name}", _people((text for text, _ in document.meta(name)), excluded)
    yield "meta", "meta twitter:data1", _people(declared_authors.labelled(document), excluded)
    # Some declare the editor as the author, too; who else is declared wrote it.
    yield "JSON-LD author", "JSON-LD author", people


def _is_somebody_else(printed: list[str], declared: list[str]) -> bool:
    """Returns whether a printed by-line names full names that share no word with those that the page declares.

    Publishing systems declare who entered the text; who wrote it stands in the by-line.
    """
    is_person = all(is_full(name) and not _ARTICLE.match(name) and not is_organization(name) for name in printed)
    words_of_declared = {word for name in declared for word in name.lower().split()}
    words_of_printed = {word for name in printed for word in name.lower().split()}
    return bool(printed and declared) and is_person and not words_of_declared & words_of_printed


def _printed_anywhere(document: Document, title: str | None) -> Iterator[tuple[str, str, Iterable[str]]]:
    """Yields the kind, the source and the lines of each place on a page that may name the author; all but links by a full name."""
    yield "shown", "marked by-line", printed_bylines.marked(document.layout)
    yield "shown", _AUTHOR_LINK, _sibling_texts(_author_links(document))
    yield "shown", "beside the date", printed_bylines.beside_date(document.layout, title)
    yield "shown", "author's note", printed_bylines.notes(document.layout)
    yield "elsewhere", _AUTHOR_BOX, printed_bylines.in_author_boxes(document.layout)
    yield "elsewhere", "by-line", printed_bylines.anywhere(document.layout)


def _author_links(document: Document) -> list[LexborNode]:
    """Returns the first links to pages of authors on the same site. One pattern costs less than a selector for each kind of address."""
    links = document.tree.css("a[href]")
    return [*islice((link for link in links if _leads_to_author(link, document.url)), _MOST_ELEMENTS)]


def _leads_to_author(link: LexborNode, url: str) -> bool:
    href = attribute(link, "href")
    if not _AUTHOR_ADDRESS.search(href) or is_within(link, BIT["nav"], _MOST_PARENTS):
        return False
    host, own_host = (_HOST.match(address) for address in (href, url))
    return host is None or own_host is None or host["domain"] == own_host["domain"]


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
