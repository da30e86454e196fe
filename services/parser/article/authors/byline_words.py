"""The words of by-lines, by language: data alone. A word is a pattern without groups, and ends in ".*" if it has endings.

`BY` is before names, `AND` between them, `ROLES` beside or instead of them, `CONTACT` begins what is beside a by-line and
names nobody. Scripts that set no space before a name have tables of their own in `unspaced_names.py`.
"""

import re
from collections.abc import Iterable

# The letters that a line or a pattern begins with.
FIRST_WORD = re.compile(r"\s*([^\s:：៖*_·/(,،.\[\\]+)")
_OPTIONAL = re.compile(r"\w\?")
_COLON_END = re.compile(r":(?=\||$)")

BY = {
    "en": "by|author|authors|author\\(s\\)|author/s|article authors?|post author|thread starter|contributors?:|words:|text and photos:|about the author|text|written by|posted by|published by|story by|words by|reported by|report by|created by|submitted by|article by|"
    "from our|analysis by|opinion by|commentary by|review by|interview by|reporting by|additional reporting by",
    "fr": "par|auteur[.·]e|auteur/autrice|auteur / autrice|auteur\\(e\\)|autrice|article de|article par|article écrit par|article rédigé par|article publié par|auteure?|à propos de l'auteure?|texte|publié par|publiée par|écrit par|rédigé par|propos recueillis par",
    "de": "von|vom|autor|autorin|autoren|autor/autorin|autorin/autor|autor / autorin|autorin / autor|autor/-?in|autor/-?innen|autor[:*_·]in|autor[:*_·]innen|text|interview:|protokoll:|über den autor|über die autorin|es berichtet|verfasst von|geschrieben von|erstellt von|veröffentlicht von|ein artikel von|ein gastbeitrag von",
    "es": "por|autora?|autor/a|autor\\(a\\)|escribe|redacción:|sobre el autor|escrito por|publicado por|redactado por|texto",
    "pt": "por|autora?|sobre o autor|escrito por|publicado por|postado por|texto",
    "it": "di|da|dal|dalla|l'autore|autore|autrice|a cura di|scritto da|pubblicato da",
    "nl": "door|auteur|tekst|geschreven door",
    "sv": "av|text|skribent",
    "da": "af|tekst|skrevet af",
    "nb": "av|tekst|skrevet av",
    "fi": "teksti|kirjoittaja|kirjoittanut",
    "ca": "per|text",
    "pl": "autor|autorka|tekst|opracowanie|oprac\\.|rozmawiała?|opracował|opracowała",
    "cs": "autor|autorka|autoři|text|napsal|napsala",
    "sk": "autor|autorka",
    "hu": "írta|szerző",
    "ro": "autor|autori|scris de",
    "hr": "piše|pišu|autor|autorica|napisao|napisala",
    "tr": "yazan|yazar|muhabir|haber|kaynak yazar",
    "ru": "автор|текст|авторы|подготовила?|беседовала?|записала?",
    "uk": "автор|авторка|текст|підготувала?|підготував|розмовляла?",
    "bg": "автор|от",
    "sr": "аутор|ауторка|пише",
    "be": "аўтар",
    "lv": "autors|autore",
    "lt": "autorius|autorė|parengė",
    "et": "autor",
    "sq": "nga|autori",
    "is": "höfundur",
    "eu": "egilea",
    "af": "deur",
    "az": "müəllif",
    "uz": "muallif",
    "hy": "հեղինակ՝|հեղինակ",
    "ka": "ავტორი",
    "el": "του|της|γράφει ο|γράφει η|συντάκτης|συντάκτρια|κείμενο|ρεπορτάζ:|επιμέλεια|από",
    "ar": "بقلم|كتب|كتبت|إعداد|الكاتب|الكاتبة|المؤلف|تقرير:|حوار:|تحقيق:",
    "fa": "به قلم|نویسنده|خبرنگار|نوشته|گزارش:",
    "ur": "تحریر|رپورٹ:|از|مصنف|مصنفہ|رپورٹر|نامہ نگار",
    "he": "מאת|כותב|כותבת|כתב|כתבת|כתבה",
    "hi": "लेखक|द्वारा|रिपोर्ट|लेखिका|संवाददाता|रिपोर्टर|प्रस्तुति|आलेख:",
    "mr": "लेखन:|वार्ताहर",
    "bn": "লেখক|প্রতিবেদক|প্রতিবেদন|লেখিকা|লিখেছেন|রিপোর্ট:",
    "ta": "எழுதியவர்|ஆசிரியர்|எழுத்து:|கட்டுரை:|செய்தியாளர்",
    "te": "రచయిత|రచన:|రిపోర్టర్",
    "kn": "ಲೇಖಕ|ಲೇಖಕರು|ಬರಹ:|ವರದಿ:",
    "ml": "ലേഖകൻ|ലേഖിക|എഴുതിയത്|തയ്യാറാക്കിയത്",
    "gu": "લેખક|દ્વારા|રિપોર્ટર",
    "pa": "ਲੇਖਕ|ਦੁਆਰਾ",
    "si": "කර්තෘ|ලියන්නේ",
    "my": "ရေးသားသူ|စာရေးသူ|ရေးသူ|သတင်းထောက်|ဆောင်းပါးရှင်|ဆောင်းပါး:|သတင်း:",
    "km": "ដោយ|អ្នកនិពន្ធ|និពន្ធដោយ|សរសេរដោយ|អ្នកសរសេរ|អត្ថបទដោយ|អត្ថបទ:|រាយការណ៍ដោយ",
    "lo": "ໂດຍ|ຂຽນໂດຍ|ຜູ້ຂຽນ",
    "id": "oleh|laporan|penulis|reporter|pewarta|ditulis oleh|kontributor",
    "ms": "oleh|penulis",
    "vi": "tác giả|bài|thực hiện|theo|bài, ảnh|bài và ảnh|bài & ảnh|bài ảnh|tin, ảnh|clip, ảnh|tin:",
    "th": "โดย|เขียนโดย|รายงานโดย|เรื่อง:|ผู้เขียน|เรื่องโดย|เรียบเรียงโดย|เรียบเรียง:|ผู้เรียบเรียง",
    "sw": "na|mwandishi",
}
# Behind a name: "विकास गुप्ता द्वारा".
BY_BEHIND = "द्वारा|দ্বারা|દ્વારા|ਦੁਆਰਾ|ద్వారా|tarafından"
# First names too, so they are by-words only before two words or more: "Di Hartley", "Di Mara Bianchi".
ALSO_NAMES = "Di|Theo|Per|Na|Von|Nga|Dal"
# By-words that are a first name where the page declares a person of two words.
DECLARED_FIRST_NAMES = frozenset({"Par", "Por", "Av", "Af", "Oleh", "Door"})
AND = {
    "en": "and|with|&", "fr": "et|avec", "es": "y|e", "it": "e|ed", "de": "und", "nl": "en", "nb": "og", "sv": "och", "fi": "ja", "tr": "ve",
    "ru": "и", "uk": "та|і|й", "pl": "i", "cs": "a", "hu": "és", "ro": "și|şi", "hr": "i", "el": "και", "id": "dan", "vi": "và", "th": "และ",
    "hi": "और|व", "bn": "ও|এবং", "ar": "و", "ur": "اور", "ca": "i", "lt": "ir", "lv": "un",
}  # fmt: skip
# Kinds of texts before a by-word and a name: "an analysis by", "eine Analyse von".
GENRES = {
    "en": "guest post|guest column|guest essay|opinion|analysis|commentary|review|interview|essay|column|feature|photos and text|text and photos|"
    "compiled|presented|produced|curated|recipe|transcribed",
    "de": "analyse|kommentar|bericht|reportage|interview|essay|kolumne|rezension|glosse|gastkommentar|leitartikel|rezept",
    "fr": "analyse|chronique|tribune|reportage|entretien|récit|enquête|critique|billet",
    "es": "crónica|análisis|reportaje|entrevista|columna|opinión|texto",
    "pt": "crónica|crônica|análise|reportagem|entrevista|coluna|texto",
    "it": "analisi|commento|intervista|reportage|servizio|testo",
    "nl": "analyse|column|interview|reportage|recensie",
}
# Roles before a name: "Staff Writer Mina Okafor", "unsere Korrespondentin Mina Okafor".
ROLES_BEFORE = {
    "en": "editor|reporter|writer|correspondent|journalist|contributor|columnist|blogger",
    "de": "rechtsanwalt|rechtsanwältin|fachanwalt|fachanwältin|steuerberater(?:in)?|redakteur(?:in)?|reporter(?:in)?|korrespondent(?:in)?|journalist(?:in)?|experte|expertin|autor(?:in)?|gastautor(?:in)?|volont[äa]r(?:in)?",
    "fr": "journaliste|correspondante?|envoyée? spéciale?|rédacteur|rédactrice",
    "es": "periodista|corresponsal|enviad[oa] especial|redactora?",
    "pt": "jornalista|repórter|correspondente|enviad[oa] especial",
    "it": "inviat[oa]|corrispondente|giornalista",
    "nl": "redacteur|verslaggever|verslaggeefster|correspondent",
    "nb": "journalist", "sv": "reporter|journalist", "fi": "toimittaja", "pl": "dziennikarz|dziennikarka", "hu": "újságíró",
    "tr": "muhabir|muhabiri", "ro": "jurnalist",
    "ru": "журналист(?:ка)?|корреспондент(?:ка)?|спецкор|обозреватель", "uk": "журналіст(?:ка)?|кореспондент(?:ка)?",
    "id": "wartawan|jurnalis|reporter|kontributor", "vi": "phóng viên|pv", "th": "ผู้สื่อข่าว", "hi": "संवाददाता", "fa": "خبرنگار",
    "bn": "প্রতিনিধি|প্রতিবেদক|সংবাদদাতা|সাংবাদিক", "ko": "교수|변호사|칼럼니스트|논설위원|평론가|작가",
}  # fmt: skip
# What names nobody where it stands alone: "Sunday" is a name in "Sunday Adeyemi" only.
NEVER_ALONE = (
    "link|(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch|lundi|mardi|mercredi|jeudi|vendredi|samedi|"
    "dimanche|lunes|martes|mi[eé]rcoles|jueves|viernes|s[aá]bado|domingo|(?:segunda|terça|quarta|quinta|sexta)-feira|luned[iì]|marted[iì]|mercoled[iì]|"
    "gioved[iì]|venerd[iì]|sabato|domenica|(?:maan|dins|woens|donder|vrij|zater|zon)dag|(?:mån|tis|ons|tors|fre|lör|sön|man|tirs|lør|søn)dag|"
    "published|posted|updated|publiziert|veröffentlicht|aktualisiert|publiée?|publicad[oa]|pubblicat[oa]|gepubliceerd|publicera[dt]|publisert|opublikowano"
)
# What tells an editor from another, before or behind a name.
DESKS = (
    "staff|senior|chief|contributing|associate|deputy|managing|executive|guest|special|political|politics|business|economics|finance|sports?|"
    "health|science|environment|education|technology|tech|foreign|national|world|diplomatic|defen[cs]e|crime|legal|court|city|local|news|"
    "features|culture|arts|music|travel|food|opinion|investigations?|data|home|religion|transport|energy|climate|media|consumer|royal"
)
POSSESSIVES = "our|the|unser\\w*|notre|nos|nuestr[oa]|noss[oa]|(?:d?all?[ao] )?nostr[oa]|onze|vår|vores|наш[а]?"
# Words of bodies that sign beside a person or instead of one.
ORGANIZATIONS = {
    "en": "institute|institution|association|collective|center|centre|university|college|department|ministry|agency|council|committee|foundation|"
    "society|federation|network|company|corporation|inc|ltd|llc|bureau|magazine|newspaper|laboratory|museum|commission|authority",
    "de": "institut|verband|verein|universität|hochschule|ministerium|behörde|stiftung|gmbh|ag|redaktion",
    "fr": "université|association|ministère|fondation|société|agence",
    "es": "universidad|asociación|ministerio|fundación|agencia|instituto",
    "it": "università|associazione|ministero|fondazione|agenzia|istituto",
}
ROLES = {
    "en": "staff|editors?|editorial|writers?|reporters?|correspondents?|journalists?|contributors?|contributing|columnists?|senior|"
    "associate|managing|director|manager|ceo|founder|author|producer|team|desk|newsroom|admin|administrator|webmaster|webteam|unknown|"
    "anonymous|undefined|support|agencies|photographs?|bio|login|reviewer|grader|reading|article|articles|updated?|updates|published|"
    "comments?|minutes?|news|online|coordinator|advertisement|sponsored|subscribe|share this|experts?|specialist|analyst|consultant|advis[eo]r|strategist",
    "de": "redaktion.*|redakteur.*|agenturen|fotos?|zum|drucken|registriert|journalist|journalisten|journalistin",
    "fr": "r[ée]daction|journaliste|rédacteur.*|rédactrice.*|anonyme",
    "es": "redacci[oó]n|redactor.*|periodista|autor.*|agencias",
    "it": "redazione",
    "pt": "redação",
    "nl": "redactie",
    "ru": "редакция|корреспондент",
    "ar": "هيئة|التحرير|تحرير|المحرر|مراسل|المراسل|وكالات",
    "he": "חדשות|מערכת|כתבנו|סוכנויות",
    "fa": "خبرگزاری|تحریریه|روزنامه‌?نگار",
    "id": "redaksi|tim redaksi",
    "hi": "डेस्क|टीम",
    "bn": "নিজস্ব প্রতিবেদক|প্রতিবেদক|ডেস্ক",
    "th": "กองบรรณาธิการ",
    "vi": "ban biên tập|tòa soạn",
    "ko": "기자|특파원",
    "zh": "記者|记者|编辑|編輯|特派員",
}
# Words that name nobody alone, and are surnames behind a first name: "Christopher Null".
SURNAMES_TOO = "null|read|story|guest|chief|share|size|image|user|reader"
# Surnames only where the page declares a person: "Associated Press" is none.
DECLARED_SURNAMES = "press|special|photo|author|editor|none|time|type|news|support|online|article|bio|desk|reading|writer|staff|director"
# Newsrooms and unnamed reporters: in no part of a person's name.
NEWSROOMS = (
    "डेस्क|ब्यूरो|टीम|संवाद सहयोगी|एजेंसी|समाचार|प्रतिनिधी|वृत्तसेवा|ডেস্ক|নিজস্ব|স্টাফ|সংবাদদাতা|প্রতিনিধি|রিপোর্টার|প্রতিবেদক|ব্যুরো|"
    "செய்திப்பிரிவு|செய்திப் பிரிவு|டெஸ்க்|ஆசிரியர் குழு|డెస్క్|బృందం|ಡೆಸ್ಕ್|ഡെസ്ക്|ബ്യൂറോ|ડેસ્ક|બ્યુરો|ਡੈਸਕ|ਬਿਊਰੋ|ڈیسک|نمائندہ|بیورو|"
    "กองบรรณาธิการ|ทีมข่าว|ทีมงาน|สำนักข่าว|ออนไลน์"
)
# These begin a newsroom's name in Thai, those end one.
NEWSROOM_BEGINNINGS = "ทีมข่าว|ทีมงาน|สำนักข่าว|กองบรรณาธิการ"
UNSPACED_NEWSROOMS = "編輯部|编辑部|編集部|取材班|편집부|뉴스팀|온라인팀|취재팀|디지털팀|กองบรรณาธิการ"
CONTACT = {
    "en": "e-?mail|follow|contact|view|see|read|more|about|all|posts|share|save|print|listen|watch|subscribe|sign up|log in|photo|photos|image|"
    "edited by|editing by|reviewed by|updated|published|last|connect|message|send|download|click|visit",
    "fr": "suivre|contacter|envoyer|voir|lire|tous les|partager|photo|crédit",
    "de": "übersetzung|übersetzt|folgen|kontakt|mehr|alle|teilen|drucken|foto|fotos|bild|merken",
    "es": "seguir|contactar|ver|leer|más|todos|compartir|foto|editado por",
    "it": "segui|contatta|leggi|tutti|condividi|foto",
    "pt": "seguir|contato|ver|ler|mais|todos|compartilhar|foto",
    "nl": "volg|lees|alle|deel|foto",
    "ar": "تابع|راسل|المزيد|مشاركة|شارك|تصوير",
    "he": "פנייה|שתף|עקוב|צילום|לכתב",
    "id": "editor|ikuti|bagikan|baca|foto",
    "vi": "biên tập|ảnh|chia sẻ",
    "ru": "подписаться|поделиться|фото|редактор",
    "zh": "责任编辑|責任編輯|责编|編輯|编辑|分享",
    "ko": "편집|구독|공유",
}
# What follows a name on its line: who else worked on the article, and where some of it came from.
BESIDE = (
    r"(?:photo|picture|illustration|graphic|video|foto|bild|imagen|image)(?:s|graphs?|graphy|os)?\s?(?::|(?:by|von|par|por|de|di)\b)|"
    r"(?:edited|translated|reviewed|editing|editado|traducido)(?: by| por)?|special to|"
    r"(?:with|avec|mit|con|com|met|med|und)\s(?:agenc|agên|agentur|wire|file|inform|reuters|afp|dpa|efe|ap\b)"
)
# Roles and buttons that an element without a space sets right behind a name: "Jane DoeSenior Reporter".
BEHIND = ("Senior|Staff|Contributing|Associate|Chief|Deputy|Political|Business|Sports?|Editor|Reporter|Writer|Correspondent|Journalist|"
          "Columnist|Author|Contact|Follow|Email|Updated|Published|Posted|View|See|More|Redakteur|Redaktion|Journaliste|Periodista|Redactor")  # fmt: skip
