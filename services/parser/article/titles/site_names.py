"""The name of the site in a title: "Ferry returns - The Harbour Post"."""

import re
import unicodedata
from collections.abc import Set
from itertools import islice

from services.parser.article.titles.logos import is_home_link
from services.parser.page.document import Document
from services.parser.page.elements import comparison_key
from services.parser.page.heading_text import heading_text
from services.parser.page.structured_data import names_in
from services.parser.page.words import extent
from shared.errors import BadUrl
from shared.urls import host_of

_MARKS, _BARS = "-–—|·•:<>/ǀ", r"\s*[|ǀ｜]\s*|\s+::\s+|\s*--+\s*|(?<=[^\W\d_])_(?=[^\W\d_])"
SEPARATOR = re.compile(rf"\s+[{_MARKS}»«›]+\s+|{_BARS}|\s[»›]")
# « and » around words quote them; one alone is a separator.
_QUOTATION = re.compile("«[^«»]+»|»[^«»]+«|‹[^‹›]+›|›[^‹›]+‹")
_SEPARATOR_BESIDE_QUOTATION = re.compile(rf"\s+[{_MARKS}]+\s+|{_BARS}")
# Letters that a host's name has as two, or without their sign.
_IN_HOSTS = str.maketrans(
    {
        "ä": "ae",
        "ö": "oe",
        "ü": "ue",
        "å": "aa",
        "æ": "ae",
        "ø": "oe",
        "œ": "oe",
        "þ": "th",
        "ð": "d",
        "ł": "l",
        "ı": "i",
    }
)
# What the first themes of WordPress print between the site's name and the headline: "Post » Blog Archive » Ferry returns".
_ARCHIVES = frozenset(
    {"blogarchive", "blogarchiv", "archive", "archives", "archiv", "archivos", "archivio", "archief", "arkiv"}
)
_HYPHEN = re.compile(r"[-|ㅣ_－]")
_WORD = re.compile(r"\w+")
# The most names of a site seen on 2,049 pages: 5.
_MOST_NAMES, _MOST_LOGOS = 50, 5
_LONGEST_NAME, _LONGEST_SECTION = 8, 3
_METAS = ("og:site_name", "application-name", "al:android:app_name", "apple-mobile-web-app-title", "publisher")


def site_names(document: Document) -> set[str]:
    """Returns the comparison keys of the site's names: those that the page declares, those in its host, and its logo's text."""
    keys = {comparison_key(text) for text, _ in islice(document.meta(*_METAS), _MOST_NAMES)}
    keys |= {comparison_key(name) for name in islice(names_in(document.article_data.get("publisher")), _MOST_NAMES)}
    keys |= _logos(document)
    try:
        host = host_of(document.url).removeprefix("www.")
    except BadUrl:
        return keys - {""}
    labels = host.split(".")
    domain = labels[-2] if len(labels) > 1 else host
    return (keys | {comparison_key(name) for name in (host, labels[0], domain)}) - {""}


def _logos(document: Document) -> set[str]:
    """Returns the keys of the headings that link to the site's first page, and are not declared to be the headline."""
    keys = {comparison_key(heading_text(node)) for node in document.elements("h1")[:_MOST_LOGOS] if is_home_link(node)}
    return keys and keys - {comparison_key(text) for text, _ in document.meta("og:title")}


def is_site_name(key: str, site: Set[str]) -> bool:
    """Returns whether a comparison key is one of the site's names, also as a host has to write it: "løvenes" as "loevenes"."""
    if key in site or key.isascii():
        return key in site
    letters = unicodedata.normalize("NFKD", key.translate(_IN_HOSTS))
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    bare = "".join(letter for letter in unicodedata.normalize("NFKD", key) if not unicodedata.combining(letter))
    return plain in site or bare in site


def without_site(text: str, site: set[str], pure: Set[str], printed: Set[str], whole: Set[str]) -> str:
    """Returns the title without the part before or after a separator that is the site's name.

    Args:
        text: the title.
        site: the keys of the site's names.
        pure: the keys of titles that are known to be without the site's name; a part that equals one is the title.
        printed: the keys of the page's headings; what follows a bar in these is no section.
        whole: the keys of headlines that have nothing of the site; see `between_site_names`.
    """
    is_printed = comparison_key(text) in printed
    text = text if is_printed else _headline_part(text, pure)
    if comparison_key(text) in whole:
        return text
    is_headline = comparison_key(text) in pure
    pure = frozenset() if is_printed else pure  # What is printed as it stands is not cut to a shorter heading.
    separator = _SEPARATOR_BESIDE_QUOTATION if _QUOTATION.search(text) else SEPARATOR
    for match in separator.finditer(text):
        before, after = text[: match.start()].strip(), text[match.end() :].strip()
        if (is_headline and ":" in match[0]) or _is_in_brackets(before):
            continue  # In a headline the word before a colon is the story's place or topic, also if a site is named so.
        section = not is_printed and "|" in match[0] and len(after.split()) < 3 < len(before.split())
        is_before = (
            section
            or comparison_key(before) in pure
            or is_site_name(comparison_key(after), site)
            or _is_site(after, before, site)
        )
        if before and is_before:
            return before
        is_after = comparison_key(after) in pure and len(_WORD.findall(before)) < 4
        if after and is_site_name(comparison_key(before), site):
            return without_site(after, site | _ARCHIVES, pure, printed, whole)
        if after and is_after:
            return after
    return _before_hyphen(text, pure)


def between_site_names(headlines: set[str], titles: set[str], site: set[str]) -> set[str]:
    """Returns the keys of the headlines that begin with the site's name, and behind which a title has it once more.

    Then the first of the two is the story's place or club: "Elwick - Hadley 2:1 - Elwick".
    """
    begins = tuple(site)
    named = (headline for headline in headlines if headline.startswith(begins))
    return {headline for headline in named if any(headline + name in titles for name in site)}


def _is_in_brackets(before: str) -> bool:
    """Returns whether a bracket is open at the end of a text, so that what follows belongs to it."""
    return before.count("(") > before.count(")") or before.count("[") > before.count("]")


def _headline_part(text: str, pure: Set[str]) -> str:
    """Returns the longest part of a title that begins or ends at a separator and is a headline with a colon or another separator by itself."""
    matches = list(SEPARATOR.finditer(text))
    parts = [*(text[: match.start()] for match in reversed(matches)), *(text[match.end() :] for match in matches)]
    return next(
        (part.strip() for part in parts if (":" in part or SEPARATOR.search(part)) and comparison_key(part) in pure),
        text,
    )


def _before_hyphen(text: str, pure: Set[str]) -> str:
    """Returns the title before a hyphen or bar without spaces, if that part is known to be the title."""
    for match in _HYPHEN.finditer(text):
        if comparison_key(text[: match.start()]) in pure:
            return text[: match.start()].strip()
    return text


def _is_site(text: str, before: str, site: set[str]) -> bool:
    """Returns whether what follows a title is the site's name, or a section and that: "National | Globalnews.ca"."""
    *sections, name = SEPARATOR.split(text)
    last = comparison_key(name)
    has_name = is_site_name(last, site) or any(len(key) > 4 and key in last for key in site)
    if not has_name or len(text.split()) > _LONGEST_NAME:
        return False
    # A longer part is the end of a headline with a dash: "The harbour - and those who left it | Harbour Post".
    words = [extent(section).words for section in sections]
    return not sections or (max(words) <= _LONGEST_SECTION and sum(words) < extent(before).words)
