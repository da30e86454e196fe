"""Months, zones and lengths of time in words, however they are capitalized."""

from datetime import UTC, datetime

import pytest

from services.parser.article import dates


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
    assert dates.read(text, datetime(2026, 1, 1, tzinfo=UTC)) == expected
