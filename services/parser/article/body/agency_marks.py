"""Marks of news agencies, alone on a line: "dpa/afp", "(mit dpa)", "Le Courrier avec AFP", "Bo Lind | Reuters"."""

import re

from services.parser.article.body.furniture_words import keys
from services.parser.page.elements import comparison_key

# Longer lines are text, however they end.
_LONGEST = 60
_SEPARATORS = re.compile(r"[/,;&+|=()–-]|\b(?:and|und|et|y|e|en|og|och|i)\b")
# A newspaper may name itself before the words that lead to the agency.
_LEAD = re.compile(
    r"^(?:\S{1,15}\s){0,3}?(?:mit(?: (?:material|informationen|agenturmaterial) (?:von|der))?|avec(?: l['’])?|com(?: informações d[aeo]s?)?|con informazioni d[ei]|con(?: informaci(?:ón|ones) de)?|"
    r"met|med|with(?: (?:files|inputs?|material|reporting) (?:from|by))?)\s*",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"^\W*(?:the|der|die|la|les|l['’])\s*", re.IGNORECASE)
_YEAR = re.compile(r"©|\(c\)|\b(?:19|20)\d\d\b")
_INITIALS, _SHORT = 4, 3
_BETWEEN_NAMES, _MOST_NAMES, _MOST_WORDS = re.compile(r"\s*[/|=]\s*|,\s+"), 3, 4


def is_mark(line: str) -> bool:
    """Returns whether a line is nothing but names of agencies, perhaps with a year, initials, a photographer or a word such as "with"."""
    if not 1 < len(line) <= _LONGEST:
        return False
    return (
        comparison_key(line) in keys("agencies") or _is_of_agencies(line) or _is_after_lead(line) or _is_with_name(line)
    )


def _is_of_agencies(line: str) -> bool:
    """Returns whether all parts of a line are agencies, or, where a stroke divides them, one is and the others are initials."""
    parts = [key for key in map(comparison_key, _SEPARATORS.split(_YEAR.sub(" ", line))) if key]
    names = [part for part in parts if part not in keys("agencies")]
    return len(names) < len(parts) and (not names or ("/" in line and max(map(len, names)) <= _INITIALS))


def _is_after_lead(line: str) -> bool:
    lead = _LEAD.match(line)
    agency = _ARTICLE.sub("", line[lead.end() :]) if lead else ""
    # "With Sid" names a person.
    is_name = agency.istitle() and len(agency) <= _SHORT
    return comparison_key(agency) in keys("agencies") and not is_name


def _is_with_name(line: str) -> bool:
    """Returns whether a line is an agency and a name: "Reuters/Ada Stone", "Bo Lind | AFP", "Ada Stone, dpa"."""
    parts = _BETWEEN_NAMES.split(line)
    if not 1 < len(parts) <= _MOST_NAMES or max(len(part.split()) for part in parts) > _MOST_WORDS:
        return False
    # "Pittsburgh, PA" is a place.
    least = _SHORT if "," in line else 1
    return any(len(part) >= least and comparison_key(part) in keys("agencies") for part in (parts[0], parts[-1]))
