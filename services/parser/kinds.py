"""Decides what kind of page a text is."""

import re
from urllib.parse import urlsplit

from services.parser.page.document import Document
from services.parser.page.structured_data import ARTICLE_TYPES, types_of
from services.parser.rules.site_rules import Rules
from shared.contracts import Kind

_PROLOGUE = re.compile(r"^(?:\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[.*?\])?\s*>)+", re.DOTALL | re.IGNORECASE)
_FEED = re.compile(r"<(?:\w+:)?(?:rss|feed|RDF)[\s>]")
_SITEMAP = re.compile(r"<(?:\w+:)?(?:urlset|sitemapindex)[\s>]")
_MARKUP = re.compile(
    r"<(?:!doctype|html|head|body|title|meta|div|table|article|section|main|span|p|h[1-6]|a|ul|br)\b[^<>]*>",
    re.IGNORECASE,
)
_JSON_FEED = re.compile(r'"version"\s*:\s*"https?:\\?/\\?/(?:www\.)?jsonfeed\.org|"items"\s*:\s*\[')
_HEAD = 4_096
_LISTS = frozenset({"collectionpage", "searchresultspage", "itemlist"})
# An article has at least this many characters in paragraphs, and less than half of its text in links.
_LEAST_PROSE = 600
_MOSTLY_LINKS = 0.5
_PARAGRAPH = 60
# A page with more headings that are links is a listing.
_MOST_LINKED_HEADINGS = 4


def kind_of_text(text: str, hint: Kind | None) -> Kind | None:
    """Returns FEED, SITEMAP or TEXT as the text begins; None for HTML. TEXT as hint settles it."""
    if hint is Kind.TEXT:
        return Kind.TEXT
    start = text[: 4 * _HEAD]
    prologue = _PROLOGUE.match(start)
    root = start[prologue.end() if prologue else 0 :][:_HEAD]
    if _FEED.match(root) or is_json_feed(text):
        return Kind.FEED
    if _SITEMAP.match(root):
        return Kind.SITEMAP
    return None if _MARKUP.search(text[:100_000]) else Kind.TEXT


def is_json_feed(text: str) -> bool:
    """Returns whether a text is a JSON object that looks like a feed."""
    return text[:100].lstrip().startswith("{") and bool(_JSON_FEED.search(text[:100_000]))


def kind_of_html(document: Document, rules: Rules) -> Kind:
    """Returns ARTICLE or FRONT: what the page declares, else what its share of links suggests."""
    if any(document.tree.css_first(selector) for selector in rules.body):
        return Kind.ARTICLE
    url = urlsplit(document.url)
    if url.path in ("", "/") and url.netloc and not url.query:
        return Kind.FRONT
    if document.article_data.get("headline") and not any(types_of(entity) & _LISTS for entity in document.entities):
        return Kind.ARTICLE
    if any(text.lower() in ARTICLE_TYPES for text, _ in document.meta("og:type")):
        return Kind.ARTICLE
    blocks = document.layout.blocks
    paragraphs = (block for block in blocks if len(block.text) > _PARAGRAPH)
    prose = sum(len(block.text) for block in paragraphs if block.link_chars < _MOSTLY_LINKS * len(block.text))
    link_chars, chars = sum(block.link_chars for block in blocks), sum(len(block.text) for block in blocks)
    if prose >= _LEAST_PROSE and link_chars < _MOSTLY_LINKS * chars:
        return Kind.ARTICLE
    return _kind_of_short_page(document, prose)


def _kind_of_short_page(document: Document, prose: int) -> Kind:
    """Returns ARTICLE if the page has prose below an only heading, else FRONT."""
    is_only_heading = len(document.tree.css("h1")) == 1
    is_listing = len(document.tree.css("h2 a, h3 a")) > _MOST_LINKED_HEADINGS
    return Kind.ARTICLE if prose and is_only_heading and not is_listing else Kind.FRONT
