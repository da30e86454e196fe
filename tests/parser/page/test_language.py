"""The language of a headline."""

from services.parser.page import language


def test_a_short_headline_is_in_the_language_of_its_page_unless_it_clearly_is_not():
    assert language.detect("2015", "fr-MA") == "fr"
    assert language.detect("Morocco dominates opening stage of the desert marathon", "fr") == "en"
    assert language.direction(language.detect("مقتل خمسة أشخاص في حادث سير")) == "rtl"
