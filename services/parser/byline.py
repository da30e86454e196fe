"""What stands under a title: who wrote it, and where and when it was published."""

import re
from datetime import datetime
from typing import NamedTuple

from services.parser import dates

# "Published in NEWSPAPER on DATE", as aggregators write it.
_PUBLISHED_IN = re.compile(
    r"^(?:Publi[ée]e? dans|Published in|Publicado en|نشر(?:ت)? في)\s+(?P<publisher>.{1,80}?)\s+"
    r"(?:le|on|el|يوم|بتاريخ)\s+(?P<date>\S.{5,120})$",
    re.IGNORECASE,
)
_BY = re.compile(
    r"^(?:by|par|por|von|di|da|written by|text|texte|بقلم|كتب|كتبت|إعداد)\s*:?\s+|^[—–-]\s*", re.IGNORECASE
)
_BETWEEN = re.compile(r"\s*(?:[;|/\n•·،]|\s&\s|\sand\s|\set\s|\sy\s|\sund\s|\sog\s|\s+و(?=\S))\s*", re.IGNORECASE)
_COMMA = re.compile(r"\s*,\s*")
_NOT_A_PERSON = re.compile(
    r"https?:|www\.|@|\d{2}|^(?:admin|administrator|staff|editor|editors|redaction|rédaction|la rédaction|redacción|"
    r"newsroom|webmaster|author|unknown|anonymous|guest|null|none|updated.*|published.*)$",
    re.IGNORECASE,
)
_LONGEST_NAME = 60


class Publication(NamedTuple):
    """A line that says where and when: the newspaper, the ISO date and the line itself."""

    publisher: str
    date: str | None
    line: str


def published_in(line: str, now: datetime) -> Publication | None:
    """Reads "Publié dans L'opinion le 27 - 04 - 2015" and its Arabic, English and Spanish forms."""
    clean = " ".join(line.split())
    match = _PUBLISHED_IN.match(clean)
    return Publication(match["publisher"], dates.read(match["date"], now), clean) if match else None


def people(raw: str, besides: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """The names in a by-line, each once; those in `besides` (lower case: the newspaper's own) left out."""
    if "://" in raw:
        return ()
    names: dict[str, None] = {}
    for part in _BETWEEN.split(_BY.sub("", " ".join(raw.split()))):
        # "Doe, Jane" is one name; "Jane Doe, John Roe" are two.
        pieces = _COMMA.split(part)
        names.update(dict.fromkeys(pieces if all(" " in piece for piece in pieces) else [part]))
    cleaned = (_BY.sub("", name).strip(" .,:") for name in names)
    return tuple(dict.fromkeys(name for name in cleaned if _is_name(name) and name.lower() not in besides))


def _is_name(name: str) -> bool:
    return 2 < len(name) <= _LONGEST_NAME and len(name.split()) <= 6 and not _NOT_A_PERSON.search(name)
