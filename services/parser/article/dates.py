"""Reads dates in the ways that pages write them. The result is ISO 8601 and as precise as the page: a day stays a day.

In a date of numbers the day is read before the month, as in most of the world, unless that is impossible.
"""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from email.utils import parsedate_to_datetime

_EARLIEST = date(1970, 1, 2)
# Tomorrow's date may come from a time zone to the east; later dates are wrong.
_AHEAD = timedelta(days=1)
_SAME_MINUTE, _ZONE_STEP, _WIDEST_ZONE = timedelta(minutes=1), timedelta(minutes=30), timedelta(hours=14)

_MONTHS = {
    1: "january jan janvier janv enero ene يناير جانفي januar janeiro gennaio كانون_الثاني januari jän jänner ianuarie января ocak stycznia ledna ژانویه",
    2: "february feb februar febr février fevrier févr fevr febrero فبراير فيفري fevereiro febbraio شباط februari februarie февраля şubat lutego února فوریه",
    3: "march mar mars marzo مارس آذار märz marz março maart mrz mär marts mart марта marca března",
    4: "april apr avril avr abril abr أبريل ابريل إبريل أفريل نيسان aprile апреля nisan kwietnia dubna آوریل",
    5: "may mai mayo مايو ماي أيار maio maggio mei maj мая mayıs maja května مه",
    6: "june jun juin junio يونيو يونيه جوان حزيران juni junho giugno июня haziran czerwca června ژوئن",
    7: "july jul juillet juil julio يوليو يوليوز يوليه جويلية تموز juli julho luglio июля temmuz lipca července ژوئیه",
    8: "august aug août aout agosto ago أغسطس غشت اغسطس أوت آب augustus augusti августа ağustos sierpnia srpna اوت",
    9: "september sep sept septembre septiembre setiembre سبتمبر شتنبر أيلول setembro settembre сентября eylül września září سپتامبر",
    10: "october oct octobre octubre أكتوبر اكتوبر oktober okt outubro ottobre تشرين_الأول октября ekim października října اکتبر",
    11: "november nov novembre noviembre نوفمبر نونبر novembro تشرين_الثاني ноября kasım listopada listopadu نوامبر",
    12: "december dec décembre decembre déc diciembre dic ديسمبر دجنبر dezember dez dezembro dicembre كانون_الأول desember декабря aralık grudnia prosince دسامبر",
}
# Letters that re.IGNORECASE treats as equal and lower() does not: "KASIM", "NİSAN".
_CASE_FOLDS = str.maketrans({"ı": "i", "ſ": "s", "\u0307": None})
_MONTH = {
    name.replace("_", " ").translate(_CASE_FOLDS): number for number, names in _MONTHS.items() for name in names.split()
}
_NAMES = "|".join(
    sorted((name.replace("_", " ") for names in _MONTHS.values() for name in names.split()), key=len, reverse=True)
)
# Offsets in hours, only of names that mean the same zone everywhere.
_ZONES = {"Z": 0, "UTC": 0, "GMT": 0, "BST": 1, "CET": 1, "MEZ": 1, "CEST": 2, "MESZ": 2, "EET": 2, "EEST": 3, "MSK": 3,
          "JST": 9, "KST": 9, "EDT": -4, "EST": -5, "CDT": -5, "MDT": -6, "MST": -7, "PDT": -7, "PST": -8}  # fmt: skip
_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")

