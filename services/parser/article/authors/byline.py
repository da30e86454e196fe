"""By-lines: the names of authors in a line."""

import re
from collections.abc import Iterable, Iterator

from services.parser.article import dates
from services.parser.article.authors import byline_words as words
from services.parser.article.authors import joined_names, person_name, unspaced_names
from services.parser.article.authors.byline_lead import IN_BRACKETS, without_by

_TO_DATE = re.compile(
    r"(?:\s(?:on|am|le|el|il|op|den|vom|pada|at|the|em|w|dne|в|d|[-–—|•·,])){0,3}[\s,|•·–—-]{0,3}$", re.IGNORECASE
)
# What follows the name on the same line: a date, an update, a place, a telephone number or an address.
_TRAILER = re.compile(
    r"\s?(?:\b(?:on|am|le|el|il|op|den|vom|pada)\s+\S{0,12}\s?\d.*|\b(?:published|posted|updated|publié|mis à jour|aktualisiert|"
    r"veröffentlicht|publicado|actualizado|last (?:updated|modified)|read more|view (?:all|more)|follow|see all)\b.*|"
    r"\b(?:ein|keine|no|leave a|\d{1,5}) (?:kommentare?|comments?|reply)\b.*|"
    r"\b\d{1,2}[./: ].*|\S{0,64}@\S.*|[(（].*|\b(?:in|aus|reports? from)\s[A-Z].*|(?:with )?additional reporting.*|"
    rf"\b(?:{words.BESIDE}).*)$",
    re.IGNORECASE | re.DOTALL,
)
# Whom a person writes for, behind a full name: "Jane Doe of the Harbour Post".
_EMPLOYER = re.compile(r"\s(?:for|of)\s.*$", re.DOTALL)
# "Jane Doe in Rome and John Roe in Paris".
_PLACE = re.compile(
    rf"\s(?:in|à|aus|en|em|from|at)\s[A-ZÀ-Þ][\w'’.-]{{1,20}}(?:\s[A-ZÀ-Þ][\w'’.-]{{1,20}}){{0,2}}(?=\s(?:{words.any_of(words.AND)})\s|,)"
)
# "Jane Doe and John Roe, in Rome".
_PLACE_END = re.compile(r",\s(?:in|à|aus|en|em|from|at|a|da)\s[A-ZÀ-Þ][\w'’.-]{1,20}(?:\s[A-ZÀ-Þ][\w'’.-]{1,20}){0,2}$")
# "Cairo: Jane Doe", "Jane Doe – Cairo" and "Jane Doe from Cairo" of the same places.
_PLACE_BEFORE = re.compile(rf"^(?:{words.any_place()})(?:\s?[:：،]\s?|\s[–—ـ|-]\s)")
# Arabic and Persian newspapers quote their own names.
_OUTLET = re.compile(r"«[^»]{2,40}»")
_PLACE_BEHIND = re.compile(rf"(?:\s(?:[–—ـ|-]|من|في|से)|[،,])\s(?:{words.any_place()})$")
# A point between Chinese characters is part of a name.
_BETWEEN = re.compile(r"\s?(?:[;|/\n•●▪،、，›»｜／]|(?<![\u3400-\u9fff])·|\s&\s|\s[–—-]\s|\s\+\s)\s?")
# Another label begins on the same line: "Author: Jane Doe Editor: John Roe".
_LABEL = re.compile(r"\s(?=[^\W\d]{3,20}\s?[:：]\s)")
# Two names in elements without a space between them: "Jane DoeJohn Roe".
_JOINED_NAMES = re.compile(r"(?<=[a-zß-ÿ]{4})(?=[A-ZÀ-Þ][a-zß-ÿ]+\s)")
# "jane@gazette.example (Jane Doe)", as feeds name an author.
_AFTER_ADDRESS = re.compile(r"^\S{1,64}@\S{1,100} \((?P<name>[^()]{2,60})\)$")
_BEHIND = re.compile(rf"(?<=[a-zß-ÿ])(?=(?:{words.BEHIND})\b)")
# "Jane Doe. Correspondent in Rome".
_ROLE_SENTENCE = re.compile(rf"\.(?<=[^\W\d_]{{2}}\.)\s(?=(?:{words.any_of(words.ROLES_BEFORE)})\b)", re.IGNORECASE)
# "Photos by Jane Doe. Story by John Roe", "Jane Doe e" before what is cut off.
_AFTER_PICTURES = re.compile(
    r"^(?:photo|picture|video|illustration|foto|bild)\w{0,8}\s?(?::|by|von|par|por|de|di)\s[^.;,|]{2,60}[.;,|]\s?"
    r"(?:story|words|text[eo]?|report|reporting|article|testo)\s?(?::|by|von|par|por|de|di)\s",
    re.IGNORECASE,
)
_AND_END = re.compile(rf"\s(?:{words.any_of(words.AND)})$")
# "Jane Doe (in Rome) and John Roe (in Paris)".
_BRACKETS_BETWEEN = re.compile(rf"\s?[(（][^()（）]{{1,40}}[)）](?=,|\s(?:{words.any_of(words.AND)})\s)")
# "An interview by Jane Doe with John Roe": the second answered.
_INTERVIEWED = re.compile(
    r"^((?:(?:an?|the|ein|une?|un[ao]?|uma?|een) )?(?:interview|entrevista|intervista|entretien) (?:by|von|par|de|por|di|door) [^,.]{4,50}?)"
    r" (?:with|mit|avec|con|com|met) .*$",
    re.IGNORECASE,
)
# "Nguyễn Văn An (Harbour Post)".
_OUTLET_BEHIND = re.compile(r"\s[(（][^()（）]{2,40}[)）]$")
# "Jane Doe, Staff Writer" is no longer.
_MOST_WORDS_WITH_ROLE = 6


