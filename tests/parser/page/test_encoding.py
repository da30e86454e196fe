"""Bytes become the text that was meant, whatever label they carry."""

import pytest

from services.parser.page import encoding
from shared.errors import Drop


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
        ("Le marché a fermé à l'été".encode() + b"\xc3", "iso-8859-1", "Le marché a fermé à l'été\ufffd"),
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


EAST_ASIAN = {
    "ja": "港の渡し船は月曜日、修理を終えて一週間ぶりに運航を再開した、と港湾局が発表した。乗客は四月の最後の週から待っていた。",
    "zh": "渡船星期一恢復運行，港務局發表聲明說，修理工作已經完成。乘客從四月的最後一週開始等待，當時暴風雨損壞了北碼頭。",
    "ko": "항구의 나룻배가 월요일 다시 운항을 시작했다. 승객들은 사월 마지막 주부터 기다렸다. 폭풍으로 북쪽 부두가 부서졌다.",
}


@pytest.mark.parametrize(
    ("body", "charset", "expected"),
    [
        (b"\xef\xbb\xbfa", "latin-1", ("utf-8-sig", "bom")),
        ("é".encode(), "latin-1", ("utf-8", "utf-8")),
        ("é è".encode("latin-1"), "iso-8859-2", ("iso8859-2", "header")),
        ('<meta charset="windows-1251"> я'.encode("cp1251"), None, ("cp1251", "document")),
        ("Le maire a décidé".encode("latin-1"), None, ("cp1252", "detected")),
        ("港の橋が再開".encode("iso-2022-jp"), None, ("iso2022_jp", "detected")),
        ("港の橋が再開".encode("iso-2022-jp"), "utf-8", ("iso2022_jp", "detected")),
    ],
)
def test_why_an_encoding_is_told(body: bytes, charset: str | None, expected: tuple[str, str]) -> None:
    assert encoding.charset_of(body, charset) == expected


LABELLED_LATIN = (("pl", "cp1250"), ("pl", "iso8859-2"), ("cs", "cp1250"), ("tr", "cp1254"), ("ru", "cp1251"), ("el", "cp1253"),
                  ("he", "cp1255"), ("ar", "cp1256"), ("zh", "gb18030"), ("ja", "shift_jis"), ("ko", "euc_kr"))  # fmt: skip


@pytest.mark.parametrize("label", ["iso-8859-1", "windows-1252", "us-ascii"])
@pytest.mark.parametrize(("language", "codec"), LABELLED_LATIN)
def test_a_page_of_another_script_or_language_that_is_labelled_latin_comes_out_readable(
    language: str, codec: str, label: str
) -> None:
    page = f'<html><head><meta charset="{label}"></head><body><p>{WORDS[language][0] * 6}</p>'
    assert encoding.decode(page.encode(codec)) == page


SIMPLIFIED = "市议会在星期三决定，明年将为港口的渡轮修建一座新的桥，居民对这个计划不满。"


@pytest.mark.parametrize(
    ("codec", "label"),
    [
        ("euc-jp", "shift_jis"),
        ("shift_jis", "euc-jp"),
        ("big5", "euc-kr"),
        ("euc-kr", "shift_jis"),
        ("big5", "gb2312"),
        ("gbk", "big5"),
    ],
)
def test_a_label_of_another_east_asian_encoding_is_not_believed(codec: str, label: str) -> None:
    language = {"big5": "zh", "euc-kr": "ko"}.get(codec, "ja")
    words = EAST_ASIAN[language] if codec != "gbk" else SIMPLIFIED
    page = f'<html><head><meta charset="{label}"></head><body><p>{words}</p>'
    assert encoding.decode(page.encode(codec)) == page


@pytest.mark.parametrize(
    ("language", "codec", "label"),
    [
        ("ru", "koi8-r", "windows-1251"),
        ("ru", "cp1251", "koi8-r"),
        ("ru", "iso8859-5", "windows-1251"),
        ("ar", "cp1256", "iso-8859-6"),
        ("pl", "iso8859-2", "windows-1250"),
        ("pl", "cp1250", "iso-8859-2"),
    ],
)
def test_a_label_of_one_byte_a_letter_under_which_the_text_reads_badly_is_not_believed(
    language: str, codec: str, label: str
) -> None:
    page = f'<html><head><meta charset="{label}"></head><body><p>{WORDS[language][0] * 6}</p>'
    assert encoding.charset_of(page.encode(codec)) == (codec, "detected")


@pytest.mark.parametrize(
    ("language", "label"),
    [
        ("ru", "cp1251"),
        ("ru", "koi8-r"),
        ("pl", "cp1250"),
        ("pl", "iso8859-2"),
        ("cs", "cp1250"),
        ("ar", "iso8859-6"),
        ("zh", "gb18030"),
        ("he", "cp1255"),
    ],
)
def test_a_label_under_which_the_text_reads_well_is_believed(language: str, label: str) -> None:
    page = f"<html><body><p>{WORDS[language][0] * 6}</p>"
    assert encoding.charset_of(page.encode(label), label) == (label, "header")


