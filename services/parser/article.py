"""An article from an HTML page: what the page says about itself, checked against what it shows."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain

from services.parser import body, byline, dates, language, titles
from services.parser.images import pictures
from services.parser.metadata import Document, attribute, clean, listed, names, types, words
from services.parser.rules import Rules
from shared.contracts import Article, Candidate

_PUBLISHED = (
    "article:published_time", "og:article:published_time", "datepublished", "parsely-pub-date", "sailthru.date",
    "dc.date.issued", "dcterms.created", "dcterms.date", "dc.date", "dc.date.created", "pubdate", "publishdate",
    "publish-date", "publication_date", "article.published", "cxenseparse:recs:publishtime", "date", "og:pubdate",
)  # fmt: skip
_MODIFIED = ("article:modified_time", "og:updated_time", "datemodified", "dcterms.modified", "last-modified")
_AUTHORS = ("author", "article:author", "parsely-author", "sailthru.author", "dc.creator", "dcterms.creator", "byl")
_SHOWN_AUTHORS = ('[itemprop="author"] [itemprop="name"]', '[itemprop="author"]', '[rel="author"]', ".byline-name",
                  ".author-name", ".byline a", ".author a", ".byline", ".author")  # fmt: skip
_SHOWN_DATES = (".published", ".pubdate", ".publish-date", ".post-date", ".entry-date", ".article-date", ".date",
                ".byline", ".dateline")  # fmt: skip
_LONGEST_SHOWN = 120

Evidence = dict[str, tuple[Candidate, ...]]
Found = Iterable[tuple[str | None, str, float]]


def read(document: Document, rules: Rules, now: datetime) -> Article | None:
    """The article on a page, or None where there is no title or no body.

    Args:
        document: the page.
        rules: of its host.
        now: when it was fetched; no article is from later.

    Raises:
        Drop: nothing can be made of the page.
    """
    printed = next(
        (found for text, _ in document.text(*rules.published_in) if (found := byline.published_in(text, now))), None
    )
    evidence: Evidence = {
        "title": titles.candidates(document, rules),
        "published_at": _ranked(
            chain(_ruled_dates(document, rules, printed), _published(document), _shown(document)), now
        ),
        "modified_at": _ranked(_modified(document), now),
        "publisher": _plain(_publisher(document, rules, printed)),
        "site": _plain(_site(document)),
        "section": _plain(_section(document, rules)),
    }
    title = _first(evidence, "title")
    paragraphs = body.paragraphs(document, rules, title or "")
    if title is None or not paragraphs:
        return None
    evidence |= {"authors": _authors(document, rules, evidence)}
    return _built(document, rules, title, paragraphs, {field: found for field, found in evidence.items() if found})


def _built(document: Document, rules: Rules, title: str, paragraphs: tuple[str, ...], evidence: Evidence) -> Article:
    found = language.detect("\n".join(paragraphs), _page_language(document))
    lead, images = pictures(document, rules)
    return Article(
        title=title,
        text="\n".join(paragraphs),
        subtitle=_subtitle(document, rules),
        authors=tuple(name.value for name in evidence.get("authors", ())),
        published_at=_first(evidence, "published_at"),
        modified_at=_first(evidence, "modified_at"),
        site=_first(evidence, "site"),
        publisher=_first(evidence, "publisher"),
        origin_url=body.origin(document),
        section=_first(evidence, "section"),
        tags=_tags(document),
        language=found,
        direction=language.direction(found),
        lead_image=lead,
        images=images,
        canonical_url=_canonical(document),
        alternates=_alternates(document),
        paywalled=_paywalled(document),
        live_blog="liveblogposting" in types(document.article),
        word_count=sum(len(paragraph.split()) for paragraph in paragraphs),
        evidence=evidence,
    )


def _first(evidence: Evidence, field: str) -> str | None:
    return next((candidate.value for candidate in evidence.get(field, ())), None)


def _ranked(found: Found, now: datetime) -> tuple[Candidate, ...]:
    """Dates that can be read, each value once, the surest first."""
    read = ((dates.read(text, now), source, sure) for text, source, sure in found if text)
    return _plain((value, source, sure) for value, source, sure in read if value)


def _plain(found: Found) -> tuple[Candidate, ...]:
    best: dict[str, Candidate] = {}
    for value, source, sure in sorted(((v, s, c) for v, s, c in found if v), key=lambda one: -one[2]):
        best.setdefault(value, Candidate(value=value, source=source, confidence=sure))
    return tuple(best.values())


def _ruled_dates(
    document: Document, rules: Rules, printed: byline.Publication | None
) -> Iterator[tuple[str | None, str, float]]:
    if printed:
        yield printed.date, printed.line, 1.0
    for text, selector in document.text(*rules.published):
        yield text, selector, 1.0


def _published(document: Document) -> Iterator[tuple[str | None, str, float]]:
    for text in listed(document.article.get("datePublished")):
        yield str(text), "JSON-LD datePublished", 0.95
    for text, source in document.meta(*_PUBLISHED):
        yield text, source, 0.9
    for node in document.tree.css('[itemprop="datePublished"], time[pubdate]'):
        yield attribute(node, "datetime") or attribute(node, "content") or words(node), "itemprop datePublished", 0.85
    for text in listed(document.article.get("dateCreated")):
        yield str(text), "JSON-LD dateCreated", 0.7


def _shown(document: Document) -> Iterator[tuple[str | None, str, float]]:
    for node in document.tree.css("article time, main time, header time, time")[:3]:
        yield attribute(node, "datetime") or words(node), "time", 0.6
    yield dates.in_url(document.url), "URL", 0.55
    for text, selector in document.text(*_SHOWN_DATES):
        if len(text) <= _LONGEST_SHOWN:
            yield text, selector, 0.5


def _modified(document: Document) -> Iterator[tuple[str | None, str, float]]:
    for text in listed(document.article.get("dateModified")):
        yield str(text), "JSON-LD dateModified", 0.95
    for text, source in document.meta(*_MODIFIED):
        yield text, source, 0.9


def _publisher(
    document: Document, rules: Rules, printed: byline.Publication | None
) -> Iterator[tuple[str | None, str, float]]:
    if printed:
        yield printed.publisher, printed.line, 1.0
    for text, selector in document.text(*rules.publisher):
        yield text, selector, 0.95
    for text in names(document.article.get("publisher")):
        yield text, "JSON-LD publisher", 0.9
    for text, source in document.meta("article:publisher", "dc.publisher", "publisher"):
        if "/" not in text:
            yield text, source, 0.6


def _site(document: Document) -> Iterator[tuple[str | None, str, float]]:
    for text, source in document.meta("og:site_name", "application-name", "twitter:app:name:iphone"):
        yield text, source, 0.9
    for node in document.nodes:
        if "website" in types(node):
            yield next(names(node), None), "JSON-LD WebSite", 0.8
    for text in names(document.article.get("publisher")):
        yield text, "JSON-LD publisher", 0.7


def _section(document: Document, rules: Rules) -> Iterator[tuple[str | None, str, float]]:
    for text, selector in document.text(*rules.section):
        yield text, selector, 1.0
    for text in names(document.article.get("articleSection")):
        yield text, "JSON-LD articleSection", 0.9
    for text, source in document.meta("article:section", "parsely-section", "cxenseparse:section", "section"):
        yield text, source, 0.8


def _authors(document: Document, rules: Rules, evidence: Evidence) -> tuple[Candidate, ...]:
    """The names of the first source that gives any; what the newspaper is called is nobody's name."""
    outlets = frozenset(one.value.lower() for field in ("publisher", "site") for one in evidence[field])
    sources = chain(
        document.text(*rules.authors),
        [(", ".join(names(document.article.get("author"))), "JSON-LD author")],
        document.meta(*_AUTHORS),
        document.text(*_SHOWN_AUTHORS),
    )
    for text, source in sources:
        if found := byline.people(text[:300], outlets):
            return tuple(Candidate(value=name, source=source) for name in found)
    return ()


