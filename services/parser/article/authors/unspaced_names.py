"""Names in by-lines of Chinese, Japanese and Korean, which set no space between a word and a name.

"記者王小明／台北報導", "文・山田太郎", "山田太郎記者", "김철수·이영희 기자".
"""

import re
from collections.abc import Iterator
from itertools import takewhile

from services.parser.article.authors.japanese_surnames import SURNAMES, surname_of

_HAN, _KANA, _HANGUL = "\u3400-\u9fff", "\u3040-\u30ff", "\uac00-\ud7af"
UNSPACED = re.compile(f"[{_KANA}{_HAN}{_HANGUL}]")
# A point between Chinese characters is part of a name from another language; an intern may stand between two names.
_SIGN = rf"(?:[\s、，,・/／;；&]|(?<![{_HAN}])·)"
_BETWEEN = rf"{_SIGN}{{1,3}}(?:(?:实习生|實習生|(?:实习|實習|见习)[记記]者){_SIGN}{{1,3}})?"
_ROLE_BEFORE = (
    r"(?:本报|本報|本刊|本社|特约|特約|特派|实习|實習|见习|首席|驻[^\s]{1,4})?(?:记者|記者|通讯员|通訊員|实习生|實習生|作者|撰文|撰稿人|撰稿|采写|採訪|编译|編譯|执笔|執筆|文字|文|"
    r"专栏作家|專欄作家|评论员|評論員|文[/／、]?[图圖]|[图圖]文|取材・文|文・写真|取材|記事|執筆者|文責|著者|著|筆者|寄稿|聞き手|構成|編集委員|論説委員|解説委員|コラムニスト|ライター|"
    r"글[·/]\s?사진|취재[·/]\s?글|글|취재|기자명|기자|글쓴이|작성자|필자)"
)
_ROLE_AFTER = r"(?:記者|特派員|編集委員|論説委員|특파원|(?:논설|편집|전문)?위원|(?:인턴|수습|선임|수석|객원|시민|[가-힣]{0,4}전문)?기자|특약)"
# In Korea a name begins with one of few surnames, so that a place or a role beside it is none.
_KOREAN_SURNAMES = frozenset(
    "김이박최정강조윤장임한오서신권황안송류유전홍고문양손배백허남심노하곽성차주우구민진지엄채원천방공현함변염여추도소석설마길연위표명기반왕"
    "금옥육인맹제모탁국어은편용예봉사경부나라선"
)
# The hundred and fifty most frequent Chinese ones, of which no weekday, country or unit begins with the same sign in brackets.
_CHINESE_SURNAMES = frozenset(
    "王李张張刘劉陈陳杨楊黄黃赵趙吴吳徐孙孫马馬朱胡郭何林罗羅郑鄭梁谢謝宋唐许許韩韓邓鄧冯馮曹彭曾肖萧蕭田董袁潘于蒋蔣蔡余杜叶葉程苏蘇魏吕呂丁任卢盧姚沈钟鍾姜崔谭譚"
    "陆陸范汪廖石贾賈夏韦韋付傅邹鄒孟熊秦邱尹薛闫阎閻段侯史陶黎贺賀顾顧毛郝龚龔邵钱錢严嚴覃武戴莫孔汤湯温溫康施葛易乔喬庞龐樊兰蘭殷翟聂聶焦柳邢岳齐齊梅庄莊辛管祝左涂耿"
    "鲁魯关關焦柏盛柯阮纪紀欧歐童章翁娄婁冉霍"
)
_NAME = f"(?:[{_HAN}]{{2,6}}(?:[·•‧][{_HAN}]{{1,6}}){{1,2}}|[{_HAN}]{{2,4}}|[{_HANGUL}]{{2,4}}|[{_HAN}]{{1,4}}[{_KANA}]{{1,5}}|[{_KANA}]{{2,10}})"
_NAMES = f"{_NAME}(?:{_BETWEEN}{_NAME}){{0,5}}"
# "李 明": names of two characters are set as wide as those of three.
_SET_WIDE = re.compile(rf"(?<![{_HAN}])([{_HAN}])\s([{_HAN}])(?![{_HAN}])")
_ROLE_ALONE = re.compile(
    rf"^(?:{_ROLE_BEFORE}|[关關][于於]作者|作者(?:简介|簡介|介[绍紹])|(?:この)?記事を書いた(?:人|ライター)|この記事の(?:著者|筆者|ライター)|書いた人|"
    rf"(?:著者|筆者|執筆者|ライター)(?:紹介|プロフィール)|필자 ?소개|저자 ?소개|작가 ?소개)\s?[:：]?$"
)
# "[英]", "（美）" before a name: the writer's country.
_COUNTRY = rf"(?:[\[［【（(〔][{_HAN}]{{1,3}}[\]］】）)〕]\s?)?"
# Who follows took the pictures or edited the text.
_OTHER_ROLE = re.compile(r"^(?:写真|撮影|摄影|攝影|摄|圖|图|図|構成|イラスト|編集|編輯|编辑|사진|편집)$")
_REPORTER, _SLASH = re.compile("[记記]者"), re.compile("[／/]")
_EDGE = r"(?=$|[\s／/）)〕】\]|｜丨,，。=@(（]|(?:摄影|攝影|图文|圖文|综合|綜合)?(?:报道|報道|報導)$)"
# In brackets at the beginning of the text, or alone on a line, after the newspaper's name or none.
_BRACKETED = re.compile(
    rf"[（(〔【\[](?:[^\s（(〔【\[]{{0,10}}?)?{_ROLE_BEFORE}[\s:：]{{0,3}}(?P<names>{_NAMES}){_EDGE}"
)
_LINE = re.compile(
    rf"(?:^|[\s：:])(?:[^\s：:（(]{{0,10}}?)?{_ROLE_BEFORE}\s?[\s:：／/・丨|=＝]\s?{_COUNTRY}(?P<names>{_NAMES}){_EDGE}"
)
_JOINED_LINE = re.compile(
    rf"(?:^|\s)[^\s：:（(／/]{{0,6}}?(?:记者|記者|作者)(?!丨)(?P<names>{_NAME}(?:[、，]{_NAME}){{0,3}})(?=[／/]|\s?(?:摄影|攝影|图文|圖文)?(?:报道|報道|報導)|$)"
)
_ROLE_LINE = re.compile(
    rf"(?:^/?|(?<=[\d.:]\s))(?:[\[［【(（][^\]］】)）]{{1,20}}[\]］】)）]\s?|[^\s=＝]{{1,10}}[=＝])?(?P<names>{_NAMES})\s?{_ROLE_AFTER}{_EDGE}"
)
_NAME_AND_REPORTER = re.compile(rf"^(?P<names>{_NAME})\s[^\s：:（(]{{2,8}}(?:记者|記者)$")
# A place and the name of its correspondent.
_PLACE_LINE = re.compile(rf"^[^\s=＝]{{2,10}}[=＝](?P<names>{_NAME})$")
# A label with a colon anywhere on a line whose parts have no space between them: "来源：港口日报作者：王小明责任编辑：李丽".
_LABELLED = re.compile(
    rf"(?:作者|记者|記者|撰文)\s?[:：]\s?{_COUNTRY}(?P<names>{_NAMES})(?=$|[\s／/）)，,。]|[责責編编来來发發校审])"
)
# A desk or nobody, a slash, and who reports: "地方中心／王小明報導", "王小明／台北報導".
_REPORT_LINE = re.compile(
    rf"^(?:[^\s／/]{{2,6}}[／/](?P<names>[{_HAN}]{{3}})|(?P<first>[{_HAN}]{{3}})[／/](?:[{_HAN}]{{2}}|綜合))(?:報導|報道|报道)$"
)
# A Japanese newspaper's bureau or desk before the name.
_BUREAU_LINE = re.compile(
    rf"^[{_HAN}]{{1,4}}(?:支局|総局|支社|本社|報道部|社会部|政治部|経済部|運動部|文化部)[\s・＝](?P<names>{_NAMES})$"
)
_PATTERNS = (_JOINED_LINE, _ROLE_LINE, _LINE, _LABELLED, _NAME_AND_REPORTER, _PLACE_LINE, _BUREAU_LINE)
# How a Japanese newspaper ends an article: "（山田太郎）", "【山田太郎、写真も】".
_CLOSING = re.compile(rf"[（【](?P<names>{_NAMES})(?:[、，]写真も)?[）】]$")
# And a Chinese one, behind its last sentence: "。（王小明）", "。（记者 王小明 通讯员 李丽）".
_CLOSING_SENTENCE = re.compile(
    rf"[。！？”」][（(](?:(?P<role>[^\s（(）)]{{0,6}}?{_ROLE_BEFORE})[\s:：/／]{{0,2}})?(?P<names>[{_HAN}]{{2,3}}(?:{_BETWEEN}[{_HAN}]{{2,3}}){{0,3}}){_EDGE}(?!\s?(?:[摄攝]|供[图圖]|[图圖][）)]))[^（(）)]{{0,12}}[）)]$"
)
# How a Japanese newspaper opens a report from elsewhere: "【パリ＝山田太郎】", "【パリ山田太郎】".
_OPENING_PLACE = re.compile(rf"^【(?:[^\s】=＝]{{2,12}}[=＝]|[ァ-ヺー・]{{2,12}})(?P<names>{_NAMES})】")
# How agencies open an article: "(서울=뉴스) 김철수 기자 = ", "[항구일보 김철수 기자]", "（中央社記者王小明港口9日電）".
_OPENINGS = (
    re.compile(rf"^(?:[\[［【(（][^\]］】)）]{{1,20}}[\]］】)）]\s?)?(?P<names>{_NAMES})\s?{_ROLE_AFTER}\s?="),
    re.compile(rf"^[\[［【(（][^\]］】)）\s]{{1,12}}\s(?P<names>{_NAMES})\s?{_ROLE_AFTER}[\]］】)）]"),
    re.compile(rf"^[（(][^（()）\s]{{0,6}}[记記]者(?P<names>[{_HAN}]{{3}})[{_HAN}]{{2,4}}\d{{1,2}}日[電电]"),
)
_NOT_A_NAME = re.compile(
    r"[报報訊讯社網网]$|台$|臺$|部$|局$|新闻|新聞|報導|報道|报道|编辑|編輯|編集|記者|记者|综合|綜合|通信|通讯|通訊|快訊|快讯|통신|신문|뉴스|방송|일보|편집|기자|"
    r"^(?:整合|整理|采编|采访|連線|连线|发自|發自|摄制)$|スポーツ|ニュース|編集部|^선임$|^객원$|^인턴$|^수습$|전문$"
)
_BEGINNING, _KOREAN_LENGTH = 100, 3


