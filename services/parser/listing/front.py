"""Headlines of an HTML page: the links that lead to articles, in reading order."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime

from selectolax.lexbor import LexborNode

from services.parser.article import dates
from services.parser.article.images import image_url
from services.parser.listing import story_links
from services.parser.listing.page_parts import Link, PageParts
from services.parser.listing.teasers import Teasers, summary
from services.parser.page import language
from services.parser.page.blocks import Element, Layout
from services.parser.page.document import Document
from services.parser.page.elements import attribute, lines_of, text_of
from services.parser.rules.site_rules import Rules
from shared.contracts import Headline
from shared.errors import BadUrl
from shared.urls import canonical

_MORE = re.compile(r"^(?:read more|more|lire la suite|lire plus|en savoir plus|leer más|seguir leyendo|المزيد|اقرأ المزيد|"
                   r"\d+\s*(?:comments?|comentarios?|commentaires?|kommentare?|تعليقات?|コメント)|continue reading|view all|see all|voir tout|ver todo|weiterlesen|\W*)\W*$", re.IGNORECASE)  # fmt: skip
_LONGEST = 300
_MOST = 1_000
_HEADINGS = "h1, h2, h3, h4"
_TITLES = '[class*="title"], [class*="headline"], [class*="titre"], [class*="titulo"]'
_LEAST_IN_TICKER = 3
_NEAR = 3
_FRONT_PARTS = frozenset({"section", "related", "ticker"})
_SIDE_PARTS = frozenset({"related", "ticker"})


def front_headlines(document: Document, rules: Rules, now: datetime) -> tuple[Headline, ...]:
    """Returns the headlines of a front or section page; the first in a section becomes the lead."""
    parts = PageParts(document.layout)
    links = _links(document, rules, parts, _FRONT_PARTS, "section")
    stories = _one_link_per_story(links)
    lead = next((link for link in stories if link.part == "section"), None)
    stories = [link._replace(part="lead") if link is lead else link for link in stories]
    return _headlines(document, stories, _teasers(parts, rules, links), rules, now)


def side_headlines(document: Document, rules: Rules, now: datetime) -> tuple[Headline, ...]:
    """Returns the headlines next to an article: its ticker and related articles."""
    parts = PageParts(document.layout)
    links = _links(document, rules, parts, _SIDE_PARTS, "related")
    stories = [link for link in _one_link_per_story(links) if link.url != document.url]
    return _headlines(document, stories, _teasers(parts, rules, links), rules, now)


def _links(document: Document, rules: Rules, parts: PageParts, shown: frozenset[str], rule_part: str) -> list[Link]:
    """Returns the links of the rules, and the other links that lead to stories unless the rules exclude them."""
    rule_links = list(_rule_links(document, rules, rule_part))
    if rules.only_teasers:
        return rule_links
    links: dict[tuple[int, str], Link] = {}
    for link in (*rule_links, *_story_links(document, parts, shown)):
        links.setdefault((link.node.mem_id, _story_key(link.url)), link)
    return list(links.values())


def _rule_links(document: Document, rules: Rules, part: str) -> Iterator[Link]:
    for selectors, name in ((rules.ticker, "ticker"), (rules.teasers, part)):
        for node in (node for selector in selectors for node in document.tree.css(selector)):
            if url := document.link(attribute(node, "href")):
                yield Link(node, _title(node)[:_LONGEST], url, name)


def _story_links(document: Document, parts: PageParts, shown: frozenset[str]) -> Iterator[Link]:
    """Yields the links that lead to stories; in a ticker all links do, however short their texts are."""
    for element in document.layout.links[: 4 * _MOST]:
        part = parts.part(element.box)
        url = document.link(attribute(element.node, "href")) if part in shown else None
        if url is None or part is None:
            continue
        text = _link_text(document.layout, element)
        in_heading = parts.in_heading(element.box) or element.node.css_first(_HEADINGS) is not None
        is_ticker_line = part == "ticker" and story_links.word_count(text) >= _LEAST_IN_TICKER
        if _MORE.match(text) or is_ticker_line or story_links.is_story(text, url, document.url, in_heading):
            yield Link(element.node, text, url, part, element.box, in_heading)


def _link_text(page: Layout, element: Element) -> str:
    text = _title(element.node)
    if not text or _MORE.match(text):
        text = _card_heading(page, element.box) or text
    return text[:_LONGEST]


def _title(node: LexborNode) -> str:
    """Returns the words of a link that are its title: a heading, an element with the class of a title, or a line."""
    title = text_of(node.css_first(_HEADINGS)) or text_of(node.css_first(_TITLES))
    if title:
        return title
    lines = list(lines_of(node))
    text = next((line for line in lines if story_links.word_count(line) >= _LEAST_IN_TICKER), " ".join(lines))
    time = text_of(node.css_first("time"))
    return text.removesuffix(time).strip() or _image_text(node)


def _card_heading(page: Layout, box: int) -> str:
    """Returns the heading of the card that a link without words covers; empty if the heading has a link itself."""
    for _ in range(_NEAR):
        node = page.boxes[box].node
        if node is not None and (heading := node.css_first(_HEADINGS)) is not None:
            parent = heading.parent
            has_link = heading.css_first("a") is not None or (parent is not None and parent.tag == "a")
            return "" if has_link else text_of(heading)
        box = page.boxes[box].parent
    return ""


def _image_text(node: LexborNode) -> str:
    """Returns the text of a link that is an image: its title, or the image's alternative text."""
    return " ".join((attribute(node, "title") or attribute(node.css_first("img[alt]"), "alt")).split())


def _one_link_per_story(links: Iterable[Link]) -> list[Link]:
    """Returns one link for the image, title and "read more" of a teaser: the one whose text is most like a title."""
    stories: dict[str, Link] = {}
    for link in links:
        key = _story_key(link.url)
        first = stories.setdefault(key, link)
        if _title_quality(link) > _title_quality(first):
            stories[key] = link._replace(part=first.part)
    return [link for link in stories.values() if not _MORE.match(link.text)][:_MOST]


def _title_quality(link: Link) -> tuple[bool, bool, int]:
    """Returns how much a link's text is like a title: it has words, is in a heading, and is short."""
    has_words = not _MORE.match(link.text) and story_links.word_count(link.text) >= 2
    return has_words, link.in_heading, -len(link.text)


def _teasers(parts: PageParts, rules: Rules, links: list[Link]) -> Teasers:
    return Teasers(parts, rules, ((link, _story_key(link.url)) for link in links if not _MORE.match(link.text)))


def _headlines(
    document: Document, stories: list[Link], teasers: Teasers, rules: Rules, now: datetime
) -> tuple[Headline, ...]:
    return tuple(
        _headline(document, link, teasers.box_of(link), position, now, rules=rules)
        for position, link in enumerate(stories)
    )


def _headline(
    document: Document, link: Link, teaser: LexborNode, position: int, now: datetime, *, rules: Rules
) -> Headline:
    text_language = language.detect(link.text, document.language)
    time = teaser.css_first("time")
    return Headline(
        text=link.text,
        url=link.url,
        position=position,
        block=link.part,
        language=text_language,
        direction=language.direction(text_language),
        image=document.link(image_url(teaser.css_first("img"))),
        summary=summary(teaser, rules, link.text),
        published_at=dates.read(
            attribute(time, "datetime") or text_of(time), now, document.month_first, document.language
        ),
    )


def _story_key(url: str) -> str:
    """Returns one key for the links of a teaser, which may differ in parameters for the newspaper's statistics."""
    try:
        return canonical(url)
    except BadUrl:
        return url
