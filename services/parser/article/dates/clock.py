"""The time of day and its zone, beside a date."""

import re
from datetime import date, datetime, time, timedelta, tzinfo

from services.parser.article.dates import grammar, zones
from services.parser.article.dates.tokens import Token, kinds_of

# What may follow an hour alone: AM, PM and noon. In other scripts it may be before the hour.
_HALVES = frozenset({(0, 12), (12, 24), (12, 13), (0, 1)})
_PLAIN_HALVES = frozenset("am a.m. a. a pm p.m. p. p noon midday midnight".split())
_MOST_HOURS = 12
# These are a time of day without a number, too.
_NOON = frozenset("noon midday mediodía midi mezzogiorno полдень południe poledne 正午 정오".split())


def beside(pieces: list[Token], start: int, end: int, day: date) -> str:
    """Returns a day, which a line has from token `start` to `end`, as ISO 8601, with the time of day next to it, if any."""
    for match in grammar.clocks(kinds_of(pieces), start, end):
        elapsed = _since_midnight(pieces, match)
        if elapsed is not None:
            moment = datetime.combine(day, time()) + elapsed
            return moment.replace(tzinfo=_zone(pieces, match, moment)).isoformat()
    word = grammar.half_alone(kinds_of(pieces), start, end)
    is_noon = word is not None and pieces[word].text.lower() in _NOON
    return datetime.combine(day, time(12)).isoformat() if is_noon else day.isoformat()


def _since_midnight(pieces: list[Token], match: re.Match[str]) -> timedelta | None:
    """Returns the time of a match, at most 24:00:00 (ISO 8601); None for what is no time: "10.5", "9" alone."""
    half = "after" if match["after"] else "before" if match["before"] else None
    span = pieces[match.start(half)].value if half else None
    hour, minutes = int(_text(pieces, match, "h")), _text(pieces, match, "mi")
    if not minutes and not (half and hour <= _MOST_HOURS and _halves_hours(pieces[match.start(half)], half)):
        return None  # an hour alone is no more than the day, but "8 a.m." is a time
    if len(minutes) == 1 and match["sep"] != "h" and not match["s"]:
        return None
    hour = _hour(hour, span) if span else hour
    minute, second = int(minutes or 0), int(_text(pieces, match, "s") or 0)
    is_time = (hour < 24 and minute < 60 and second < 60) or (hour, minute, second) == (24, 0, 0)
    return timedelta(hours=hour, minutes=minute, seconds=second) if is_time else None


def _halves_hours(word: Token, side: str) -> bool:
    """Returns whether a word makes an hour alone a time: "8 a.m.", "下午5点", but not "8 morning reads"."""
    is_plain = side == "after" and word.text.lower() in _PLAIN_HALVES
    return word.value in _HALVES and (is_plain or not word.text.isascii())


def _zone(pieces: list[Token], match: re.Match[str], moment: datetime) -> tzinfo | None:
    """Returns the zone after a time. A sign must be right before its number: "14:26 - 3 minutes" has no zone."""
    named = zones.named(pieces[match.start("z")].value, moment) if match["z"] else None
    offset = _text(pieces, match, "off")
    if not offset or pieces[match.start("sign")].end != pieces[match.start("off")].start:
        return named
    if named is None and match["sign"] == "-" and len(offset) < 4 and not match["s"]:
        return None  # "10:00-11:30" is a span
    return zones.numeric(match["sign"], offset, _text(pieces, match, "offmi")) or named


def _text(pieces: list[Token], match: re.Match[str], group: str) -> str:
    return pieces[match.start(group)].text if match[group] else ""


def _hour(hour: int, span: tuple[int, int]) -> int:
    """Returns the hour of 24 for an hour of 12 and a part of the day: 14 for 2 in the afternoon, 0 for 12 at night."""
    if not 1 <= hour <= 12:
        return hour
    return min((hour % 12, hour % 12 + 12), key=lambda choice: _away(choice, *span))


def _away(hour: int, start: int, end: int) -> int:
    """Returns the hours between an hour and a part of the day, which may go past midnight; 0 within it."""
    length = (end - start) % 24 or 24
    into = (hour - start) % 24
    return 0 if into < length else min(into - length + 1, 24 - into)
