"""The readers of single fields."""

from datetime import UTC, datetime

import pytest

from services.parser.article import byline, dates
from services.parser.article.titles import candidates
from services.parser.page import encoding, language
from services.parser.page.document import Document
from services.parser.rules import site_rules
from services.parser.rules.site_rules import GENERIC
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
    assert site_rules.find("https://www.turess.com/fr/x/1").title == ("span.articletitle",)
    assert site_rules.find("https://nomaghress.com/") is GENERIC
    assert site_rules.find("no url") is GENERIC


@pytest.mark.parametrize(
    ("text", "named"),
    [("hosts: [a.example]\ntitle: ['a[[']", "title"), ("titel: [h1]", "titel"), ("hosts: [", "no YAML")],
)
def test_a_wrong_rule_is_named(tmp_path, text, named):
    (tmp_path / "wrong.yaml").write_text(text)
    with pytest.raises(SettingsError, match=rf"wrong\.yaml.*{named}"):
        site_rules.load(tmp_path)


WORDS = {
    "fr": ("Le conseil municipal a décidé d'élever la digue après les inondations de février. ", "cp1252 iso8859-15"),
    "es": ("El alcalde anunció que la construcción comenzará mañana, según la señora Muñoz. ", "iso8859-1"),
    "de": ("Die Bürger müssen über die Größe der Brücke entscheiden, erklärte der Präsident. ", "iso8859-1"),
    "pl": ("Rada miasta zdecydowała, że nowy most zostanie zbudowany późną jesienią. ", "iso8859-2 cp1250"),
    "cs": ("Městská rada rozhodla, že nový most bude postaven příští rok, přestože. ", "iso8859-2 cp1250"),
    "tr": ("Belediye meclisi yeni köprünün gelecek yıl inşa edilmesine karar verdi, şehir. ", "iso8859-9 cp1254"),
    "ru": ("Городской совет решил построить новый мост в следующем году. ", "cp1251 koi8-r iso8859-5"),
    "el": ("Το δημοτικό συμβούλιο αποφάσισε να χτίσει τη νέα γέφυρα τον επόμενο χρόνο. ", "iso8859-7 cp1253"),
    "he": ("מועצת העיר החליטה לבנות את הגשר החדש בשנה הבאה. ", "cp1255 iso8859-8"),
    "ar": ("قرر المجلس البلدي بناء الجسر الجديد في العام المقبل رغم معارضة السكان. ", "cp1256 iso8859-6"),
    "ja": ("市議会は来年新しい橋を建設することを決定しましたが、住民は反対しています。", "shift_jis euc_jp"),
    "zh": ("市议会决定明年修建新桥，尽管居民反对。", "gb18030"),
    "ko": ("시의회는 주민들의 반대에도 불구하고 내년에 새 다리를 건설하기로 결정했다. ", "euc_kr"),
}


@pytest.mark.parametrize(
    ("words", "codec"), [(words, codec) for words, codecs in WORDS.values() for codec in codecs.split()]
)
def test_pages_that_do_not_say_their_encoding_come_out_readable(words: str, codec: str) -> None:
    page = f"<html><head><title>{words}</title><style>p {{ color: red }}</style></head><body><p>{words * 6}</p>"
    assert encoding.decode(page.encode(codec)) == page


@pytest.mark.parametrize(
    ("body", "charset", "expected"),
    [
        (b"\xef\xbb\xbfa", "latin-1", ("utf-8-sig", "bom")),
        ("é".encode(), "latin-1", ("utf-8", "utf-8")),
        ("é è".encode("latin-1"), "iso-8859-2", ("iso8859-2", "header")),
        ('<meta charset="windows-1251"> я'.encode("cp1251"), None, ("cp1251", "document")),
        ("Le maire a décidé".encode("latin-1"), None, ("cp1252", "detected")),
    ],
)
def test_why_an_encoding_is_told(body: bytes, charset: str | None, expected: tuple[str, str]) -> None:
    assert encoding.charset_of(body, charset) == expected
