"""An article's title: every candidate without the site's name, ranked by its source and by how many sources agree."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from services.parser.page.document import Document
from services.parser.page.elements import clean, comparison_key
from services.parser.page.heading_text import heading_text
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
# The most seen on 2,049 pages: 90 titles in the metadata, 5 names of the site.
_MOST_DECLARED, _MOST_SITE_NAMES = 900, 50
_MOST_HEADINGS, _MOST_SEARCHED = 12, 200
_RULED = 9.0
# The weight of a source by itself. An only heading is nearly always the title. Of several headings each may be a
# section's, and a heading that no other source repeats is a logo, a menu or a greeting.
_ONLY_HEADING, _HEADING, _LONE_HEADING, _SUBHEADING = 1.75, 1.0, 0.35, 0.3
_WEIGHTS = {"JSON-LD headline": 0.9, "meta og:title": 0.8, "title": 0.5}
# Editors write the headline of a NewsArticle; that of an Article or BlogPosting comes from a plug-in.
_NEWS_HEADLINE = 2.4
_OTHER_WEIGHT = 0.4
# These sources give the headline without the site's name.
_PURE_SOURCES = frozenset({"h1", "JSON-LD headline", "meta headline"})
_AGREES = 0.25
# Two titles with at least this share of common words are about the same thing.
_SIMILAR = 0.3
_LONGEST_SITE = 8
_FEW_WORDS, _MANY_LETTERS = 3, 12


class _Title(NamedTuple):
    text: str
    source: str
    weight: float


def candidates(document: Document, rules: Rules) -> tuple[Candidate, ...]:
    """Returns every title that a page gives, the best first."""
    rule_titles = [_Title(text[:_LONGEST], selector, _RULED) for text, selector in document.text(*rules.title)]
    declared = [title for title in islice(_declared(document), _MOST_DECLARED) if title.text]
    headings = _headings(document, declared)
    site = _site_names(document)
    pure = {comparison_key(title.text) for title in (*headings, *declared) if title.source in _PURE_SOURCES} - {""}
    titles = [
        title._replace(text=_without_site(title.text, site, pure)) for title in (*rule_titles, *headings, *declared)
    ]
    titles = [title._replace(text=_without_kicker(title, titles)) for title in titles]
    ranked: dict[str, Candidate] = {}
    for score, title in sorted(((_score(title, titles, site), title) for title in titles), key=lambda pair: -pair[0]):
        if title.text and not _TEMPLATE.search(title.text):
            confidence = max(0.0, min(1.0, round(score / 2, 2)))
            ranked.setdefault(title.text, Candidate(value=title.text, source=title.source, confidence=confidence))
    return tuple(ranked.values())


def _declared(document: Document) -> Iterator[_Title]:
    is_news = any(name.endswith("newsarticle") for name in types_of(document.article_data))
    for value in as_list(document.article_data.get("headline")):
        weight = _NEWS_HEADLINE if is_news else _WEIGHTS["JSON-LD headline"]
        yield _Title(clean(str(value)[: 10 * _LONGEST])[:_LONGEST], "JSON-LD headline", weight)
    metas = ("og:title", "headline", "twitter:title", "dc.title", "parsely-title", "sailthru.title")
    for text, source in document.meta(*metas):
        yield _Title(text[:_LONGEST], source, _WEIGHTS.get(source, _OTHER_WEIGHT))
    for text, source in document.text("title"):
        yield _Title(text[:_LONGEST], source, _WEIGHTS["title"])
        return


def _headings(document: Document, declared: list[_Title]) -> list[_Title]:
    texts = _heading_texts(document, "h1")
    headings = [_Title(text, "h1", _heading_weight(text, len(texts), declared)) for text in texts]
    if any(heading.weight > _LONE_HEADING for heading in headings):
        return headings
    declared_keys = [comparison_key(title.text) for title in declared]
    confirmed = [
        text
        for text in _heading_texts(document, "h2")
        if len(_WORD.findall(text)) > 1 and any(comparison_key(text) in key for key in declared_keys)
    ]
    return headings + [_Title(text, "h2", _SUBHEADING) for text in confirmed]


def _heading_texts(document: Document, tag: str) -> list[str]:
    texts = (heading_text(node)[:_LONGEST] for node in document.tree.css(tag)[:_MOST_SEARCHED])
    return list(dict.fromkeys(filter(None, texts)))[:_MOST_HEADINGS]


def _heading_weight(text: str, count: int, declared: list[_Title]) -> float:
    """Returns the weight of one of `count` headings; a heading unlike every declared title is not the article's."""
    similarity = max((_similarity(text, title.text) for title in declared), default=1.0)
    if count == 1:
        return _ONLY_HEADING if similarity >= _SIMILAR or len(_WORD.findall(text)) > 3 else _LONE_HEADING
    return _HEADING + 0.5 * similarity if similarity >= _SIMILAR else _LONE_HEADING


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


