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

_ARTICLE = sum(BIT[name] for name in ("article", "main", "figure", "articlebody"))
_FURNITURE = sum(
    BIT[name] for name in ("nav", "footer", "foot", "aside", "related", "share", "author", "ad", "comment")
)
_MOST = 30
# Icons, buttons and counters are smaller, in pixels.
_SMALLEST = 100
# Before a page's script has run, the picture's URL is in one of these attributes.
_LAZY = ("data-src", "data-original", "data-lazy-src", "data-url", "data-image")
_NEAR = 4
_NO_DIGIT = re.compile(r"[^0-9]")
_PLACEHOLDER = re.compile(
    r"^data:|placeholder|platzhalter|spacer|blank\.(?:gif|png)|[/-]1x1|transparent|pixel\.(?:gif|png)|avatar|logo",
    re.IGNORECASE,
)


def pictures(document: Document, rules: Rules) -> tuple[str | None, tuple[Image, ...]]:
    """Returns the lead image's URL, and the images of the body with their captions, each once."""
    metas = ("og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src")
    declared = [text for text, _ in document.meta(*metas)] + [*urls_in(document.article_data.get("image"))]
    declared_urls = (document.link(url) for url in declared)
    lead = next((url for url in declared_urls if url and not _PLACEHOLDER.search(url)), None)
    images: dict[str, Image] = {}
    for node in _body_images(document, rules):
        url = document.link(image_url(node))
        if url and url not in images and not _is_tiny(attribute(node, "width")):
            size = {name: _pixels(node, name) for name in ("width", "height")}
            images[url] = Image(url=url, **_caption_and_credit(node), **size)
        if len(images) == _MOST:
            break
    return lead or next(iter(images), None), tuple(images.values())


def image_url(node: LexborNode | None) -> str:
    """Returns the URL of an image's picture, which a script may load later; empty if there is none."""
    if node is None:
        return ""
    urls = [attribute(node, name).strip() for name in (*_LAZY, "src")]
    urls += [_largest(attribute(node, name)) for name in ("srcset", "data-srcset")]
    if (frame := node.parent) is not None and frame.tag == "picture":
        urls += [_largest(attribute(item, "srcset") or attribute(item, "data-srcset")) for item in frame.css("source")]
    return next((url for url in urls if url and not _PLACEHOLDER.search(url)), "")


def _largest(srcset: str) -> str:
    """Returns the URL of the largest picture in a srcset; a comma may be part of a URL."""
    entries = [part.split() for part in re.split(r",\s+", srcset[:10_000].strip()) if part.split()]
    return max(entries, key=_srcset_size)[0] if entries else ""


def _srcset_size(entry: list[str]) -> float:
    return float(_NO_DIGIT.sub("", entry[-1]) or 0) if len(entry) > 1 else 0.0


def _body_images(document: Document, rules: Rules) -> list[LexborNode]:
    if rules.body:
        return [node for selector in rules.body for node in document.tree.css(f"{selector} img")]
    page = document.layout
    return [image.node for image in page.images if _is_in_article(page, image.box)]


def _is_in_article(page: Layout, box: int) -> bool:
    """Returns whether a box is in the article's part of the page, and not close to a box of another part."""
    class_words, steps = 0, 0
    while box and not (steps < _NEAR and page.boxes[box].class_words & _FURNITURE):
        class_words |= page.boxes[box].class_words
        box, steps = page.boxes[box].parent, steps + 1
    return not box and bool(class_words & _ARTICLE)


def _caption_and_credit(node: LexborNode) -> dict[str, str | None]:
    """Returns the caption and credit of an image, from the figure that it is in."""
    figure = node.parent
    for _ in range(_NEAR):
        if figure is None or figure.tag == "figure":
            break
        figure = figure.parent
    if figure is None or figure.tag != "figure":
        return {"caption": None, "credit": None}
    credit = figure.css_first('.credit, [itemprop="copyrightHolder"], [class*="credit"]')
    return {"caption": text_of(figure.css_first("figcaption")) or None, "credit": text_of(credit) or None}


def _pixels(node: LexborNode, name: str) -> int | None:
    digits = attribute(node, name).strip().removesuffix("px")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 6 else None


def _is_tiny(width: str) -> bool:
    digits = width.strip().removesuffix("px")
    return digits.isascii() and digits.isdigit() and int(digits[:6]) < _SMALLEST
