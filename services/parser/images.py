"""The images of an article."""

from selectolax.lexbor import LexborNode

from services.parser.markup import attribute, words
from services.parser.metadata import Document, addresses
from services.parser.rules import Rules
from shared.contracts import Image

_WHERE = ("article figure img", "main figure img", '[itemprop="articleBody"] img', "article img")
_MOST = 30
# Smaller than this is an icon, a button or a counter.
_SMALLEST = 100


def pictures(document: Document, rules: Rules) -> tuple[str | None, tuple[Image, ...]]:
    """The lead image's URL and the images of the body with their captions, each once."""
    metas = [text for text, _ in document.meta("og:image", "og:image:url", "twitter:image", "twitter:image:src")]
    given = (document.link(url) for url in [*metas, *addresses(document.article.get("image"))])
    lead = next((url for url in given if url), None)
    found: dict[str, Image] = {}
    selectors = tuple(f"{selector} img" for selector in rules.body) or _WHERE
    for node in (node for selector in selectors for node in document.tree.css(selector)):
        source = attribute(node, "src") or attribute(node, "data-src")
        url = document.link(source) if not source.startswith("data:") else document.link(attribute(node, "data-src"))
        if url and url not in found and not _tiny(attribute(node, "width")):
            found[url] = Image(url=url, **_told(node), width=_number(node, "width"), height=_number(node, "height"))
        if len(found) == _MOST:
            break
    return lead or next(iter(found), None), tuple(found.values())


def _told(node: LexborNode) -> dict[str, str | None]:
    """The caption and credit of an image, from the figure it stands in."""
    figure = node.parent
    for _ in range(4):
        if figure is None or figure.tag == "figure":
            break
        figure = figure.parent
    if figure is None or figure.tag != "figure":
        return {"caption": None, "credit": None}
    credit = figure.css_first('.credit, [itemprop="copyrightHolder"], [class*="credit"]')
    return {"caption": words(figure.css_first("figcaption")) or None, "credit": words(credit) or None}


def _number(node: LexborNode, name: str) -> int | None:
    digits = attribute(node, name).strip().removesuffix("px")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 6 else None


def _tiny(width: str) -> bool:
    digits = width.strip().removesuffix("px")
    return digits.isascii() and digits.isdigit() and int(digits[:6]) < _SMALLEST
