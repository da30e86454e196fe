"""The language of a headline."""

import pytest

from services.parser.page import language


def test_a_short_headline_is_in_the_language_of_its_page_unless_it_clearly_is_not():
    assert language.detect("2015", "fr-MA") == "fr"
    assert language.detect("Morocco dominates opening stage of the desert marathon", "fr") == "en"
    assert language.direction(language.detect("مقتل خمسة أشخاص في حادث سير")) == "rtl"


@pytest.mark.parametrize(
    ("text", "page_language", "expected"),
    [
        ("Lindale 28-47 Northern Dragons", "en", "en"),
        ("'Iron Roof'", "en", "en"),
        ("Weir: Doubt over Lindale tie", "en", "en"),
        ("Lindale wins opening stage of Tour du Sud", "fr", "en"),
        ("Первый шаг", "ru", "ru"),
        ("北方战区海军演练", "zh", "zh"),
        ("Le phare du cap filmé depuis la mer", "en", "fr"),
        ("مجلس الوزراء", "fr", "ar"),
        ("Regjeringen vil stanse kraftutbygging", "en", "no"),
    ],
)
def test_the_language_of_few_words_is_the_pages_unless_the_evidence_is_strong(text, page_language, expected):
    assert language.detect(text, page_language) == expected


def test_a_text_is_in_the_language_of_its_page_where_its_opening_obviously_is():
    english = (
        "The harbour master said on Monday that the pier would stay closed until the spring tides had passed. " * 3
    )
    french = "Le capitaine du port a déclaré lundi que la jetée resterait fermée jusqu'aux marées de printemps. " * 3
    assert language.detect(english + french, "en") == "en"
    assert language.detect(french + english, "en") == "fr"