def people(line: str, excluded: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Returns the names of people in a by-line, each once.

    Args:
        line: its first 1,000 characters are read.
        excluded: names in lower case that are left out, such as the newspaper's own.
    """
    text = _INTERVIEWED.sub(r"\1", " ".join(line[:1000].split()))
    if "://" in text:
        return ()
    text = _ROLE_SENTENCE.sub(" | ", _BEHIND.sub(" | ", _AFTER_ADDRESS.sub(r"\g<name>", text)))
    text = _BRACKETS_BETWEEN.sub("", IN_BRACKETS.sub(r"\g<name>", _AFTER_PICTURES.sub("", text)))
    if unspaced_names.UNSPACED.search(text) and (unspaced := unspaced_names.in_line(text)):
        return tuple(name for name in unspaced if name.lower() not in excluded)
    names: dict[str, None] = {}
    text = without_by(_without_date(text))
    for part in _parts(text if text.isascii() else _without_place(text)):
        if not person_name.CONTACT.match(part):
            for piece in joined_names.split_at_and(_without_trailer(_PLACE_END.sub("", _PLACE.sub("", part)))):
                names.update(dict.fromkeys(joined_names.split_at_comma(piece)))
    bare_names = (joined_names.bare_name(name) for name in names)
    people_named = dict.fromkeys(
        name for name in bare_names if person_name.is_name(name) and name.lower() not in excluded
    )
    return _without_places(people_named)


def _without_places(names: Iterable[str]) -> tuple[str, ...]:
    """Returns the names; beside a full name without a single word, a place or an outlet ("Jane Doe – Porto"), in scripts with capitals; and without a body."""
    full = [name for name in names if person_name.is_full(name) and not person_name.is_organization(name)]
    return tuple(name for name in names if not full or name in full or not (_has_case(name[0]) or " " in name))


def _has_case(letter: str) -> bool:
    return letter.lower() != letter.upper()


def _parts(text: str) -> Iterator[str]:
    """Yields the parts of a line between signs and before another label; of two names that are joined, each."""
    for part in _BETWEEN.split(text):
        for labelled in _LABEL.split(part):
            names = _JOINED_NAMES.split(labelled)
            yield from names if all(map(person_name.is_full, names)) else [labelled]


def _without_place(text: str) -> str:
    """Returns a by-line without the place and the quoted outlet beside a full name; as it is where there is none."""
    names = _OUTLET.sub(" ", _PLACE_BEFORE.sub("", _PLACE_BEHIND.sub("", text))).strip()
    return names if person_name.is_full(names) else text


def _without_trailer(part: str) -> str:
    """Returns a part of a line without what follows its name; whom a person writes for follows a full name only."""
    part = _AND_END.sub("", _TRAILER.sub("", part))
    name = _EMPLOYER.sub("", part)
    return name if person_name.is_full(joined_names.bare_name(name)) else part


def declared_people(name: str, excluded: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Returns the names in what structured data declares to be a person's name: words for roles may be surnames here."""
    first, _, last = name.partition(" ")
    is_by_name = first in words.DECLARED_FIRST_NAMES and last[:1].isupper() and last.isalpha()
    if is_by_name or (first == "Von" and last.startswith(("der ", "den ", "dem "))):
        return (name,)
    names = people(name, excluded)
    bare = _without_place(joined_names.bare_name(" ".join(name[:200].split())))
    has_more = re.search(r"[,;|/(]", bare) or person_name.ROLE_END.search(bare) or (names and _EMPLOYER.search(bare))
    is_single = len(names) < 2 and not has_more
    if not is_single or bare.lower() in excluded or not person_name.is_declared_name(bare):
        return names
    return (bare,)


def _without_date(text: str) -> str:
    """Returns a by-line up to its date, without the words and signs that lead to the date."""
    before = dates.text_before(text)
    return _TO_DATE.sub("", before) if len(before) < len(text) else text


def beside_role(line: str) -> str:
    """Returns the full name that begins a line of several parts of which another is a role: "Jane Doe | Senior Writer"; of Vietnamese names any."""
    if not person_name.is_position(line) and not person_name.begins_vietnamese(line):
        return ""
    text = _without_date(line)
    name, *parts = _BETWEEN.split(_OUTLET_BEHIND.sub("", text))
    if not parts and len(text.split()) <= _MOST_WORDS_WITH_ROLE:
        name, *parts = joined_names.COMMA.split(name)
    is_author = person_name.is_full(name) and person_name.is_name(name) and unspaced_names.is_usual(name)
    is_signed = person_name.is_vietnamese(name) or any(map(person_name.is_position, parts))
    return name if is_author and is_signed else ""
