"""The title that a link shows: without the time, the kicker and the "read more" around it."""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborNode

from services.parser.article.dates.relative import is_age
from services.parser.page.elements import attribute, only_text
from services.parser.page.words import extent

HEADINGS = "h1, h2, h3, h4"
MORE = re.compile(
    r"^(?:read (?:more|on|article|the (?:full )?(?:article|story)|full (?:article|story))|more|learn more|find out more|lire la suite|lire plus|"
    r"lire l[’']article|en savoir plus|leer más|seguir leyendo|ver más|leia mais|saiba mais|continua|leggi(?: tutto)?|lees (?:meer|verder)|"
    r"mehr(?: lesen| erfahren)?|läs mer|les mer|læs mere|lue lisää|czytaj (?:więcej|dalej)|devamı|подробнее|читать (?:далее|дальше|полностью)|"
    r"المزيد|اقرأ المزيد|قراءة المزيد|ادامه مطلب|بیشتر بخوانید|ادامه|مزید پڑھیں|קרא עוד|קראו עוד|המשך קריאה|לקריאה נוספת|περισσότερα|διαβάστε περισσότερα|διαβάστε|और पढ़ें|पूरा पढ़ें|আরও পড়ুন|বিস্তারিত|อ่านต่อ|อ่านเพิ่มเติม|ดูเพิ่มเติม|xem thêm|đọc tiếp|xem tiếp|(?:baca )?selengkapnya|lihat semua|citește (?:mai mult|mai departe)|tovább|bővebben|více|číst (?:dále|více)|viac|čítať ďalej|više|pročitaj(?:te)? više|opširnije|още|прочети(?: още)?|докладніше|читати (?:далі|більше)|続きを読む|もっと見る|阅读全文|閱讀全文|查看更多|더보기|"
    r"\(?\d+\)?\s*(?:comments?|comentarios?|comentários?|commentaires?|kommentare?|commenti|reacties|komentarzy?|комментари\w+|تعليقات?|コメント|评论|評論|댓글)|"
    r"comments?|continue reading|view all|see all|voir tout|ver todo|weiterlesen|download|register(?: now)?|sign up|subscribe|share|"
    r"(?:click|tap) (?:here|to \w+)\b.{0,30}|watch(?: (?:now|live|video|the video))?|listen(?: (?:now|live))?|play(?: video)?|"
    r"clique (?:aqui|para)\b.{0,30}|haga clic\b.{0,30}|cliquez\b.{0,30}|hier klicken|"
    r"[\W\d]*)\W*$",
    re.IGNORECASE,
)  # fmt: skip
TITLES = '[class*="title"], [class*="headline"], [class*="titre"], [class*="titulo"]'
_NO_TITLE_TAGS = frozenset(
    {"time", "script", "style", "noscript", "svg", "iframe", "figcaption", "form", "button", "picture"}
)
_INLINE = frozenset({"span", "b", "strong", "em", "i", "small", "font"})
_LONGEST_LABEL = 30
_NOTE_TAGS = frozenset({"span", "small", "em", "i"})
# Words of classes of what stands beside the title of a teaser.
_NO_TITLE = re.compile(
    r"(?:^|[\s_-]|[a-z](?=[A-Z]))(?:kicker|eyebrow|overline|overtitle|pretitle|pre-title|surtitle|surtitre|suptitle|dachzeile|roofline|"
    r"volanta|antetitulo|cintillo|chapeu|occhiello|badge|label|flag|icon|"
    r"time|date|datetime|timestamp|duration|count|comment(?=s)|likes|reading-?time|read-?time|sr-only|visually-hidden|screen-reader|screen-reader-text|byline|author|counter)s?(?:$|[\s_-])",
    re.IGNORECASE,
)  # fmt: skip
_CLOCK = re.compile(
    r"^\W*(?:\d{1,2}[:.h]\d{2}(?:\s*[ap]\.?m\.?)?|\d{1,4}[-./]\d{1,2}(?:[-./]\d{2,4})?)\W*$", re.IGNORECASE
)
_TIME = re.compile(r"^\W*\d{1,2}[:.h]\d{2}(?:\s?[ap]\.?m\.?)?\W*", re.IGNORECASE)
_LINES = frozenset(
    "p div br li dt dd h1 h2 h3 h4 h5 h6 ul ol section article header footer figure td tr table blockquote".split()
)
_ENDS_CUT = re.compile(r"(?<!\s)\s*+(?:\.{3}|…)$")
_SENTENCE_ENDS = (".", "…", "。", "।")
_LEAST_WORDS = 3
_DEEPEST = 30


def lines_of(node: LexborNode) -> list[str]:
    """Returns the lines that a link shows: its title alone where an element of it is marked as that."""
    if (only := only_text(node)) is not None:
        return [text] if (text := _one_line(only)) else []
    title = _of_title_element(node)
    return [title] if title else list(_lines(node))


