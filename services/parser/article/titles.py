"""An article's title: every candidate, the site's name taken off, and how far the page's places bear one another out."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from services.parser.page.document import Document
from services.parser.page.elements import clean, comparison_key
from services.parser.page.structured_data import as_list, names_in, types_of
from services.parser.rules.site_rules import Rules
from shared.contracts import Candidate
from shared.errors import BadUrl
from shared.urls import host_of

_SEPARATOR = re.compile(r"\s+[-–—|·•:»«›<>/ǀ]+\s+|\s*[|ǀ]\s*|\s+::\s+|\s[»›]")
_CUT = re.compile(r"\s*(?:…|\.\.\.)$")
_TEMPLATE = re.compile(r"\{\{|\$\{|<%")
_WORD = re.compile(r"\w+")
_LONGEST = 400
_MOST_HEADINGS = 12
_RULED = 9.0
# How sure a place is by itself. One heading on a page is its title, nearly always; of several, each may be a section's,
# and one that no other place bears out is a logo, a menu or a greeting.
_ONLY_HEADING, _HEADING, _LONE_HEADING, _SUBHEADING = 1.75, 1.0, 0.35, 0.3
_PLACES = {"JSON-LD headline": 0.9, "meta og:title": 0.8, "title": 0.5}
# A newspaper's desk writes the headline of a NewsArticle; that of an Article or BlogPosting comes from a plug-in.
_NEWS_HEADLINE = 2.4
_OTHER_PLACE = 0.4
# These give the headline without the site's name.
_WHOLE = frozenset({"h1", "JSON-LD headline", "meta headline"})
_AGREES = 0.25
# Two titles with this share of their words in common tell of the same thing.
_ALIKE = 0.3
_LONGEST_SITE = 8
_FEW_WORDS, _MANY_LETTERS = 3, 12


class _Found(NamedTuple):
    text: str
    source: str
    sure: float


def candidates(document: Document, rules: Rules) -> tuple[Candidate, ...]:
    """Every title that a page gives, the best first."""
    ruled = [_Found(text[:_LONGEST], selector, _RULED) for text, selector in document.text(*rules.title)]
    told = [one for one in _told(document) if one.text]
    shown = _headings(document, told)
    site = _site_names(document)
    whole = {comparison_key(one.text) for one in (*shown, *told) if one.source in _WHOLE} - {""}
    own = [one._replace(text=_without_site(one.text, site, whole)) for one in (*ruled, *shown, *told)]
    own = [one._replace(text=_without_kicker(one, own)) for one in own]
    best: dict[str, Candidate] = {}
    for score, one in sorted(((_score(one, own, site), one) for one in own), key=lambda pair: -pair[0]):
        if one.text and not _TEMPLATE.search(one.text):
            sure = max(0.0, min(1.0, round(score / 2, 2)))
            best.setdefault(one.text, Candidate(value=one.text, source=one.source, confidence=sure))
    return tuple(best.values())


def _told(document: Document) -> Iterator[_Found]:
    news = any(one.endswith("newsarticle") for one in types_of(document.article_data))
    for value in as_list(document.article_data.get("headline")):
        sure = _NEWS_HEADLINE if news else _PLACES["JSON-LD headline"]
        yield _Found(clean(str(value))[:_LONGEST], "JSON-LD headline", sure)
    for text, source in document.meta(
        "og:title", "headline", "twitter:title", "dc.title", "parsely-title", "sailthru.title"
    ):
        yield _Found(text[:_LONGEST], source, _PLACES.get(source, _OTHER_PLACE))
    for text, source in document.text("title"):
        yield _Found(text[:_LONGEST], source, _PLACES["title"])
        return


def _headings(document: Document, told: list[_Found]) -> list[_Found]:
    headings = list(dict.fromkeys(text[:_LONGEST] for text, _ in document.text("h1")))[:_MOST_HEADINGS]
    found = [_Found(text, "h1", _sure_heading(text, len(headings), told)) for text in headings]
    if any(one.sure > _LONE_HEADING for one in found):
        return found
    smaller = dict.fromkeys(text[:_LONGEST] for text, _ in document.text("h2"))
    borne_out = [
        text
        for text in list(smaller)[:_MOST_HEADINGS]
        if any(comparison_key(text) in comparison_key(one.text) for one in told)
    ]
    return found + [_Found(text, "h2", _SUBHEADING) for text in borne_out if len(_WORD.findall(text)) > 1]


def _sure_heading(text: str, count: int, told: list[_Found]) -> float:
    """A heading that shares no word with what the page says its title is, is another one, if the page says anything."""
    likeness = max((_likeness(text, one.text) for one in told), default=1.0)
    if count == 1:
        return _ONLY_HEADING if likeness >= _ALIKE or len(_WORD.findall(text)) > 3 else _LONE_HEADING
    return _HEADING + 0.5 * likeness if likeness >= _ALIKE else _LONE_HEADING


def _score(one: _Found, every: list[_Found], site: set[str]) -> float:
    """Its place, and each other place that says the same; less where it is the site's name or was cut off."""
    key = comparison_key(one.text)
    if key in site:
        return -1.0
    others = {other.source: other for other in every if other.source != one.source}.values()
    agreeing = sum(_same(key, comparison_key(other.text)) for other in others)
    cut = 0.5 if _CUT.search(one.text) else 0.0
    return one.sure + _AGREES * agreeing - cut


