"""An article from an HTML page: what its metadata declares, checked against what it shows."""

from datetime import datetime
from itertools import chain

from selectolax.lexbor import LexborNode

from services.parser.article import declared
from services.parser.article.authors.authors import authors
from services.parser.article.authors.byline_places import without_places
from services.parser.article.body import paragraphs
from services.parser.article.evidence import Evidence, best, ranked, ranked_dates
from services.parser.article.images import pictures
from services.parser.article.publication import publication_date, publication_line
from services.parser.article.titles import titles
from services.parser.page import language
from services.parser.page.document import Document
from services.parser.page.elements import attribute, clean
from services.parser.page.structured_data import as_list, is_false, names_in, types_of
from services.parser.page.words import word_count
from services.parser.rules.site_rules import Rules
from shared.contracts import Article

_MOST_TAGS, _MOST_ALTERNATES = 50, 30
_PAGE_TYPES = frozenset({"webpage", "webpageelement"})


def read(document: Document, rules: Rules, now: datetime) -> Article | None:
    """Returns the article on a page; None if there is no title or no body.

    Args:
        document: the page.
        rules: of its host.
        now: when it was fetched; later dates are left out.
    """
    lines = (publication_line.published_in(text, now) for text, _ in document.text(*rules.published_in))
    publication = next((line for line in lines if line), None)
    title_candidates = titles.read(document, rules)
    evidence: Evidence = {
        **title_candidates._asdict(),
        "modified_at": ranked_dates(declared.modified_dates(document), now, document),
        "publisher": ranked(declared.publishers(document, rules, publication)),
        "site": ranked(declared.site_names(document)),
        "section": ranked(declared.sections(document, rules)),
    }
    title = best(evidence, "title")
    evidence |= {
        "published_at": publication_date.candidates(
            document, rules, publication, title, modified=evidence["modified_at"], now=now
        )
    }
    outlets = frozenset(candidate.value.lower() for field in ("publisher", "site") for candidate in evidence[field])
    evidence |= {"authors": without_places(authors(document, rules, title, outlets), title or "")}
    author_names = frozenset(candidate.value for candidate in evidence["authors"])
    body = paragraphs.paragraphs(document, rules, title or "", author_names)
    if title is None or not body:
        return None
    return _article(document, rules, title, body, {field: values for field, values in evidence.items() if values})


def _article(document: Document, rules: Rules, title: str, body: tuple[str, ...], evidence: Evidence) -> Article:
    text_language = language.detect("\n".join(body), document.language)
    lead_image, images = pictures(document, rules)
    return Article(
        title=title,
        text="\n".join(body),
        subtitle=_subtitle(document, rules, best(evidence, "subtitle")),
        kicker=best(evidence, "kicker"),
        seo_title=best(evidence, "seo_title"),
        authors=tuple(candidate.value for candidate in evidence.get("authors", ())),
        published_at=best(evidence, "published_at"),
        modified_at=best(evidence, "modified_at"),
        site=best(evidence, "site"),
        publisher=best(evidence, "publisher"),
        origin_url=paragraphs.origin(document),
        section=best(evidence, "section"),
        tags=_tags(document),
        language=text_language,
        direction=language.direction(text_language),
        lead_image=lead_image,
        images=images,
        canonical_url=_canonical(document),
        alternates=_alternates(document),
        paywalled=_paywalled(document),
        live_blog=_is_live_blog(document),
        word_count=sum(map(word_count, body)),
        evidence=evidence,
    )


def _subtitle(document: Document, rules: Rules, printed: str | None) -> str | None:
    values = chain(
        document.text(*rules.subtitle),
        ((printed or "", ""),),
        ((clean(str(text)), "") for text in as_list(document.article_data.get("alternativeHeadline"))),
        document.meta("og:description", "description"),
    )
    return next((text for text, _ in values if text), None)


def _tags(document: Document) -> tuple[str, ...]:
    keywords = list(names_in(document.article_data.get("keywords")))
    keywords = keywords or [text for text, _ in document.meta("article:tag")]
    keywords = keywords or [text for text, _ in document.meta("news_keywords", "keywords")]
    parts = keywords[0].split(",", _MOST_TAGS) if len(keywords) == 1 else keywords
    return tuple(dict.fromkeys(tag for part in parts[:_MOST_TAGS] if (tag := part.strip())))


def _canonical(document: Document) -> str | None:
    link = next((attribute(node, "href") for node in document.related("canonical")), "")
    return document.link(link or next((text for text, _ in document.meta("og:url")), None))


def _alternates(document: Document) -> tuple[str, ...]:
    nodes = [node for node in document.elements("link") if _is_alternate(node)]
    urls = (document.link(attribute(node, "href")) for node in nodes[:_MOST_ALTERNATES])
    return tuple(dict.fromkeys(url for url in urls if url))


def _is_alternate(node: LexborNode) -> bool:
    """Returns whether an element links to the article in another format or language."""
    relation = attribute(node, "rel").lower()
    return relation == "amphtml" or (relation == "alternate" and "hreflang" in node.attributes)


def _is_live_blog(document: Document) -> bool:
    """Returns whether the page declares its article, or what has the same headline, to be a live blog."""
    headline = document.article_data.get("headline")
    blogs = (entity for entity in document.entities if "liveblogposting" in types_of(entity))
    if '/LiveBlogPosting"' in document.html and document.tree.css_first('[itemtype$="/LiveBlogPosting"]') is not None:
        return True
    return any(blog is document.article_data or (headline and blog.get("headline") == headline) for blog in blogs)


def _paywalled(document: Document) -> bool | None:
    """Returns whether the article or a part of it is not free; None if the page does not declare it."""
    pages = (entity for entity in document.entities if types_of(entity) & _PAGE_TYPES)
    parts = (part for part in as_list(document.article_data.get("hasPart")) if isinstance(part, dict))
    declared_values = [entity.get("isAccessibleForFree") for entity in (document.article_data, *parts, *pages)]
    values = [value for value in declared_values if value is not None]
    if values:
        return any(map(is_false, values))
    if marked := [text for text, _ in document.meta("isaccessibleforfree")]:
        return any(map(is_false, marked))
    tier = next((text for text, _ in document.meta("article:content_tier")), None)
    return None if tier is None else tier.lower() != "free"
