"""What a page's metadata and its site's rules declare: dates, publisher, site and section."""

from services.parser.article.evidence import Values
from services.parser.article.publication.publication_line import Publication
from services.parser.page.document import Document
from services.parser.page.elements import attribute, text_of
from services.parser.page.structured_data import names_in, texts_in, types_of
from services.parser.rules.site_rules import Rules

_PUBLISHED = (
    "article:published_time", "og:article:published_time", "og:published_time", "article:published",
    "rnews:datepublished", "datepublished", "parsely-pub-date", "sailthru.date", "dc.date.issued", "dcterms.created",
    "dcterms.date", "dc.date", "dc.date.created", "pubdate", "publishdate", "publish-date", "publication_date",
    "article.published", "cxenseparse:recs:publishtime", "og:pubdate", "date.release", "published_at",
    "article.created", "datecreated", "publication-date", "citation_publication_date", "citation_online_date",
    "article_date_original", "originalpublicationdate", "prism.publicationdate", "published-date",
    "published_time_telegram", "bt:pubdate", "dcterms.issued", "dcterms:created", "dcterms:issued", "dc:date",
    "dc:created", "published_on", "publishedon", "og:article:published", "article:publish_date", "article:date",
    "sitemap:published_time", "publicationdate", "pdate", "og:release_date", "sailthru.publish_date", "published",
    "publish_date", "published_date", "publisheddate", "date_published", "publish_time", "publishtime", "article:published_date",
    "article:pubdate", "dc.date.published", "first_published", "firstpublished", "post_date", "post-date",
)  # fmt: skip
# On some sites this is the day of the last change, so a date next to the title is more reliable.
_VAGUE = ("date",)
_MOST_ELEMENTS = 10
# Microdata, RDFa and the attribute that HTML5 once had.
_MARKED = '[itemprop="datePublished"], [property$="datePublished"]:not(meta), time[pubdate]'
_MODIFIED = (
    "article:modified_time",
    "og:updated_time",
    "datemodified",
    "dcterms.modified",
    "last-modified",
    "dateupdate",
)


def rule_dates(document: Document, rules: Rules, publication: Publication | None) -> Values:
    """Yields the publication dates that the rules of the host select."""
    if publication:
        yield publication.date, publication.line, 1.0
    for text, selector in document.text(*rules.published):
        yield text, selector, 1.0


def published_dates(document: Document) -> Values:
    """Yields the publication dates in the page's metadata."""
    for text in texts_in(document.article_data.get("datePublished")):
        yield text, "JSON-LD datePublished", 0.95
    for text in texts_in(document.article_data.get("coverageStartTime")):
        yield text, "JSON-LD coverageStartTime", 0.8
    for text, source in document.meta(*_PUBLISHED):
        yield text, source, 0.9
    nodes = document.tree.css(_MARKED)[:_MOST_ELEMENTS]
    texts = [attribute(node, "datetime") or attribute(node, "content") or text_of(node) for node in nodes]
    # Several such dates belong to several articles, and the first need not be this one.
    for text in texts[:1]:
        yield text, "itemprop datePublished", 0.85 if len({text[:10] for text in texts}) == 1 else 0.5
    for text, source in document.meta(*_VAGUE):
        yield text, source, 0.63
    for text in texts_in(document.article_data.get("dateCreated")):
        yield text, "JSON-LD dateCreated", 0.7


def modified_dates(document: Document) -> Values:
    """Yields the dates of the last change."""
    for text in texts_in(document.article_data.get("dateModified")):
        yield text, "JSON-LD dateModified", 0.95
    for text, source in document.meta(*_MODIFIED):
        yield text, source, 0.9


def publishers(document: Document, rules: Rules, publication: Publication | None) -> Values:
    """Yields the newspaper that published the article; on an aggregator it is not the site."""
    if publication:
        yield publication.publisher, publication.line, 1.0
    for text, selector in document.text(*rules.publisher):
        yield text, selector, 0.95
    for text in names_in(document.article_data.get("publisher")):
        yield text, "JSON-LD publisher", 0.9
    for text, source in document.meta("article:publisher", "dc.publisher", "publisher"):
        if "/" not in text:
            yield text, source, 0.6


def site_names(document: Document) -> Values:
    """Yields the name of the site that the page is on."""
    for text, source in document.meta("og:site_name", "application-name", "twitter:app:name:iphone"):
        yield text, source, 0.9
    for entity in document.entities:
        if "website" in types_of(entity):
            yield next(names_in(entity), None), "JSON-LD WebSite", 0.8
    for text in names_in(document.article_data.get("publisher")):
        yield text, "JSON-LD publisher", 0.7


def sections(document: Document, rules: Rules) -> Values:
    """Yields the section of the newspaper."""
    for text, selector in document.text(*rules.section):
        yield text, selector, 1.0
    for text in names_in(document.article_data.get("articleSection")):
        yield text, "JSON-LD articleSection", 0.9
    for text, source in document.meta("article:section", "parsely-section", "cxenseparse:section", "section"):
        yield text, source, 0.8
