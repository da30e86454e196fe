"""What can be a person's name, and what is a role, a desk or a button instead."""

import re

from services.parser.article.authors import byline_words as words
from services.parser.article.authors import unspaced_names

_ROLE = re.compile(rf"\b(?:{words.any_of(words.ROLES)})\b", re.IGNORECASE)
_SURNAME_TOO = re.compile(rf"\b(?:{words.SURNAMES_TOO})\b", re.IGNORECASE)
_DECLARED_SURNAME = re.compile(rf"\b(?:{words.DECLARED_SURNAMES})\b", re.IGNORECASE)
ROLE_END = re.compile(
    rf"(?<![\s,])[\s,]++(?:(?:{words.DESKS}) ){{0,2}}"
    r"(?:editors?|writers?|reporters?|correspondents?|journalist(?:e|a|en|in)?|contributors?|"
    r"columnists?|author|redakteur\w*|periodista|द्वारा|기자|特派員|記者|ผู้สื่อข่าว|संवाददाता|wartawan|corresponsal)\.?$",
    re.IGNORECASE,
)
_ROLE_BEFORE = re.compile(
    rf"^(?:(?:{words.POSSESSIVES})\s)?(?-i:[A-Z]{{2,5}}\s)?(?:(?:{words.DESKS})\s){{0,3}}(?:[\w-]{{1,40}}-)?(?:{words.any_of(words.ROLES_BEFORE)})(?:\s?[:：]\s?|\s)",
    re.IGNORECASE,
)
# The sign of a vowel, at which a word of India may end, is no letter.
_POSITION = re.compile(rf"(?<!\w)(?:{words.any_of(words.ROLES_BEFORE)})s?(?!\w)", re.IGNORECASE)
_NEVER_ALONE = re.compile(words.NEVER_ALONE, re.IGNORECASE)
_ORGANIZATION = re.compile(rf"\b(?:{words.any_of(words.ORGANIZATIONS)})\b", re.IGNORECASE)
_ROLE_ALONE = re.compile(
    rf"(?:(?:the|la|die|le|our|by|von|par)\s)?(?:(?:{words.any_of(words.ROLES)}|{words.SURNAMES_TOO}|{words.DECLARED_SURNAMES})\s?){{1,6}}",
    re.IGNORECASE,
)
CONTACT = re.compile(rf"^(?:{words.any_of(words.CONTACT)})\b", re.IGNORECASE)
_NOT_A_PERSON = re.compile(r"https?:|www\.|@|\d|[{}<>=_#?!:%\"]|\.(?:com|org|net|de|fr|at|ch)\b", re.IGNORECASE)
_SMALL = frozenset("by of the a and de der den des dei del della degli di da do dos du van von vom zu zum la le el al bin ibn ben bint ter ten y e af av "
                   "und".split())  # fmt: skip
# Of these none is a surname with a capital, as others are: "Thuy Le".
_NEVER_LAST = frozenset("by of the a and der des del della degli von vom zum zu und y".split())
_NEWSROOM = re.compile(
    rf"(?<!\S)(?:{words.NEWSROOMS})(?!\S)|^(?:{words.NEWSROOM_BEGINNINGS})|(?:{words.UNSPACED_NEWSROOMS})$"
)
_LONGEST_NAME = 60
_VIETNAMESE_SURNAMES = frozenset(
    "Nguyễn Trần Lê Phạm Huỳnh Hoàng Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Đinh Trịnh Đoàn Mai Lương".split()
)
# There are too many ways to read a longer text as a row of roles.
_LONGEST_ROLE = 100
_MOST_WORDS, _MOST_DECLARED_WORDS = 5, 8


def is_role(name: str) -> bool:
    """Returns whether this is a role and not a name: "admin", "La rédaction"."""
    role = name.strip()
    return len(role) <= _LONGEST_ROLE and _ROLE_ALONE.fullmatch(role) is not None


def is_newsroom(name: str) -> bool:
    """Returns whether a name has a word for a newsroom or a reporter who is not named: "অনলাইন ডেস্ক"."""
    return not name.isascii() and _NEWSROOM.search(name) is not None


def is_full(name: str) -> bool:
    """Returns whether a name has more than one part, or is in a script that writes the parts without a space."""
    return " " in name or unspaced_names.UNSPACED.search(name) is not None


def is_name(name: str) -> bool:
    """Returns whether this can be a person's name: a few words, with capitals if the script has them."""
    parts = name.split()
    if not parts or len(parts) > _MOST_WORDS or not _may_be_name(name) or _DECLARED_SURNAME.search(name):
        return False
    if _ROLE.search(name) or _SURNAME_TOO.search(name if len(parts) == 1 else " ".join(parts[:-1])):
        return False
    if len(parts) == 1:
        return _NEVER_ALONE.fullmatch(name) is None
    main_parts = (part for part in parts if part.lower() not in _SMALL and part[0].lower() != part[0].upper())
    return all(part.lstrip("'’\"(“„‘")[:1].isupper() or "'" in part or "-" in part for part in main_parts)


def _may_be_name(name: str) -> bool:
    """Returns whether a text of any number of words has neither the length nor a word or sign that no name has."""
    last = name.rsplit(maxsplit=1)[-1]
    return (
        1 < len(name) <= _LONGEST_NAME
        and last not in _SMALL
        and last.lower() not in _NEVER_LAST
        and not _NOT_A_PERSON.search(name)
        and not CONTACT.match(name)
        and not is_newsroom(name)
        and unspaced_names.is_name(name)
    )


def is_declared_name(name: str) -> bool:
    """Returns whether this can be what a page declares to be a person's name: longer, in small letters, with a surname
    that is a role elsewhere."""
    parts = name.split()
    if not 1 < len(parts) <= _MOST_DECLARED_WORDS:
        return is_name(name)
    return _may_be_name(name) and not is_role(name) and not _ROLE.search(" ".join(parts[:-1]))


def is_vietnamese(name: str) -> bool:
    """Returns whether a name begins with one of the few surnames of most Vietnamese: "Nguyễn Văn An"."""
    parts = name.split()
    return 1 < len(parts) < _MOST_WORDS and parts[0] in _VIETNAMESE_SURNAMES


def begins_vietnamese(text: str) -> bool:
    """Returns whether a text begins with such a surname."""
    return bool(_VIETNAMESE_SURNAMES.intersection(text.split(maxsplit=1)[:1]))


def is_position(text: str) -> bool:
    """Returns whether a text names the position of somebody who writes: "Senior Writer"."""
    return _POSITION.search(text) is not None


def is_organization(name: str) -> bool:
    """Returns whether a name has a word of institutions: "Harbour Research Institute"."""
    return _ORGANIZATION.search(name) is not None


def without_role(text: str) -> str:
    """Returns a full name without the role before it: "our correspondent Jane Doe"; other texts as they are, and
    "our correspondent in Rome" too."""
    name = _ROLE_BEFORE.sub("", text, count=1)
    return name if is_full(name) and not name[0].islower() else text