_CLOCK = r"(?P<h>\d{1,2})\s?[:hH.]\s?(?P<mi>\d{2})(?::(?P<s>\d{2})(?:[.,]\d+)?)?"
_ZONE = rf"(?:Uhr\s)?(?P<z>(?:UTC|GMT)?[+-]\d{{2}}:?\d{{2}}|(?:UTC|GMT)?[+-]\d{{2}}|(?:{'|'.join(_ZONES)})\b)"
_ISO = re.compile(rf"(?P<y>\d{{4}})[-/.](?P<m>\d{{1,2}})[-/.](?P<d>\d{{1,2}})(?!\d)(?:(?:T|,?\s+){_CLOCK}\s?{_ZONE}?)?")
_COMPACT = re.compile(
    r"^(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})(?:T(?P<h>\d{2})(?P<mi>\d{2})(?P<s>\d{2})?(?P<z>Z)?)?$"
)
_NUMERIC = re.compile(r"(?<!\d)(?P<d>\d{1,2})\s*[-/.]\s*(?P<m>\d{1,2})\s*[-/.]\s*(?P<y>\d{4})(?!\d)")
_DAY_FIRST = re.compile(
    rf"(?<!\d)(?P<d>\d{{1,2}})(?:er|st|nd|rd|th|\.|º)?[\s-]*(?:de\s+)?(?P<n>{_NAMES})\.?,?[\s-]*(?:de\s+|del\s+)?(?P<y>\d{{4}})(?!\d)",
    re.IGNORECASE,
)
_MONTH_FIRST = re.compile(
    rf"\b(?P<n>{_NAMES})\.?\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y>\d{{4}})(?!\d)", re.IGNORECASE
)
# 2026 March 5
_YEAR_NAMED = re.compile(
    rf"(?<!\d)(?P<y>(?:19|20)\d{{2}})[\s,]+(?P<n>{_NAMES})\.?\s+(?P<d>\d{{1,2}})(?!\d)", re.IGNORECASE
)
# 2026年3月5日, 2026. 3. 5., 2026년 3월 5일
_YEAR_FIRST = re.compile(
    r"(?<!\d)(?P<y>(?:19|20)\d{2})\s?(?:年|년|\.)\s?(?P<m>\d{1,2})\s?(?:月|월|\.)\s?(?P<d>\d{1,2})\s?(?:日|일|\.)?(?!\d)"
)
_SHORT_YEAR = re.compile(r"(?<![\d.])(?P<d>\d{1,2})\s?[./]\s?(?P<m>\d{1,2})\s?[./]\s?(?P<y>\d{2})(?![\d.])")
_DAY = 1440
_UNITS = {
    1: "minute minutes min mins minuten minuto minutos دقيقة دقائق دقيقه".split(),
    2: ["دقيقتين"],
    60: "hour hours hr hrs heure heures stunde stunden hora horas ora ore uur ساعة ساعات ساعت".split(),
    120: ["ساعتين"],
    _DAY: "day days jour jours tag tagen día días dia dias giorno giorni dag dagen يوم أيام ايام روز".split(),
    2 * _DAY: ["يومين"],
    7
    * _DAY: "week weeks semaine semaines woche wochen semana semanas settimana settimane أسبوع اسبوع أسابيع هفته".split(),
}
_UNIT = "|".join(sorted((name for names in _UNITS.values() for name in names), key=len, reverse=True))
_AGO = (
    re.compile(rf"\b(?P<count>\d{{1,3}}|an?)\s?(?P<unit>{_UNIT})\s+(?:ago|fa|geleden|پیش)\b", re.IGNORECASE),
    re.compile(rf"\b(?:il y a|vor|hace|há|منذ|قبل)\s+(?P<count>\d{{1,3}}|une?|einer?|einem|una?|um)?\s?(?P<unit>{_UNIT})\b",
               re.IGNORECASE),
)  # fmt: skip
_TIME_BEFORE = re.compile(rf"(?<![\d:]){_CLOCK}\s?(?P<p>[ap]\.?m\b)?\D{{0,12}}$", re.IGNORECASE)
_TIME_AFTER = re.compile(rf"^\D{{0,12}}{_CLOCK}\s?(?P<p>[ap]\.?m\b)?\s?{_ZONE}?", re.IGNORECASE)
_RFC2822 = re.compile(r"^(?:[A-Z][a-z]{2},\s*)?\d{1,2} [A-Z][a-z]{2} \d{2,4} \d")
_IN_URL = re.compile(r"/(?P<y>(?:19|20)\d{2})[/-]?(?P<m>\d{2})[/-]?(?P<d>\d{2})(?=[/_.-])")
_IN_URL_DAY_FIRST = re.compile(r"[/_-](?P<d>\d{2})[.-](?P<m>\d{2})[.-](?P<y>(?:19|20)\d{2})(?=[/_.-]|$)")


def read(text: str, now: datetime, month_first: bool = False) -> str | None:
    """Returns the first date in a short text (an attribute, a by-line) as ISO 8601; None if there is none.

    Args:
        text: in any of the languages above, with Western or Arabic-Indic digits; its first 300 characters are read.
        now: when the page was fetched; a date more than a day later is not a publication date.
        month_first: whether 9/3/2026 is the third of September.
    """
    line = _line(text)
    return _plausible(_machine_date(line) or _written_date(line, month_first) or _relative_date(line, now), now)


def is_date(text: str) -> bool:
    """Returns whether a line holds a date, past or future."""
    line = _line(text)
    return (_machine_date(line) or _written_date(line, month_first=False)) is not None


def in_url(url: str) -> str | None:
    """Returns the day in a URL (`/2015/04/27/`); None if there is none."""
    match = _IN_URL.search(url) or _IN_URL_DAY_FIRST.search(url)
    return _iso(match.groupdict()) if match else None


def _line(text: str) -> str:
    return " ".join(text[:2000].translate(_DIGITS).split())[:300]


def _machine_date(text: str) -> str | None:
    if match := _ISO.search(text) or _COMPACT.match(text):
        return _iso(match.groupdict())
    if re.fullmatch(r"1\d{9}|1\d{12}", text):
        return datetime.fromtimestamp(int(text[:10]), UTC).isoformat()
    return _rfc2822(text)


