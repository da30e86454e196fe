"""Which links of a page lead to articles, and where on the page they stand."""

import re
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from selectolax.lexbor import LexborNode

from services.parser.markup import attribute

_TICKER = re.compile(r"ticker|marquee|breaking|newsflash|flash-?info|bandeau", re.IGNORECASE)
_RELATED = re.compile(r"related|most-?(?:read|popular|viewed)|recommend|read-?also|lire-?aussi|a-?lire", re.IGNORECASE)
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
_STORY_PATH = re.compile(r"(?:[^/-]+-){3,}[^/]+|/\d{4}/\d{1,2}/|\d{4,}|\.html?$")
_SCRIPTS_WITHOUT_SPACES = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]")
LEAST_WORDS = 4
_UP = 12


class Link(NamedTuple):
    """A link that may be a headline: its element, text, URL and the block it stands in."""

    node: LexborNode
    text: str
    url: str
    block: str


def block(node: LexborNode) -> str | None:
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


def is_story(link: Link, page: str) -> bool:
    """Whether a link of `page` leads to an article of the same newspaper: by its words and its path."""
    parts, here = urlsplit(link.url), urlsplit(page)
    path = unquote(parts.path)
    if _site(parts.hostname) != _site(here.hostname) or path in ("", "/", here.path) or _NO_STORY.search(path):
        return False
    count = word_count(link.text)
    return count >= LEAST_WORDS or (
        count >= 2 and (in_heading(link.node) or bool(_STORY_PATH.search(path))) and len(link.text) >= 15
    )


def _site(host: str | None) -> str:
    """The last labels of a host: sister sites of one newspaper differ before them."""
    labels = (host or "").split(".")
    second_level = len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3
    return ".".join(labels[-3:] if second_level else labels[-2:])


def word_count(text: str) -> int:
    """Words; in a script that writes none apart, two characters count as one."""
    return max(len(text.split()), len(_SCRIPTS_WITHOUT_SPACES.findall(text)) // 2)


def in_heading(node: LexborNode) -> bool:
    """Whether a link is, or holds, a heading."""
    parent = node.parent
    return node.css_first("h1, h2, h3, h4") is not None or (
        parent is not None and parent.tag in ("h1", "h2", "h3", "h4")
    )
