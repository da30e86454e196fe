"""Decides what kind of page a text is."""

import re
from html import unescape
from typing import NamedTuple
from urllib.parse import urlsplit

from selectolax.lexbor import LexborNode

from services.parser.listing import sitemap
from services.parser.listing.story_addresses import site_of
from services.parser.page.document import Document
from services.parser.page.elements import attribute, text_of
from services.parser.page.layout import HEADINGS, Layout
from services.parser.page.structured_data import ARTICLE_TYPES, types_of
from services.parser.rules.site_rules import Rules
from shared.contracts import Kind

_PROLOGUE = re.compile(
    r"^(?:\s++|<\?xml\s[^<>]*+>|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*+(?:\[[^\]]*+\])?+\s*+>)++",
    re.DOTALL | re.IGNORECASE,
)
_FEED = re.compile(r"<(?:[\w.-]+:)?(?:rss|feed|RDF)[\s/>]", re.IGNORECASE)
_SITEMAP = re.compile(r"<(?:[\w.-]+:)?(?:urlset|sitemapindex)[\s/>]", re.IGNORECASE)
# What a program printed before the XML, such as a warning of PHP. A page of HTML may hold XML and is none.
_XML_START = re.compile(r"<\?xml\s|<(?:[\w.-]+:)?(?:rss|feed|RDF|urlset|sitemapindex)\s[^<>]*(?:version|xmlns)\b")
_PAGE_START = re.compile(r"<(?:html|head|body|!doctype\s+html)\b", re.IGNORECASE)
# What a program or a browser puts around XML to show it.
_FRAME = re.compile(r"\s*+(?:<(?:html|head|body|pre)\b[^<>]*+>\s*+|</head>\s*+)*+", re.IGNORECASE)
_ESCAPED_XML = re.compile(rf"^{_FRAME.pattern}&lt;(?:\?xml|rss|feed|urlset|sitemapindex)\s", re.IGNORECASE)
_MARKUP = re.compile(
    r"<(?:!doctype|html|head|body|title|meta|div|table|article|section|main|span|p|h[1-6]|a|ul|br)\b[^<>]*>",
    re.IGNORECASE,
)
_JSON_FEED = re.compile(r'"version"\s*:\s*"https?:\\?/\\?/(?:www\.)?jsonfeed\.org|"items"\s*:\s*\[')
_HEAD = 4_096
_LISTS = frozenset({"collectionpage", "searchresultspage", "itemlist"})
# A page that describes so many articles describes those it lists.
_SEVERAL = 6
# An article has at least this many characters in paragraphs, and less than half of its text in links.
_LEAST_PROSE = 600
_MOSTLY_LINKS = 0.5
_PARAGRAPH = 60
# A shorter link between paragraphs is no title of a teaser, unless it is a heading.
_LEAST_TITLE = 15
# A page with more headings that are links is a listing.
_MOST_LINKED_HEADINGS = 4
# Of the prose of a listing its longest run is a small part: the summary of one teaser, or an introduction.
_MOST_IN_RUN = 0.35
_LONGEST_SUMMARY = 800
_LEAST_SUMMARIES = 6
_LEAST_TEASERS = 8
_MOST_PROSE_PER_TEASER = 500
_MOST_HEADINGS = 500
_HEADING_LINKS = "h2 a[href], h3 a[href], h4 a[href], a[href] h2, a[href] h3, a[href] h4"
_CARD_HEADINGS = "h2, h3, h4"
_LEAST_CARDS, _MOST_CARDS, _MOSTLY_CARDS, _MOST_IN_CARD = 6, 60, 0.6, 6
_NEARLY_ALL = 0.8
# Prose in one run is an article's also where the page has no heading of the first rank.
_LEAST_RUN, _MOSTLY_RUN = 300, 0.6
# A Chinese character, kana or Korean syllable says as much as three letters.
_IDEOGRAPH = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_LETTERS_IN_IDEOGRAPH = 3
# The address of a story has a number or at least three words in its last part.
_STORY_ADDRESS = re.compile(r"\d{5,}|(?<![^\W\d_])(?:[^\W\d_]++[-_+]){2,}[^\W\d_]")


