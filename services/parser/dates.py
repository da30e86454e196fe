"""Dates as pages write them, as ISO 8601 no more precise than the page: a day stays a day.

Day before month where only numbers are given, as nearly all of the world writes it, unless that cannot be.
"""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

_EARLIEST = date(1970, 1, 2)
# A page dated tomorrow may have been written east of here; one dated later is wrong.
_AHEAD = timedelta(days=1)

_MONTHS = {
    1: "january jan janvier janv enero ene يناير جانفي januar janeiro gennaio كانون_الثاني",
    2: "february feb février fevrier févr fevr febrero فبراير فيفري februar fevereiro febbraio شباط",
    3: "march mar mars marzo مارس آذار märz marz março",
    4: "april apr avril avr abril abr أبريل ابريل إبريل أفريل نيسان aprile",
    5: "may mai mayo مايو ماي أيار maio maggio",
    6: "june jun juin junio يونيو يونيه جوان حزيران juni junho giugno",
    7: "july jul juillet juil julio يوليو يوليوز يوليه جويلية تموز juli julho luglio",
    8: "august aug août aout agosto ago أغسطس غشت اغسطس أوت آب",
    9: "september sep sept septembre septiembre setiembre سبتمبر شتنبر أيلول setembro settembre",
    10: "october oct octobre octubre أكتوبر اكتوبر oktober okt outubro ottobre تشرين_الأول",
    11: "november nov novembre noviembre نوفمبر نونبر novembro تشرين_الثاني",
    12: "december dec décembre decembre déc diciembre dic ديسمبر دجنبر dezember dez dezembro dicembre كانون_الأول",
}
_MONTH = {name.replace("_", " "): number for number, names in _MONTHS.items() for name in names.split()}
_NAMES = "|".join(sorted(map(re.escape, _MONTH), key=len, reverse=True))
_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")

_CLOCK = r"(?P<h>\d{1,2})\s?[:hH.]\s?(?P<mi>\d{2})(?::(?P<s>\d{2})(?:[.,]\d+)?)?"
_ZONE = r"(?P<z>Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})"
_ISO = re.compile(rf"(?P<y>\d{{4}})[-/.](?P<m>\d{{1,2}})[-/.](?P<d>\d{{1,2}})(?!\d)(?:(?:T|,?\s+){_CLOCK}\s?{_ZONE}?)?")
_COMPACT = re.compile(
    r"^(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})(?:T(?P<h>\d{2})(?P<mi>\d{2})(?P<s>\d{2})?(?P<z>Z)?)?$"
)
_NUMERIC = re.compile(r"(?<!\d)(?P<d>\d{1,2})\s*[-/.]\s*(?P<m>\d{1,2})\s*[-/.]\s*(?P<y>\d{4})(?!\d)")
_DAY_FIRST = re.compile(
    rf"(?<!\d)(?P<d>\d{{1,2}})(?:er|st|nd|rd|th|\.|º)?\s*(?:de\s+)?(?P<n>{_NAMES})\.?,?\s*(?:de\s+|del\s+)?(?P<y>\d{{4}})(?!\d)",
    re.IGNORECASE,
)
_MONTH_FIRST = re.compile(
    rf"\b(?P<n>{_NAMES})\.?\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y>\d{{4}})(?!\d)", re.IGNORECASE
)
_TIME_AFTER = re.compile(rf"^\D{{0,12}}{_CLOCK}\s?(?P<p>[ap]\.?m\b)?\s?{_ZONE}?", re.IGNORECASE)
_RFC2822 = re.compile(r"^(?:[A-Z][a-z]{2},\s*)?\d{1,2} [A-Z][a-z]{2} \d{2,4} \d")
_IN_URL = re.compile(r"/(?P<y>(?:19|20)\d{2})[/-]?(?P<m>\d{2})[/-]?(?P<d>\d{2})(?=[/_.-])")


def read(text: str, now: datetime) -> str | None:
    """The first date in a short text (an attribute, a by-line), or None.

    Args:
        text: as the page has it, in any of the languages above; Arabic-Indic digits too.
        now: when the page was fetched; a date more than a day later is no publication date.
    """
    clean = " ".join(text.translate(_DIGITS).split())[:200]
    return _allowed(_machine(clean) or _written(clean), now)


def in_url(url: str) -> str | None:
    """The day that a URL names (`/2015/04/27/`), or None."""
    match = _IN_URL.search(url)
    return _built(match.groupdict()) if match else None


def _machine(text: str) -> str | None:
    if match := _ISO.search(text) or _COMPACT.match(text):
        return _built(match.groupdict())
    if re.fullmatch(r"1\d{9}|1\d{12}", text):
        return datetime.fromtimestamp(int(text[:10]), UTC).isoformat()
    return _rfc2822(text)


def _rfc2822(text: str) -> str | None:
    # The library takes "March 5, 2024 3:45 pm" too, and loses the half of the day.
    if not _RFC2822.match(text):
        return None
    try:
        found = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return found.isoformat() if re.search(r"\d:\d", text) else found.date().isoformat()


def _written(text: str) -> str | None:
    for pattern in (_DAY_FIRST, _MONTH_FIRST, _NUMERIC):
        if match := pattern.search(text):
            clock = _TIME_AFTER.match(text[match.end() :])
            return _built(match.groupdict() | (clock.groupdict() if clock else {}))
    return None


def _built(found: dict[str, str | None]) -> str | None:
    """The ISO form of what a pattern found; None for the 31st of June."""
    month = _MONTH[name.lower()] if (name := found.get("n")) else int(found["m"] or 0)
    day = int(found["d"] or 0)
    if month > 12 >= day:
        month, day = day, month
    try:
        whole = date(int(found["y"] or 0), month, day)
        if not found.get("h"):
            return whole.isoformat()
        hour = _hour(int(found["h"] or 0), found.get("p"))
        clock = datetime(
            whole.year, month, day, hour, int(found["mi"] or 0), int(found.get("s") or 0), tzinfo=_zone(found.get("z"))
        )
    except (ValueError, OverflowError):
        return None
    return clock.isoformat()


def _hour(hour: int, half: str | None) -> int:
    if half is None or not 1 <= hour <= 12:
        return hour
    return hour % 12 + (12 if half.lower().startswith("p") else 0)


def _zone(zone: str | None) -> timezone | None:
    if not zone:
        return None
    if zone in {"Z", "UTC", "GMT"}:
        return UTC
    digits = zone[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if zone[0] == "-" else offset)


def _allowed(found: str | None, now: datetime) -> str | None:
    if found is None:
        return None
    day = date.fromisoformat(found[:10])
    return found if _EARLIEST <= day <= (now + _AHEAD).date() else None
