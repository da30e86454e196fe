"""Lines between an article's paragraphs that are the page's: labels of adverts, references, credits, marks of agencies."""

import re
from functools import cache

from services.parser.article.body import agency_marks
from services.parser.article.body.furniture_words import begins, keys
from services.parser.page.elements import comparison_key
from services.parser.page.layout import Block

# Longer lines are text, however they begin.
_LONGEST_LABEL, _LONGEST_REFERENCE, _LONGEST_EDITORS, _LONGEST_RIGHTS, _LONGEST_SOURCE = 100, 250, 60, 200, 60
_MOSTLY_LINK, _PARTLY_LINK = 0.7, 0.4
# A phrase that leads to another story is no longer than this.
_LONGEST_PHRASE = 30
_SAMPLE = 60
_LONGEST_NOTICE, _LONGEST_DISCLOSURE = 700, 500
# In small letters, a line that discloses what its links earn has one of these.
_PAYS = ("affili", "ommiss", "ommits", "rovision", "omisi", "omissã", "werbung", "amazon")
_ARROW = re.compile(r"^\s*(?:>>+|»+|→|▶|►|➤|➡|👉|⇒|>|\+{2,3})\s*")
# "Follow the Harbour Post on Google News": channels of newspapers, not the networks on which people write.
_FOLLOW = re.compile(
    r"^(?:follow|join|folge|suivez|rejoignez|retrouvez|sigue|síguenos|únete|segui|siga|acompanhe|volg|följ|takip|подпис|читайте|obserwuj|ikuti)"
    r".{0,60}\b(?:google (?:news|noticias|notizie|nieuws|actualités|haberler|новости)|whatsapp|telegram|flipboard|viber)\b.{0,20}$",
    re.IGNORECASE,
)
# Newspapers in Taiwan begin a caption with a sign that points to its picture.
_CAPTION = re.compile("^[▲▼△▽]")
# A caption ends with who took its picture: "Stones lie in the channel. Photo: Ann Field".
_PICTURE_CREDIT = re.compile(
    r"[.!?…”\"»)]\s\(?(?:photo(?:graph)?s?|pictures?|images?|foto|bild|fotografía|crédits? photo)(?: by)?\s?[:/]\s?[^.:]{2,50}\)?\.?$",
    re.IGNORECASE,
)
_LONGEST_CAPTION, _LONGEST_CREDIT = 250, 90
_READING_TIME = re.compile(
    r"(?:reading time:?\s)?\d{1,3}[ -]?min(?:ute)?[sn]?\.?\s?(?:read(?:ing time)?|de lectura|de lecture|lesezeit|di lettura|de leitura|leestijd|lästid)",
    re.IGNORECASE,
)
_INTRODUCES = re.compile(r"[:：|>»–—-]")
_SENTENCE_ENDS = (".", "!", "?", "。", "！", "？", "।", "۔")
_COLON = re.compile(r"[:：/／]")
_BRACKETS = "()[]（）【】〔〕［］ *–—-"
_YEAR = re.compile(r"©|\(c\)|\b(?:19|20)\d\d\b")


def is_label(line: str) -> bool:
    """Returns whether a line is no text: a label, a notice, a caption with its credit, the mark of an agency, a note of rights, or data of a script."""
    if _is_notice(line) or _is_caption(line):
        return True
    if len(line) > _LONGEST_LABEL:
        is_rights = len(line) <= _LONGEST_RIGHTS and _is_right(line.strip(_BRACKETS))
        return is_rights or line.startswith(('{"', '[{"'))
    if _READING_TIME.fullmatch(line):
        return True
    bare = line.strip(_BRACKETS)
    key = comparison_key(bare)
    if _is_advert(key) or key in keys("references") or key in keys("tools"):
        return True
    if len(line) <= _LONGEST_EDITORS and begins(key, "editors"):
        return True
    return _is_right(bare) or _is_credit(bare) or agency_marks.is_mark(bare)


def _is_caption(line: str) -> bool:
    """Returns whether a line is a caption: it begins with a sign that points to a picture, or ends with who took it."""
    credit = len(line) <= _LONGEST_CAPTION and _PICTURE_CREDIT.search(line[-_LONGEST_CREDIT:])
    return bool(credit) or (len(line) <= _LONGEST_LABEL and _CAPTION.match(line) is not None)


def _is_notice(line: str) -> bool:
    """Returns whether a line is the page's own on cookies, scripts and blocked content, or declares what its links earn."""
    if len(line) <= _LONGEST_NOTICE and _begins(line, "notices"):
        return True
    return len(line) <= _LONGEST_DISCLOSURE and _discloses(line)


def _discloses(line: str) -> bool:
    lower = line.lower()
    if not any(map(lower.__contains__, _PAYS)):
        return False
    key = comparison_key(line)
    return any(phrase in key for phrase in keys("disclosures"))


def _is_advert(key: str) -> bool:
    """Returns whether a key is the label of an advertisement, or two such labels in a row, and perhaps that the text goes on."""
    return _adverts().fullmatch(key) is not None


@cache
def _adverts() -> re.Pattern[str]:
    # In a quarter of the time that it takes to look up each half of a key.
    return re.compile(f"(?:{_any_of('adverts')}){{1,2}}(?:{_any_of('continuations')})?")


def _any_of(kind: str) -> str:
    return "|".join(map(re.escape, keys(kind)))


def is_reference(block: Block) -> bool:
    """Returns whether a block leads away: to another story ("Read also: Ferry fares to rise") or to a newsletter."""
    size = len(block.text)
    if size > _LONGEST_REFERENCE or not block.link_chars:
        return False
    if block.link_chars >= _MOSTLY_LINK * size and _ARROW.match(block.text):
        return True
    if begins_invitation(block.text) or _FOLLOW.match(block.text):
        return True
    if _before_colon(block.text) in keys("leads"):
        return block.link_chars >= _PARTLY_LINK * size
    if not begins_reference(block.text):
        return False
    is_introduced = _INTRODUCES.search(block.text[:_SAMPLE]) is not None
    share = _PARTLY_LINK if is_introduced or size - block.link_chars <= _LONGEST_PHRASE else _MOSTLY_LINK
    return block.link_chars >= share * size


def begins_reference(text: str) -> bool:
    """Returns whether a text begins as one that leads to other stories: "Read also"."""
    return _begins(text, "references")


def begins_invitation(text: str) -> bool:
    """Returns whether a text begins as one that asks to subscribe to, follow or install something."""
    return _begins(text, "invitations")


def _begins(text: str, kind: str) -> bool:
    return begins(comparison_key(text[:_SAMPLE]), kind)


def _before_colon(text: str) -> str:
    """Returns the key of what stands before a colon in a text's beginning; empty if there is none."""
    head = _COLON.split(text[:_SAMPLE], 1)
    return comparison_key(head[0]) if len(head) > 1 else ""


def _is_credit(line: str) -> bool:
    """Returns whether a line names the maker of a picture, the article's subjects, or in few words where the text is from."""
    head = _before_colon(line)
    if head in keys("subjects"):
        return not line.endswith(_SENTENCE_ENDS)
    return head in keys("credits") or (head in keys("sources") and len(line) <= _LONGEST_SOURCE)


def _is_right(line: str) -> bool:
    """Returns whether a line is a note of rights, or names who worked on the text of an agency."""
    is_notice = line[:1] == "©" or (line[:9].lower() == "copyright" and _YEAR.search(line) is not None)
    return is_notice or _begins(line, "rights") or comparison_key(line).endswith(tuple(keys("contributions")))
