"""Bytes become the text that was meant, whatever label they carry."""

import pytest

from services.parser.page import encoding


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
