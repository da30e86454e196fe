"""Dates without a year, as newspapers of East Asia print recent ones: "10-08 12:00", "10月8日", "10월 8일 14:26"."""

import re
from datetime import datetime, timedelta

from services.parser.article.dates.read import read

_MONTH_AND_DAY = re.compile(
    r"(?<![\d./年-])(?<!년 )(?P<month>1[0-2]|0?[1-9])(?P<mark>-|月|월 ?)(?P<day>3[01]|[12]\d|0?[1-9])(?:日|일|(?=\s*\d\d:\d\d))"
)
# A newspaper leaves the year out of what is new.
_NEW, _AHEAD = timedelta(days=31), timedelta(days=1)
_YEAR_MARKS = {"-": "-", "月": "年", "월": "년 "}


def completed(text: str, days: list[str], now: datetime) -> str | None:
    """Returns the date of a line that leaves out the year, as ISO 8601; None where the year is unknown.

    Args:
        text: a short line.
        days: that the page gives with a year, in ISO 8601, such as that of the last change; one of the same month and day
            tells the year.
        now: when the page was fetched; without such a day only the days of the month before are believed.
    """
    match = _MONTH_AND_DAY.search(text)
    if match is None:
        return None
    same_day = f"-{int(match['month']):02}-{int(match['day']):02}"
    new = ((now.date() - timedelta(days=age)).isoformat() for age in range(-_AHEAD.days, _NEW.days))
    full_day = next((day for day in (*days, *new) if day[4:10] == same_day), None)
    if full_day is None:
        return None
    year = f"{full_day[:4]}{_YEAR_MARKS[match['mark'].strip()]}"
    return read(f"{year}{text[match.start() :]}", now)