def _similarity(text: str, declared: str) -> float:
    """Returns the share of the shorter title's words that the longer has; of its letters in scripts without spaces."""
    words, declared_words = ({*_WORD.findall(title.casefold())} for title in (text, declared))
    if min(len(words), len(declared_words)) >= _FEW_WORDS:
        return len(words & declared_words) / min(len(words), len(declared_words))
    key, declared_key = comparison_key(text), comparison_key(declared)
    if len({*key}) >= _MANY_LETTERS:
        return len({*key} & {*declared_key}) / len({*key})
    return float(key in declared_key or declared_key in key)


def _without_kicker(title: _Title, titles: list[_Title]) -> str:
    """Returns a heading without the kicker before it, if another source gives the headline alone."""
    if title.source != "h1":
        return title.text
    headlines = (headline.text for headline in titles if headline.source != "h1" and len(headline.text) > 15)
    endings = (text for text in headlines if title.text != text and title.text.endswith(f" {text}"))
    return next(endings, title.text)


def _site_names(document: Document) -> set[str]:
    metas = ("og:site_name", "application-name", "al:android:app_name", "apple-mobile-web-app-title", "publisher")
    keys = {comparison_key(text) for text, _ in islice(document.meta(*metas), _MOST_SITE_NAMES)}
    publishers = islice(names_in(document.article_data.get("publisher")), _MOST_SITE_NAMES)
    keys |= {comparison_key(name) for name in publishers}
    try:
        host = host_of(document.url).removeprefix("www.")
    except BadUrl:
        return keys - {""}
    labels = host.split(".")
    domain = labels[-2] if len(labels) > 1 else host
    return (keys | {comparison_key(name) for name in (host, labels[0], domain)}) - {""}


def _without_site(text: str, site: set[str], pure: set[str]) -> str:
    """Returns the title without the part before or after a separator that is the site's name.

    Args:
        text: the title.
        site: the keys of the site's names.
        pure: the keys of titles that are known to be without the site's name; a part that equals one is the title.
    """
    text = _headline_part(text, pure)
    is_headline = comparison_key(text) in pure
    for match in _SEPARATOR.finditer(text):
        before, after = text[: match.start()].strip(), text[match.end() :].strip()
        if is_headline and ":" in match[0]:
            continue  # In a headline the word before a colon is the story's place or topic, also if a site is named so.
        section = "|" in match[0] and len(after.split()) < 3 < len(before.split())
        is_before = section or comparison_key(before) in pure or comparison_key(after) in site or _is_site(after, site)
        if before and is_before:
            return before
        is_after = comparison_key(after) in pure and len(_WORD.findall(before)) < 4
        if after and (comparison_key(before) in site or is_after):
            return after
    return _before_hyphen(text, pure)


def _headline_part(text: str, pure: set[str]) -> str:
    """Returns the longest part of a title that begins or ends at a separator and is a headline with a colon by itself."""
    matches = list(_SEPARATOR.finditer(text))
    parts = [*(text[: match.start()] for match in reversed(matches)), *(text[match.end() :] for match in matches)]
    return next((part.strip() for part in parts if ":" in part and comparison_key(part) in pure), text)


def _before_hyphen(text: str, pure: set[str]) -> str:
    """Returns the title before a hyphen or bar without spaces, if that part is known to be the title."""
    for match in re.finditer(r"[-|ㅣ]", text):
        if comparison_key(text[: match.start()]) in pure:
            return text[: match.start()].strip()
    return text


def _is_site(text: str, site: set[str]) -> bool:
    """Returns whether the parts that follow a title end in the site's name: "National | Globalnews.ca"."""
    last = comparison_key(_SEPARATOR.split(text)[-1])
    has_name = last in site or any(len(name) > 4 and name in last for name in site)
    return has_name and len(text.split()) <= _LONGEST_SITE
