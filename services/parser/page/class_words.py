"""What the words in a class or an id say about an element: `article__share-bar` says share, and article.

The words are those that templates the world over are written with; no site's own are here.
"""

import re
from functools import lru_cache

_WORDS = {
    "comment": r"comment|disqus|repl(?:y|ies)$|respond|discuss|kommentar|coment",
    "related": r"relat|recommend|recirc|^more|^most|popular|trending|similar|outbrain|taboola|lire|further|next|also|"
               r"cross|suggest|latest|links?$|linkbox|linklist",
    "teaser": r"teaser|card|promo|tile|thumb|grid|carousel|slider|swiper|items?$|list$",
    "share": r"share|sharing|social|follow|tweet|facebook|whatsapp|^print|addtoany|icons?$",
    "nav": r"^nav|nav$|menu|breadcrumb|pagina|pager|^toc$|skip|tabs?$|jump",
    "foot": r"foot|copyright|legal|disclaimer|impressum|colophon|imprint",
    "side": r"side|aside|widget|^rail$|secondary|complement|marginal",
    "letter": r"newsletter|subscri|signup|paywall|cookie|consent|gdpr|^didomi|onetrust|^ot$|usercentrics|cookiebot|truste|"
              r"^cmp$|^sp$|popup|modal|overlay|login|register|premium|donat|^abo$|regwall|offer|^cta$|call",
    "ad": r"^ads?$|advert|sponsor|anzeige|publicid|werbung|^dfp|commercial|affiliate",
    "author": r"author|byline|^bio$|autor|writer|avatar|profile|contributor|redact",
    "caption": r"caption|credit|figure|image|photo|gallery|media$|legend|picture|^bild|^img|slideshow",
    "article": r"article|story|^post|^entry|artikel|articulo|noticia|blog|news",
    "lead": r"^lead|lede|^dek|deck|standfirst|summary|intro|chapo|excerpt|subtitle|subhead|abstract|sommario|description|"
            r"entradilla|bajada|synopsis|preamble|vorspann|subline",
    "box": r"^fact|box$|^hint|^note|callout|pull|highlight|takeaway|^faq|quote|inset|insert|toggle|accordion|timeline",
    "hidden": r"hidden|^hide|^sr$|visually|reader|invisible|offscreen|nojs",
    "popular": r"^most|^rank|popular|trending|viewed|mostread|^top\d*read",
    "beside": r"^sidebar|relat|recommend|recirc|outbrain|taboola|similar|readalso|aussi$|similares|relacionad|verwandt|^mehr",
    "account": r"cookie|consent|login|signin|newsletter|subscri|breadcrumb|pagina|pager",
    "ticker": r"^ticker|ticker$|marquee|^breaking|newsflash|^flash|bandeau",
    "republish": r"republish|syndicat|reprint",
}  # fmt: skip
# A tag called as a word above shares its bit.
_TAGS = tuple("article main aside nav footer form figure ul ol table figcaption marquee".split())
# Pages without end have been seen; what a class says, its first words say.
_LONGEST = 300

BIT = {name: 1 << place for place, name in enumerate((*_WORDS, *_TAGS, "articlebody"))}
_PATTERNS = tuple((BIT[name], re.compile(pattern)) for name, pattern in _WORDS.items())
# "with-ads" and "has-comments" tell of what else is there.
_OF_OTHERS = frozenset({"with", "has", "no", "without"})
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")


@lru_cache(maxsize=20_000)
def of_names(names: str) -> int:
    """The bits of what an element's class and id say."""
    bits, before = 0, ""
    for word in map(str.lower, _WORD.findall(names[:_LONGEST])):
        bits |= 0 if before in _OF_OTHERS else _of_word(word)
        before = word
    return bits


def of_tag(tag: str) -> int:
    """The bit of an element's own tag, where that says anything; 0 elsewhere."""
    return BIT[tag] if tag in _TAGS else 0


@lru_cache(maxsize=50_000)
def _of_word(word: str) -> int:
    # Templates share their words: nearly every one has been seen before.
    return sum(bit for bit, pattern in _PATTERNS if pattern.search(word))
