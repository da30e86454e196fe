"""Dates in the ways that newspapers of many languages write them."""

from datetime import UTC, datetime

import pytest

from services.parser.article import dates
from services.parser.page.document import Document

PAGE = "https://harbourpost.example/2024/03/05/a"
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 3, 5, 12, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-03-05T06:30:00+01:00", "2024-03-05T06:30:00+01:00"),
        ("2024-03-05T06:30:00.123Z", "2024-03-05T06:30:00+00:00"),
        ("2024-03-05 06:30:00 +0100", "2024-03-05T06:30:00+01:00"),
        ("2024-03-05", "2024-03-05"),
        ("Tue, 05 Mar 2024 24:00:00 GMT", "2024-03-06T00:00:00+00:00"),
        ("Tue, 05 Mar 2024 24:01:00 GMT", "2024-03-05"),
        ("Tue, 5 Mar 2024 9:5:3 +0100", "2024-03-05T09:05:03+01:00"),
        ("20240305", "2024-03-05"),
        ("Tue, 05 Mar 2024 08:00:00 +0100", "2024-03-05T08:00:00+01:00"),
        ("1709620200000", "2024-03-05T06:30:00+00:00"),
        ("27 - 04 - 2015", "2015-04-27"),
        ("04/27/2015", "2015-04-27"),
        ("Lundi 1er février 2016 à 14h30", "2016-02-01T14:30:00"),
        ("14 de mayo de 2021, 18:45", "2021-05-14T18:45:00"),
        ("March 5, 2024 3:45 pm", "2024-03-05T15:45:00"),
        ("٢٧ أبريل ٢٠١٥", "2015-04-27"),
        ("27 نيسان 2015", "2015-04-27"),
        ("الثلاثاء ٢٧ تشرين أول ٢٠١٥", "2015-10-27"),
        ("27 ב־אוקטובר 2015", "2015-10-27"),
        ("27 באוק' 2015", "2015-10-27"),
        ("27 לאוקטובר 2015", "2015-10-27"),
        ("9. Feber 2015", "2015-02-09"),
        ("9 अक्तू॰ 2015", "2015-10-09"),
        ("۱۳ آوریل ۲۰۲۴ - ۲۵ فروردین ۱۴۰۳ - ۱۴:۲۶", "2024-04-13T14:26:00"),
        ("二〇一五年十月二十七日", "2015-10-27"),
        ("二零一五年十二月三十日 14:26", "2015-12-30T14:26:00"),
        ("12 غشت 2015", "2015-08-12"),
        ("31 - 06 - 2015", None),
        ("2035-01-01", None),
        ("no date at all", None),
        ("", None),
    ],
)
def test_dates_are_as_precise_as_written(text, expected):
    assert dates.read(text, NEW_YEAR) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Il y a 2 heures", "2026-03-05T10:30:00+00:00"),
        ("3 hours ago", "2026-03-05T09:30:00+00:00"),
        ("3 hours, 20 minutes ago", "2026-03-05T09:10:00+00:00"),
        ("2 days 3 hours ago", "2026-03-03"),
        ("3小时20分钟前", "2026-03-05T09:10:00+00:00"),
        ("il y a 3 heures et 20 minutes", "2026-03-05T09:30:00+00:00"),
        ("5 min read, 3 hours ago", "2026-03-05T09:30:00+00:00"),
        ("3 tundi tagasi", "2026-03-05T09:30:00+00:00"),
        ("9 Th2, 2026 14:26", "2026-02-09T14:26:00"),
        ("Th3 2026, 9th", None),
        ("9 X 2025, 14:26", "2025-10-09T14:26:00"),
        ("9.II.2026", "2026-02-09"),
        ("9 VIV 2025", None),
        ("9 تشرين1 2025", "2025-10-09"),
        ("9 كانون 2 2026", "2026-01-09"),
        ("202602091426", "2026-02-09T14:26:00"),
        ("vor 20 Minuten", "2026-03-05T12:10:00+00:00"),
        ("منذ ساعتين", "2026-03-05T10:30:00+00:00"),
        ("hace 2 días", "2026-03-03"),
        ("2 weeks ago", "2026-02-19"),
        ("5 марта 2024, 10:15", "2024-03-05T10:15:00"),
        ("5. mars 2024", "2024-03-05"),
        ("5 Mart 2024", "2024-03-05"),
        ("5 marca 2024 r.", "2024-03-05"),
        ("Accepted 2024 Mar 5", "2024-03-05"),
        ("05.03.24", "2024-03-05"),
        ("2024年3月5日 18時", "2024-03-05"),
        ("2024. 3. 5.", "2024-03-05"),
        ("12:40 - 05/03/2024", "2024-03-05T12:40:00"),
        ("5 كانون الثاني 2024", "2024-01-05"),
        ("99999999999999999999 hours ago", None),
        ("32. März 2024", None),
    ],
)
def test_dates_in_the_ways_of_many_newspapers(text: str, expected: str | None) -> None:
    assert dates.read(text, NOW) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5 KASIM 2024", "2024-11-05"),
        ("5 NİSAN 2024", "2024-04-05"),
        ("5 HAZİRAN 2024", "2024-06-05"),
        ("5 ſeptember 2024", "2024-09-05"),
        ("3 hourſ ago", "2025-12-31T21:00:00+00:00"),
        ("Tue Mar 05 2024 08:00:00 GMT+0100 (CET)", "2024-03-05T08:00:00+01:00"),
        ("March 5, 2024 3:45 PM EST", "2024-03-05T15:45:00-05:00"),
        ("5. März 2024, 14:30 Uhr MEZ", "2024-03-05T14:30:00+01:00"),
        ("5-Mar-2024", "2024-03-05"),
    ],
)
def test_words_of_dates_in_either_case(text, expected):
    assert dates.read(text, NEW_YEAR) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026/2/9 下午 02:26:26", "2026-02-09T14:26:26"),
        ("2026年2月9日 下午2:26", "2026-02-09T14:26:00"),
        ("2026年2月9日凌晨1点05分", "2026-02-09T01:05:00"),
        ("2026年2月9日（月） 14時26分", "2026-02-09T14:26:00"),
        ("입력 2026.02.09. 오후 2:26", "2026-02-09T14:26:00"),
        ("2026년 2월 9일 오전 12시 5분", "2026-02-09T00:05:00"),
        ("9 de febrero de 2026, 2:26 p. m.", "2026-02-09T14:26:00"),
        ("2:26 de la tarde del 9 de febrero de 2026", "2026-02-09T14:26:00"),
        ("2026-02-09 02:26 PM", "2026-02-09T14:26:00"),
        ("Tue, 09 Feb 2026 12:05 AM", "2026-02-09T00:05:00"),
        ("9 فبراير 2026 - 2:26 م", "2026-02-09T14:26:00"),
        ("9 Φεβρουαρίου 2026, 2:26 μ.μ.", "2026-02-09T14:26:00"),
        ("আপডেট: ০৯ ফেব্রুয়ারি ২০২৬ | দুপুর ২:২৬", "2026-02-09T14:26:00"),
        ("9 февраля 2026, 2:26 ночи", "2026-02-09T02:26:00"),
        ("9 февруари 2026 г., 2:26 сл.об.", "2026-02-09T14:26:00"),
        ("2026年2月9日晚8时26分", "2026-02-09T20:26:00"),
        ("9 February 2026, noon", "2026-02-09T12:00:00"),
        ("Noon on Monday 9 February 2026", "2026-02-09T12:00:00"),
        ("12 midday, 9 February 2026", "2026-02-09T12:00:00"),
        ("Shortly before noon on 9 February 2026", "2026-02-09"),
        ("February 9, 2026 at midday", "2026-02-09T12:00:00"),
        ("2026年2月9日 正午", "2026-02-09T12:00:00"),
        ("9 February 2026 before noon", "2026-02-09"),
    ],
)
def test_words_for_the_parts_of_the_day_tell_the_hour(text: str, expected: str) -> None:
    assert dates.read(text, NOW) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Published on the ninth of February 2026", "2026-02-09"),
        ("Thursday, the twenty-second day of January, 2026 at 14:26", "2026-01-22T14:26:00"),
        ("Thirty-first of January 2026", "2026-01-31"),
        ("the 9th day of February, 2026", "2026-02-09"),
        ("the second of two parts, 9 February 2026", "2026-02-09"),
    ],
)
def test_a_day_in_english_words_is_a_day(text: str, expected: str) -> None:
    assert dates.read(text, NOW) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("جمعه ۱۷ مهر ۱۴۰۴ - ۱۴:۲۶", "2025-10-09T14:26:00"),
        ("۱۴۰۴/۰۷/۱۷", "2025-10-09"),
        ("17 رمضان 1446", "2025-03-17"),
        ("17 رمضان 1446 - 9 مارس 2025", "2025-03-09"),
        ("1446/09/17 هـ", "2025-03-17"),
        ("9 ต.ค. 2568 14:26 น.", "2025-10-09T14:26:00"),
        ("令和7年10月9日", "2025-10-09"),
        ("民國114年10月9日", "2025-10-09"),
        ("24 نيسان / أبريل 2020", "2020-04-24"),
        ("24 نيسان (أبريل) 2020", "2020-04-24"),
    ],
)
def test_other_calendars_are_converted_and_the_gregorian_date_beside_them_comes_first(text: str, expected: str) -> None:
    assert dates.read(text, NOW) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("9 Feb 2026 14:26 (GMT+7)", "2026-02-09T14:26:00+07:00"),
        ("9 Feb 2026 14:26 +7", "2026-02-09T14:26:00+07:00"),
        ("9 Feb 2026 14:26 UTC+5:30", "2026-02-09T14:26:00+05:30"),
        ("9 Feb 2026 14:26:00 UTC−03:00", "2026-02-09T14:26:00-03:00"),
        ("9 Feb 2026 14:26 WIB", "2026-02-09T14:26:00+07:00"),
        ("February 9, 2026 at 2:26 p.m. ET", "2026-02-09T14:26:00-05:00"),
        ("July 9, 2025 at 2:26 p.m. ET", "2025-07-09T14:26:00-04:00"),
        ("9 Feb 2026 14:26 IST", "2026-02-09T14:26:00"),
        ("9 Feb 2026 10:00-11:30", "2026-02-09T10:00:00"),
        ("9 Feb 2026 14:26 - 3 min read", "2026-02-09T14:26:00"),
        ("Mon Feb  9 14:26:00 UTC 2026", "2026-02-09T14:26:00+00:00"),
        ("20260209T143600+0200", "2026-02-09T14:36:00+02:00"),
    ],
)
def test_a_zone_is_read_where_one_is_named_and_never_invented(text: str, expected: str) -> None:
    assert dates.read(text, NOW) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\u0669\u200f/\u0662\u200f/\u0662\u0660\u0662\u0666", "2026-02-09"),
        ("9 فبراير، 2026", "2026-02-09"),
        ("the 9th of February 2026", "2026-02-09"),
        ("9 Feb 26 14:26", "2026-02-09T14:26:00"),
        ("28.01.22 / 0 Kommentare", "2022-01-28"),
        ("Mon, 01 Jan 0001 00:00:00 +0000", None),
        ("Mon, 30 Nov -0001 00:00:00 +0000", None),
        ("0000-00-00 00:00:00", None),
        ("09/02/2026 01:57 | Actualizado a 11/02", "2026-02-09T01:57:00"),
        ("12/05/2026", None),
        ("03/05/2026", "2026-03-05"),
        ("9 mai 2 commentaires", None),
    ],
)
def test_marks_commas_short_years_and_years_that_are_none(text: str, expected: str | None) -> None:
    assert dates.read(text, NOW) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ayer, 14:26", "2026-03-04T14:26:00"),
        ("昨天 14:26", "2026-03-04T14:26:00"),
        ("hier à 14h26", "2026-03-04T14:26:00"),
        ("Published today at 00:05", "2026-03-05T00:05:00"),
        ("heute, 09:26 Uhr", "2026-03-05T09:26:00"),
        ("yesterday", "2026-03-04"),
        ("Published yesterday", "2026-03-04"),
        ("First posted: yesterday", "2026-03-04"),
        ("Publié hier", "2026-03-04"),
        ("3小时前", "2026-03-05T09:30:00+00:00"),
        ("3시간 전", "2026-03-05T09:30:00+00:00"),
        ("3 घंटे पहले", "2026-03-05T09:30:00+00:00"),
        ("Avant-hier à 14:26", "2026-03-03T14:26:00"),
        ("2 dias atrás", "2026-03-03"),
        ("20 menit lalu", "2026-03-05T12:10:00+00:00"),
        ("그제 14:26", "2026-03-03T14:26:00"),
        ("البارحة 14:26", "2026-03-04T14:26:00"),
        ("Thứ Sáu, ngày 9 tháng 10 năm 2020", "2020-10-09"),
        ("3 ชั่วโมงที่แล้ว", "2026-03-05T09:30:00+00:00"),
        ("לפני שעה", "2026-03-05T11:30:00+00:00"),
        ("vor einer Stunde", "2026-03-05T11:30:00+00:00"),
        ("USA Today", None),
        ("The Harbour Post Today, the paper of Port Elwick", None),
        ("in 3 hours", None),
        ("3 hours", None),
    ],
)
def test_times_counted_from_now_in_many_languages(text: str, expected: str | None) -> None:
    assert dates.read(text, NOW) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://post.example/2026/02/09/a", "2026-02-09"),
        ("https://post.example/2026/february/09/a", "2026-02-09"),
        ("https://post.example/2026/feb/9/a", "2026-02-09"),
        ("https://post.example/2026/town/9/a", None),
        ("https://post.example/2026/2/9/a", "2026-02-09"),
        ("https://post.example/2026/2/31/a", None),
        ("https://post.example/a-09-02-2026", "2026-02-09"),
    ],
)
def test_the_day_in_an_address(url: str, expected: str | None) -> None:
    assert dates.in_url(url) == expected


