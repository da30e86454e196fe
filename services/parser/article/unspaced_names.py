"""Names in by-lines of Chinese, Japanese and Korean, which set no space between a word and a name.

"記者王小明／台北報導", "文・山田太郎", "山田太郎記者", "김철수·이영희 기자".
"""

import re
from itertools import takewhile

_HAN, _KANA, _HANGUL = "\u3400-\u9fff", "\u3040-\u30ff", "\uac00-\ud7af"
UNSPACED = re.compile(f"[{_KANA}{_HAN}{_HANGUL}]")
_BETWEEN = r"[\s、,，·・/／;；&]{1,3}"
_ROLE_BEFORE = (
    r"(?:本报|本報|本社|特约|特約|特派|实习|實習|见习|首席|驻[^\s]{1,4})?(?:记者|記者|通讯员|通訊員|实习生|實習生|作者|撰文|撰稿人|撰稿|采写|採訪|编译|編譯|执笔|執筆|文字|文|"
    r"取材|著者|筆者|寄稿|聞き手|構成|編集委員|論説委員|ライター|글|취재|기자명|기자|글쓴이)"
)
_ROLE_AFTER = r"(?:記者|特派員|編集委員|論説委員|특파원|(?:논설|편집|전문)?위원|(?:인턴|수습|선임|수석|객원|시민|[가-힣]{0,4}전문)?기자|특약)"
# In Korea a name begins with one of few surnames, so that a place or a role beside it is none.
_KOREAN_SURNAMES = frozenset(
    "김이박최정강조윤장임한오서신권황안송류유전홍고문양손배백허남심노하곽성차주우구민진지엄채원천방공현함변염여추도소석설마길연위표명기반왕"
    "금옥육인맹제모탁국어은편용예봉사경부나라선"
)
_NAME = f"(?:[{_HAN}]{{2,4}}|[{_HANGUL}]{{2,4}}|[{_HAN}]{{1,4}}[{_KANA}]{{1,5}}|[{_KANA}]{{2,10}})"
_NAMES = f"{_NAME}(?:{_BETWEEN}{_NAME}){{0,5}}"
_ROLE_ALONE = re.compile(rf"^{_ROLE_BEFORE}\s?[:：]?$")
# Who follows took the pictures or edited the text.
_OTHER_ROLE = re.compile(r"^(?:写真|撮影|摄影|攝影|摄|圖|图|図|構成|イラスト|編集|編輯|编辑|사진|편집)$")
_REPORTER, _SLASH = re.compile("[记記]者"), re.compile("[／/]")
_EDGE = r"(?=$|[\s／/）)〕】\]|｜丨,，。=@(（])"
# In brackets at the beginning of the text, or alone on a line, after the newspaper's name or none.
_BRACKETED = re.compile(
    rf"[（(〔【\[](?:[^\s（(〔【\[]{{0,10}}?)?{_ROLE_BEFORE}[\s:：]{{0,3}}(?P<names>{_NAMES}){_EDGE}"
)
_LINE = re.compile(
    rf"(?:^|\s)(?:[^\s：:（(]{{0,10}}?)?{_ROLE_BEFORE}\s?[\s:：／/・丨|=＝]\s?(?P<names>{_NAMES}){_EDGE}"
)
_JOINED_LINE = re.compile(
    rf"(?:^|\s)[^\s：:（(／/]{{0,6}}?(?:记者|記者|作者)(?!丨)(?P<names>{_NAME}(?:[、，]{_NAME}){{0,3}})(?=[／/]|报道|報道|報導|$)"
)
_ROLE_LINE = re.compile(
    rf"(?:^/?|(?<=[\d.:]\s))(?:[\[［【(（][^\]］】)）]{{1,20}}[\]］】)）]\s?|[^\s=＝]{{1,10}}[=＝])?(?P<names>{_NAMES})\s?{_ROLE_AFTER}{_EDGE}"
)
_NAME_AND_REPORTER = re.compile(rf"^(?P<names>{_NAME})\s[^\s：:（(]{{2,8}}(?:记者|記者)$")
# A place and the name of its correspondent.
_PLACE_LINE = re.compile(rf"^[^\s=＝]{{2,10}}[=＝](?P<names>{_NAME})$")
# A label with a colon anywhere on a line whose parts have no space between them: "来源：港口日报作者：王小明责任编辑：李丽".
_LABELLED = re.compile(
    rf"(?:作者|记者|記者|撰文)\s?[:：]\s?(?P<names>{_NAMES})(?=$|[\s／/）)，,。]|[责責編编来來发發校审])"
)
_PATTERNS = (_JOINED_LINE, _ROLE_LINE, _LINE, _LABELLED, _NAME_AND_REPORTER, _PLACE_LINE)
# How agencies open an article: "(서울=뉴스) 김철수 기자 = ", "[항구일보 김철수 기자]", "（中央社記者王小明港口9日電）".
_OPENINGS = (
    re.compile(rf"^(?:[\[［【(（][^\]］】)）]{{1,20}}[\]］】)）]\s?)?(?P<names>{_NAMES})\s?{_ROLE_AFTER}\s?="),
    re.compile(rf"^[\[［【(（][^\]］】)）\s]{{1,12}}\s(?P<names>{_NAMES})\s?{_ROLE_AFTER}[\]］】)）]"),
    re.compile(rf"^[（(][^（()）\s]{{0,6}}[记記]者(?P<names>[{_HAN}]{{3}})[{_HAN}]{{2,4}}\d{{1,2}}日[電电]"),
)
_NOT_A_NAME = re.compile(
    r"[报報訊讯社網网]$|台$|臺$|部$|局$|新闻|新聞|報導|报道|编辑|編輯|編集|記者|记者|综合|綜合|通信|通讯|通訊|快訊|快讯|통신|신문|뉴스|방송|일보|편집|기자|"
    r"スポーツ|ニュース|編集部|^선임$|^객원$|^인턴$|^수습$|전문$"
)
_BEGINNING = 100


def in_line(line: str) -> tuple[str, ...]:
    """Returns the names in a line that is a by-line; empty if it is none."""
    match = next((match for pattern in _PATTERNS if (match := pattern.search(line))), None)
    if not match:
        return ()
    # A reporter writes his place behind a slash; between names there is none.
    return _people(_SLASH.split(match["names"])[0] if _REPORTER.search(match[0]) else match["names"])


def in_brackets(text: str) -> tuple[str, ...]:
    """Returns the names in brackets at the beginning of an article: "（记者王小明）"."""
    beginning = text[:_BEGINNING]
    match = next((match for pattern in (_BRACKETED, *_OPENINGS) if (match := pattern.search(beginning))), None)
    return _people(match["names"]) if match else ()


def is_role_alone(text: str) -> bool:
    """Returns whether a text is a word for an author and nothing else: "著者"."""
    return _ROLE_ALONE.match(text) is not None


def is_name(text: str) -> bool:
    """Returns whether a text without spaces can be a person's name, and is no newspaper, desk or report."""
    return _NOT_A_NAME.search(text) is None


def _people(names: str) -> tuple[str, ...]:
    authors = takewhile(lambda name: not _OTHER_ROLE.match(name), re.split(_BETWEEN, names))
    return tuple(name for name in authors if name and is_name(name) and _may_be_korean(name))


def _may_be_korean(name: str) -> bool:
    """Returns whether a name begins with a Korean surname, or is not in Hangul."""
    return not "가" <= name[0] <= "힣" or name[0] in _KOREAN_SURNAMES