def _rfc2822(text: str) -> str | None:
    # The library accepts "March 5, 2024 3:45 pm" too, but ignores the "pm".
    if not _RFC2822.match(text):
        return None
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return moment.isoformat() if re.search(r"\d:\d", text) else moment.date().isoformat()


def _written_date(text: str, month_first: bool) -> str | None:
    for pattern in (_DAY_FIRST, _MONTH_FIRST, _YEAR_NAMED, _YEAR_FIRST, _NUMERIC, _SHORT_YEAR):
        if match := pattern.search(text):
            parts = match.groupdict()
            if month_first and "/" in match[0] and pattern in (_NUMERIC, _SHORT_YEAR):
                parts |= {"d": parts["m"], "m": parts["d"]}
            clock = _TIME_AFTER.match(text[match.end() :]) or _TIME_BEFORE.search(text[: match.start()])
            if date_time := _iso(parts | (clock.groupdict() if clock else {})) or _iso(parts):
                return date_time
    return None


def _relative_date(text: str, now: datetime) -> str | None:
    """Returns when "3 hours ago" was: to the minute for minutes and hours, to the day for longer units."""
    for pattern in _AGO:
        if match := pattern.search(text):
            count = match["count"] or ""
            minutes = next((size for size, names in _UNITS.items() if _folded(match["unit"]) in names), _DAY)
            moment = now - timedelta(minutes=minutes * (int(count) if count.isdecimal() else 1))
            return moment.replace(second=0, microsecond=0).isoformat() if minutes < _DAY else moment.date().isoformat()
    return None


def _iso(parts: dict[str, str | None]) -> str | None:
    """Returns the ISO form of the parts that a pattern matched; None for the 31st of June."""
    month = _MONTH.get(_folded(name), 0) if (name := parts.get("n")) else int(parts["m"] or 0)
    day = int(parts["d"] or 0)
    if month > 12 >= day:
        month, day = day, month
    try:
        calendar_day = date(_full_year(int(parts["y"] or 0)), month, day)
        if not parts.get("h"):
            return calendar_day.isoformat()
        hour = _hour(int(parts["h"] or 0), parts.get("p"))
        clock = time(hour, int(parts["mi"] or 0), int(parts.get("s") or 0), tzinfo=_zone(parts.get("z")))
    except (ValueError, OverflowError):
        return None
    return datetime.combine(calendar_day, clock).isoformat()


def _folded(name: str) -> str:
    return name.lower().translate(_CASE_FOLDS)


def _full_year(year: int) -> int:
    """Returns 2026 for 26 and 1998 for 98."""
    return year if year > 99 else year + (2000 if year < 70 else 1900)


def _hour(hour: int, half: str | None) -> int:
    if half is None or not 1 <= hour <= 12:
        return hour
    return hour % 12 + (12 if half.lower().startswith("p") else 0)


def _zone(zone: str | None) -> timezone | None:
    if not zone:
        return None
    if (hours := _ZONES.get(zone.upper())) is not None:
        return timezone(timedelta(hours=hours)) if hours else UTC
    offset = zone.lstrip("UTCGMutcgm")
    digits = offset[1:].replace(":", "").ljust(4, "0")
    east = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-east if offset[0] == "-" else east)


def _plausible(text: str | None, now: datetime) -> str | None:
    if text is None:
        return None
    day = date.fromisoformat(text[:10])
    return text if _EARLIEST <= day <= (now + _AHEAD).date() else None


def most_exact(candidates: list[str]) -> str:
    """Returns the first date as exactly as the other candidates show it.

    A candidate may have the time and zone of the same day; the same instant in the newspaper's zone; or the time on the
    newspaper's clock without a zone, from which the zone follows.
    """
    first = candidates[0]
    if not _has_zone(first):
        same_day = (text for text in candidates[1:] if _has_zone(text) and text[:10] == first[:10])
        return next(same_day, first)
    instant = datetime.fromisoformat(first)
    for text in candidates[1:]:
        if len(text) > 10 and (local := _in_zone_of(instant, datetime.fromisoformat(text))):
            return local.isoformat()
    return first


def _has_zone(text: str) -> bool:
    return len(text) > 10 and datetime.fromisoformat(text).tzinfo is not None


def _in_zone_of(instant: datetime, clock: datetime) -> datetime | None:
    """Returns a UTC instant in the zone of a clock that shows it; None if the clock shows another instant."""
    if instant.utcoffset():
        return None
    if clock.tzinfo:
        return instant.astimezone(clock.tzinfo) if abs(clock - instant) < _SAME_MINUTE and clock.utcoffset() else None
    offset = clock - instant.replace(tzinfo=None, second=0, microsecond=0)
    if not offset or abs(offset) > _WIDEST_ZONE or offset % _ZONE_STEP:
        return None
    return instant.astimezone(timezone(offset))
