"""The line with newspaper and date that aggregators print: "Published in the Courier on 9 October 2026"."""

import re
from datetime import datetime
from typing import NamedTuple

from services.parser.article import dates

# Words are one space apart.
_PUBLISHED_IN = re.compile(
    r"^(?:Publi[ée]e? dans|Published in|Publicado en|نشر(?:ت)? في) (?P<publisher>.{1,80}?) "
    r"(?:le|on|el|يوم|بتاريخ) (?P<date>\S.{5,120})$",
    re.IGNORECASE,
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