def of_link(node: LexborNode, lines: list[str], labels: frozenset[str] = frozenset()) -> tuple[str, bool]:
    """Returns the title that a link shows, and whether it is printed: a link without words has the title of an attribute.

    Args:
        node: the link.
        lines: that it shows, from `lines_of`.
        labels: what other links of the page show alone, such as the names of sections; these are no titles beside others.
    """
    text = _first_title(lines, labels)
    if len(lines) == 1 and (lead := lead_of(node)):
        text = without_lead(text, lead, labels)
    title = _one_line(attribute(node, "title"))
    if stem := _ENDS_CUT.sub("", text) if _ENDS_CUT.search(text) else "":
        text = title if title.startswith(stem) and len(title) > len(text) else text
    if text:
        return text, True
    image = node.css_first("img[alt]")
    return _one_line(attribute(node, "aria-label")) or title or _one_line(attribute(image, "alt")), False


def lead_of(node: LexborNode) -> str:
    """Returns the text of the first of the inline elements that a link is made of; empty if it has other text, or one element."""
    first = node.child
    if first is None or (first.tag not in _INLINE and (first.tag != "-text" or only_text(node) is not None)):
        return ""
    parts = [
        child for child in node.iter(include_text=True) if child.tag != "-text" or (child.text_content or "").strip()
    ]
    if len(parts) < 2 or any(part.tag not in _INLINE for part in parts):
        return ""
    text = _one_line(only_text(parts[0]) or "")
    return text if len(text) <= _LONGEST_LABEL else ""


def without_lead(text: str, lead: str, labels: frozenset[str]) -> str:
    """Returns a title without the label that it begins with: "Sport Ferry returns" of `<b>Sport</b> <span>Ferry returns</span>`."""
    remainder = text[len(lead) :].lstrip() if lead in labels and text.startswith(lead) else ""
    return remainder if extent(remainder).words > max(1, extent(lead).words) and not is_age(remainder) else text


def of_heading(heading: LexborNode) -> str:
    """Returns the title in a heading, without the kicker and the time beside it."""
    return _of_title_element(heading) or " ".join(_lines(heading))


def _of_title_element(node: LexborNode) -> str:
    """Returns the text of the heading in an element, or of the element with the class of a title; empty if neither has text."""
    for selector in (HEADINGS, TITLES):
        element = next((element for element in node.css(selector)[:2] if element.mem_id != node.mem_id), None)
        text = " ".join(_lines(element)) if element is not None else ""
        if text:
            return text
    return ""


def _first_title(lines: list[str], labels: frozenset[str]) -> str:
    """Returns the first line that is long enough for a title, else all lines."""
    if len(lines) < 2:
        return lines[0] if lines else ""
    lines = [line for line in lines if not (_CLOCK.match(line) or is_age(line))] or lines
    lines = [line for line in lines if line not in labels and not MORE.match(_TIME.sub("", line))] or lines
    title = next((line for line in lines if extent(line).words >= _LEAST_WORDS), " ".join(lines))
    # A short title above a sentence of its summary is no kicker.
    is_summary = title.endswith(_SENTENCE_ENDS) and len(lines) > 1 and title == lines[1]
    return lines[0] if is_summary and extent(lines[0]).words > 1 and not lines[0].endswith(":") else title


def _lines(node: LexborNode) -> Iterator[str]:
    """Yields the lines of a title; of a title that has nothing but what usually stands beside titles, all lines."""
    lines = list(_divided(_pieces(node, 0, with_all=False)))
    yield from lines or _divided(_pieces(node, 0, with_all=True))


def _divided(pieces: Iterator[str | None]) -> Iterator[str]:
    line: list[str] = []
    for piece in (*pieces, None):
        if piece is not None:
            line.append(piece)
            continue
        if text := _one_line("".join(line)):
            yield text
        line = []


def _pieces(node: LexborNode, depth: int, *, with_all: bool) -> Iterator[str | None]:
    """Yields pieces of text, and None where a line ends; two elements with classes that touch are two lines."""
    previous_ends_line = False
    for child in node.iter(include_text=True):
        tag = child.tag or ""
        if tag == "-text":
            text = child.text_content or ""
            previous_ends_line = previous_ends_line and not text
            yield text
        elif depth < _DEEPEST and (with_all or not _stands_beside(child, tag)):
            is_styled = bool(attribute(child, "class"))
            if tag in _LINES or (is_styled and previous_ends_line):
                yield None
            yield from _pieces(child, depth + 1, with_all=with_all)
            if tag in _LINES:
                yield None
            previous_ends_line = is_styled


def _stands_beside(node: LexborNode, tag: str) -> bool:
    """Returns whether an element is the time, kicker or icon beside a title."""
    if tag in _NO_TITLE_TAGS or _NO_TITLE.search(attribute(node, "class")[:300]):
        return True
    return tag in _NOTE_TAGS and is_age(_one_line(node.text()))


def _one_line(text: str) -> str:
    return " ".join(text.replace("\u200b", "").split())
