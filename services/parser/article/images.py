"""The images of an article."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from urllib.parse import urlsplit

from selectolax.lexbor import LexborNode

from services.parser.article.placeholders import is_placeholder
from services.parser.page.boxes import ancestors
from services.parser.page.class_words import BIT
from services.parser.page.document import Document
from services.parser.page.elements import attribute, text_of
from services.parser.page.hidden import is_hidden
from services.parser.page.layout import Element, Layout
from services.parser.page.structured_data import urls_in
from services.parser.rules.site_rules import Rules
from shared.contracts import Image

_ARTICLE = sum(BIT[name] for name in ("article", "main", "figure", "articlebody"))
_FURNITURE = sum(
    BIT[name] for name in ("nav", "footer", "foot", "aside", "related", "share", "author", "ad", "comment")
)
_MOST = 30
# Of a picture in several formats; the most seen are 30.
_MOST_SOURCES = 300
# Images in the body, most of which have no usable URL; the most seen are 493.
_MOST_LOADED = 5_000
# Icons, buttons and counters are smaller, in pixels.
_SMALLEST = 100
_LONGEST_STYLE = 2_000
# Before a page's script has run, the picture's URL is in one of these attributes, or in another `data-` attribute.
_LAZY = ("data-src", "data-original", "data-lazy-src", "data-lazy", "data-lazyload", "data-url", "data-image", "data-bg",
         "data-cfsrc", "data-echo", "data-hi-res-src", "data-pagespeed-lazy-src", "nitro-lazy-src")  # fmt: skip
_PICTURE_URL = re.compile(r"\S+\.(?:jpe?g|png|webp|avif)(?:[?!]\S*)?", re.IGNORECASE)
# Attributes that hold another picture, such as that of the page to share or of a profile.
_NOT_SHOWN = re.compile(r"pin|share|avatar|author|logo|poster|placeholder|icon", re.IGNORECASE)
_BACKGROUND = re.compile(r"background[^;]{0,200}?url\(\s*[\"']?([^\"')]+)", re.IGNORECASE)
_IS_SRCSET = re.compile(r"\s\d{1,5}w(?:,|$)")
_SRCSETS = ("srcset", "data-srcset", "data-lazy-srcset")
_NEAR = 4
_PARAGRAPH = 80
_NO_DIGIT = re.compile(r"[^0-9]")
_METAS = ("og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src")
_OTHER_METAS = ("image", "parsely-image-url", "sailthru.image.full", "thumbnail", "thumbnailurl")
# What templates and scripts leave where they have no picture.
_NO_URL = re.compile(r"^(?:undefined|null|none|false|nan)$|\{\{|\$\{|<%|^\[object", re.IGNORECASE)
_DECORATION = re.compile(r"emoji|smiley", re.IGNORECASE)
_LOWEST = 10


def pictures(document: Document, rules: Rules) -> tuple[str | None, tuple[Image, ...]]:
    """Returns the lead image's URL, and the images of the body with their captions, each once."""
    lead = next(_declared_urls(document), None)
    images: dict[str, Image] = {}
    for node, source in _body_images(document, rules):
        url = document.link(source)
        if url and url not in images and _is_shown(node):
            size = {name: _pixels(node, name) for name in ("width", "height")}
            images[url] = Image(url=url, **_caption_and_credit(node), **size)
        if len(images) == _MOST:
            break
    return lead or next(iter(images), None) or _poster(document), tuple(images.values())


def _declared_urls(document: Document) -> Iterator[str]:
    """Yields the URLs of the pictures that a page declares for its article, the likeliest first."""
    for text in _declared_texts(document):
        url = None if _NO_URL.search(text) else document.link(text)
        if url and not is_placeholder(url) and urlsplit(url).path not in ("", "/"):
            yield url


def _declared_texts(document: Document) -> Iterator[str]:
    """Yields what a page declares for its article's picture, the likeliest first; most pages are asked for the first only."""
    yield from (text for text, _ in document.meta(*_METAS))
    yield from urls_in(document.article_data.get("image"))
    yield from (text for text, _ in document.meta(*_OTHER_METAS))
    yield from (attribute(node, "href") for node in document.related("image_src")[:1])


def _poster(document: Document) -> str | None:
    """Returns the URL of the picture that stands for the article's film."""
    return document.link(attribute(document.tree.css_first("article video[poster], main video[poster]"), "poster"))


def image_url(node: LexborNode | None) -> str:
    """Returns the URL of an image's picture, which a script may load later; empty if there is none."""
    return next((url for url in _urls(node) if url and not is_placeholder(url)), "") if node is not None else ""


