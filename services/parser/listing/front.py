"""Headlines of an HTML page: the links that lead to articles, in reading order."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import dropwhile

from selectolax.lexbor import LexborNode

from services.parser.article import dates
from services.parser.article.images import image_url
from services.parser.listing import story_links
from services.parser.listing.places import Link, Places, teasers
from services.parser.page import language
from services.parser.page.blocks import Layout
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
_LEAST_IN_TICKER, _LEAST_IN_SUMMARY = 3, 4
_UP, _DEEPEST = 3, 8
# What holds more text, white space included, is a part of the page.
_LARGEST_TEASER = 1_500
_SHOWN_ON_FRONT = frozenset({"section", "related", "ticker"})
_SHOWN_BESIDE = frozenset({"related", "ticker"})


def front(document: Document, rules: Rules, now: datetime) -> tuple[Headline, ...]:
    """The headlines of a front or section page; the first of its sections is the lead."""
    places, ruled = Places(document.layout), [*_ruled(document, rules, "section")]
    found = ruled if rules.only_teasers else _merged([*ruled, *_generic(document, places, _SHOWN_ON_FRONT)])
    shown = _together(found)
    lead = next((link for link in shown if link.block == "section"), None)
    shown = [link._replace(block="lead") if link is lead else link for link in shown]
    return _numbered(document, shown, _Boxes(places, rules, found), rules, now)


def beside(document: Document, rules: Rules, now: datetime) -> tuple[Headline, ...]:
    """The headlines that stand beside an article: its ticker and related articles."""
    places, ruled = Places(document.layout), [*_ruled(document, rules, "related")]
    found = ruled if rules.only_teasers else _merged([*ruled, *_generic(document, places, _SHOWN_BESIDE)])
    shown = [link for link in _together(found) if link.url != document.url]
    return _numbered(document, shown, _Boxes(places, rules, found), rules, now)


def _ruled(document: Document, rules: Rules, block: str) -> Iterator[Link]:
    for selectors, name in ((rules.ticker, "ticker"), (rules.teasers, block)):
        for node in (node for selector in selectors for node in document.tree.css(selector)):
            if url := document.link(attribute(node, "href")):
                yield Link(node, _text(node)[:_LONGEST], url, name)


def _generic(document: Document, places: Places, blocks: frozenset[str]) -> Iterator[Link]:
    """The links that lead to stories. A ticker has nothing else, however short its lines are."""
    page = document.layout
    for placed in page.links[: 4 * _MOST]:
        block = places.block(placed.box)
        url = document.link(attribute(placed.node, "href")) if block in blocks else None
        if url is None or block is None:
            continue
        text = _text(placed.node)
        if not text or _MORE.match(text):
            text = _heading_of(page, placed.box) or text
        text = text[:_LONGEST]
        in_heading = places.in_heading(placed.box) or placed.node.css_first(_HEADINGS) is not None
        link = Link(placed.node, text, url, block, placed.box, in_heading)
        told = link.block == "ticker" and story_links.word_count(text) >= _LEAST_IN_TICKER
        if _MORE.match(text) or told or story_links.is_story(text, url, document.url, in_heading):
            yield link


def _text(node: LexborNode) -> str:
    """The words of a link that are its title: a heading in it, what is called a title, or the first of its lines."""
    titled = text_of(node.css_first(_HEADINGS)) or text_of(node.css_first(_TITLES))
    if titled:
        return titled
    told = list(lines_of(node))
    text = next((line for line in told if story_links.word_count(line) >= _LEAST_IN_TICKER), " ".join(told))
    time = text_of(node.css_first("time"))
    return text.removesuffix(time).strip() or _alternative(node)


def _heading_of(page: Layout, box: int) -> str:
    """The heading of the card that a link without words lies over."""
    for _ in range(_UP):
        node = page.boxes[box].node
        if node is not None and (heading := node.css_first(_HEADINGS)) is not None:
            parent = heading.parent
            linked = heading.css_first("a") is not None or (parent is not None and parent.tag == "a")
            return "" if linked else text_of(heading)
        box = page.boxes[box].parent
    return ""


def _merged(links: list[Link]) -> list[Link]:
    """The links of rules, and of the others those that the rules have not told of."""
    found: dict[tuple[int, str], Link] = {}
    for link in links:
        found.setdefault((link.node.mem_id, _key(link.url)), link)
    return list(found.values())


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
    return (not _MORE.match(link.text) and story_links.word_count(link.text) >= 2, link.in_heading, -len(link.text))


def _numbered(
    document: Document, shown: list[Link], boxes: "_Boxes", rules: Rules, now: datetime
) -> tuple[Headline, ...]:
    return tuple(_headline(document, link, boxes.of(link), place, now, rules=rules) for place, link in enumerate(shown))


def _headline(
    document: Document, link: Link, box: LexborNode, position: int, now: datetime, *, rules: Rules
) -> Headline:
    found = language.detect(link.text, document.language)
    time = box.css_first("time")
    return Headline(
        text=link.text,
        url=link.url,
        position=position,
        block=link.block,
        language=found,
        direction=language.direction(found),
        image=document.link(image_url(box.css_first("img"))),
        summary=_summary(box, rules, link.text),
        published_at=dates.read(attribute(time, "datetime") or text_of(time), now, document.month_first),
    )


class _Boxes:
    """The teaser round a link: the widest element that leads to no other story; a rule's own box where there is one."""

    def __init__(self, places: Places, rules: Rules, every: list[Link]) -> None:
        self.page, self.places, self.marked = places.page, places, rules.teaser_box
        self.row = {placed.node.mem_id: row for row, placed in enumerate(self.page.links)}
        keys = {self.row.get(link.node.mem_id): _key(link.url) for link in every if not _MORE.match(link.text)}
        self.leads = teasers(self.page, {row: key for row, key in keys.items() if row is not None})

    def of(self, link: Link) -> LexborNode:
        row = self.row.get(link.node.mem_id)
        if link.block == "ticker" or row is None:
            return link.node
        widest, box = link.node, self.page.links[row].box
        for _ in range(_DEEPEST):
            node = self.page.boxes[box].node
            if node is None or node.tag in ("body", "main"):
                break
            if any(node.css_matches(selector) for selector in self.marked):
                return node
            outside = link.block == "related" and self.places.block(box) != "related"
            if outside or not self.leads[box] or len(node.text()) > _LARGEST_TEASER:
                break
            widest, box = node, self.page.boxes[box].parent
        return widest


def _key(url: str) -> str:
    """One key for the links of a teaser, which differ in what they tell the newspaper's statistics."""
    try:
        return canonical(url)
    except BadUrl:
        return url


def _summary(box: LexborNode, rules: Rules, title: str) -> str | None:
    nodes = (node for selector in (*rules.summary, "p") for node in box.css(selector))
    texts = (text_of(node) for node in nodes)
    found = next((text for text in texts if title not in text and _is_summary(text)), None)
    if found is not None or not title:
        return found
    below = dropwhile(lambda line: title not in line, lines_of(box))
    return next((line for line in below if title not in line and _is_summary(line)), None)


def _is_summary(text: str) -> bool:
    return story_links.word_count(text) > _LEAST_IN_SUMMARY
