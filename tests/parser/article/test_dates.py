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
        (["2024-03-05"], "2024-03-05"),
    ],
)
def test_a_date_is_as_exact_as_the_page_knows_it(candidates: list[str], exact: str) -> None:
    assert dates.most_exact(candidates) == exact
