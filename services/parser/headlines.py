"""Headlines of an HTML page: the links that lead to articles, in reading order."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime

from selectolax.lexbor import LexborNode

from services.parser import dates, language, links
from services.parser.links import Link
from services.parser.markup import attribute, words
from services.parser.metadata import Document
from services.parser.rules import Rules
from shared.contracts import Headline
from shared.errors import BadUrl
from shared.urls import canonical

_MORE = re.compile(r"^(?:read more|more|lire la suite|lire plus|en savoir plus|leer más|seguir leyendo|المزيد|اقرأ المزيد|"
                   r"continue reading|view all|see all|voir tout|ver todo|weiterlesen|\W*)\W*$", re.IGNORECASE)  # fmt: skip
_LONGEST = 300
_MOST = 1_000


def front(document: Document, rules: Rules, now: datetime) -> tuple[Headline, ...]:
    """The headlines of a front or section page; the first in a heading is the lead."""
    every = _together([*_ruled(document, rules, "section"), *(() if rules.only_teasers else _generic(document))])
    found = [
        link for link in every if link.block == "ticker" or rules.only_teasers or links.is_story(link, document.url)
    ]
    lead = next((link for link in found if link.block == "section"), None)
    found = [link._replace(block="lead") if link is lead else link for link in found]
    return _numbered(document, rules, found, now)


def beside(document: Document, rules: Rules, now: datetime) -> tuple[Headline, ...]:
    """The headlines that stand beside an article: its ticker and related articles."""
    every = _together([*_ruled(document, rules, "related"), *(() if rules.only_teasers else _generic(document))])
    kept = [
        link
        for link in every
        if link.block == "ticker"
        or (link.block == "related" and (rules.only_teasers or links.is_story(link, document.url)))
    ]
    return _numbered(document, rules, [link for link in kept if link.url != document.url], now)


def link_text_share(document: Document) -> float:
    """The share of a page's text that is inside links: high on a front page, low on an article."""
    body = document.tree.body
    total = len(words(body))
    return sum(len(words(node)) for node in document.tree.css("body a")) / total if total else 1.0


def _ruled(document: Document, rules: Rules, block: str) -> Iterator[Link]:
    for selectors, name in ((rules.ticker, "ticker"), (rules.teasers, block)):
        for node in (node for selector in selectors for node in document.tree.css(selector)):
            if (link := _link(document, node, name)) is not None:
                yield link


def _generic(document: Document) -> Iterator[Link]:
    for node in document.tree.css("body a[href]")[: 4 * _MOST]:
        block = links.block(node)
        if block and (link := _link(document, node, block)) is not None:
            yield link


def _link(document: Document, node: LexborNode, block: str) -> Link | None:
    url = document.link(attribute(node, "href"))
    if url is None:
        return None
    heading = node.css_first("h1, h2, h3, h4")
    text = words(heading) or words(node) or _alternative(node)
    return Link(node, text[:_LONGEST], url, block)


def _alternative(node: LexborNode) -> str:
    """What stands for the words of a link that is an image."""
    return " ".join((attribute(node, "title") or attribute(node.css_first("img[alt]"), "alt")).split())


def _together(links: Iterable[Link]) -> list[Link]:
    """One link a URL and block: a teaser's image, title and "read more" are one. The title's words are kept."""
    found: dict[str, Link] = {}
    for link in links:
        known = found.get(key := _key(link.url))
        if known is None:
            found[key] = link
        elif _weight(link) > _weight(known):
            found[key] = link._replace(block=known.block)
    return [link for link in found.values() if not _MORE.match(link.text)][:_MOST]


def _weight(link: Link) -> tuple[bool, bool, int]:
    """How much a link's words look like the title: words at all, then a heading, then the fewer the better."""
    return (
        not _MORE.match(link.text) and links.word_count(link.text) >= 2,
        links.in_heading(link.node),
        -len(link.text),
    )


def _numbered(document: Document, rules: Rules, found: list[Link], now: datetime) -> tuple[Headline, ...]:
    return tuple(_headline(document, rules, link, i, now) for i, link in enumerate(found))


def _headline(document: Document, rules: Rules, link: Link, position: int, now: datetime) -> Headline:
    found = language.detect(link.text, document.language)
    box = link.node if link.block == "ticker" else _box(document, rules, link)
    image, time = box.css_first("img"), box.css_first("time")
    source = attribute(image, "data-src") or attribute(image, "src")
    return Headline(
        text=link.text,
        url=link.url,
        position=position,
        block=link.block,
        language=found,
        direction=language.direction(found),
        image=document.link(source) if not source.startswith("data:") else None,
        summary=_summary(box, rules, link.text),
        published_at=dates.read(attribute(time, "datetime") or words(time), now),
    )


def _box(document: Document, rules: Rules, link: Link) -> LexborNode:
    """The teaser round a link: the widest element that leads nowhere else of note."""
    box, parent = link.node, link.node.parent
    for _ in range(6):
        if parent is None or parent.tag in ("body", "html", "main"):
            break
        if any(parent.css_matches(selector) for selector in rules.teaser_box):
            return parent
        if any(_other_story(document, link, node) for node in parent.css("a[href]")):
            break
        box, parent = parent, parent.parent
    return box


def _other_story(document: Document, link: Link, node: LexborNode) -> bool:
    other = _link(document, node, link.block)
    return other is not None and _key(other.url) != _key(link.url) and links.is_story(other, document.url)


def _key(url: str) -> str:
    """One key for the links of a teaser, which differ in what they tell the newspaper's statistics."""
    try:
        return canonical(url)
    except BadUrl:
        return url


def _summary(box: LexborNode, rules: Rules, title: str) -> str | None:
    nodes = (node for selector in (*rules.summary, "p") for node in box.css(selector))
    texts = (words(node) for node in nodes)
    return next((text for text in texts if text and text != title and links.word_count(text) > links.LEAST_WORDS), None)