def _same(key: str, other: str) -> bool:
    """Whether two titles are one, of which the other may be cut short."""
    return key == other or (len(other) > 25 and key.startswith(other))


def _likeness(one: str, other: str) -> float:
    """The share of the shorter title's words that the longer has; of its letters, where no words are written apart."""
    mine, its = ({*_WORD.findall(text.casefold())} for text in (one, other))
    if min(len(mine), len(its)) >= _FEW_WORDS:
        return len(mine & its) / min(len(mine), len(its))
    letters, those = {*comparison_key(one)}, {*comparison_key(other)}
    if len(letters) >= _MANY_LETTERS:
        return len(letters & those) / len(letters)
    return float(comparison_key(one) in comparison_key(other) or comparison_key(other) in comparison_key(one))


def _without_kicker(one: _Found, every: list[_Found]) -> str:
    """A heading that runs on from a kicker, without it, where another place gives the headline alone."""
    if one.source != "h1":
        return one.text
    endings = (other.text for other in every if other.source != "h1" and len(other.text) > 15)
    return next((text for text in endings if one.text != text and one.text.endswith(f" {text}")), one.text)


def _site_names(document: Document) -> set[str]:
    metas = ("og:site_name", "application-name", "al:android:app_name", "apple-mobile-web-app-title", "publisher")
    found = {comparison_key(text) for text, _ in document.meta(*metas)}
    found |= {comparison_key(name) for name in names_in(document.article_data.get("publisher"))}
    try:
        host = host_of(document.url).removeprefix("www.")
    except BadUrl:
        return found - {""}
    labels = host.split(".")
    return (
        found
        | {comparison_key(host), comparison_key(labels[0]), comparison_key(labels[-2] if len(labels) > 1 else host)}
    ) - {""}


def _without_site(text: str, site: set[str], whole: set[str]) -> str:
    """The title without what follows, or goes before, a separator, where that is the site's name or where the
    page shows the rest alone."""
    for match in _SEPARATOR.finditer(text):
        before, after = text[: match.start()].strip(), text[match.end() :].strip()
        section = "|" in match[0] and len(after.split()) < 3 < len(before.split())
        if before and (
            section or comparison_key(before) in whole or comparison_key(after) in site or _is_site(after, site)
        ):
            return before
        if after and (
            comparison_key(before) in site or (comparison_key(after) in whole and len(_WORD.findall(before)) < 4)
        ):
            return after
    return _before_glued(text, whole)


def _before_glued(text: str, whole: set[str]) -> str:
    """The title before a hyphen or bar without spaces, where the page shows it alone."""
    for match in re.finditer(r"[-|ㅣ]", text):
        if comparison_key(text[: match.start()]) in whole:
            return text[: match.start()].strip()
    return text


def _is_site(text: str, site: set[str]) -> bool:
    """Whether the parts that follow a title end in the site's name: "National | Globalnews.ca"."""
    last = comparison_key(_SEPARATOR.split(text)[-1])
    named = last in site or any(len(name) > 4 and name in last for name in site)
    return named and len(text.split()) <= _LONGEST_SITE