def in_line(line: str) -> tuple[str, ...]:
    """Returns the names in a line that is a by-line; empty if it is none."""
    line = _SET_WIDE.sub(r"\1\2", line)
    if report := _REPORT_LINE.search(line):
        return _people(report["names"] or report["first"])
    matches = (match for pattern in _PATTERNS if (match := pattern.search(line)))
    return next(filter(None, map(_people_in, matches)), ())


def _people_in(match: re.Match[str]) -> tuple[str, ...]:
    """Returns the names that a pattern finds; a reporter writes his place behind a slash, between names there is none."""
    return _people(_SLASH.split(match["names"])[0] if _REPORTER.search(match[0]) else match["names"])


def in_brackets(text: str) -> tuple[str, ...]:
    """Returns the names in brackets at the beginning of an article: "（记者王小明）"."""
    beginning = _SET_WIDE.sub(r"\1\2", text[:_BEGINNING])
    match = next((match for pattern in (_BRACKETED, *_OPENINGS) if (match := pattern.search(beginning))), None)
    return _people(match["names"]) if match else _japanese(_OPENING_PLACE.search(beginning))


def in_closing_brackets(text: str) -> tuple[str, ...]:
    """Returns the Japanese and Chinese names in brackets at the end of a text; of other words in brackets none."""
    if not text.endswith(("）", "】", ")")):
        return ()
    end = _SET_WIDE.sub(r"\1\2", text[-_BEGINNING:])
    if names := _japanese(_CLOSING.search(end)):
        return names
    match = _CLOSING_SENTENCE.search(end)
    names = _people(match["names"]) if match else ()
    return names if match and (match["role"] or all(name[0] in _CHINESE_SURNAMES for name in names)) else ()


