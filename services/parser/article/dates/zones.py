"""Time zones by the names that mean one zone everywhere."""

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

# Hours from UTC. IST, AST and CST are several zones each and are not here.
_HOURS = {
    "Z": 0, "UTC": 0, "UT": 0, "GMT": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "MEZ": 1, "WAT": 1, "CEST": 2, "MESZ": 2, "EET": 2,
    "SAST": 2, "CAT": 2, "EEST": 3, "MSK": 3, "МСК": 3, "TRT": 3, "EAT": 3, "IDT": 3, "PKT": 5, "NPT": 5.75, "WIB": 7, "ICT": 7, "WITA": 8,
    "HKT": 8, "SGT": 8, "AWST": 8, "WIT": 9, "JST": 9, "KST": 9, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13,
    "ART": -3, "BRT": -3, "CLT": -4, "EDT": -4, "EST": -5, "COT": -5, "CDT": -5, "MDT": -6, "MST": -7, "PDT": -7, "PST": -8,
    "AKDT": -8, "AKST": -9, "HST": -10, "ГРИНВИЧ": 0, "غرينتش": 0, "جرينتش": 0,
}  # fmt: skip
# Their offset depends on the season.
_SEASONAL = {"ET": "America/New_York", "CT": "America/Chicago", "MT": "America/Denver", "PT": "America/Los_Angeles"}
NAMES = frozenset(_HOURS) | frozenset(_SEASONAL)
_WIDEST = timedelta(hours=14)


def named(name: str, moment: datetime) -> tzinfo | None:
    """Returns the fixed offset of a named zone when its clocks show `moment`; None for names outside `NAMES`."""
    if name in _SEASONAL:
        offset = moment.replace(tzinfo=ZoneInfo(_SEASONAL[name])).utcoffset()
        return timezone(offset) if offset is not None else None
    hours = _HOURS.get(name)
    return None if hours is None else shifted(timedelta(hours=hours))


def numeric(sign: str, digits: str, minutes: str = "") -> timezone | None:
    """Returns the zone of "+" and "7", "-" and "0300", "+", "5" and "30"; None if no zone has this offset."""
    if len(digits) > 2:
        digits, minutes = digits[:-2], digits[-2:]
    offset = timedelta(hours=int(digits), minutes=int(minutes or 0))
    if offset > _WIDEST or int(minutes or 0) % 15:
        return None
    return shifted(-offset if sign == "-" else offset)


def shifted(offset: timedelta) -> timezone:
    """Returns the zone of an offset, which is UTC for none."""
    return timezone(offset) if offset else UTC
