"""Headlines of an HTML page: the links that lead to articles, in reading order."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from selectolax.lexbor import LexborNode

from services.parser import dates, language
from services.parser.metadata import Document, attribute, words
from services.parser.rules import Rules
from shared.contracts import Headline

_TICKER = re.compile(r"ticker|marquee|breaking|newsflash|flash-?info|bandeau", re.IGNORECASE)
_RELATED = re.compile(
    r"related|most-?(?:read|popular|viewed)|recommend|read-?also|lire-?aussi|a-?lire|teaser", re.IGNORECASE
)
_FURNITURE = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|menu|footer|breadcrumbs?|share|sharing|social|tags?|author|byline|cookies?|"
    r"login|subscribe|newsletter|pagination|pager|ad|ads|advert\w*|sponsor\w*|comments?)(?:$|[\s_-])",
    re.IGNORECASE,
)
_NO_STORY = re.compile(
    r"/(?:tags?|topics?|category|categories|authors?|auteurs?|autor|contact|about|a-propos|privacy|terms|login|register|"
    r"subscribe|newsletters?|search|feed|rss|wp-admin|wp-login|account|help|faq|jobs|careers|advertise|cookies?|legal|"
    r"mentions-legales|policy|cart|shop)(?:/|$|\.)",
    re.IGNORECASE,
)
_MORE = re.compile(r"^(?:read more|more|lire la suite|lire plus|en savoir plus|leer más|seguir leyendo|المزيد|اقرأ المزيد|"
                   r"continue reading|view all|see all|voir tout|ver todo|weiterlesen|\W*)\W*$", re.IGNORECASE)  # fmt: skip
_STORY_PATH = re.compile(r"(?:[^/-]+-){3,}[^/]+|/\d{4}/\d{1,2}/|\d{4,}|\.html?$")
_SCRIPTS_WITHOUT_SPACES = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]")
_LEAST_WORDS = 4
_LONGEST = 300
_MOST = 1_000
_UP = 12


class Link(NamedTuple):
    """A link that may be a headline: its element, text, URL and the block it stands in."""

    node: LexborNode
    text: str
    url: str
    block: str


def front(document: Document, rules: Rules, now: datetime) -> tuple[Headline, ...]:
    """The headlines of a front or section page; the first in a heading is the lead."""
    links = _together([*_ruled(document, rules, "section"), *(() if rules.only_teasers else _generic(document))])
    found = [link for link in links if link.block == "ticker" or rules.only_teasers or _is_story(link, document.url)]
    lead = next((link for link in found if link.block == "section"), None)
    found = [link._replace(block="lead") if link is lead else link for link in found]
    return _numbered(document, rules, found, now)


def beside(document: Document, rules: Rules, now: datetime) -> tuple[Headline, ...]:
    """The headlines that stand beside an article: its ticker and related articles."""
    links = _together([*_ruled(document, rules, "related"), *(() if rules.only_teasers else _generic(document))])
    kept = [
        link
        for link in links
        if link.block == "ticker" or (link.block == "related" and (rules.only_teasers or _is_story(link, document.url)))
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
        block = _block(node)
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


def _block(node: LexborNode) -> str | None:
    """Where a link stands, None for navigation and other furniture."""
    block, parent = "section", node.parent
    for _ in range(_UP):
        if parent is None or parent.tag in ("body", "html"):
            break
        marks = f"{attribute(parent, 'class')} {attribute(parent, 'id')}"
        if (
            parent.tag in ("nav", "footer", "form")
            or attribute(parent, "role") == "navigation"
            or _FURNITURE.search(marks)
        ):
            return None
        if parent.tag == "marquee" or _TICKER.search(marks):
            return "ticker"
        if block == "section" and (parent.tag == "aside" or _RELATED.search(marks)):
            block = "related"
        parent = parent.parent
    return block


def _together(links: Iterable[Link]) -> list[Link]:
    """One link a URL and block: a teaser's image, title and "read more" are one. The title's words are kept."""
    found: dict[str, Link] = {}
    for link in links:
        known = found.get(link.url)
        if known is None:
            found[link.url] = link
        elif _weight(link) > _weight(known):
            found[link.url] = link._replace(block=known.block)
    return [link for link in found.values() if not _MORE.match(link.text)][:_MOST]


def _weight(link: Link) -> tuple[bool, bool, int]:
    """How much a link's words look like the title: words at all, then a heading, then the fewer the better."""
    return (not _MORE.match(link.text) and _word_count(link.text) >= 2, _in_heading(link.node), -len(link.text))


def _in_heading(node: LexborNode) -> bool:
    parent = node.parent
    return node.css_first("h1, h2, h3, h4") is not None or (
        parent is not None and parent.tag in ("h1", "h2", "h3", "h4")
    )


def _word_count(text: str) -> int:
    """Words; in a script that writes none apart, two characters count as one."""
    return max(len(text.split()), len(_SCRIPTS_WITHOUT_SPACES.findall(text)) // 2)


def _is_story(link: Link, page: str) -> bool:
    parts, here = urlsplit(link.url), urlsplit(page)
    path = unquote(parts.path)
    if _site(parts.hostname) != _site(here.hostname) or path in ("", "/", here.path) or _NO_STORY.search(path):
        return False
    count = _word_count(link.text)
    return count >= _LEAST_WORDS or (
        count >= 2 and (_in_heading(link.node) or bool(_STORY_PATH.search(path))) and len(link.text) >= 15
    )


def _site(host: str | None) -> str:
    """The last labels of a host: sister sites of one newspaper differ before them."""
    labels = (host or "").split(".")
    second_level = len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3
    return ".".join(labels[-3:] if second_level else labels[-2:])


def _numbered(document: Document, rules: Rules, links: list[Link], now: datetime) -> tuple[Headline, ...]:
    hint = attribute(document.tree.css_first("html"), "lang")
    return tuple(_headline(document, rules, link, i, hint, now) for i, link in enumerate(links))


def _headline(document: Document, rules: Rules, link: Link, position: int, hint: str, now: datetime) -> Headline:
    found = language.detect(link.text, hint)
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
        urls = {
            document.link(attribute(a, "href")) for a in parent.css("a[href]") if _word_count(words(a)) >= _LEAST_WORDS
        }
        if urls - {link.url}:
            break
        box, parent = parent, parent.parent
    return box


def _summary(box: LexborNode, rules: Rules, title: str) -> str | None:
    nodes = (node for selector in (*rules.summary, "p") for node in box.css(selector))
    texts = (words(node) for node in nodes)
    return next((text for text in texts if text and text != title and _word_count(text) > _LEAST_WORDS), None)
