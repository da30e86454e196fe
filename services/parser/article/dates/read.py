"""The first date in a short text, as ISO 8601 no more precise than the text: a day stays a day.

In numbers the day is before the month, as in most countries, unless the page is American or no such day exists.
"""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

from services.parser.article.dates import calendars, clock, grammar, relative
from services.parser.article.dates.tokens import Token, has_han_date, kinds_of, tokens, visible
from services.parser.article.dates.words import order, vocabulary

_EARLIEST = date(1970, 1, 2)
# A page dated tomorrow may have been written east of here; one dated later is wrong.
_AHEAD = timedelta(days=1)
_LONGEST = 300
# Most lines hold no date, and this pattern excludes them quickly. \d matches the digits of any script.
_MAY_BE = re.compile(r"\d{4}|\d\D{1,20}\d{1,2}\D{1,20}\d|^\D{0,30}\d{1,2}\D{3,14}\d\d\W{0,3}$")
_AMBIGUOUS = re.compile(r"(?<!\d)(?:0?[1-9]|1[0-2])[-/.](?:0?[1-9]|1[0-2])[-/.]\d{2,4}(?!\d)")
# Seconds or milliseconds since 1970, alone or as ASP.NET writes them; a day and a time in 12 or 14 digits.
_EPOCH = re.compile(r"(?:/Date\()?(?P<seconds>1\d{9})(?:\d{3})?(?:\.\d{1,9})?(?:\)/)?")
_DIGITS = re.compile(r"((?:19|20)\d{6})([0-2]\d[0-5]\d(?:[0-5]\d)?)")
# "2026-10-09 14.26" is a time to the minute, but a fraction of an hour in ISO 8601.
_HOUR_AND_POINT = re.compile(r"[ T]\d\d\.")
_IN_URL = re.compile(r"/(?P<y>(?:19|20)\d{2})[/-]?(?P<m>\d{2})[/-]?(?P<d>\d{2})(?=[/_.-])")
_IN_URL_SHORT = re.compile(r"/(?P<y>(?:19|20)\d{2})/(?P<m>\d{1,2})/(?P<d>\d{1,2})(?=/)")
_IN_URL_DAY_FIRST = re.compile(r"[/_-](?P<d>\d{2})[.-](?P<m>\d{2})[.-](?P<y>(?:19|20)\d{2})(?=[/_.-]|$)")
_IN_URL_NAMED = re.compile(r"/((?:19|20)\d{2}/[a-z]{3,9}/\d{1,2})(?=/)")


def read(text: str, now: datetime, month_first: bool = False, language: str | None = None) -> str | None:
    """Returns the first date in a short text (an attribute, a by-line) as ISO 8601; None if there is none.

    Args:
        text: in any language of `words.json`, any calendar of `calendars.py`, any digits; its first 300 characters are read.
        now: when the page was fetched; a date more than a day later is not a publication date.
        month_first: whether 9/3/2026 is the third of September.
        language: of the page, a BCP 47 tag; some words are different months in two languages.
    """

    def allowed(day: date) -> bool:
        return _EARLIEST <= day <= (now + _AHEAD).date()

    line = _line(text)
    return _written(line, allowed, month_first, language) or relative.read(line, now, vocabulary(language))


def looks_dated(text: str) -> bool:
    """Returns whether a text may hold a date: a quick test that most lines fail."""
    return _MAY_BE.search(text) is not None or has_han_date(text)


def swapped(date_time: str) -> str:
    """Returns an ISO 8601 date with month and day in the other order, if that is a date too."""
    return (
        f"{date_time[:5]}{date_time[8:10]}-{date_time[5:7]}{date_time[10:]}" if date_time[8:10] <= "12" else date_time
    )


def is_ambiguous(text: str) -> bool:
    """Returns whether a text gives day and month in numbers of which either may be the month: "9/3/2026"."""
    return _AMBIGUOUS.search(text) is not None


def is_date(text: str) -> bool:
    """Returns whether a line holds a date, past or future."""
    return _written(_line(text), lambda _: True, month_first=False, language=None) is not None


def text_before(text: str) -> str:
    """Returns the part of a line before its first date; the whole line if it has none."""
    line = _line(text)
    if not _MAY_BE.search(line):
        return line
    pieces = tokens(line, vocabulary(None))
    first = next(_Reader(pieces, month_first=False, language="").days(), None)
    return line[: pieces[first[0].start()].start] if first else line