class _Prose(NamedTuple):
    """The text of a page, in letters of an alphabet.

    Attributes:
        chars: all of it.
        link_chars: in links.
        prose: in paragraphs that are not mostly links.
        longest_run: the most prose that no title of a link interrupts.
        summaries: how many runs of prose follow the title of a link.
    """

    chars: float
    link_chars: float
    prose: float
    longest_run: float
    summaries: int


def unescaped(text: str) -> str:
    """Returns XML that was written as the text of a page, `&lt;?xml …`, as XML; any other text as it is."""
    return unescape(text) if _ESCAPED_XML.match(text) else text


def kind_of_text(text: str, hint: Kind | None) -> Kind | None:
    """Returns FEED, SITEMAP or TEXT as the text begins; None for HTML. TEXT as hint settles it."""
    if hint is Kind.TEXT:
        return Kind.TEXT
    root = _root(text[: 4 * _HEAD])
    if _FEED.match(root) or is_json_feed(text):
        return Kind.FEED
    if _SITEMAP.match(root) or sitemap.is_text(text, is_expected=hint is Kind.SITEMAP):
        return Kind.SITEMAP
    return None if _MARKUP.search(text[:100_000]) else Kind.TEXT


def _root(start: str) -> str:
    """Returns the beginning of a text from its root element on, without what was printed before the XML."""
    xml_start = _XML_START.search(start)
    if xml_start and (
        not _PAGE_START.search(start, 0, xml_start.start()) or _FRAME.fullmatch(start, 0, xml_start.start())
    ):
        start = start[xml_start.start() :]
    prologue = _PROLOGUE.match(start)
    return start[prologue.end() if prologue else 0 :][:_HEAD]


def is_json_feed(text: str) -> bool:
    """Returns whether a text is a JSON object that looks like a feed."""
    return text[:100].lstrip().startswith("{") and bool(_JSON_FEED.search(text[:100_000]))


def kind_of_html(document: Document, rules: Rules) -> Kind:
    """Returns ARTICLE or FRONT: FRONT for the root of a site and a page of teasers, else what the page declares or its prose suggests.

    JSON-LD that describes one article, and an address with a number or a title in it, outweigh teasers.
    """
    url = urlsplit(document.url)
    if any(document.tree.css_first(selector) for selector in rules.body):
        return Kind.ARTICLE
    if url.path in ("", "/") and url.netloc and not url.query:
        return Kind.FRONT
    prose, has_story_address = _prose_of(document.layout), _has_story_address(url.path)
    is_unclear = not (has_story_address or _describes_article(document))
    if is_unclear and (_has_teasers(document, prose) or _has_cards(document, prose)):
        return Kind.FRONT
    is_declared = any(text.lower() in ARTICLE_TYPES for text, _ in document.meta("og:type"))
    is_mostly_prose = prose.prose >= _LEAST_PROSE and prose.link_chars < _MOSTLY_LINKS * prose.chars
    if is_declared or is_mostly_prose or _describes_article(document):
        return Kind.ARTICLE
    is_only_heading = len(document.elements("h1")) == 1
    is_only_heading = is_only_heading or _is_one_run(prose)
    has_links = not has_story_address and _linked_headings(document) > _MOST_LINKED_HEADINGS
    return Kind.ARTICLE if prose.prose and is_only_heading and not has_links else Kind.FRONT


def _is_one_run(prose: _Prose) -> bool:
    """Returns whether nearly all prose of a page, which is more than its links, stands together."""
    is_run = prose.longest_run >= max(_LEAST_RUN, _MOSTLY_RUN * prose.prose)
    return is_run and prose.link_chars < _MOSTLY_LINKS * prose.chars


