"""What newspapers write above their lists of the most read, by language: data alone."""

from services.parser.page.elements import comparison_key

_HEADINGS = {
    "en": "top 3|top 5|top 10|top five|top ten|most read|most popular|most popular stories|most viewed|most viewed stories|trending|trending now|popular now|top read|most read stories|most read articles|most clicked|what others are reading|popular stories|popular",
    "fr": "les plus lus|les plus lues|articles les plus lus|le plus lu|les plus consultés|les articles les plus lus|les + lus|les + lues|plus lus|populaires",
    "de": "meistgelesen|am meisten gelesen|meistgelesene artikel|beliebteste artikel|beliebteste beiträge|beliebt|meistgeklickt",
    "es": "lo más leído|lo más visto|más leídas|más leídos|las más leídas|lo más popular|más leído",
    "it": "più letti|i più letti|più lette|le più lette|i più visti",
    "pt": "mais lidas|mais lidos|as mais lidas|mais vistas|mais populares",
    "nl": "meest gelezen|best gelezen|populair",
    "sv": "mest läst|mest lästa",
    "da": "mest læste|mest læst",
    "nb": "mest lest|mest leste",
    "fi": "luetuimmat|luetuimmat jutut",
    "pl": "najczęściej czytane|najpopularniejsze|popularne",
    "cs": "nejčtenější|nejčtenější články",
    "sk": "najčítanejšie",
    "hu": "legolvasottabb|legolvasottabbak|legnépszerűbb",
    "ro": "cele mai citite|cele mai populare",
    "hr": "najčitanije|najčitaniji",
    "el": "δημοφιλή|τα πιο διαβασμένα|πιο διαβασμένα",
    "tr": "en çok okunanlar|çok okunanlar|en çok okunan haberler",
    "ru": "самое читаемое|популярное|самое популярное|читаемое",
    "uk": "найпопулярніше|популярне|найчитаніше",
    "bg": "най-четени|най-четено",
    "ar": "الأكثر قراءة|الاكثر قراءة|الأكثر مشاهدة|الأكثر تداولا",
    "fa": "پربازدیدترین|پربازدیدترین ها|پربیننده ترین|پربازدید",
    "ur": "مقبول ترین|سب سے زیادہ پڑھی جانے والی",
    "he": "הנקראות ביותר|הכי נקראות|הנצפות ביותר|הפופולריות ביותר",
    "hi": "सबसे ज्यादा पढ़ी गई|सर्वाधिक पढ़ी गई|लोकप्रिय",
    "bn": "সর্বাধিক পঠিত|জনপ্রিয়",
    "th": "ข่าวยอดนิยม|อ่านมากที่สุด|ยอดนิยม",
    "vi": "đọc nhiều|đọc nhiều nhất|tin đọc nhiều|xem nhiều",
    "id": "terpopuler|paling banyak dibaca|berita terpopuler|terbanyak dibaca",
    "ms": "paling popular|terpopular",
    "ja": "人気記事|アクセスランキング|よく読まれている記事|人気ランキング|ランキング",
    "zh": "热门新闻|热门文章|点击排行|点阅排行|點閱排行|阅读排行|閱讀排行|熱門新聞|熱門文章|點擊排行|热点排行|最热",
    "ko": "가장 많이 본 뉴스|많이 본 뉴스|많이 본 기사|인기 기사|인기 뉴스|가장 많이 본 기사",
}
_KEYS = frozenset(comparison_key(heading) for line in _HEADINGS.values() for heading in line.split("|"))
# Lists of a few stories under these are chosen by editors as often as by readers.
_LOOSE = frozenset(
    map(
        comparison_key,
        "trending|trending now|popular now|popular stories|popular|populaires|beliebt|populair|popularne|популярное|популярне|"
        "پربازدید|लोकप्रिय|জনপ্রিয়|ยอดนิยม|terpopuler|terpopular|ランキング|最热|热门新闻|热门文章|熱門新聞|熱門文章|인기 기사|인기 뉴스|人気記事".split(
            "|"
        ),
    )
)
_LONGEST = 40


def is_heading(text: str) -> bool:
    """Returns whether a heading says that what follows it are the most read stories."""
    return len(text) <= _LONGEST and comparison_key(text) in _KEYS


def is_certain_heading(text: str) -> bool:
    """Returns whether a heading says so of the shortest list, too: "Most read", but not "Trending"."""
    return is_heading(text) and comparison_key(text) not in _LOOSE