def _subtitle(document: Document, rules: Rules) -> str | None:
    found = chain(
        document.text(*rules.subtitle),
        ((clean(str(text)), "") for text in listed(document.article.get("alternativeHeadline"))),
        document.meta("og:description", "description"),
    )
    return next((text for text, _ in found if text), None)


def _tags(document: Document) -> tuple[str, ...]:
    given = list(names(document.article.get("keywords"))) or [text for text, _ in document.meta("article:tag")]
    given = given or [text for text, _ in document.meta("news_keywords", "keywords")]
    parts = given[0].split(",") if len(given) == 1 else given
    return tuple(dict.fromkeys(tag for part in parts[:50] if (tag := part.strip())))


def _page_language(document: Document) -> str | None:
    declared = attribute(document.tree.css_first("html"), "lang")
    return declared or next((text for text, _ in document.meta("og:locale", "language", "content-language")), None)


def _canonical(document: Document) -> str | None:
    link = attribute(document.tree.css_first('link[rel~="canonical"]'), "href")
    return document.link(link or next((text for text, _ in document.meta("og:url")), None))


def _alternates(document: Document) -> tuple[str, ...]:
    nodes = document.tree.css('link[rel="amphtml"], link[rel="alternate"][hreflang]')
    found = (document.link(attribute(node, "href")) for node in nodes[:30])
    return tuple(dict.fromkeys(url for url in found if url))


def _paywalled(document: Document) -> bool | None:
    free = document.article.get("isAccessibleForFree")
    if free is None:
        tier = next((text for text, _ in document.meta("article:content_tier")), None)
        return None if tier is None else tier.lower() != "free"
    return str(free).strip().lower() in {"false", "no", "0"}
