"""An article's title: every candidate, the site's name taken off, and a vote."""

import re
from collections import Counter
from collections.abc import Iterator

from services.parser.markup import clean
from services.parser.metadata import Document, listed, names
from services.parser.rules import Rules
from shared.contracts import Candidate
from shared.errors import BadUrl
from shared.urls import host_of

_SEPARATOR = re.compile(r"\s+[-–—|·•:»/]+\s+|\s*\|\s*")
_LONGEST = 400


def candidates(document: Document, rules: Rules) -> tuple[Candidate, ...]:
    """Every title that a page gives, the best first: how sure its place is, and how many places agree."""
    found = [(text[:_LONGEST], source, sure) for text, source, sure in _found(document, rules) if text]
    others = {text for text, source, _ in found if source in {"h1", "JSON-LD headline"}}
    site = _site_names(document)
    bare = [(_without_site(text, site, others), source, sure) for text, source, sure in found]
    votes = Counter(_key(text) for text, _, _ in bare)
    scored = [(sure + 0.25 * (votes[_key(text)] - 1), text, source) for text, source, sure in bare if text]
    best: dict[str, Candidate] = {}
    for score, text, source in sorted(scored, key=lambda one: -one[0]):
        best.setdefault(text, Candidate(value=text, source=source, confidence=min(1.0, round(score / 1.5, 2))))
    return tuple(best.values())


def _found(document: Document, rules: Rules) -> Iterator[tuple[str, str, float]]:
    for text, selector in document.text(*rules.title):
        yield text, selector, 9.0
    for value in listed(document.article.get("headline")):
        yield clean(str(value)), "JSON-LD headline", 0.9
    headings = list(dict.fromkeys(text for text, _ in document.text("h1")))
    for text in headings[:3]:
        # Of several, one may be the site's logo: then none is sure.
        yield text, "h1", 0.95 if len(headings) == 1 else 0.7
    for text, source in document.meta("og:title", "twitter:title", "dc.title", "parsely-title", "sailthru.title"):
        yield text, source, 0.8 if source == "meta og:title" else 0.4
    for text, source in document.text("head > title", "title"):
        yield text, source, 0.5
        return


def _site_names(document: Document) -> set[str]:
    found = {_key(text) for text, _ in document.meta("og:site_name", "application-name", "al:android:app_name")}
    found |= {_key(name) for name in names(document.article.get("publisher"))}
    try:
        host = host_of(document.url).removeprefix("www.")
    except BadUrl:
        return found - {""}
    return (found | {_key(host), _key(host.split(".")[0])}) - {""}


def _without_site(text: str, site: set[str], others: set[str]) -> str:
    """The title without what follows, or goes before, a separator, where that is the site's name or where the
    page shows the rest alone."""
    for match in _SEPARATOR.finditer(text):
        before, after = text[: match.start()].strip(), text[match.end() :].strip()
        if before and (before in others or _key(after) in site or _is_site(after, site)):
            return before
        if after and _key(before) in site:
            return after
    return text


def _is_site(text: str, site: set[str]) -> bool:
    """Whether the parts that follow a title end in the site's name: "National | Globalnews.ca"."""
    last = _key(_SEPARATOR.split(text)[-1])
    return last in site and len(text.split()) <= 8


def _key(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())
