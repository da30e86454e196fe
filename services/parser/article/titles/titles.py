"""An article's title as the page prints it, its kicker, and the title that search engines are given.

Every candidate loses the site's name; they are ranked by their source and by how many sources agree.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from services.parser.article.titles import kickers
from services.parser.article.titles.headings import LONE, headings, printed_keys
from services.parser.article.titles.site_names import between_site_names, site_names, without_site
from services.parser.page.document import Document
from services.parser.page.elements import clean, comparison_key
from services.parser.page.structured_data import as_list, types_of
from services.parser.rules.site_rules import Rules
from shared.contracts import Candidate

_CUT = re.compile(r"\s*(?:…|\.\.\.)$")
_TEMPLATE = re.compile(r"\{\{|\$\{|<%")
_LONGEST = 400
# The most seen on 2,049 pages: 90 titles in the metadata.
_MOST_DECLARED = 900
_RULED = 9.0
_WEIGHTS = {"JSON-LD headline": 0.9, "meta og:title": 0.8, "title": 0.5}
# Where a newspaper writes texts of their own for search, sharing and print, its archive has the NewsArticle's headline.
_EDITED_HEADLINE = 2.3
_PRINTED_SOURCES = ("h1", "h2", "h3")
_EDITED_SOURCES = ("JSON-LD headline", "meta og:title", "title")
_OTHER_WEIGHT = 0.4
# These sources give the headline without the site's name.
_PURE_SOURCES = frozenset({*_PRINTED_SOURCES, "JSON-LD headline", "meta headline"})
_AGREES = 0.25
# What search engines show comes from these, in this order.
_FOR_SEARCH = ("title", "JSON-LD headline", "meta og:title")


class Titles(NamedTuple):
    """Candidates for each of an article's titles, the best first."""

    title: tuple[Candidate, ...]
    seo_title: tuple[Candidate, ...] = ()
    kicker: tuple[Candidate, ...] = ()
    subtitle: tuple[Candidate, ...] = ()


class _Title(NamedTuple):
    text: str
    source: str
    weight: float
    kicker: str = ""
    subtitle: str = ""


def read(document: Document, rules: Rules) -> Titles:
    """Returns the candidates for the title of a page's article, for its kicker and for the title for search engines."""
    site = site_names(document)
    titles = _titles(document, rules, site)
    ranked = _ranked(titles, site)
    candidates: dict[str, Candidate] = {}
    for score, title in ranked:
        confidence = max(0.0, min(1.0, round(score / 2, 2)))
        candidates.setdefault(title.text, Candidate(value=title.text, source=title.source, confidence=confidence))
    if not ranked:
        return Titles(())
    best = ranked[0][1]
    kicker = best.kicker or kickers.before_headline(best.text, (title.text for title in titles))
    kicker = "" if comparison_key(kicker) in site else kicker
    return Titles(
        tuple(candidates.values()),
        tuple(_for_search(best.text, kicker, titles, site)),
        (Candidate(value=kicker, source=best.source),) if kicker else (),
        (Candidate(value=best.subtitle, source=best.source),) if best.subtitle else (),
    )


def _titles(document: Document, rules: Rules, site: set[str]) -> list[_Title]:
    ruled = [_Title(text[:_LONGEST], selector, _RULED) for text, selector in document.text(*rules.title)]
    declared = [title for title in islice(_declared(document), _MOST_DECLARED) if title.text]
    printed = [
        _Title(heading.text, heading.tag, heading.weight, heading.kicker, heading.subtitle)
        for heading in headings(document, [title.text for title in declared])
    ]
    pure = {comparison_key(title.text) for title in (*printed, *declared) if title.source in _PURE_SOURCES} - {
        "",
        *site,
    }
    if all(title.weight <= LONE for title in printed):
        pure |= printed_keys(document, [title.text for title in (*ruled, *printed, *declared)]) - site
    heading_keys = {comparison_key(title.text) for title in printed}
    declared_keys = {comparison_key(title.text) for title in declared}
    whole = between_site_names(heading_keys | pure | declared_keys, declared_keys, site)
    titles = [
        title._replace(text=without_site(title.text, site, pure, heading_keys, whole))
        for title in (*ruled, *printed, *declared)
    ]
    if _is_edited(document, titles):
        titles = [
            title._replace(weight=_EDITED_HEADLINE) if title.source == "JSON-LD headline" else title for title in titles
        ]
    return [_with_kicker(_without_kicker(title, titles), titles) for title in titles]


