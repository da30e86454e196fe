"""By-lines: the names of authors, and the line with newspaper and date that aggregators print."""

import re
from datetime import datetime
from typing import NamedTuple

from services.parser.article import byline_words as words
from services.parser.article import dates, person_name, unspaced_names

# "Published in NEWSPAPER on DATE", as aggregators write it; words are one space apart.
_PUBLISHED_IN = re.compile(
    r"^(?:Publi[ée]e? dans|Published in|Publicado en|نشر(?:ت)? في) (?P<publisher>.{1,80}?) "
    r"(?:le|on|el|يوم|بتاريخ) (?P<date>\S.{5,120})$",
    re.IGNORECASE,
)


_BY_WORDS = words.any_of(words.BY)
_BY = re.compile(rf"^(?:(?:{_BY_WORDS})\s?[:：]\s?|(?:{_BY_WORDS})\s|[—–-]\s?){{1,3}}", re.IGNORECASE)
_FIRST_WORDS = frozenset(word.split()[0].rstrip(":") for line in words.BY.values() for word in line.split("|"))
_BY_ALONE = re.compile(rf"^(?:{_BY_WORDS})\s?[:：]?$", re.IGNORECASE)
_BY_INSIDE = re.compile(r"\s(?:by|von|par|por|door|av|af|oleh|โดย|بقلم|מאת)\s(?=\S)")
# Two elements without a space between them: "ByJane Doe".
_BY_JOINED = re.compile(r"^(?:By|BY|Von|Par|Por|Oleh)(?=[A-ZÀ-Þ][a-zß-ÿ])")
_ALSO_NAME = re.compile(rf"^(?:{words.ALSO_NAMES})\s")
_TO_DATE = re.compile(
    r"(?:\s(?:on|am|le|el|il|op|den|vom|pada|at|the|em|w|dne|в|d|[-–—|•·,])){0,3}[\s,|•·–—-]{0,3}$", re.IGNORECASE
)
_ALL_BY = re.compile(rf"^{words.ALL_BY}", re.IGNORECASE)
# What follows the name on the same line: a date, an update, a place, a telephone number or an address.
_TRAILER = re.compile(
    r"\s?(?:\b(?:on|am|le|el|il|op|den|vom|pada)\s+\S{0,12}\s?\d.*|\b(?:published|posted|updated|publié|mis à jour|aktualisiert|"
    r"veröffentlicht|publicado|actualizado|last (?:updated|modified)|read more|view (?:all|more)|follow|see all|for)\b.*|"
    r"\b(?:ein|keine|no|leave a|\d{1,5}) (?:kommentare?|comments?|reply)\b.*|"
    r"\b\d{1,2}[./: ].*|\S{0,64}@\S.*|\(.*|\bin\s[A-Z].*|" + rf"\b(?:{words.BESIDE}).*)$",
    re.IGNORECASE | re.DOTALL,
)
# "Jane Doe in Rome and John Roe in Paris".
_PLACE = re.compile(
    rf"\s(?:in|à|aus|en|em|from|at)\s[A-ZÀ-Þ][\w'’.-]{{1,20}}(?:\s[A-ZÀ-Þ][\w'’.-]{{1,20}}){{0,2}}(?=\s(?:{words.any_of(words.AND)})\s|,)"
)
_BETWEEN = re.compile(r"\s?(?:[;|/\n•·،、›»｜／]|\s&\s|\s[–—-]\s|\s\+\s)\s?")
_AND = re.compile(rf"\s(?:{words.any_of(words.AND)})\s", re.IGNORECASE)
# "And" written onto the next word, in Arabic and Hebrew.
_AND_JOINED = re.compile(r"\s(?=[وו]\S{2})")
_INITIAL_END = re.compile(r"\s(?:[A-ZÀ-Þ]|[JS]r)$")
# "jane@gazette.example (Jane Doe)", as feeds name an author.
_AFTER_ADDRESS = re.compile(r"^\S{1,64}@\S{1,100} \((?P<name>[^()]{2,60})\)$")
_BEHIND = re.compile(rf"(?<=[a-zß-ÿ])(?=(?:{words.BEHIND})\b)")
_COMMA = re.compile(r"\s?,\s?")
_HONOURS = re.compile(
    r"^(?:M\.?D\.?|Ph\.?D\.?|R\.?D\.?N?|MPH|MBA|CFP®?|CPA|R\.?N\.?|J\.?D\.?|DO|DDS|FACS?|MSc?|B[AS]c?|LCSW|Jr\.?|Sr\.?|[A-Z]{2,6})$"
)


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
    """Returns whether a line begins as a by-line does: "By ", "Von ", "بقلم", "記者"; and is not "By" alone."""
    first_word = line[:40].split(maxsplit=1)[:1]
    if first_word and first_word[0].lower().rstrip(":：") in _FIRST_WORDS and _BY.match(line):
        return True
    if _BY_JOINED.match(line):
        return True
    return bool(unspaced_names.UNSPACED.search(line)) and bool(unspaced_names.in_line(line))


