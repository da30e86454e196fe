"""Where a page says when, where and in which section an article was published: (text, source, confidence)."""

from collections.abc import Iterator

from services.parser import dates
from services.parser.byline import Publication
from services.parser.markup import attribute, words
from services.parser.metadata import Document, listed, names, types
from services.parser.rules import Rules

Said = Iterator[tuple[str | None, str, float]]

_PUBLISHED = (
    "article:published_time", "og:article:published_time", "datepublished", "parsely-pub-date", "sailthru.date",
    "dc.date.issued", "dcterms.created", "dcterms.date", "dc.date", "dc.date.created", "pubdate", "publishdate",
    "publish-date", "publication_date", "article.published", "cxenseparse:recs:publishtime", "date", "og:pubdate",
)  # fmt: skip
_MODIFIED = ("article:modified_time", "og:updated_time", "datemodified", "dcterms.modified", "last-modified")
_SHOWN_DATES = (".published", ".pubdate", ".publish-date", ".post-date", ".entry-date", ".article-date", ".date",
                ".byline", ".dateline")  # fmt: skip
_LONGEST_SHOWN = 120
# How far below its title an article's date may stand, in characters.
_BELOW_TITLE = 250


def ruled_dates(document: Document, rules: Rules, printed: Publication | None) -> Said:
    """The publication date where the rules of the host point."""
    if printed:
        yield printed.date, printed.line, 1.0
    for text, selector in document.text(*rules.published):
        yield text, selector, 1.0


def published(document: Document) -> Said:
    """The publication date as the page declares it."""
    for text in listed(document.article.get("datePublished")):
        yield str(text), "JSON-LD datePublished", 0.95
    for text, source in document.meta(*_PUBLISHED):
        yield text, source, 0.9
    for node in document.tree.css('[itemprop="datePublished"], time[pubdate]'):
        yield attribute(node, "datetime") or attribute(node, "content") or words(node), "itemprop datePublished", 0.85
    for text in listed(document.article.get("dateCreated")):
        yield str(text), "JSON-LD dateCreated", 0.7


def shown(document: Document) -> Said:
    """The publication date as the page shows it, or its URL; less sure."""
    for node in document.tree.css("article time, main time, header time, time")[:3]:
        yield attribute(node, "datetime") or words(node), "time", 0.6
    yield dates.in_url(document.url), "URL", 0.55
    for text, selector in document.text(*_SHOWN_DATES):
        if len(text) <= _LONGEST_SHOWN:
            yield text, selector, 0.5
    for title, source in document.text("h1"):
        below = words(document.tree.body).partition(title)[2][:_BELOW_TITLE]
        yield below, f"below {source}", 0.4


def modified(document: Document) -> Said:
    """The date of the last change."""
    for text in listed(document.article.get("dateModified")):
        yield str(text), "JSON-LD dateModified", 0.95
    for text, source in document.meta(*_MODIFIED):
        yield text, source, 0.9


def publisher(document: Document, rules: Rules, printed: Publication | None) -> Said:
    """The newspaper that published the article, wherever the page stands."""
    if printed:
        yield printed.publisher, printed.line, 1.0
    for text, selector in document.text(*rules.publisher):
        yield text, selector, 0.95
    for text in names(document.article.get("publisher")):
        yield text, "JSON-LD publisher", 0.9
    for text, source in document.meta("article:publisher", "dc.publisher", "publisher"):
        if "/" not in text:
            yield text, source, 0.6


def site(document: Document) -> Said:
    """The name of the site that the page stands on."""
    for text, source in document.meta("og:site_name", "application-name", "twitter:app:name:iphone"):
        yield text, source, 0.9
    for node in document.nodes:
        if "website" in types(node):
            yield next(names(node), None), "JSON-LD WebSite", 0.8
    for text in names(document.article.get("publisher")):
        yield text, "JSON-LD publisher", 0.7


def section(document: Document, rules: Rules) -> Said:
    """The section of the newspaper."""
    for text, selector in document.text(*rules.section):
        yield text, selector, 1.0
    for text in names(document.article.get("articleSection")):
        yield text, "JSON-LD articleSection", 0.9
    for text, source in document.meta("article:section", "parsely-section", "cxenseparse:section", "section"):
        yield text, source, 0.8
