"""What the address of a link says of whether it leads to a story."""

import math
import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit

_NO_STORY = re.compile(
    r"/(?:tags?|tema|thema|themen|topics?|temas|kategorie|category|categories|categoria|rubrique|section|sections|authors?|auteurs?|"
    r"autor(?:en|es)?|contact(?:us|-us)?|kontakt|contacto|about(?:-us|us)?|a-propos|ueber-uns|quienes-somos|staff|team|people|privacy|"
    r"datenschutz|privacidad|terms[^/]*|agb|impressum|login|signin|register|registrierung|subscri[^/]*|subscription|abo|abonn[^/]*|"
    r"suscri[^/]*|newsletters?|hemeroteca|search|suche|buscar|busqueda|recherche|feed|feeds|rss|wp-admin|account|help|hilfe|ayuda|aide|faqs?|"
    r"jobs|careers|stellen|empleo|advertis[^/]*|werbung|publicidad|publicite|cookies?|legal|mentions-legales|policy|policies|cart|shop|"
    r"store|donate|support|sitemap|archive|archives|archiv|calendar|events|weather|wetter|meteo|horoscope|horoskop|puzzles?|games?|"
    r"crossword|quiz|obituaries|classifieds|podcasts?|live-tv|tv|schedule|apps?|e-?paper|eedition|marketplace|coupons?|"
    r"deals|directory|directories|members?|membership|user|users|profile|share|sharer|intent|dialog)(?:[/.?]|$)",
    re.IGNORECASE,
)
_PAID = re.compile(
    r"sponsor|products?/|/shop/|paid-?content|partner-?content|advertorial|anzeige|promo(?:ted|tion)?[/-]",
    re.IGNORECASE,
)
# In lower case a match has one of these, which are sought in less time than the pattern takes.
_PAID_PARTS = ("sponsor", "product", "/shop/", "content", "advertorial", "anzeige", "promo")
_SHARED = re.compile(r"(?:^|\.)(?:facebook|twitter|x|instagram|linkedin|youtube|pinterest|whatsapp|t|apple|google|tiktok|telegram|reddit|"
                     r"bsky|spotify)\.(?:com|me|co|app|be)$", re.IGNORECASE)  # fmt: skip
_DATED = re.compile(r"/(?:19|20)\d{2}[/-]?(?:0?[1-9]|1[0-2])(?:[/-]?\d{1,2})?(?:/|-|$)")
_NUMBER = re.compile(
    r"\d{5,}|/(?!(?:19|20)\d\d[-/]?)\d{4}(?:-|/?$)|[0-9a-f]{8}-[0-9a-f]{4}|-(?:a|id|art)?\d{4,}", re.IGNORECASE
)
# The parameters that count views and pages have numbers too.
_QUERY_NUMBER = re.compile(
    r"(?:^|&)(?:(?:(?=[a-z_]*id|story|news|p|item)[a-z_]+|art\w*)=\d{3,}|"
    r"(?!utm_|page|pg|offset|start|size|w=|h=|width|height|v=|ver|t=|ts=)[a-z_]+=[a-z]{0,4}\d{4,}(?:&|$))",
    re.IGNORECASE,
)
# An identifier of letters and digits, where others have the words of the title: "b9K0".
_IDENTIFIER = re.compile(r"(?=\w{4,12}$)\w*\d[A-Za-z]\w*$", re.ASCII)
# The last part of a path that is a number and no year.
_NUMERIC = re.compile(r"^(?!(?:19|20)\d\d\.?\D*$)(?:[a-z]{1,2}\.)?\d{4,}(?:\.\w{2,5})?$")
_FILE = re.compile(r"\.(?:s?html?|php|aspx?|ece|story)$", re.IGNORECASE)
SLUG_WORD = re.compile(r"[^\W\d_]{2,}")
# The letters of a hexadecimal identifier are no words of a title.
_HEXADECIMAL = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)
_NO_PARTS = urlsplit("")
_LONGEST_PATH = 500
# "/?p=5120" is as deep as "/news/5120".
_DEPTH_OF_QUERY = 2.0


class StoryAddress(NamedTuple):
    """What the address of a link says of where it leads.

    Attributes:
        features: of it, each from 0 to about 5.
        slug: the words of its last part.
        longest: how many words the part with the most has.
        parts: how many parts its path has.
        has_number: whether it has the number of an article.
        is_identifier: whether it is one instead of words.
        site: the last labels of its host.
    """

    features: dict[str, float]
    slug: frozenset[str]
    longest: int
    parts: int
    has_number: bool
    is_identifier: bool
    site: str


# The image, the title and the "read more" of a teaser lead to one address, and pages of a site to the same ones.
@lru_cache(maxsize=2_048)
def read(url: str) -> StoryAddress:
    """Returns what the address of a link says; of what is no URL, what an empty one says."""
    parts = _split(url)
    path = unquote(parts.path)[:_LONGEST_PATH]
    pieces = [piece for piece in path.split("/") if piece]
    last = pieces[-1] if pieces else ""
    longest = max((len(SLUG_WORD.findall(_HEXADECIMAL.sub("", piece))) for piece in pieces), default=0)
    by_query = _QUERY_NUMBER.search(parts.query) is not None
    is_identifier = (
        by_query or (_IDENTIFIER.match(last) or _NUMERIC.match(last) or _HEXADECIMAL.search(last)) is not None
    )
    has_number = is_identifier or _NUMBER.search(path) is not None
    values = _of_path(path, pieces) | {
        "shared": float(_is_shared(parts.hostname or "")),
        "query": float(bool(parts.query) and not pieces),
        "slug": math.log1p(min(longest, 12)),
        "slug_long": float(longest >= 4),
        "number": float(has_number),
        "fragment": float(bool(parts.fragment) and longest < 3),
        "paid": float(_is_paid(url[:500])),
    }
    if by_query and not pieces:
        values |= {"depth": _DEPTH_OF_QUERY, "root": 0.0}
    slug = frozenset(word.lower() for word in SLUG_WORD.findall(_FILE.sub("", last)))
    site = _site(parts.hostname)
    return StoryAddress(values, slug, longest, len(pieces), has_number, is_identifier, site)


@lru_cache(maxsize=1_024)
def _is_shared(host: str) -> bool:
    return _SHARED.search(host) is not None


def _is_paid(url: str) -> bool:
    lower = url.lower()
    return any(part in lower for part in _PAID_PARTS) and _PAID.search(url) is not None


def _of_path(path: str, pieces: list[str]) -> dict[str, float]:
    return {
        "no_story": float(_NO_STORY.search(path) is not None),
        "dated": float(_DATED.search(path) is not None),
        "depth": float(min(len(pieces), 5)),
        "root": float(not pieces),
        "file": float(_FILE.search(path) is not None),
    }


def _split(url: str) -> SplitResult:
    """Returns a URL's parts; empty parts if it is not a URL."""
    try:
        parts = urlsplit(url)
        has_host = parts.hostname is not None
    except ValueError:
        return _NO_PARTS
    return parts if has_host else _NO_PARTS


@lru_cache(maxsize=4_096)
def site_of(url: str) -> str:
    """Returns the last labels of a URL's host, which the sites of a newspaper share; empty if it is no URL."""
    return _site(_split(url).hostname)


@lru_cache(maxsize=4096)
def _site(host: str | None) -> str:
    """Returns the last labels of a host, which the sites of a newspaper share."""
    labels = (host or "").split(".")
    second_level = len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3
    return ".".join(labels[-3:] if second_level else labels[-2:])
