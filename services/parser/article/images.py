"""The images of an article."""

import re

from selectolax.lexbor import LexborNode

from services.parser.page.blocks import Layout
from services.parser.page.class_words import BIT
from services.parser.page.document import Document
from services.parser.page.elements import attribute, text_of
from services.parser.page.structured_data import urls_in
from services.parser.rules.site_rules import Rules
from shared.contracts import Image

_WITHIN = sum(BIT[name] for name in ("article", "main", "figure", "articlebody"))
_WITHOUT = sum(BIT[name] for name in ("nav", "footer", "foot", "aside", "related", "share", "author", "ad", "comment"))
_MOST = 30
# Smaller than this is an icon, a button or a counter.
_SMALLEST = 100
# Until a page's script has run, the picture's own address stands in one of these.
_LAZY = ("data-src", "data-original", "data-lazy-src", "data-url", "data-image")
_NEAR = 4
_SIZE = re.compile(r"[^0-9]")
_PLACEHOLDER = re.compile(
    r"^data:|placeholder|platzhalter|spacer|blank\.(?:gif|png)|[/-]1x1|transparent|pixel\.(?:gif|png)|avatar|logo",
    re.IGNORECASE,
)


def pictures(document: Document, rules: Rules) -> tuple[str | None, tuple[Image, ...]]:
    """The lead image's URL and the images of the body with their captions, each once."""
    metas = [
        text
        for text, _ in document.meta(
            "og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src"
        )
    ]
    given = (document.link(url) for url in [*metas, *urls_in(document.article_data.get("image"))])
    lead = next((url for url in given if url and not _PLACEHOLDER.search(url)), None)
    found: dict[str, Image] = {}
    for node in _nodes(document, rules):
        url = document.link(source(node))
        if url and url not in found and not _tiny(attribute(node, "width")):
            found[url] = Image(url=url, **_told(node), width=_number(node, "width"), height=_number(node, "height"))
        if len(found) == _MOST:
            break
    return lead or next(iter(found), None), tuple(found.values())


def source(node: LexborNode | None) -> str:
    """Where an image's own picture is, whether it is there at once or loaded late; empty where nowhere."""
    if node is None:
        return ""
    given = [attribute(node, name).strip() for name in (*_LAZY, "src")]
    given += [_largest(attribute(node, name)) for name in ("srcset", "data-srcset")]
    if (frame := node.parent) is not None and frame.tag == "picture":
        given += [_largest(attribute(one, "srcset") or attribute(one, "data-srcset")) for one in frame.css("source")]
    return next((url for url in given if url and not _PLACEHOLDER.search(url)), "")


def _largest(srcset: str) -> str:
    """The largest of a set of sizes; a comma may be part of an address."""
    sizes = [part.split() for part in re.split(r",\s+", srcset[:10_000].strip()) if part.split()]
    return (
        max(sizes, key=lambda size: float(_SIZE.sub("", size[-1]) or 0) if len(size) > 1 else 0.0)[0] if sizes else ""
    )


def _nodes(document: Document, rules: Rules) -> list[LexborNode]:
    if rules.body:
        return [node for selector in rules.body for node in document.tree.css(f"{selector} img")]
    page = document.layout
    return [image.node for image in page.images if _is_articles(page, image.box)]


def _is_articles(page: Layout, box: int) -> bool:
    """Whether a box stands in the article's part of the page, and in no part of that which is another's."""
    said, steps = 0, 0
    while box and not (steps < _NEAR and page.boxes[box].class_words & _WITHOUT):
        said |= page.boxes[box].class_words
        box, steps = page.boxes[box].parent, steps + 1
    return not box and bool(said & _WITHIN)


def _told(node: LexborNode) -> dict[str, str | None]:
    """The caption and credit of an image, from the figure it stands in."""
    figure = node.parent
    for _ in range(_NEAR):
        if figure is None or figure.tag == "figure":
            break
        figure = figure.parent
    if figure is None or figure.tag != "figure":
        return {"caption": None, "credit": None}
    credit = figure.css_first('.credit, [itemprop="copyrightHolder"], [class*="credit"]')
    return {"caption": text_of(figure.css_first("figcaption")) or None, "credit": text_of(credit) or None}


def _number(node: LexborNode, name: str) -> int | None:
    digits = attribute(node, name).strip().removesuffix("px")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 6 else None


def _tiny(width: str) -> bool:
    digits = width.strip().removesuffix("px")
    return digits.isascii() and digits.isdigit() and int(digits[:6]) < _SMALLEST