def _is_edited(document: Document, titles: list[_Title]) -> bool:
    """Returns whether either og:title or the page's title is a NewsArticle's headline, and the second differs.

    A headline that is all of them, or the page's title without the site's name, is made for search engines; one that
    ends in the printed headline is that with its kicker. A printed headline that is one of the two is the headline.
    """
    if not any(name.endswith("newsarticle") for name in types_of(document.article_data)):
        return False
    keys = {title.source: comparison_key(title.text) for title in reversed(titles)}
    headline, shared, title = (keys.get(source, "") for source in _EDITED_SOURCES)
    printed = max((title for title in titles if title.source in _PRINTED_SOURCES), key=_weight, default=None)
    printed_key = comparison_key(printed.text) if printed else ""
    is_plain_title = any(comparison_key(text) == headline for text, _ in islice(document.text("title"), 1))
    is_printed = printed_key != "" and (headline.endswith(printed_key) or printed_key in (shared, title))
    return shared != "" and (headline == shared) != (headline == title) and not (is_plain_title or is_printed)


def _weight(title: _Title) -> float:
    return title.weight


def _declared(document: Document) -> Iterator[_Title]:
    for value in as_list(document.article_data.get("headline")):
        text = clean(str(value)[: 10 * _LONGEST])[:_LONGEST]
        yield _Title(text, "JSON-LD headline", _WEIGHTS["JSON-LD headline"])
    metas = ("og:title", "headline", "twitter:title", "dc.title", "parsely-title", "sailthru.title")
    for text, source in document.meta(*metas):
        yield _Title(text[:_LONGEST], source, _WEIGHTS.get(source, _OTHER_WEIGHT))
    for text, source in document.text("title"):
        yield _Title(text[:_LONGEST], source, _WEIGHTS["title"])
        return


def _ranked(titles: list[_Title], site: set[str]) -> list[tuple[float, _Title]]:
    scored = [(_score(title, titles, site), title) for title in titles if title.text]
    return sorted((pair for pair in scored if not _TEMPLATE.search(pair[1].text)), key=lambda pair: -pair[0])


def _score(title: _Title, titles: list[_Title], site: set[str]) -> float:
    """Returns the weight of the source and of each other source that agrees; less for the site's name or a cut title."""
    key = comparison_key(title.text)
    if key in site:
        return -1.0
    by_source = {other_title.source: other_title for other_title in titles if other_title.source != title.source}
    agreeing = sum(_agree(key, comparison_key(other_title.text)) for other_title in by_source.values())
    penalty = 0.5 if _CUT.search(title.text) else 0.0
    return title.weight + _AGREES * agreeing - penalty


def _agree(key: str, other_key: str) -> bool:
    """Returns whether two titles are the same; the second may be cut short."""
    return key == other_key or (len(other_key) > 25 and key.startswith(other_key))


def _without_kicker(title: _Title, titles: list[_Title]) -> _Title:
    """Returns a heading without the kicker before it, if another source gives the headline alone."""
    if title.source != "h1":
        return title
    headlines = (headline.text for headline in titles if headline.source != "h1" and len(headline.text) > 15)
    endings = (
        text
        for text in headlines
        if title.text.endswith(f" {text}")
        and comparison_key(title.text.removesuffix(text))
        and not title.text.removesuffix(f" {text}").endswith(":")
    )
    if (headline := next(endings, "")) == "":
        return title
    return title._replace(text=headline, kicker=title.text.removesuffix(headline).strip(" :|–—-"))


def _with_kicker(title: _Title, titles: list[_Title]) -> _Title:
    """Returns a heading with its kicker and a colon before it, where the page declares its headline so.

    Of og:title this is believed if the kicker is printed in h1, too: it may be the name of a section or of a kind of text.
    """
    if title.source not in _PRINTED_SOURCES:
        return title
    for declared in (declared for declared in titles if declared.source in _EDITED_SOURCES[:2]):
        kicker, colon, _ = declared.text.partition(f": {title.text}")
        is_printed = title.source == "h1" and comparison_key(kicker) == comparison_key(title.kicker)
        is_headline = declared.source == "JSON-LD headline" or is_printed
        if is_headline and colon and declared.text == f"{kicker}: {title.text}" and len(kicker) <= kickers.LONGEST:
            return title._replace(text=declared.text, kicker=kicker)
    return title


def _for_search(title: str, kicker: str, titles: list[_Title], site: set[str]) -> Iterator[Candidate]:
    """Yields the declared titles that are not the printed one, cut or with its kicker or the site's name."""
    key, kicker_key = comparison_key(title), comparison_key(kicker)
    printed = {key, kicker_key + key, *(name + key for name in site), *(key + name for name in site)}
    for source in _FOR_SEARCH:
        for declared in (declared for declared in titles if declared.source == source):
            declared_key = comparison_key(declared.text)
            is_printed = any(form.startswith(declared_key) for form in printed)
            if not is_printed and not _TEMPLATE.search(declared.text):
                yield Candidate(value=declared.text, source=source)
