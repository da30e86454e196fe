"""Decides whether a link leads to a story, from its text and its URL alone.

The weights are those of a logistic regression over labelled links of news home pages (`bench/fit_links.py`). The words of
navigation are in the languages of the largest newspapers.
"""

import math
import re

from services.parser.listing import story_addresses
from services.parser.listing.addresses import may_be_story
from services.parser.listing.story_addresses import SLUG_WORD, StoryAddress, site_of

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
_LATIN = re.compile(r"[A-Za-z]{3}")
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
    score = sum([_WEIGHTS[name] * value for name, value in values.items()]) + _BIAS
    return score + in_heading * _IN_HEADING > 0


def features(text: str, url: str, page: str) -> dict[str, float]:
    """Returns the features of a link, each from 0 to about 5; the arguments are those of `is_story`."""
    address = story_addresses.read(url)
    return address.features | _of_text(" ".join(text.split()), address, page)


def _of_text(clean: str, address: StoryAddress, page: str) -> dict[str, float]:
    """Returns the features of a text on one line, and of it beside the address that it leads to."""
    words, unspaced = clean.split(), _unspaced(clean)
    count, size = max(len(words), unspaced // 2), max(len(words), 1)
    return {
        "words": math.log1p(min(count, 30)),
        "few": float(count < 3),
        "some": float(3 <= count <= 4),
        "chars": math.log1p(min(len(clean) + 2 * unspaced, 200)),
        "long_words": float(len(clean) / size > 7.5),
        "ends": float(_END.search(clean) is not None),
        "lower": sum([word[:1].islower() for word in words]) / size,
        "no_words": float(_NO_WORDS.search(clean) is not None),
        "office": float(_OFFICE.search(clean[:300]) is not None),
        "few_but_slug": float(count < 3 and address.longest >= 4),
        "words_but_no_slug": float(count >= 6 and address.longest <= 2),
        "same_site": float(address.site == site_of(page)),
    } | _of_slug(clean, address)


def _of_slug(clean: str, address: StoryAddress) -> dict[str, float]:
    text_words = {word.lower() for word in SLUG_WORD.findall(clean)}
    # A URL that is a number, or that belongs to a text in another script, has no words to compare.
    slugless = address.is_identifier or (address.has_number and not _LATIN.search(clean))
    return {
        "slug_two": float(address.longest <= 2 and not slugless),
        "slug_text": len(text_words & address.slug) / max(len(text_words), 1),
        "slug_is_text": float(bool(address.slug) and address.slug <= text_words),
        "shallow": float(address.parts <= 1 and not slugless),
    }