def _describes_article(document: Document) -> bool:
    """Returns whether a page's JSON-LD describes one article, and no list of them."""
    types = [types_of(entity) for entity in document.entities]
    is_list = any(names & _LISTS for names in types) or sum(bool(names & ARTICLE_TYPES) for names in types) >= _SEVERAL
    return bool(document.article_data.get("headline")) and not is_list


def _has_story_address(path: str) -> bool:
    return _STORY_ADDRESS.search(path.rstrip("/").rsplit("/", maxsplit=1)[-1]) is not None


def _has_teasers(document: Document, prose: _Prose) -> bool:
    """Returns whether a page's prose is the summaries of teasers. Section pages often declare that they are articles."""
    if prose.longest_run >= _MOST_IN_RUN * prose.prose or _lead_elsewhere(document):
        return False
    if prose.summaries >= _LEAST_SUMMARIES and prose.longest_run <= _LONGEST_SUMMARY:
        return True
    teasers = _linked_headings(document)
    return teasers >= _LEAST_TEASERS and prose.prose <= _MOST_PROSE_PER_TEASER * teasers


def _has_cards(document: Document, prose: _Prose) -> bool:
    """Returns whether most headings, and nearly all prose, are in cards: each leads to one page of the site, as by "read more"."""
    headings = document.tree.css(_CARD_HEADINGS)[:_MOST_CARDS]
    if len(headings) < _LEAST_CARDS:
        return False
    cards: dict[str, LexborNode] = {}
    for heading in headings:
        if heading.parent and (url := _only_address(document, heading.parent)):
            cards.setdefault(url, heading.parent)
    is_most = len(cards) >= max(_LEAST_CARDS, _MOSTLY_CARDS * len(headings))
    return is_most and sum(_size(text_of(card)) for card in cards.values()) >= _NEARLY_ALL * prose.prose


def _only_address(document: Document, card: LexborNode) -> str | None:
    """Returns the address that all links of an element lead to; None if it is not one page of the same site."""
    urls = {document.link(attribute(link, "href")) for link in card.css("a[href]")[:_MOST_IN_CARD]}
    url = urls.pop() if len(urls) == 1 else None
    return url if url and site_of(url) == site_of(document.url) else None


def _linked_headings(document: Document) -> int:
    return len(document.tree.css(_HEADING_LINKS))


def _lead_elsewhere(document: Document) -> bool:
    """Returns whether most headings that are links lead to other sites, as in an article about shops or places."""
    nodes = document.tree.css(_HEADING_LINKS)[:_MOST_HEADINGS]
    links = [node if node.tag == "a" else node.parent for node in nodes]
    urls = [url for link in links if (url := document.link(attribute(link, "href")))]
    site = site_of(document.url)
    return sum(site_of(url) != site for url in urls) > len(links) / 2


def _prose_of(page: Layout) -> _Prose:
    chars = link_chars = prose = run = longest_run = 0.0
    summaries, follows_title = 0, False
    for block in page.blocks:
        size = _size(block.text)
        chars, link_chars = chars + size, link_chars + size * block.link_chars / len(block.text)
        if block.link_chars >= _MOSTLY_LINKS * len(block.text):
            if size >= _LEAST_TITLE or page.boxes[block.box].tag in HEADINGS:
                run, follows_title = 0.0, True
        elif size > _PARAGRAPH:
            prose, run = prose + size, run + size
            longest_run = max(longest_run, run)
            summaries, follows_title = summaries + follows_title, False
    return _Prose(chars, link_chars, prose, longest_run, summaries)


def _size(text: str) -> int:
    """Returns the length of a text in letters of an alphabet."""
    ideographs = 0 if text.isascii() else len(_IDEOGRAPH.findall(text))
    return len(text) + (_LETTERS_IN_IDEOGRAPH - 1) * ideographs
