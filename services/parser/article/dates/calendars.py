"""Years and months of other calendars, as days of ours: Jalali, Hijri, Buddhist, Japanese eras, the Republic of China's."""

from datetime import date

from hijridate import Hijri
from persiantools.jdatetime import JalaliDate

GREGORIAN, JALALI, HIJRI, ERA = "M", "J", "H", "e"
# A year in numbers tells its calendar: each range is about the last sixty years and the next thirty, and none overlap.
_JALALI_YEARS, _HIJRI_YEARS = range(1340, 1413), range(1413, 1480)
_BUDDHIST_YEARS, _BUDDHIST_AHEAD = range(2500, 2640), 543
_FIRST_SHORT_BUDDHIST = 40
# The year before an era's first.
ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "民國": 1911, "民国": 1911, "中華民國": 1911}
_NAMES = {
    JALALI: (
        "فروردین فروردين وری حمل", "اردیبهشت ارديبهشت ثور غویی", "خرداد جوزا غبرگولی", "تیر تير سرطان چنگاښ",
        "مرداد امرداد اسد زمری", "شهریور شهريور سنبله وږی", "مهر میزان تله تلې", "آبان عقرب لړم", "آذر قوس لیندۍ", "دی دي جدی مرغومی",
        "بهمن دلو سلواغه سلواغې", "اسفند حوت کب",
    ),
    HIJRI: (
        "محرم المحرم muharram", "صفر safar", "ربيع_الأول ربیع_الاول ربيع_أول rabiul_awal",
        "ربيع_الآخر ربيع_الثاني ربیع_الثانی rabiul_akhir", "جمادى_الأولى جمادى_الأول جمادی_الاول جمادی_الاولی",
        "جمادى_الآخرة جمادى_الثانية جمادى_الآخر جمادی_الثانی", "رجب rajab", "شعبان syaban", "رمضان ramadan ramazan ramadhan",
        "شوال shawwal syawal", "ذو_القعدة ذي_القعدة ذوالقعدة ذیقعده ذی_القعده", "ذو_الحجة ذي_الحجة ذوالحجة ذیحجه ذی_الحجه",
    ),
}  # fmt: skip
MONTHS = {
    calendar: {name.replace("_", " "): number for number, names in enumerate(months, 1) for name in names.split()}
    for calendar, months in _NAMES.items()
}
# "Mehr month" in one word.
MONTHS[JALALI] |= {f"{name}ماه": number for name, number in MONTHS[JALALI].items()}


def buddhist(year: int) -> int:
    """Returns the year of two digits that a Thai newspaper writes: 2569 for 69, but 2026 for 26, which is no year of these."""
    return year + (2500 if year >= _FIRST_SHORT_BUDDHIST else 2000)


def day(year: int, month: int, number: int, calendar: str = GREGORIAN) -> date:
    """Returns the Gregorian day of a date; `calendar` is that of the month's name, and the year may tell another.

    Raises:
        ValueError: there is no such day.
    """
    if calendar == JALALI or (calendar == GREGORIAN and year in _JALALI_YEARS):
        return JalaliDate(year, month, number).to_gregorian()  # type: ignore[no-untyped-call]
    if calendar == HIJRI or (calendar == GREGORIAN and year in _HIJRI_YEARS):
        return date(*Hijri(year, month, number).to_gregorian().datetuple())
    return date(year - _BUDDHIST_AHEAD if year in _BUDDHIST_YEARS else year, month, number)
