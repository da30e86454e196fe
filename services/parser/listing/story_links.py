"""Decides whether a link leads to a story, from its text and its URL alone.

The weights are those of a logistic regression over labelled links of news home pages (`bench/fit_links.py`). The words of
navigation are in the languages of the largest newspapers.
"""

import math
import re
from functools import lru_cache
from urllib.parse import SplitResult, unquote, urlsplit

from services.parser.listing.addresses import may_be_story

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
_NO_WORDS = re.compile(
    r"^(?:(?:read|see|view|show|load|learn|find|get|more|all|plus|lire|voir|tout|leer|ver|todo|m[aá]s|mehr|alle|weiter|weiterlesen|"
    r"skip|jump|follow|share|sign|log|subscribe|advertise|contact|about|terms|privacy|cookie|do not sell|your (?:ad|privacy)|"
    r"closed captio|copyright|©|download|watch live|listen live|submit|donate|newsletter|help|careers|jobs|archive|site map|sitemap|"
    r"accessib|manage|search|back to|back|next|previous|prev|home|menu|login|register|e-?edition|rss|download)\b|"
    r"المزيد|اقرأ|تسجيل|اتصل|تواصل|سياسة|شروط|من نحن|خريطة الموقع|مركز المساعدة|\W*$)",
    re.IGNORECASE,
)
_OFFICE = re.compile(
    r"\b(?:privacy|do not sell|letters? to the editor|submit|sign (?:up|in|guest)|subscri\w+|cookies?|terms of|opt[- ]?out|newsletters?|"
    r"gift cards?|on (?:snapchat|facebook|twitter|youtube|instagram|tiktok)|app\b.{0,20}(?:iphone|android)|datenschutz|impressum|"
    r"confidentialit[ée]|mentions l[ée]gales|abonn\w+|suscr\w+|aviso legal|advertise)\b", re.IGNORECASE)  # fmt: skip
_PAID = re.compile(
    r"sponsor|products?/|/shop/|paid-?content|partner-?content|advertorial|anzeige|promo(?:ted|tion)?[/-]",
    re.IGNORECASE,
)
_SHARED = re.compile(r"(?:^|\.)(?:facebook|twitter|x|instagram|linkedin|youtube|pinterest|whatsapp|t|apple|google|tiktok|telegram|reddit|"
                     r"bsky|spotify)\.(?:com|me|co|app|be)$", re.IGNORECASE)  # fmt: skip
_DATED = re.compile(r"/(?:19|20)\d{2}[/-]?(?:0?[1-9]|1[0-2])(?:[/-]?\d{1,2})?(?:/|-|$)")
_NUMBER = re.compile(
    r"\d{5,}|/(?!(?:19|20)\d\d[-/]?)\d{4}(?:-|/?$)|[0-9a-f]{8}-[0-9a-f]{4}|-(?:a|id|art)?\d{4,}", re.IGNORECASE
)
# The parameters that count views and pages have numbers too.
_QUERY_NUMBER = re.compile(
    r"(?:^|&)(?:(?:[a-z_]*id|art\w*|story|news|p|item)[a-z_]*=\d{3,}|(?!utm_|page|pg|offset|start|size|w=|h=|width|height|v=|ver|t=|ts=)"
    r"[a-z_]+=[a-z]{0,4}\d{4,}(?:&|$))",
    re.IGNORECASE,
)
# An identifier of letters and digits, where others have the words of the title: "b9K0".
_IDENTIFIER = re.compile(r"(?=\w{4,12}$)\w*\d[A-Za-z]\w*$", re.ASCII)
_LATIN = re.compile(r"[A-Za-z]{3}")
_FILE = re.compile(r"\.(?:s?html?|php|aspx?|ece|story)$", re.IGNORECASE)
_SLUG_WORD = re.compile(r"[^\W\d_]{2,}")
# The letters of a hexadecimal identifier are no words of a title.
_HEXADECIMAL = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)
_NO_PARTS = urlsplit("")
_LONGEST_PATH = 500
_MOST_IN_MENU_TEXT = 4
# Kana, Chinese characters, Thai, Lao, Tibetan, Burmese, Khmer; Korean syllables, whose words say as much as several.
_NO_SPACES = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\uac00-\ud7a3]")
_END = re.compile(r"[.?!…]$|[:?!][\s\"”]|[’'](?:s|t|re|ll)\b|[“”\"«»„‘]")
_WEIGHTS = {
    "words": 1.79,
    "few": -0.68,
    "some": -1.52,
    "chars": 0.59,
    "long_words": -0.46,
    "ends": 1.85,
    "lower": -0.17,
    "no_words": 2.18,
    "office": -6.74,
    "paid": -11.36,
    "no_story": -2.52,
    "shared": 0.42,
    "slug": 2.29,
    "slug_long": 1.00,
    "slug_two": -0.89,
    "slug_text": -0.09,
    "slug_is_text": -1.33,
    "dated": 1.30,
    "number": 1.96,
    "depth": 0.70,
    "shallow": -1.07,
    "root": -0.42,
    "file": -1.24,
    "query": -0.11,
    "fragment": 0.40,
    "few_but_slug": 0.28,
    "words_but_no_slug": -0.20,
    "same_site": 1.16,
}
_BIAS = -9.39
# A link in a heading is a headline, unless its other features are strongly against it.
_IN_HEADING = 2.0


