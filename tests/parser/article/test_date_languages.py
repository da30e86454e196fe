"""Dates in every language of CLDR, as Babel prints them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime
from hypothesis import given
from hypothesis import strategies as st

from bench import date_words
from services.parser.article import dates
from services.parser.article.dates.words import past, vocabulary

NOW = datetime(2026, 3, 5, 12, 30, tzinfo=UTC)
# Months that CLDR abbreviates to numbers or to one or two letters, or that change their beginning, are not read.
UNREAD = {
    "yo": {"medium"},
    "my": {"medium"},
    "gd": {"full", "long", "medium"},
    "br": {"full", "long", "medium"},
    "wo": {"full", "long", "medium"},
}


def locales() -> list[Locale]:
    locales_with_data = []
    for code in date_words.LANGUAGES:
        try:
            locales_with_data.append(Locale.parse(code))
        except UnknownLocaleError:
            continue
    return locales_with_data


def american(locale: Locale) -> bool:
    return str(locale.date_formats["short"]).startswith("M")


@pytest.mark.parametrize("locale", locales(), ids=str)
def test_a_date_printed_in_any_language_is_read_as_that_day_or_not_at_all(locale: Locale) -> None:
    for month in range(1, 13):
        day = date(2024, month, 9)
        for form in ("full", "long", "medium", "short"):
            text = format_date(day, form, locale=locale)
            value = dates.read(text, NOW, american(locale), str(locale))
            assert value == day.isoformat() or (value is None and form in UNREAD.get(str(locale), ())), text


@pytest.mark.parametrize("locale", locales(), ids=str)
def test_a_time_printed_in_any_language_is_read_to_the_minute_or_not_at_all(locale: Locale) -> None:
    for hour in (0, 3, 9, 12, 14, 18, 21, 23):
        moment = datetime(2024, 5, 9, hour, 26, tzinfo=UTC)
        for form in ("medium", "short"):
            text = format_datetime(moment, form, locale=locale)
            value = dates.read(text, NOW, american(locale), str(locale))
            assert (value or "")[:16] in {moment.isoformat()[:16], "2024-05-09", ""}, text
            unread = form in UNREAD.get(str(locale), ())
            assert (value or "")[:16] == moment.isoformat()[:16] or unread, text


@pytest.mark.parametrize("locale", locales(), ids=str)
def test_a_past_time_in_any_language_is_counted_back(locale: Locale) -> None:
    phrases = [
        text.replace("{0}", "3")
        for text in locale._data["date_fields"]["hour"].get("past", {}).values()
        if "{0}" in text
    ]
    for text in phrases:
        assert dates.read(text, NOW, language=str(locale)) in {"2026-03-05T09:30:00+00:00", None}, text


@given(day=st.dates(date(1971, 1, 1), date(2026, 3, 5)), locale=st.sampled_from(locales()))
def test_a_month_in_words_never_gives_another_day(day: date, locale: Locale) -> None:
    text = format_date(day, "long", locale=locale)
    assert dates.read(text, NOW, language=str(locale)) in {day.isoformat(), None}


@given(st.text(max_size=300))
def test_any_text_has_a_plausible_date_or_none(text: str) -> None:
    value = dates.read(text, NOW)
    assert value is None or "1970-01-01" < value <= (NOW + timedelta(days=2)).isoformat()


def test_the_table_of_words_is_what_cldr_and_the_extra_words_make() -> None:
    assert date_words.WORDS.read_text("utf-8") == date_words.rendered(), "run .venv/bin/python bench/date_words.py"


def test_a_word_of_two_languages_means_what_it_does_on_the_page() -> None:
    assert dates.read("9 listopada 2024", NOW, language="hr") == "2024-10-09"
    assert dates.read("9 listopada 2024", NOW, language="pl") == "2024-11-09"
    assert dates.read("9 listopada 2024", NOW) == "2024-11-09"


def test_every_phrase_of_the_table_has_words() -> None:
    assert all(before or after for before, endings in past().items() for after in endings)
    assert vocabulary("hu").meaning("de") != vocabulary("es").meaning("de")
