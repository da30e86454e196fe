"""The authors that a page declares: in JSON-LD, in meta elements, and in the labels of previews."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from services.parser.article.authors import byline, byline_lead
from services.parser.article.authors.person_name import is_newsroom, is_role
from services.parser.page.document import Document
from services.parser.page.elements import comparison_key
from services.parser.page.structured_data import as_list, names_in, types_of

METAS = ("author", "article:author", "parsely-author", "sailthru.author", "dc.creator", "dcterms.creator", "citation_author",
          "byl", "creator", "content_author", "dcsext.author", "cxenseparse:author", "twitter:creator:name")  # fmt: skip
_EDITORS = ("editor", "content_editor", "article:editor")
_ORGANIZATIONS = frozenset({"organization", "newsmediaorganization", "corporation"})
_HOLDERS = ("copyright", "publisher", "dc.publisher", "dcterms.publisher", "dc.rights")
_RIGHTS = re.compile(
    r"\([^()]*\)|copyright|©|\b\d{4}\b|all rights reserved|alle rechte vorbehalten|tous droits réservés", re.IGNORECASE
)
_LONGEST_NAME = 80


def labelled(document: Document) -> Iterator[str]:
    """Yields the author in the pairs of label and value that are made for previews: "Written by", "Jane Doe"."""
    for number in (1, 2):
        label = next((text for text, _ in document.meta(f"twitter:label{number}")), "")
        if byline_lead.is_by_word(label):
            yield from (text for text, _ in document.meta(f"twitter:data{number}"))


def people(document: Document, excluded: frozenset[str]) -> list[str]:
    """Returns the names of the JSON-LD author and creator that are not declared as organizations."""
    authors: dict[str, None] = {}
    for value in _resolved(document, "author", "creator"):
        types = types_of(value) if isinstance(value, dict) else frozenset()
        if not types & _ORGANIZATIONS:
            read_names = byline.declared_people if "person" in types else byline.people
            authors.update(dict.fromkeys(name for text in names_in(value) for name in read_names(text, excluded)))
    return list(authors)


def editors(document: Document) -> set[str]:
    """Returns the comparison keys of who is declared as the editor of the article."""
    texts = (text for value in _resolved(document, "editor") for text in names_in(value))
    return {comparison_key(text) for text in (*texts, *(text for text, _ in document.meta(*_EDITORS)))}


def names(document: Document) -> list[str]:
    """Returns the names of the JSON-LD author as they are, organizations too."""
    texts = (text for value in _resolved(document, "author") for text in names_in(value))
    return [text for text in texts if "://" not in text and not is_nobody(text)]


def _resolved(document: Document, *keys: str) -> Iterator[Any]:
    """Yields the values of the article's keys; of a mere reference the object that it refers to."""
    for key in keys:
        for value in as_list(document.article_data.get(key)):
            is_reference = isinstance(value, dict) and not any(names_in(value))
            yield document.entities_by_id.get(str(value.get("@id")), value) if is_reference else value


def publishers(document: Document) -> set[str]:
    """Returns the comparison keys of who holds the rights: "Copyright (c) Harbour Media 2026", "Harbour Post (www.post.example)"."""
    return {comparison_key(_RIGHTS.sub("", text)) for text, _ in document.meta(*_HOLDERS)} - {""}


def organizations(document: Document) -> tuple[str, ...]:
    """Returns what signs where nobody's name is declared: the JSON-LD author as it is, or that of the first meta element."""
    metas = (text for text, _ in document.meta(*METAS) if "://" not in text and not is_nobody(text))
    return tuple(dict.fromkeys(names(document) or islice(metas, 1)))


def is_nobody(name: str) -> bool:
    """Returns whether a name is a mere role ("admin", "La rédaction"), a handle or an address."""
    is_handle = " " not in name and name.islower() and "." not in name
    return (
        len(name) > _LONGEST_NAME or not name.strip() or is_handle or "@" in name or is_role(name) or is_newsroom(name)
    )