def _japanese(match: re.Match[str] | None) -> tuple[str, ...]:
    """Returns the names that a pattern finds, if all begin with a Japanese surname."""
    names = _people(match["names"]) if match else ()
    return names if all(surname_of(name.replace(" ", "")) for name in names) else ()


def is_role_alone(text: str) -> bool:
    """Returns whether a text is a word for an author and nothing else: "著者"."""
    return _ROLE_ALONE.match(text) is not None


def is_usual(text: str) -> bool:
    """Returns whether a text is not Korean, or has the length of a Korean name."""
    return not "가" <= text[0] <= "힣" or (len(text) == _KOREAN_LENGTH and text[0] in _KOREAN_SURNAMES)


def is_name(text: str) -> bool:
    """Returns whether a text without spaces can be a person's name, and is no newspaper, desk or report."""
    return _NOT_A_NAME.search(text) is None


def _people(names: str) -> tuple[str, ...]:
    authors = takewhile(lambda name: not _OTHER_ROLE.match(name), _with_given_names(re.split(_BETWEEN, names)))
    return tuple(name for name in authors if name and is_name(name) and _may_be_korean(name))


def _with_given_names(names: list[str]) -> Iterator[str]:
    """Yields the names; a Japanese surname and the given name behind a space are one: "中村 健一"."""
    queue = iter(names)
    for name in queue:
        following = next(queue, None) if name in SURNAMES else None
        if following is not None and (following in SURNAMES or surname_of(following)):
            yield from (name, following)
        else:
            yield f"{name} {following}" if following else name


def _may_be_korean(name: str) -> bool:
    """Returns whether a name begins with a Korean surname, or is not in Hangul."""
    return not "가" <= name[0] <= "힣" or name[0] in _KOREAN_SURNAMES
