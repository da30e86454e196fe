"""By-lines: the names of authors, and the line with newspaper and date that aggregators print."""

import re
from datetime import datetime
from typing import NamedTuple

from services.parser.article import dates

# "Published in NEWSPAPER on DATE", as aggregators write it.
_PUBLISHED_IN = re.compile(
    r"^(?:Publi[ée]e? dans|Published in|Publicado en|نشر(?:ت)? في)\s+(?P<publisher>.{1,80}?)\s+"
    r"(?:le|on|el|يوم|بتاريخ)\s+(?P<date>\S.{5,120})$",
    re.IGNORECASE,
)
_BY_WORDS = (
    r"by|par|por|von|vom|di|da|door|av|af|autore?n?|autora?|auteure?|author|text|texte|written by|posted by|published by|story by|"
    r"words by|reported by|escrito por|publicado por|publi[ée] par|propos recueillis par|ein (?:artikel|gastbeitrag) von|"
    r"a cura di|yazan|автор|текст|بقلم|كتب|كتبت|إعداد|الكاتب|به قلم|نویسنده"
)
_BY = re.compile(rf"^(?:(?:{_BY_WORDS})\s*[:：]\s*|(?:{_BY_WORDS})\s+|[—–-]\s*)+", re.IGNORECASE)
# What follows the name on the same line: a date, an update, a place, a telephone number or an address.
_TRAILER = re.compile(
    r"\s*(?:\b(?:on|am|le|el|il|op|den|vom|pada)\s+\S{0,12}\s?\d.*|\b(?:published|posted|updated|publié|mis à jour|aktualisiert|"
    r"veröffentlicht|publicado|actualizado|last (?:updated|modified)|read more|view (?:all|more)|follow|see all|for)\b.*|"
    r"\b\d{1,2}[./: ].*|\S+@\S+.*|\(.*|\bin\s[A-Z].*)$",
    re.IGNORECASE | re.DOTALL,
)
_BETWEEN = re.compile(r"\s*(?:[;|/\n•·،、›»]|\s&\s|\s[–—]\s|\s\+\s)\s*")
_AND = re.compile(r"\s+(?:and|et|y|e|und|og|och|en|ja|ve|и|و)\s+|\s+و(?=\S)", re.IGNORECASE)
_COMMA = re.compile(r"\s*,\s*")
_HONOURS = re.compile(
    r"^(?:M\.?D\.?|Ph\.?D\.?|R\.?D\.?N?|MPH|MBA|CFP®?|CPA|R\.?N\.?|J\.?D\.?|DO|DDS|FACS?|MSc?|B[AS]c?|LCSW|Jr\.?|Sr\.?|[A-Z]{2,6})$"
)
_ROLE_WORDS = (
    r"staff|editors?|editorial|writers?|reporters?|correspondents?|journalist(?:e|a|en|in)?|contribut(?:or|ing)|columnists?|"
    r"senior|associate|chief|managing|director|manager|ceo|founder|author|producer|team|desk|newsroom|redaktion\w*|redakteur\w*|"
    r"r[ée]daction|redacci[oó]n|redazione|redação|redactie|redactor\w*|periodista|autor\w*|journaliste|rédact(?:eur|rice)\w*|"
    r"admin(?:istrator)?|webmaster|webteam|unknown|anonymous|anonyme|guest|null|none|undefined|user|support|agenturen|agencies|agencias|"
    r"photographs?|fotos?|bio|login|reviewer|grader|reading|time|size|type|article|articles|story|zum|drucken|registriert|photo|image|update[ds]?|published|comments?|minutes?|read|share|news|press|special|online|"
    r"기자|特派員|記者|编辑|هيئة|التحرير|تحرير|المحرر|редакция"
)
_ROLE = re.compile(rf"\b(?:{_ROLE_WORDS})\b", re.IGNORECASE)
_ROLE_END = re.compile(
    r"[\s,]+(?:(?:staff|senior|contributing|associate) )?(?:editors?|writers?|reporters?|correspondents?|journalist(?:e|a|en|in)?|contributors?|"
    r"columnists?|author|redakteur\w*|periodista|기자|特派員|記者)\.?$",
    re.IGNORECASE,
)
_ROLE_ALONE = re.compile(rf"(?:(?:the|la|die|le|our|by|von|par)\s+)?(?:(?:{_ROLE_WORDS})\s*)+", re.IGNORECASE)
_NOT_A_PERSON = re.compile(r"https?:|www\.|@|\d|[{}<>=_#?!:%\"]|\.(?:com|org|net|de|fr|at|ch)\b", re.IGNORECASE)
_SMALL = frozenset("by of the a and der den des del della di da do dos du van von vom zu zum la le el al bin ibn ben bint ter ten y e af av "
                   "und und".split())  # fmt: skip