@pytest.mark.parametrize(
    "label", "idna punycode undefined unicode_escape raw_unicode_escape utf-7 utf_7 base64 hex rot13".split()
)
def test_what_python_calls_an_encoding_and_no_page_is_written_in_is_none(label: str) -> None:
    page = "<html><body><p>Le marché \\x a rouvert après deux années de travaux, dit le maire.</p>"
    assert encoding.decode(page.encode("cp1252"), label) == page


def test_a_page_that_is_rightly_labelled_shift_jis_may_hold_katakana_of_half_width() -> None:
    page = f"<html><body><p>ﾆｭｰｽ ｽﾎﾟｰﾂ ﾃﾚﾋﾞ {EAST_ASIAN['ja']}</p>"
    assert encoding.charset_of(page.encode("cp932"), "shift_jis") == ("cp932", "header")


@pytest.mark.parametrize("words", [
    WORDS["fr"][0], WORDS["es"][0], WORDS["de"][0],
    "Borgarstjórn ákvað í gær að byggja nýja brú yfir ána þrátt fyrir mótmæli íbúanna. ",
    "Kommunalbestyrelsen besluttede i går at bygge en ny bro over åen på trods af beboernes modstand. ",
])  # fmt: skip
def test_a_page_that_is_rightly_labelled_latin_is_believed(words: str) -> None:
    page = f"<html><body><p>{words * 6}</p>"
    assert encoding.charset_of(page.encode("cp1252"), "iso-8859-1") == ("cp1252", "header")


@pytest.mark.parametrize(
    ("label", "codec", "words"),
    [
        ("x-sjis", "cp932", WORDS["ja"][0]),
        ("windows-31j", "cp932", WORDS["ja"][0]),
        ("windows-874", "cp874", "สภาเมืองมีมติให้สร้างสะพานใหม่ในปีหน้า"),
        ("tis-620", "cp874", "สภาเมืองมีมติให้สร้างสะพานใหม่ในปีหน้า"),
        ("iso-8859-8-i", "cp1255", WORDS["he"][0]),
        ("ks_c_5601-1987", "cp949", WORDS["ko"][0]),
        ("x-gbk", "gb18030", WORDS["zh"][0]),
        ("big5-hkscs", "big5hkscs", "市議會決定明年興建新橋"),
        ("x-cp1251", "cp1251", WORDS["ru"][0]),
        ("windows-cp1251", "cp1251", WORDS["ru"][0]),
        ("ms1250", "cp1250", WORDS["pl"][0]),
        (" 'koi8_r' ", "koi8-r", WORDS["ru"][0]),
        ("l2", "iso8859-2", WORDS["pl"][0]),
        ("macintosh", "mac-roman", WORDS["fr"][0]),
    ],
)
def test_labels_mean_what_the_encoding_standard_says(label: str, codec: str, words: str) -> None:
    assert encoding.decode(words.encode(codec), label) == words


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("label", [None, "utf-8", "utf-16", "iso-8859-1"])
@pytest.mark.parametrize("language", ["en", "ru", "zh"])
def test_utf_16_without_a_mark_is_read(codec: str, label: str | None, language: str) -> None:
    words = {"en": "The council has decided.", "ru": WORDS["ru"][0], "zh": WORDS["zh"][0]}[language]
    page = f"<html><head><title>{words}</title></head><body><p>{words}</p></body></html>"
    assert encoding.decode(page.encode(codec), label) == page


@pytest.mark.parametrize(
    "label", ["utf-16", "utf-7", "replacement", "x-user-defined", "base64", "rot13", "nonsense", ""]
)
def test_a_label_that_cannot_be_right_is_passed_over(label: str) -> None:
    page = f"<html><body><p>{WORDS['fr'][0] * 4}</p>"
    assert encoding.decode(page.encode("cp1252"), label) == page


@pytest.mark.parametrize(
    "body", [b"\x00\x01" * 400, b"RIFF" + b"\x01\x00" * 400, b"\x00" * 800, b"\x7f\x00\x02\x00" * 300]
)
def test_bytes_that_only_look_like_utf_16_are_no_text(body: bytes) -> None:
    with pytest.raises(Drop):
        encoding.decode(body)


def test_polish_that_is_the_same_in_both_encodings_but_for_one_letter() -> None:
    words = "Zarząd portu poinformował, że most zostanie otwarty w czwartek, a promy kursują. " * 5
    page = f"<html><body><p>{words}</p></body></html>"
    assert words.strip() in encoding.decode(page.encode("cp1250"), None)
