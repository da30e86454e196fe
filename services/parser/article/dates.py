"""Dates as pages write them, as ISO 8601 no more precise than the page: a day stays a day.

Day before month where only numbers are given, as nearly all of the world writes it, unless that cannot be.
"""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

_EARLIEST = date(1970, 1, 2)
# A page dated tomorrow may have been written east of here; one dated later is wrong.
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
# Letters that match one another whatever their case, though lower() keeps them apart: "KASIM", "NİSAN".
_ALIKE = str.maketrans({"ı": "i", "ſ": "s", "\u0307": None})
_MONTH = {
    name.replace("_", " ").translate(_ALIKE): number for number, names in _MONTHS.items() for name in names.split()
}
_NAMES = "|".join(
    sorted((name.replace("_", " ") for names in _MONTHS.values() for name in names.split()), key=len, reverse=True)
)
# By name only where a name means one zone everywhere; in hours.
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
    """The first date in a short text (an attribute, a by-line), or None.

    Args:
        text: as the page has it, in any of the languages above; Arabic-Indic digits too.
        now: when the page was fetched; a date more than a day later is no publication date.
        month_first: 9/3/2026 is the third of September.
    """
    clean = " ".join(text[:2000].translate(_DIGITS).split())[:300]
    return _allowed(_machine(clean) or _written(clean, month_first) or _relative(clean, now), now)


def is_date(text: str) -> bool:
    """Whether a line holds a date, whenever that may be."""
    clean = " ".join(text[:2000].translate(_DIGITS).split())[:300]
    return (_machine(clean) or _written(clean, month_first=False)) is not None


def in_url(url: str) -> str | None:
    """The day that a URL names (`/2015/04/27/`), or None."""
    match = _IN_URL.search(url) or _IN_URL_DAY_FIRST.search(url)
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


def _written(text: str, month_first: bool) -> str | None:
    for pattern in (_DAY_FIRST, _MONTH_FIRST, _YEAR_NAMED, _YEAR_FIRST, _NUMERIC, _SHORT_YEAR):
        if match := pattern.search(text):
            found = match.groupdict()
            if month_first and "/" in match[0] and pattern in (_NUMERIC, _SHORT_YEAR):
                found |= {"d": found["m"], "m": found["d"]}
            clock = _TIME_AFTER.match(text[match.end() :]) or _TIME_BEFORE.search(text[: match.start()])
            if built := _built(found | (clock.groupdict() if clock else {})) or _built(found):
                return built
    return None


def _relative(text: str, now: datetime) -> str | None:
    """When "3 hours ago" was: to the day where days or more are told, else to the minute."""
    for pattern in _AGO:
        if match := pattern.search(text):
            told = match["count"] or ""
            minutes = next((size for size, names in _UNITS.items() if _alike(match["unit"]) in names), _DAY)
            at = now - timedelta(minutes=minutes * (int(told) if told.isdecimal() else 1))
            return at.replace(second=0, microsecond=0).isoformat() if minutes < _DAY else at.date().isoformat()
    return None


def _built(found: dict[str, str | None]) -> str | None:
    """The ISO form of what a pattern found; None for the 31st of June."""
    month = _MONTH.get(_alike(name), 0) if (name := found.get("n")) else int(found["m"] or 0)
    day = int(found["d"] or 0)
    if month > 12 >= day:
        month, day = day, month
    try:
        whole = date(_year(int(found["y"] or 0)), month, day)
        if not found.get("h"):
            return whole.isoformat()
        hour = _hour(int(found["h"] or 0), found.get("p"))
        clock = datetime(
            whole.year, month, day, hour, int(found["mi"] or 0), int(found.get("s") or 0), tzinfo=_zone(found.get("z"))
        )
    except (ValueError, OverflowError):
        return None
    return clock.isoformat()


def _alike(name: str) -> str:
    return name.lower().translate(_ALIKE)


def _year(year: int) -> int:
    """26 is 2026 and 98 is 1998."""
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
    ahead = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-ahead if offset[0] == "-" else ahead)


def _allowed(found: str | None, now: datetime) -> str | None:
    if found is None:
        return None
    day = date.fromisoformat(found[:10])
    return found if _EARLIEST <= day <= (now + _AHEAD).date() else None


def refined(found: list[str]) -> str:
    """The first of several dates as exactly as the others know it.

    Another may have the time and zone of the same day; the same instant as clocks show it where the newspaper is; or
    that clock's time without a zone, from which the zone follows.
    """
    first = found[0]
    if not _zoned(first):
        return next((other for other in found[1:] if _zoned(other) and other[:10] == first[:10]), first)
    instant = datetime.fromisoformat(first)
    for other in found[1:]:
        if len(other) > 10 and (local := _as_local(instant, datetime.fromisoformat(other))):
            return local.isoformat()
    return first


def _zoned(text: str) -> bool:
    return len(text) > 10 and datetime.fromisoformat(text).tzinfo is not None


def _as_local(instant: datetime, shown: datetime) -> datetime | None:
    """A UTC instant in the zone of another reading of it, or None where `shown` is no reading of it."""
    if instant.utcoffset():
        return None
    if shown.tzinfo:
        return instant.astimezone(shown.tzinfo) if abs(shown - instant) < _SAME_MINUTE and shown.utcoffset() else None
    offset = shown - instant.replace(tzinfo=None, second=0, microsecond=0)
    if not offset or abs(offset) > _WIDEST_ZONE or offset % _ZONE_STEP:
        return None
    return instant.astimezone(timezone(offset))
