"""An article from an HTML page: what the page says about itself, checked against what it shows."""

from collections.abc import Iterable
from datetime import datetime
from itertools import chain

from services.parser.article import byline, dateline, dates, declared, titles
from services.parser.article.authors import authors
from services.parser.article.body import paragraphs
from services.parser.article.images import pictures
from services.parser.page import language
from services.parser.page.document import Document
from services.parser.page.elements import attribute, clean
from services.parser.page.structured_data import as_list, names_in, types_of
from services.parser.rules.site_rules import Rules
from shared.contracts import Article, Candidate

# Below this, more is looked for.
_SURE_DATE = 0.8

Evidence = dict[str, tuple[Candidate, ...]]
Found = Iterable[tuple[str | None, str, float]]


def read(document: Document, rules: Rules, now: datetime) -> Article | None:
    """The article on a page, or None where there is no title or no body.

    Args:
        document: the page.
        rules: of its host.
        now: when it was fetched; no article is from later.
    """
    printed = next(
        (found for text, _ in document.text(*rules.published_in) if (found := byline.published_in(text, now))), None
    )
    title_found = titles.candidates(document, rules)
    evidence: Evidence = {
        "title": title_found,
        "published_at": _published(document, rules, printed, title_found, now),
        "modified_at": _ranked(declared.modified(document), now, document.month_first),
        "publisher": _plain(declared.publisher(document, rules, printed)),
        "site": _plain(declared.site(document)),
        "section": _plain(declared.section(document, rules)),
    }
    title = _first(evidence, "title")
    outlets = frozenset(one.value.lower() for field in ("publisher", "site") for one in evidence[field])
    evidence |= {"authors": authors(document, rules, title, outlets)}
    people = frozenset(one.value for one in evidence["authors"])
    body = paragraphs.paragraphs(document, rules, title or "", people)
    if title is None or not body:
        return None
    return _built(document, rules, title, body, {field: found for field, found in evidence.items() if found})


def _built(document: Document, rules: Rules, title: str, body: tuple[str, ...], evidence: Evidence) -> Article:
    found = language.detect("\n".join(body), document.language)
    lead, images = pictures(document, rules)
    return Article(
        title=title,
        text="\n".join(body),
        subtitle=_subtitle(document, rules),
        authors=tuple(name.value for name in evidence.get("authors", ())),
        published_at=_first(evidence, "published_at"),
        modified_at=_first(evidence, "modified_at"),
        site=_first(evidence, "site"),
        publisher=_first(evidence, "publisher"),
        origin_url=paragraphs.origin(document),
        section=_first(evidence, "section"),
        tags=_tags(document),
        language=found,
        direction=language.direction(found),
        lead_image=lead,
        images=images,
        canonical_url=_canonical(document),
        alternates=_alternates(document),
        paywalled=_paywalled(document),
        live_blog="liveblogposting" in types_of(document.article_data),
        word_count=sum(len(paragraph.split()) for paragraph in body),
        evidence=evidence,
    )


def _published(
    document: Document, rules: Rules, printed: byline.Publication | None, title: tuple[Candidate, ...], now: datetime
) -> tuple[Candidate, ...]:
    values = (*declared.ruled_dates(document, rules, printed), *declared.published(document))
    shown = dateline.shown(document, title[0].value if title else None)
    found = _ranked(chain(values, shown), now, document.month_first)
    if not found or found[0].confidence < _SURE_DATE:
        found = _ranked(
            chain(((one.value, one.source, one.confidence) for one in found), dateline.elsewhere(document)),
            now,
            document.month_first,
        )
    return _refined(found)


def _refined(found: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    """The candidates, the first as exactly as the next ones know it."""
    if not found:
        return found
    exact = dates.refined([one.value for one in found])
    rest = tuple(one for one in found if one.value != exact)
    return (next((one for one in found if one.value == exact), found[0].model_copy(update={"value": exact})), *rest)


def _first(evidence: Evidence, field: str) -> str | None:
    return next((candidate.value for candidate in evidence.get(field, ())), None)


def _ranked(found: Found, now: datetime, month_first: bool = False) -> tuple[Candidate, ...]:
    """Dates that can be read, each value once, the surest first."""
    read = ((dates.read(text, now, month_first), source, sure) for text, source, sure in found if text)
    return _plain((value, source, sure) for value, source, sure in read if value)


def _plain(found: Found) -> tuple[Candidate, ...]:
    best: dict[str, Candidate] = {}
    for value, source, sure in sorted(((v, s, c) for v, s, c in found if v), key=lambda one: -one[2]):
        best.setdefault(value, Candidate(value=value, source=source, confidence=sure))
    return tuple(best.values())


def _subtitle(document: Document, rules: Rules) -> str | None:
    found = chain(
        document.text(*rules.subtitle),
        ((clean(str(text)), "") for text in as_list(document.article_data.get("alternativeHeadline"))),
        document.meta("og:description", "description"),
    )
    return next((text for text, _ in found if text), None)


def _tags(document: Document) -> tuple[str, ...]:
    given = list(names_in(document.article_data.get("keywords"))) or [text for text, _ in document.meta("article:tag")]
    given = given or [text for text, _ in document.meta("news_keywords", "keywords")]
    parts = given[0].split(",") if len(given) == 1 else given
    return tuple(dict.fromkeys(tag for part in parts[:50] if (tag := part.strip())))


def _canonical(document: Document) -> str | None:
    link = attribute(document.tree.css_first('link[rel~="canonical"]'), "href")
    return document.link(link or next((text for text, _ in document.meta("og:url")), None))


def _alternates(document: Document) -> tuple[str, ...]:
    nodes = document.tree.css('link[rel="amphtml"], link[rel="alternate"][hreflang]')
    found = (document.link(attribute(node, "href")) for node in nodes[:30])
    return tuple(dict.fromkeys(url for url in found if url))


def _paywalled(document: Document) -> bool | None:
    free = document.article_data.get("isAccessibleForFree")
    if free is None:
        tier = next((text for text, _ in document.meta("article:content_tier")), None)
        return None if tier is None else tier.lower() != "free"
    return str(free).strip().lower() in {"false", "no", "0"}
