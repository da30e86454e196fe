"""Names that stand together: "Jane Doe and John Roe", "Doe, Jane", "Jane Doe, MD"."""

import re

from services.parser.article.authors import byline_words as words
from services.parser.article.authors import person_name
from services.parser.article.authors.byline_lead import without_by

_AND = re.compile(rf"\s(?:{words.any_of(words.AND)})\s", re.IGNORECASE)
# "And" written onto the next word, in Arabic and Hebrew.
_AND_JOINED = re.compile(r"\s(?=[وו]\S{2})")
_INITIAL_END = re.compile(r"\s(?:[A-ZÀ-Þ]|[JS]r)$")
_AND_BEFORE = re.compile(rf"^(?:{words.any_of(words.AND)})\s")
COMMA = re.compile(r"\s?,\s?")
_JUNIOR = re.compile(r"^[JS]r\.?$")
_HONOURS = re.compile(
    r"^(?:M\.?D\.?|Ph\.?D\.?|R\.?D\.?N?|MPH|MBA|CFP®?|CPA|R\.?N\.?|J\.?D\.?|DO|DDS|FACS?|MSc?|B[AS]c?|LCSW|Jr\.?|Sr\.?|[A-Z]{2,6})$"
)


def split_at_and(text: str) -> list[str]:
    """Splits two names joined by "and", but not a department "of Research and Development"."""
    pieces = [piece.strip(" ,") for piece in _AND.split(text)]
    names = [_last_name(pieces[0]), *(bare_name(COMMA.split(piece)[0]) for piece in pieces[1:])]
    same_form = len({person_name.is_full(name) for name in names}) == 1
    if len(pieces) > 1:
        if "," in pieces[0] and person_name.is_organization(names[-1]):
            return [text]  # "Jane Doe, College of Agriculture and Forestry"
        return pieces if same_form and all(map(person_name.is_name, names)) else [text]
    return _split_at_joined_and(text)


def _last_name(text: str) -> str:
    """Returns the last of the names between commas that is neither an honour nor a role."""
    names = [bare_name(piece) for piece in COMMA.split(text) if not _HONOURS.match(piece)]
    return next((name for name in reversed(names) if person_name.is_name(name)), names[-1] if names else text)


def _split_at_joined_and(text: str) -> list[str]:
    """Splits at an Arabic or Hebrew "and" that is written onto a name, if both sides are full names."""
    pieces = _AND_JOINED.split(text)
    if len(pieces) < 2 or any(piece.split()[0] in words.ARABIC_WAW_NAMES for piece in pieces[1:]):
        return [text]
    names = [pieces[0], *(piece[1:] for piece in pieces[1:])]
    return names if all(" " in name.strip() for name in names) else [text]


def split_at_comma(text: str) -> list[str]:
    """Returns the names between commas.

    "Jane Doe, John Roe" are two names; "Doe, Jane" is one; in "Jane Doe, MD" and "Jane Doe, Rome" the first part is.
    """
    pieces = _with_juniors([piece for piece in COMMA.split(text) if piece])
    if pieces and person_name.is_newsroom(pieces[0]):
        return []
    full_names = [piece for piece in pieces if person_name.is_full(bare_name(piece)) and not _HONOURS.match(piece)]
    if len(pieces) == 2 and not any(" " in piece for piece in pieces) and not _HONOURS.match(pieces[1]):
        return [" ".join(reversed(pieces))]
    return full_names or pieces[:1]


def _with_juniors(pieces: list[str]) -> list[str]:
    """Returns the pieces between commas, with "Jr." at the name before it, as it is printed."""
    names: list[str] = []
    for piece in pieces:
        if names and _JUNIOR.match(piece) and person_name.is_full(names[-1]):
            names[-1] = f"{names[-1]}, {piece}"
        else:
            names.append(piece)
    return names


def bare_name(name: str) -> str:
    """Returns a name without by-words, a role and the signs around it."""
    bare = person_name.without_role(_AND_BEFORE.sub("", without_by(name)).strip(" .,:-–—*©&●\"“”„'’‘()（）【】[]"))
    if _INITIAL_END.search(bare) and f"{bare}." in name:
        bare += "."
    without_role = person_name.ROLE_END.sub("", bare).rstrip(" -–—")
    return without_role if person_name.is_full(without_role) else bare
