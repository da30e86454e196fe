"""A first draft of a site's rules: the selectors of the elements in which a page prints what was read from it."""

import re
from collections.abc import Iterator
from datetime import datetime

import yaml
from selectolax.lexbor import LexborNode

from services.parser.article import dates, extract
from services.parser.page.document import Document
from services.parser.page.elements import attribute, comparison_key, text_of
from services.parser.rules.site_rules import GENERIC
from shared.contracts import Article
from shared.errors import SettingsError
from shared.urls import host_of

_PRINTED = "h1, h2, h3, h4, p, div, span, a, address, strong, b, em, li, time"
_LONGEST = 600
# A class made by a program, such as "css-1x2y3z" or "sc-bdVaJa", may differ on the next page.
_MADE_UP = re.compile(r"\d|^(?:css|sc|jsx|svelte|emotion)-|^[a-z]+[A-Z]\w*[A-Z]")
_PLAIN_NAME = re.compile(r"[A-Za-z][\w-]*")
# The text is in the box with at least this share of its paragraphs.
_MOST_PARAGRAPHS = 0.8
_HEADER = (
    "# A first draft, from {url}\n# Compare it with more pages of the site: newsmill rules check FILE page.html...\n"
)


def draft(html: str, url: str, now: datetime) -> str:
    """Returns a file of rules for a page's host, in YAML.

    A field whose element cannot be told, or whose element has nothing to be known by, stands in a comment.

    Args:
        html: the page.
        url: its address.
        now: when it was fetched; later dates are left out.

    Raises:
        SettingsError: the page holds no article.
        BadUrl: the URL has no host.
    """
    document = Document(html, url)
    article = extract.read(document, GENERIC, now)
    if article is None:
        raise SettingsError(f"{url}: no article can be read from this page; take the page of a story")
    selectors = {field: selector_of(document, node) for field, node in _elements(document, article, now).items()}
    lists = {field: [selector] for field, selector in selectors.items() if selector}
    unknown = [f"# {field}: no element found\n" for field, selector in selectors.items() if not selector]
    rules = {"hosts": [host_of(url).removeprefix("www.")], **lists}
    return _HEADER.format(url=url) + yaml.safe_dump(rules, sort_keys=False, allow_unicode=True) + "".join(unknown)


def selector_of(document: Document, node: LexborNode | None) -> str:
    """Returns the shortest selector of a kind that lasts whose first match is an element; empty if there is none."""
    if node is None:
        return ""
    parent = next(_selectors(node.parent), "") if node.parent is not None else ""
    nested = (f"{parent} > {selector}" for selector in _selectors(node)) if parent else iter(())
    for selector in (*_selectors(node), *nested):
        match = document.tree.css_first(selector)
        if match is not None and match.mem_id == node.mem_id:
            return selector
    return ""


def _selectors(node: LexborNode) -> Iterator[str]:
    tag = node.tag or ""
    if name := attribute(node, "itemprop"):
        yield f'{tag}[itemprop="{name}"]'
    names = [
        name for name in attribute(node, "class").split() if _PLAIN_NAME.fullmatch(name) and not _MADE_UP.search(name)
    ]
    yield from (f"{tag}.{name}" for name in names)
    if (identity := attribute(node, "id")) and _PLAIN_NAME.fullmatch(identity) and not _MADE_UP.search(identity):
        yield f"{tag}#{identity}"
    yield tag


def _elements(document: Document, article: Article, now: datetime) -> dict[str, LexborNode | None]:
    return {
        "title": _printed(document, article.title),
        "subtitle": _printed(document, article.subtitle),
        "published": _dated(document, article.published_at, now),
        "authors": _printed(document, article.authors[0] if article.authors else None),
        "section": _printed(document, article.section),
        "body": _box(document, article.paragraphs),
    }


def _printed(document: Document, text: str | None) -> LexborNode | None:
    """Returns the innermost of the first elements whose text this is."""
    key = comparison_key(text or "")
    nodes = (node for node in document.tree.css(_PRINTED) if key and len(node.text()) < len(text or "") + _LONGEST)
    node = next((node for node in nodes if comparison_key(text_of(node)) == key), None)
    while node is not None:
        children = (child for child in node.iter() if comparison_key(text_of(child)) == key)
        if (child := next(children, None)) is None:
            return node
        node = child
    return None


def _dated(document: Document, published: str | None, now: datetime) -> LexborNode | None:
    """Returns the first short element whose date is that of the article."""
    for node in document.tree.css(_PRINTED) if published else ():
        for text in (attribute(node, "datetime"), node.text() if len(node.text()) < _LONGEST // 4 else ""):
            reading = dates.read(" ".join(text.split()), now, document.month_first, document.language) if text else None
            if reading and published and reading[:10] == published[:10] and next(node.iter(), None) is None:
                return node
    return None


def _box(document: Document, paragraphs: tuple[str, ...]) -> LexborNode | None:
    """Returns the smallest element that holds most of an article's paragraphs."""
    nodes = [node for text in paragraphs if (node := _printed(document, text)) is not None]
    counts: dict[int, int] = {}
    for node in nodes:
        parent = node.parent
        while parent is not None:
            counts[parent.mem_id] = counts.get(parent.mem_id, 0) + 1
            parent = parent.parent
    # The first paragraph may be a standfirst above the text.
    box = nodes[len(nodes) // 2].parent if nodes else None
    while box is not None and counts[box.mem_id] < _MOST_PARAGRAPHS * len(nodes):
        box = box.parent
    return box
