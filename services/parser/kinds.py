"""What a page is, decided from its text when nobody says."""

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
# An article has at least this much text in paragraphs, and less than half of its words in links.
_LONG = 600
_MOSTLY_LINKS = 0.5
_PROSE = 60


def of_text(text: str, wanted: Kind | None) -> Kind | None:
    """FEED, SITEMAP or TEXT as the text begins; None for HTML. TEXT when wanted, whatever it looks like."""
    if wanted is Kind.TEXT:
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
    """Whether a text is a JSON object that looks like a feed."""
    return text[:100].lstrip().startswith("{") and bool(_JSON_FEED.search(text[:100_000]))


def of_html(document: Document, rules: Rules) -> Kind:
    """ARTICLE or FRONT: what the page says it is, else how much of its text leads elsewhere."""
    if any(document.tree.css_first(selector) for selector in rules.body):
        return Kind.ARTICLE
    path = urlsplit(document.url).path
    if path in ("", "/") and urlsplit(document.url).netloc and not urlsplit(document.url).query:
        return Kind.FRONT
    if document.article_data.get("headline") and not any(types_of(node) & _LISTS for node in document.entities):
        return Kind.ARTICLE
    if any(text.lower() in ARTICLE_TYPES for text, _ in document.meta("og:type")):
        return Kind.ARTICLE
    blocks = document.layout.blocks
    prose = sum(
        len(one.text) for one in blocks if len(one.text) > _PROSE and one.link_chars < _MOSTLY_LINKS * len(one.text)
    )
    linked, written = sum(one.link_chars for one in blocks), sum(len(one.text) for one in blocks)
    if prose >= _LONG and linked < _MOSTLY_LINKS * written:
        return Kind.ARTICLE
    return _by_headings(document, prose)


def _by_headings(document: Document, prose: int) -> Kind:
    """A page of few words: an article if one heading stands over a paragraph, else a listing."""
    one_heading = len(document.tree.css("h1")) == 1 and len(document.tree.css("h2 a, h3 a")) < 5
    return Kind.ARTICLE if prose and one_heading else Kind.FRONT