def is_by_word(line: str) -> bool:
    """Returns whether a line is a by-word and nothing else, so that the name is on the next line."""
    return _BY_ALONE.match(line.strip()) is not None


def people(line: str, excluded: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Returns the names of people in a by-line, each once.

    Args:
        line: its first 1,000 characters are read.
        excluded: names in lower case that are left out, such as the newspaper's own.
    """
    text = " ".join(line[:1000].split())
    if "://" in text:
        return ()
    text = _BEHIND.sub(" | ", _AFTER_ADDRESS.sub(r"\g<name>", text))
    if unspaced_names.UNSPACED.search(text) and (unspaced := unspaced_names.in_line(text)):
        return tuple(name for name in unspaced if name.lower() not in excluded)
    names: dict[str, None] = {}
    for part in _BETWEEN.split(_without_by(_without_date(text))):
        if not person_name.CONTACT.match(part):
            for piece in _split_at_and(_TRAILER.sub("", _PLACE.sub("", part))):
                names.update(dict.fromkeys(_split_at_comma(piece)))
    bare_names = (_bare_name(name) for name in names)
    people_named = dict.fromkeys(
        name for name in bare_names if person_name.is_name(name) and name.lower() not in excluded
    )
    # Beside a full name a single word with a capital is a place: "Jane Doe – Porto".
    has_full = any(map(person_name.is_full, people_named))
    return tuple(name for name in people_named if not has_full or person_name.is_full(name) or not name[0].isupper())


def declared_people(name: str, excluded: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Returns the names in what structured data declares to be a person's name: words for roles may be surnames here."""
    names = people(name, excluded)
    bare = _bare_name(" ".join(name[:200].split()))
    is_single = len(names) < 2 and not re.search(r"[,;|/(]", bare) and not person_name.ROLE_END.search(bare)
    if not is_single or bare.lower() in excluded or not person_name.is_declared_name(bare):
        return names
    return (bare,)


def after_by(line: str) -> str:
    """Returns what follows a by-word inside a line, "5 March by Jane Doe"; empty if there is none."""
    parts = _BY_INSIDE.split(line, maxsplit=1)
    return parts[1] if len(parts) == 2 else ""


def _without_by(text: str) -> str:
    """Returns a by-line without its by-words: not without a "Di" that is the first of two words."""
    text = _ALL_BY.sub("", _BY_JOINED.sub("", text))
    without = _BY.sub("", text)
    return text if _ALSO_NAME.match(text) and not person_name.is_full(without) else without


def _without_date(text: str) -> str:
    """Returns a by-line up to its date, without the words and signs that lead to the date."""
    before = dates.text_before(text)
    return _TO_DATE.sub("", before) if len(before) < len(text) else text


def _split_at_and(text: str) -> list[str]:
    """Splits two names joined by "and", but not a department "of Research and Development"."""
    pieces = _AND.split(text)
    last_of_first = _COMMA.split(pieces[0])[-1]
    names = [_bare_name(piece) for piece in (last_of_first, *pieces[1:])]
    same_form = len({person_name.is_full(name) for name in names}) == 1
    if len(pieces) > 1:
        return pieces if same_form and all(map(person_name.is_name, names)) else [text]
    return _split_at_joined_and(text)


def _split_at_joined_and(text: str) -> list[str]:
    """Splits at an Arabic or Hebrew "and" that is written onto a name, if both sides are full names."""
    pieces = _AND_JOINED.split(text)
    if len(pieces) < 2 or any(piece.split()[0] in words.ARABIC_WAW_NAMES for piece in pieces[1:]):
        return [text]
    names = [pieces[0], *(piece[1:] for piece in pieces[1:])]
    return names if all(" " in name.strip() for name in names) else [text]


def _split_at_comma(text: str) -> list[str]:
    """Returns the names between commas.

    "Jane Doe, John Roe" are two names; "Doe, Jane" is one; in "Jane Doe, MD" and "Jane Doe, Rome" the first part is.
    """
    pieces = [piece for piece in _COMMA.split(text) if piece]
    full_names = [piece for piece in pieces if person_name.is_full(_bare_name(piece)) and not _HONOURS.match(piece)]
    if len(pieces) == 2 and not any(" " in piece for piece in pieces) and not _HONOURS.match(pieces[1]):
        return [" ".join(reversed(pieces))]
    return full_names or pieces[:1]


def _bare_name(name: str) -> str:
    bare = _without_by(name).strip(" .,:-–—*©&\"“”„'’‘")
    if _INITIAL_END.search(bare) and f"{bare}." in name:
        bare += "."
    without_role = person_name.ROLE_END.sub("", bare)
    return without_role if person_name.is_full(without_role) else bare