_LONGEST_NAME = 60
_MOST_WORDS = 5
_UNSPACED = re.compile(r"[぀-ヿ㐀-鿿가-힯]")


class Publication(NamedTuple):
    """A line with newspaper and date: the newspaper, the ISO date and the whole line."""

    publisher: str
    date: str | None
    line: str


def published_in(line: str, now: datetime) -> Publication | None:
    """Reads "Publié dans L'opinion le 27 - 04 - 2015" and its Arabic, English and Spanish forms; None for other lines."""
    text = " ".join(line.split())
    match = _PUBLISHED_IN.match(text)
    return Publication(match["publisher"], dates.read(match["date"], now), text) if match else None


def is_start(line: str) -> bool:
    """Returns whether a line begins as a by-line does: "By ", "Von ", "بقلم"."""
    return _BY.match(line) is not None and line[0] not in "-–—"


def people(line: str, excluded: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Returns the names of people in a by-line, each once.

    Args:
        line: its first 1,000 characters are read.
        excluded: names in lower case that are left out, such as the newspaper's own.
    """
    text = " ".join(line[:1000].split())
    if "://" in text:
        return ()
    names: dict[str, None] = {}
    for part in _BETWEEN.split(_BY.sub("", text)):
        for piece in _split_at_and(_TRAILER.sub("", part)):
            names.update(dict.fromkeys(_split_at_comma(piece)))
    bare_names = (_bare_name(name) for name in names)
    return tuple(dict.fromkeys(name for name in bare_names if is_name(name) and name.lower() not in excluded))


def is_role(name: str) -> bool:
    """Returns whether this is a role and not a name: "admin", "La rédaction"."""
    return _ROLE_ALONE.fullmatch(name.strip()) is not None


def is_full(name: str) -> bool:
    """Returns whether a name has more than one part, or is in a script that writes the parts without a space."""
    return " " in name or _UNSPACED.search(name) is not None


def is_name(name: str) -> bool:
    """Returns whether this can be a person's name: a few words, with capitals if the script has them."""
    parts = name.split()
    if (
        not parts
        or name.lower() in _SMALL
        or not 1 < len(name) <= _LONGEST_NAME
        or len(parts) > _MOST_WORDS
        or _NOT_A_PERSON.search(name)
        or _ROLE.search(name)
    ):
        return False
    if len(parts) == 1:
        return True
    main_parts = (part for part in parts if part.lower() not in _SMALL and part[0].lower() != part[0].upper())
    return all(part.lstrip("'’\"(“„‘")[:1].isupper() or "'" in part or "-" in part for part in main_parts)


def _split_at_and(text: str) -> list[str]:
    """Splits two names joined by "and", but not a department "of Research and Development"."""
    pieces = _AND.split(text)
    last_of_first = _COMMA.split(pieces[0])[-1]
    names = [_bare_name(piece) for piece in (last_of_first, *pieces[1:])]
    same_form = len({is_full(name) for name in names}) == 1
    return pieces if same_form and all(map(is_name, names)) else [text]


def _split_at_comma(text: str) -> list[str]:
    """Returns the names between commas.

    "Jane Doe, John Roe" are two names; "Doe, Jane" is one; in "Jane Doe, MD" and "Jane Doe, Rome" the first part is.
    """
    pieces = [piece for piece in _COMMA.split(text) if piece]
    full_names = [piece for piece in pieces if is_full(_bare_name(piece)) and not _HONOURS.match(piece)]
    if len(pieces) == 2 and not any(" " in piece for piece in pieces) and not _HONOURS.match(pieces[1]):
        return [" ".join(reversed(pieces))]
    return full_names or pieces[:1]


def _bare_name(name: str) -> str:
    bare = _BY.sub("", name).strip(" .,:-–—*©&\"“”„'’‘")
    without_role = _ROLE_END.sub("", bare)
    return without_role if is_full(without_role) or _UNSPACED.search(without_role) else bare