def word_count(text: str) -> int:
    """Returns the number of words; in scripts without spaces and in Korean, two characters count as a word."""
    return max(len(text.split()), _unspaced(text) // 2)


def _unspaced(text: str) -> int:
    """Returns the number of characters that are in scripts without spaces or in Korean."""
    return 0 if text.isascii() else len(_NO_SPACES.findall(text))


def is_menu_text(text: str) -> bool:
    """Returns whether a text is that of a link in a menu, such as "About us", in the languages of the largest newspapers."""
    return word_count(text) <= _MOST_IN_MENU_TEXT and bool(_NO_WORDS.search(text) or _OFFICE.search(text))


def is_story(text: str, url: str, page: str, in_heading: bool = False) -> bool:
    """Returns whether a link leads to a story.

    Args:
        text: of the link, or of the heading that it covers.
        url: where it leads, absolute.
        page: the URL of the page that it is on.
        in_heading: whether it is in a heading, or a heading is in it.
    """
    if not may_be_story(url, page):
        return False
    values = features(text, url, page)
    score = sum(weight * values[name] for name, weight in _WEIGHTS.items()) + _BIAS
    return score + in_heading * _IN_HEADING > 0


def features(text: str, url: str, page: str) -> dict[str, float]:
    """Returns the features of a link, each from 0 to about 5; the arguments are those of `is_story`."""
    parts, page_parts = _split(url), _split(page)
    path = unquote(parts.path)[:_LONGEST_PATH]
    pieces = [piece for piece in path.split("/") if piece]
    clean = " ".join(text.split())
    return (
        _of_words(clean)
        | _of_address(parts, path, pieces)
        | _of_slug(clean, parts, path, pieces)
        | {
            "paid": float(_PAID.search(url[:500]) is not None),
            "same_site": float(_site(parts.hostname) == _site(page_parts.hostname)),
        }
    )


def _of_words(clean: str) -> dict[str, float]:
    count, parts = word_count(clean), clean.split()
    return {
        "words": math.log1p(min(count, 30)),
        "few": float(count < 3),
        "some": float(3 <= count <= 4),
        "chars": math.log1p(min(len(clean) + 2 * _unspaced(clean), 200)),
        "long_words": float(len(clean) / max(len(parts), 1) > 7.5),
        "ends": float(_END.search(clean) is not None),
        "lower": sum(word[:1].islower() for word in parts) / max(len(parts), 1),
        "no_words": float(_NO_WORDS.search(clean) is not None),
        "office": float(_OFFICE.search(clean[:300]) is not None),
    }


def _of_address(parts: SplitResult, path: str, pieces: list[str]) -> dict[str, float]:
    return {
        "no_story": float(_NO_STORY.search(path) is not None),
        "shared": float(_SHARED.search(parts.hostname or "") is not None),
        "dated": float(_DATED.search(path) is not None),
        "depth": float(min(len(pieces), 5)),
        "root": float(not pieces),
        "file": float(_FILE.search(path) is not None),
        "query": float(bool(parts.query) and not pieces),
    }


def _of_slug(clean: str, parts: SplitResult, path: str, pieces: list[str]) -> dict[str, float]:
    slug = {word.lower() for word in _SLUG_WORD.findall(_FILE.sub("", pieces[-1]))} if pieces else set[str]()
    longest = max((len(_SLUG_WORD.findall(_HEXADECIMAL.sub("", piece))) for piece in pieces), default=0)
    count, text_words = word_count(clean), {word.lower() for word in _SLUG_WORD.findall(clean)}
    # A URL that is a number, or that belongs to a text in another script, has no words to compare.
    by_query = _QUERY_NUMBER.search(parts.query) is not None
    is_identifier = bool(pieces) and (_IDENTIFIER.match(pieces[-1]) or _HEXADECIMAL.search(pieces[-1])) is not None
    number = by_query or is_identifier or _NUMBER.search(path) is not None
    slugless = by_query or is_identifier or (number and not _LATIN.search(clean))
    return {
        "slug": math.log1p(min(longest, 12)),
        "slug_long": float(longest >= 4),
        "slug_two": float(longest <= 2 and not slugless),
        "slug_text": len(text_words & slug) / max(len(text_words), 1),
        "slug_is_text": float(bool(slug) and slug <= text_words),
        "number": float(number),
        "shallow": float(len(pieces) <= 1 and not slugless),
        "fragment": float(bool(parts.fragment) and longest < 3),
        "few_but_slug": float(count < 3 and longest >= 4),
        "words_but_no_slug": float(count >= 6 and longest <= 2),
    }


def _split(url: str) -> SplitResult:
    """Returns a URL's parts; empty parts if it is not a URL."""
    try:
        parts = urlsplit(url)
        has_host = parts.hostname is not None
    except ValueError:
        return _NO_PARTS
    return parts if has_host else _NO_PARTS


def site_of(url: str) -> str:
    """Returns the last labels of a URL's host, which the sites of a newspaper share; empty if it is no URL."""
    return _site(_split(url).hostname)


@lru_cache(maxsize=4096)
def _site(host: str | None) -> str:
    """Returns the last labels of a host, which the sites of a newspaper share."""
    labels = (host or "").split(".")
    second_level = len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3
    return ".".join(labels[-3:] if second_level else labels[-2:])
