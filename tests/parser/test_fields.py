"""The readers of single fields."""

from datetime import UTC, datetime

import pytest

from services.parser import byline, dates, encoding, language, rules
from services.parser.metadata import Document
from services.parser.rules import GENERIC
from services.parser.titles import candidates
from shared.errors import SettingsError

NOW = datetime(2026, 1, 1, tzinfo=UTC)


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
    assert dates.read(text, NOW) == expected


@pytest.mark.parametrize(
    "line",
    ["Publié dans L'écho le 27 - 04 - 2015", "نشر في L'écho يوم 27 - 04 - 2015",
     "Published in L'écho on 27 - 04 - 2015", "Publicado en L'écho el 27 - 04 - 2015"],
)  # fmt: skip
def test_the_publication_line_in_four_languages(line):
    assert byline.published_in(line, NOW) == ("L'écho", "2015-04-27", line)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("By Mina Okafor and Tom Reuss", ("Mina Okafor", "Tom Reuss")),
        ("Par Lucie Ferrand, Ali Ben Salah", ("Lucie Ferrand", "Ali Ben Salah")),
        ("بقلم: سمير العطار", ("سمير العطار",)),
        ("admin", ()),
        ("The Harbour Post", ()),
        ("https://facebook.example/author", ()),
    ],
)
def test_authors_are_people(raw, expected):
    assert byline.people(raw, frozenset({"the harbour post"})) == expected


@pytest.mark.parametrize(
    ("body", "charset", "expected"),
    [
        ("\ufeffété".encode(), None, "été"),
        ("été".encode("utf-16"), None, "été"),
        ("été".encode(), "iso-8859-1", "été"),
        ("“été”".encode("cp1252"), "iso-8859-1", "“été”"),
        ('<meta charset="windows-1256">خبر'.encode("cp1256"), None, '<meta charset="windows-1256">خبر'),
        ("خبر عاجل من المدينة".encode("cp1256"), None, "خبر عاجل من المدينة"),
        ("Le marché a fermé".encode("cp1252"), "utf-8", "Le marché a fermé"),
        ("Le marché a fermé à l'été".encode() + b"\xc3", None, "Le marché a fermé à l'été\ufffd"),
    ],
)
def test_bytes_become_the_text_that_was_meant(body, charset, expected):
    assert encoding.decode(body, charset) == expected


def test_a_short_headline_is_in_the_language_of_its_page_unless_it_clearly_is_not():
    assert language.detect("2015", "fr-MA") == "fr"
    assert language.detect("Morocco dominates opening stage of the desert marathon", "fr") == "en"
    assert language.direction(language.detect("مقتل خمسة أشخاص في حادث سير")) == "rtl"


def test_a_title_loses_the_name_of_the_site_and_nothing_else():
    def title(html):
        return candidates(Document(html, "https://harbourpost.example/a"), GENERIC)[0].value

    assert (
        title("<title>Ferry returns - The Harbour Post</title><meta property=og:site_name content='The Harbour Post'>")
        == "Ferry returns"
    )
    assert title("<title>Minister - and party leader - resigns</title>") == "Minister - and party leader - resigns"


def test_rules_hold_for_a_domain_and_its_subdomains():
    assert rules.find("https://www.turess.com/fr/x/1").title == ("span.articletitle",)
    assert rules.find("https://nomaghress.com/") is GENERIC
    assert rules.find("no url") is GENERIC


@pytest.mark.parametrize(
    ("text", "named"),
    [("hosts: [a.example]\ntitle: ['a[[']", "title"), ("titel: [h1]", "titel"), ("hosts: [", "no YAML")],
)
def test_a_wrong_rule_is_named(tmp_path, text, named):
    (tmp_path / "wrong.yaml").write_text(text)
    with pytest.raises(SettingsError, match=rf"wrong\.yaml.*{named}"):
        rules.load(tmp_path)