# "All articles by Jane Doe": what is before the name on a link to an author's page.
ALL_BY = (
    r"(?:view |see |show |read |voir |alle |alles |mehr |more |all |tous |toutes |todos |todas |weitere |les |los |las |die |lire )+"
    r"(?:\w+ ){0,2}(?:by|from|von|par|de|por|di|da|van|av|af) "
)
# First names and surnames that begin with the Arabic letter waw, which alone means "and".
ARABIC_WAW_NAMES = frozenset(
    "وليد وائل وسيم وجدي وفاء وداد وردة ورد وهبة وهبي وهيب وسام وجيه ودود وصفي واصف وزير وديع وئام وجدان وحيد وحدة وضاح ويليام "
    "وليام ولاء ولد وزان وهاب وهدان وردي وعد وسن وصال وطفة وكيل والي واثق والد وارد ونوس ويس ويسي وطني وقاص ورشان وناس".split()
)


# Places from which newspapers report, in scripts without capitals: one beside a name is no second author.
PLACES = frozenset(
    "القاهرة الإسكندرية بيروت دمشق بغداد البصرة أربيل القدس غزة الرياض الدمام الكويت الدوحة المنامة "
    "دبي أبوظبي الشارقة مسقط صنعاء الخرطوم طرابلس بنغازي الجزائر وهران الرباط مراكش نواكشوط لندن باريس برلين واشنطن نيويورك موسكو "
    "أنقرة إسطنبول طهران بكين جنيف روما مدريد "
    "दिल्ली मुंबई लखनऊ पटना जयपुर भोपाल इंदौर कानपुर वाराणसी प्रयागराज नोएडा गुरुग्राम चंडीगढ़ देहरादून रांची रायपुर कोलकाता चेन्नई बेंगलुरु हैदराबाद "
    "अहमदाबाद पुणे नागपुर आगरा मेरठ गोरखपुर शिमला श्रीनगर जम्मू अमृतसर लुधियाना काठमांडू "
    "تهران مشهد اصفهان شیراز تبریز کابل کراچی لاہور پشاور کوئٹہ ירושלים חיפה".split()
)
# Agencies that are named behind words for "according to", which are by-words too: "Theo Reuters".
AGENCIES = frozenset("reuters afp ap dpa efe ansa xinhua tass bloomberg kyodo yonhap cnn bbc aljazeera ttxvn".split())


def any_place() -> str:
    """Returns a pattern for the places, the longest first."""
    return "|".join(sorted(PLACES, key=len, reverse=True))


def any_of(table: dict[str, str]) -> str:
    """Returns a pattern for the words of all languages of a table, the longest first; a word's colon may have a space before it."""
    words = dict.fromkeys(word for line in table.values() for word in line.split("|"))
    return _joined(words)


def _joined(words: Iterable[str]) -> str:
    pattern = "|".join(sorted(words, key=len, reverse=True)).replace(".*", r"\w*")
    return _COLON_END.sub(r"\\s?[:：៖]", pattern)


def first_words(table: dict[str, str]) -> frozenset[str]:
    """Returns what `FIRST_WORD` finds in a line that begins with a word of the table: of "autora?" "autor" and "autora"."""
    patterns = [word for line in table.values() for word in line.split("|")]
    forms = (form for word in patterns for form in (_OPTIONAL.sub("", word), word.replace("?", "")))
    return frozenset(match[1] for form in forms if (match := FIRST_WORD.match(form)))