def in_url(url: str) -> str | None:
    """Returns the day in a URL (`/2015/04/27/`, `/2015/4/27/`, `/2015/apr/27/`); None if there is none."""
    if named := _IN_URL_NAMED.search(url):
        return _written(named[1].replace("/", " "), lambda _: True, month_first=False, language="en")
    match = _IN_URL.search(url) or _IN_URL_SHORT.search(url) or _IN_URL_DAY_FIRST.search(url)
    try:
        return date(int(match["y"]), int(match["m"]), int(match["d"])).isoformat() if match else None
    except ValueError:
        return None


Allowed = Callable[[date], bool]


def _line(text: str) -> str:
    return " ".join(visible(text[:2000]).split())[:_LONGEST]


def _written(line: str, allowed: Allowed, month_first: bool, language: str | None) -> str | None:
    """Returns the first allowed date of a line; a date in another calendar only if there is none in the Gregorian."""
    if not _MAY_BE.search(line):
        return None
    if (machine := _machine(line)) and allowed(machine[0]):
        return machine[1]
    pieces = tokens(line, vocabulary(language))
    reader = _Reader(pieces, month_first, vocabulary(language).language)
    days = ((match.span(), day, calendar) for match, day, calendar in reader.days() if allowed(day))
    readings = [(clock.beside(pieces, *span, day), calendar) for span, day, calendar in days]
    first = next((reading for reading, calendar in readings if calendar == calendars.GREGORIAN), None)
    if first is None:
        return readings[0][0] if readings else None
    # The time may stand beside the same day in another calendar.
    same_day = (
        reading for reading, calendar in readings if calendar != calendars.GREGORIAN and reading.startswith(first)
    )
    return next(same_day, first)


def _machine(line: str) -> tuple[date, str] | None:
    """Returns (day, ISO 8601) of what a program wrote: any form of ISO 8601, seconds or milliseconds since 1970."""
    if epoch := _EPOCH.fullmatch(line):
        moment = datetime.fromtimestamp(int(epoch["seconds"]), UTC)
        return moment.date(), moment.isoformat()
    if not line[:4].isdigit() or _HOUR_AND_POINT.search(line):
        return None
    try:
        moment = datetime.fromisoformat(_DIGITS.sub(r"\1T\2", line)).replace(microsecond=0)
    except ValueError:
        return None
    return moment.date(), moment.date().isoformat() if len(line) <= len("2026-10-09") else moment.isoformat()


class _Reader:
    """The dates of one line, by its tokens."""

    def __init__(self, pieces: list[Token], month_first: bool, language: str) -> None:
        self.pieces = pieces
        self.kinds = kinds_of(pieces)
        self.month_first = month_first
        self.language = language

    def days(self) -> Iterator[tuple[re.Match[str], date, str]]:
        """Yields (match, day, calendar) of every date, in every order of its numbers that is a day."""
        for match in grammar.dates(self.kinds):
            calendar = self.kinds[match.start("m")]
            calendar = calendars.GREGORIAN if calendar == "n" else calendar
            for year, month, number in self.orders(match):
                try:
                    day = calendars.day(year, month, number, calendar)
                except (ValueError, OverflowError):
                    continue
                yield match, day, calendar if day.year == year else calendars.JALALI

    def orders(self, match: re.Match[str]) -> Iterator[tuple[int, int, int]]:
        """Yields year, month and day of a match; of three numbers in each order, the likeliest first."""
        year_text, month_value = self.pieces[match.start("y")].text, self.pieces[match.start("m")].value
        era = self.pieces[match.start("e")].value if match.groupdict().get("e") else 0
        year, month, day = int(year_text) + era, int(month_value), int(self.pieces[match.start("d")].text)
        if not era and len(year_text) <= 2:
            if self.kinds[match.start("m")] == "n" and order(self.language) == "ymd":
                yield _century(day), month, year
            if len(year_text) < 2:
                return
            year = calendars.buddhist(year) if self.language == "th" else _century(year)
        numbers = self.kinds[match.start("m")] == "n" and match.groupdict().get("between")
        if numbers and self.month_first and match["between"] == "/":
            month, day = day, month
        yield year, month, day
        if numbers:
            yield year, day, month


def _century(year: int) -> int:
    """Returns 2026 for 26 and 1998 for 98."""
    return year + (2000 if year < 70 else 1900)
