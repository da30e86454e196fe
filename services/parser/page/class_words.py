"""The words in an element's class and id as bits: `article__share-bar` has the bits of "article" and "share".

Only words that templates everywhere use are listed here, none that a single site uses.
"""

import re
from functools import lru_cache, reduce
from operator import or_

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
    "caption": r"caption|credit|figure|image|photo|gallery|media$|legend|picture|^bild|^img|slideshow|^pie$|didascalia|bijschrift|onderschrift|billedtekst|kuvateksti|epigraf|leyenda|^podpis|popisek",
    "article": r"article|story|^post|^entry|artikel|articulo|noticia|blog|news",
    "lead": r"^lead|lede|^dek|deck|standfirst|summary|intro|chapo|excerpt|subtitle|subhead|abstract|sommario|description|"
            r"entradilla|bajada|synopsis|preamble|vorspann|subline",
    "box": r"^fact|box$|^hint|^note|callout|pull|highlight|takeaway|^faq|quote|inset|insert|toggle|accordion|timeline",
    "hidden": r"hidden|^hide|^sr$|visually|reader|invisible|offscreen|nojs",
    "popular": r"^most|^rank|popular|trending|viewed|mostread|^mest$|leid[ao]s?$|lid[ao]s$|vist[ao]s$|gelesen|^meist|^lus$|lett[ei]$|"
               r"gelezen|bekeken|okunan|czytan|ctenejsi|citanej|citanij|populaer|laest|lest$|luetuim|beliebt|populair|populer|^consultes$|^legolvas|^citite$|chitaem",
    "beside": r"^sidebar|relat|recommend|recirc|outbrain|taboola|similar|readalso|aussi$|similares|relacionad|verwandt|^mehr",
    "account": r"cookie|consent|login|signin|newsletter|subscri|breadcrumb|pagina|pager",
    "ticker": r"^ticker|ticker$|marquee|^breaking|newsflash|^flash|bandeau",
    "republish": r"republish|syndicat|reprint",
}  # fmt: skip
# A tag that is also a word above shares its bit.
_TAGS = tuple("article main aside nav footer form figure ul ol table figcaption marquee".split())
# Class attributes of megabytes occur; the first words describe the element.
_LONGEST = 300

BIT = {word: 1 << place for place, word in enumerate((*_WORDS, *_TAGS, "articlebody"))}
_PATTERNS = tuple((BIT[word], re.compile(pattern)) for word, pattern in _WORDS.items())
# In "with-ads" and "has-comments" the word that follows describes another element.
_PREPOSITIONS = frozenset({"with", "has", "no", "without"})
_PREPOSITION = 1 << len(BIT)
# Templates of blogs write the subjects of an article in its classes: "tag-menu category-sidebar-news".
_SUBJECTS = ("tag-", "category-")
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
# Names of the most read whose words say nothing by themselves: `top-read`, `top10_reads`, `topViewed`.
_TOP_READ = re.compile(
    r"\b(?:(?:top|best|many)[-_]*\d*[-_]*(?:read|view|click)(?:s|ed)?|hot[-_]?(?:news|rank|list|post|article)s?)(?![a-z])|(?:xem|doc)[-_]?nhieu|(?:ma?i?s|piu)[-_]?vist[oi]",
    re.IGNORECASE,
)
# In small letters a match has one of these, which are sought in a sixth of the time that the pattern takes.
_TOP_READ_PARTS = ("read", "view", "click", "hot", "nhieu", "vist")


def in_names(names: str) -> int:
    """Returns the bits of the words in a class or id attribute; its first 300 characters are read."""
    parts = names[:_LONGEST].split()
    bits = reduce(or_, map(_of_name, parts), 0)
    return _without_others(parts) if bits & _PREPOSITION else bits


def _without_others(names: list[str]) -> int:
    """Returns the bits of the words that do not follow a preposition."""
    bits = previous = 0
    for word in (word for name in names for word in _words(name)):
        word_bits = _of_word(word)
        bits |= 0 if previous & _PREPOSITION else word_bits
        previous = word_bits
    return bits & ~_PREPOSITION


def _words(name: str) -> list[str]:
    return [] if name.startswith(_SUBJECTS) and name not in _SUBJECTS else _WORD.findall(name)


# Sites have classes of their own, so a page brings many that no page had before; most of their words are known.
@lru_cache(maxsize=50_000)
def _of_name(name: str) -> int:
    bits = reduce(or_, map(_of_word, _words(name)), 0)
    lower = name.lower()
    is_popular = any(map(lower.__contains__, _TOP_READ_PARTS)) and _TOP_READ.search(name)
    return bits | BIT["popular"] if is_popular else bits


def in_tag(tag: str) -> int:
    """Returns the bit of a tag's name, and the bits of the words of a custom element's; 0 where the name is none of the words."""
    if tag in _TAGS:
        return BIT[tag]
    return in_names(tag) if "-" in tag else 0


@lru_cache(maxsize=50_000)
def _of_word(word: str) -> int:
    # Templates share their words, so nearly every word is in the cache.
    word = word.lower()
    bits = _PREPOSITION if word in _PREPOSITIONS else 0
    for bit, pattern in _PATTERNS:
        if pattern.search(word):
            bits |= bit
    return bits
