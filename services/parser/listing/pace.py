"""How often a feed wishes to be asked for: `ttl`, `skipHours` and `skipDays` (RSS 2.0), `sy:updatePeriod` and
`sy:updateFrequency` (the syndication module of RSS 1.0)."""

import re

from shared.contracts import Pace

PERIOD_SECONDS = {"hourly": 3_600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# A feed that wishes for more is taken at this word; how long it is left alone in fact is for the schedule to say.
MAX_SECONDS = PERIOD_SECONDS["yearly"]
_ITEM = re.compile(r"<(?:\w+:)?(?:item|entry)[\s>]", re.IGNORECASE)
_ITEM_END = re.compile(r"</(?:\w+:)?(?:item|entry)\s*+>", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
# The channel's own elements stand within so many characters before its items and after them.
_EDGE = 50_000


def read(text: str) -> Pace | None:
    """Returns the wish of an XML feed; None if it has none. What is no number, hour or day is left out."""
    channel = _channel(text)
    hours = {int(hour) % 24 for hour in _values(channel, "skipHours", "hour") if re.fullmatch(r"\d|1\d|2[0-4]", hour)}
    days = {DAYS.index(day) for name in _values(channel, "skipDays", "day") if (day := name.lower()) in DAYS}
    pace = Pace(
        seconds=max(_ttl(channel), _update_seconds(channel)),
        # A feed that rules out every hour or day has made a mistake.
        skip_hours=tuple(sorted(hours)) if len(hours) < 24 else (),
        skip_days=tuple(sorted(days)) if len(days) < 7 else (),
    )
    return pace if pace != Pace() else None


def _channel(text: str) -> str:
    """Returns what stands before the first item and after the last one."""
    first = _ITEM.search(text)
    if first is None:
        return _COMMENT.sub("", text[:_EDGE])
    ending = text[max(first.start(), len(text) - _EDGE) :]
    last = max((end.end() for end in _ITEM_END.finditer(ending)), default=len(ending))
    return _COMMENT.sub("", text[: min(first.start(), _EDGE)]) + _COMMENT.sub("", ending[last:])


def _ttl(channel: str) -> int:
    return min(60 * _number(_value(channel, "ttl"), 0), MAX_SECONDS)


def _update_seconds(channel: str) -> int:
    """Returns the time between two updates; one a day where only one of the two elements is there."""
    period, frequency = _value(channel, "updatePeriod"), _value(channel, "updateFrequency")
    if not period and not frequency:
        return 0
    return PERIOD_SECONDS.get((period or "daily").lower(), 0) // max(_number(frequency, 1), 1)


def _value(channel: str, name: str) -> str:
    """Returns the text of the first element of this name, in whatever namespace; empty if there is none."""
    match = re.search(rf"<(?:\w+:)?{name}(?:\s[^<>]*)?>([^<>]{{0,80}})</", channel, re.IGNORECASE)
    return match[1].strip() if match else ""


def _values(channel: str, outer: str, inner: str) -> list[str]:
    """Returns the texts of the inner elements of the first outer one."""
    box = re.search(rf"<{outer}\b[^<>]*>(.{{0,4000}}?)</{outer}\s*>", channel, re.IGNORECASE | re.DOTALL)
    texts = re.findall(rf"<{inner}\b[^<>]*>([^<>]{{0,80}})</", box[1], re.IGNORECASE) if box else []
    return [text.strip() for text in texts]


def _number(value: str, default: int) -> int:
    return int(value) if re.fullmatch(r"\d{1,9}", value) else default