def test_an_american_page_puts_the_month_first() -> None:
    assert dates.read("9/3/2025", NOW, month_first=True) == "2025-09-03"
    assert dates.read("9/3/2025", NOW) == "2025-03-09"
    assert Document('<html lang="en-US">', PAGE).month_first
    assert not Document('<html lang="en-GB">', PAGE).month_first
    assert not Document('<html lang="en">', "https://post.example.co.uk/a").month_first


@pytest.mark.parametrize(
    ("candidates", "exact"),
    [
        (["2024-03-05", "2024-03-05T06:30:00+01:00"], "2024-03-05T06:30:00+01:00"),
        (["2024-03-05", "2024-03-06T06:30:00+01:00"], "2024-03-05"),
        (["2024-03-05T02:41:00+00:00", "2024-03-04T22:41:00"], "2024-03-04T22:41:00-04:00"),
        (["2024-03-05T02:41:00+00:00", "2024-03-04T21:41:20-05:00"], "2024-03-04T21:41:00-05:00"),
        (["2024-03-05T02:41:00+00:00", "2024-03-01T09:12:00"], "2024-03-05T02:41:00+00:00"),
        (["2024-03-05T01:57:00", "2024-03-05T19:20:00+02:00"], "2024-03-05T01:57:00"),
        (["2024-03-05T01:57:00", "2024-03-05T01:57:31+02:00"], "2024-03-05T01:57:31+02:00"),
        (["2024-03-05", "2024-03-05T06:30:00"], "2024-03-05T06:30:00"),
        (["2024-03-05", "2024-03-05T06:30:00", "2024-03-05T06:30:00+01:00"], "2024-03-05T06:30:00+01:00"),
        (["2024-03-05T06:30:00+01:00", "2024-03-05T05:30:42+00:00"], "2024-03-05T06:30:42+01:00"),
        (["2024-03-05T06:30:00-05:00", "2024-03-05T06:30:26"], "2024-03-05T06:30:26-05:00"),
        (["2024-03-05T20:00:17+00:00", "2024-03-05T20:00:00+09:00"], "2024-03-05T20:00:17+09:00"),
        (["2024-03-05T06:30:00+00:00", "2024-03-05T20:00:00"], "2024-03-05T06:30:00+00:00"),
        (["2024-03-05T06:30:00+00:00", "2024-03-05T12:00:00"], "2024-03-05T12:00:00+05:30"),
        (["2024-03-05"], "2024-03-05"),
    ],
)
def test_a_date_is_as_exact_as_the_page_knows_it(candidates: list[str], exact: str) -> None:
    assert dates.most_exact(candidates) == exact


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("hi", "09 अक्टू. 2025, 14:26", "2025-10-09T14:26:00"),
        ("bn", "০৯ অক্টোবর ২০২৫, ০২:২৬ পিএম", "2025-10-09T14:26:00"),
        ("th", "9 ต.ค. 68 | 14:26 น.", "2025-10-09T14:26:00"),
        ("th", "9 ต.ค. 25", "2025-10-09"),
        ("it", "1° ottobre 2025", "2025-10-01"),
        ("sv", "2025-10-09 14.26", "2025-10-09T14:26:00"),
        ("he", "פורסם: 09.10.25, 14:26", "2025-10-09T14:26:00"),
        ("fa", "جمعه ۱۷ مهرماه ۱۴۰۴", "2025-10-09"),
        ("ps", "۱۷ تله ۱۴۰۴", "2025-10-09"),
        ("gu", "9 ઓક્ટોબર 2025", "2025-10-09"),
        ("km", "ថ្ងៃទី៩ ខែតុលា ឆ្នាំ២០២៥", "2025-10-09"),
        ("kk", "2025 жылғы 9 қазан", "2025-10-09"),
        ("mn", "2025 оны 10 сарын 9", "2025-10-09"),
        ("vi", "09 Tháng Mười 2025 14:26", "2025-10-09T14:26:00"),
        ("zh", "星期四, 09 10月 2025 10:00:00 +0800", "2025-10-09T10:00:00+08:00"),
        ("en", "9 Oct '25", "2025-10-09"),
        ("en", "October 9October 11", None),
        ("en", "/Date(1760019960000)/", "2025-10-09T14:26:00+00:00"),
        ("en", "20251009142600", "2025-10-09T14:26:00"),
        ("en", "Thu, 09 Oct 2025 14:26:00 UT", "2025-10-09T14:26:00+00:00"),
        ("uk", "Вчора, 14:26", "2026-03-04T14:26:00"),
        ("sv", "Igår 14:26", "2026-03-04T14:26:00"),
        ("sv", "3 timmar sedan", "2026-03-05T09:30:00+00:00"),
        ("el", "πριν 3 ώρες", "2026-03-05T09:30:00+00:00"),
    ],
)  # fmt: skip
def test_spellings_and_shapes_that_some_newspapers_have(language: str, text: str, expected: str | None) -> None:
    assert dates.read(text, NOW, language=language) == expected


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Feb. 9, 2026 at 8 a.m.", "en", "2026-02-09T08:00:00"),
        ("Feb 9, 2026 8pm EST", "en", "2026-02-09T20:00:00-05:00"),
        ("12 noon, 9 February 2026", "en", "2026-02-09T12:00:00"),
        ("Feb 9, 2026 at 12 midnight", "en", "2026-02-09T00:00:00"),
        ("2026年2月9日 下午5点", "zh-CN", "2026-02-09T17:00:00"),
        ("9 Feb 2026 8 morning reads", "en", "2026-02-09"),
        ("9 Feb 2026 | 8 comments", "en", "2026-02-09"),
        ("9. Februar 2026 am 9", "de", "2026-02-09"),
        ("৯ ফেব্রুয়ারি ২০২৬, বিকেল ৫:৩০", "bn", "2026-02-09T17:30:00"),
        ("2026年2月9日 晚間11:09", "zh-TW", "2026-02-09T23:09:00"),
        ("9 فبراير 2026 - 3:09 عصراً", "ar", "2026-02-09T15:09:00"),
        ("1770639960.0", "en", "2026-02-09T12:26:00+00:00"),
    ],
)
def test_an_hour_alone_is_a_time_where_half_of_the_day_is_named(text: str, language: str, expected: str) -> None:
    assert dates.read(text, NOW, language=language) == expected