def _urls(node: LexborNode) -> Iterator[str]:
    """Yields the URLs that an image names, the likeliest first."""
    attributes = node.attributes
    sizes = (name for name in attributes if name.startswith("data-src-"))
    named = (value for name in (*_LAZY, *sizes, "src") if (value := attributes.get(name)))
    for source in map(str.strip, named):
        # Scripts that load pictures late may put a srcset here.
        yield _largest(source) if _IS_SRCSET.search(source[:_LONGEST_STYLE]) else source
    yield from (_largest(attributes.get(name) or "") for name in _SRCSETS)
    if (frame := node.parent) is not None and frame.tag == "picture":
        yield from (
            _largest(attribute(item, "srcset") or attribute(item, "data-srcset"))
            for item in islice(frame.iter(), _MOST_SOURCES)
        )
    if background := _BACKGROUND.search((attributes.get("style") or "")[:_LONGEST_STYLE]):
        yield background[1].strip()
    for name, value in attributes.items():
        if name.startswith("data-") and value and not _NOT_SHOWN.search(name):
            yield from _PICTURE_URL.findall(value[:_LONGEST_STYLE])[:1]


def _largest(srcset: str) -> str:
    """Returns the URL of the largest picture in a srcset; a comma may be part of a URL."""
    entries = [part.split() for part in re.split(r",\s+", srcset[:10_000].strip()) if part.split()]
    return max(entries, key=_srcset_size)[0] if entries else ""


def _srcset_size(entry: list[str]) -> float:
    return float(_NO_DIGIT.sub("", entry[-1]) or 0) if len(entry) > 1 else 0.0


def _body_images(document: Document, rules: Rules) -> Iterator[tuple[LexborNode, str]]:
    """Yields the images of the body with what they name as their pictures' URLs."""
    if rules.body:
        nodes = [node for selector in rules.body for node in document.tree.css(f"{selector} img")[:_MOST_LOADED]]
        return ((node, image_url(node)) for node in nodes)
    page = document.layout
    return _without_fallbacks(
        image.node for image in page.images if _is_in_article(page, image.box) or _is_among_text(page, image)
    )


def _without_fallbacks(nodes: Iterable[LexborNode]) -> Iterator[tuple[LexborNode, str]]:
    """Yields the images, without those in a `noscript` that repeat the image beside it for readers without scripts."""
    loaded: set[int] = set()
    for node in nodes:
        parent, url = node.parent, image_url(node)
        if parent is not None and parent.tag == "noscript":
            if parent.parent is not None and parent.parent.mem_id in loaded:
                continue
        elif parent is not None and url:
            loaded.add(parent.mem_id)
        yield node, url


def _is_in_article(page: Layout, box: int) -> bool:
    """Returns whether a box is in the article's part of the page, and not close to a box of another part."""
    class_words, steps = 0, 0
    while box and not (steps < _NEAR and page.boxes[box].class_words & _FURNITURE):
        if page.boxes[box].tag == "main":
            return True
        class_words |= page.boxes[box].class_words
        box, steps = page.boxes[box].parent, steps + 1
    return not box and bool(class_words & _ARTICLE)


def _is_among_text(page: Layout, image: Element) -> bool:
    """Returns whether paragraphs stand before and after an image in one column, whatever that is called."""
    if not 0 < image.row < len(page.blocks):
        return False
    before, after = page.blocks[image.row - 1], page.blocks[image.row]
    if any(len(block.text) < _PARAGRAPH or block.link_chars for block in (before, after)):
        return False
    column = page.boxes[before.box].parent
    is_beside = column == page.boxes[after.box].parent and column in islice(
        (image.box, *ancestors(page, image.box)), _NEAR
    )
    return is_beside or before.box == after.box


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


def _is_shown(node: LexborNode) -> bool:
    """Returns whether an image is neither an icon nor a counter: too small, hidden, a smiley."""
    is_small = _is_below(attribute(node, "width"), _SMALLEST) or _is_below(attribute(node, "height"), _LOWEST)
    # Of a responsive picture the two are a proportion; of one that is loaded later, the size of what stands for it.
    is_small = (
        is_small and attribute(node, "layout") != "responsive" and not any(attribute(node, name) for name in _LAZY)
    )
    return not is_small and not is_hidden(node.attributes) and not _DECORATION.search(attribute(node, "class"))


def _is_below(size: str, least: int) -> bool:
    digits = size.strip().removesuffix("px")
    return digits.isascii() and digits.isdigit() and int(digits[:6]) < least
