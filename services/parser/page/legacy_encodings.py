"""Detects which of the encodings before UTF-8 an unlabelled text is in.

Encodings of other scripts than Latin (Cyrillic, Greek, Hebrew, Chinese …) are detected by the frequency of letters, with
charset-normalizer. Latin encodings differ in a few letters only; there the language decides, which can be detected from
the ASCII letters alone.
"""

import re

from charset_normalizer import from_bytes

from services.parser.page import language

SAMPLE = 20_000
# The least share of Arabic letters among the non-ASCII bytes of Arabic text. Latin text that is decoded so has few.
_ARABIC_SHARE = 0.6
# Bytes of letters, and characters beyond ASCII, below which a label is not doubted.
_ENOUGH, _ENOUGH_CHARACTERS = 200, 50
_BEYOND_ASCII = bytes(range(0x80, 0x100))
_CYRILLIC = ("cp1251", "koi8-r", "koi8-u", "iso8859-5")
_OF_CENTRAL = frozenset({"iso8859-2", "cp1250"})
# The letters ą and ś in Latin-2; in Windows-1250 these are signs, which no word holds.
_SIGN_IN_WORD = re.compile(rb"[a-z][\xb1\xb6][a-z\s.,]")
_FREQUENT, _CLEARLY = frozenset("оеаинті"), 0.05
# Of these characters every Chinese text is full; read in the other encoding, it has none.
_CHINESE, _FREQUENT_HAN, _LEAST_HAN = (
    ("gb18030", "big5hkscs"),
    frozenset("的是在不了有和人這这中大為为上個个國国我以要他時时來来"),
    3,
)
_STRANGE = re.compile("[\u0370-\u04ff\u2500-\u257f\u3040-\u312f\ufe30-\ufe4f\ue000-\uf8ff]")
_CENTRAL = frozenset("pl cs sk hu ro hr sl sq bs".split())
# The letter ą in Windows-1250; in Latin-2 these are letters that Polish lacks.
_POLISH_WINDOWS = b"\xb9"
_TURKISH = frozenset("tr az ku".split())
_BALTIC = frozenset("lt lv et".split())


def legacy_codec(text: bytes) -> str:
    """Returns the codec of visible text that is not UTF-8; Windows-1252 if nothing else fits."""
    text = text[:SAMPLE]
    return _arabic(text) or _non_latin(text) or _latin(text)


def codec_labelled_latin(text: bytes) -> str:
    """Returns the codec of visible text that is labelled Latin-1 or Windows-1252, and is neither on many pages.

    Latin-1 was the default of servers and editors everywhere. The label is believed unless there is enough text to know
    better: mostly letters beyond ASCII are of another script, and the language tells the Latin encodings apart.
    """
    text = text[:SAMPLE]
    ascii_letters = sum(65 <= byte <= 90 or 97 <= byte <= 122 for byte in text)
    non_ascii = sum(byte > 0x7F for byte in text)
    if ascii_letters + non_ascii < _ENOUGH or not non_ascii:
        return "cp1252"
    if non_ascii > ascii_letters / 2:
        return _arabic(text) or _non_latin(text) or "cp1252"
    return _latin(text)


def codec_labelled_east_asian(text: bytes, codec: str) -> str:
    """Returns the codec of visible text that is labelled as one of several bytes a character, which is another's where it reads badly.

    It reads badly where a tenth of it is no character, half of it katakana of half width, as which Shift_JIS reads EUC-JP, or a
    twelfth of it kana, Greek, Cyrillic and lines, as which GBK reads the most frequent characters of Big5; and where the other
    Chinese encoding gives it more of these characters.
    """
    text = text[:SAMPLE]
    if codec in _CHINESE:
        counts = {chinese: _frequent_han(text, chinese) for chinese in _CHINESE}
        best = max(_CHINESE, key=counts.__getitem__)
        if counts[best] >= 2 * counts[codec] + _LEAST_HAN:
            return best
    characters = [char for char in text.decode(codec, errors="replace") if char > "\x7f"]
    errors = characters.count("\ufffd")
    half_width = sum("\uff61" <= char <= "\uff9f" for char in characters)
    strange = sum(_STRANGE.match(char) is not None for char in characters) if codec == "gb18030" else 0
    is_well_read = max(errors * 10, half_width * 2, strange * 12) < len(characters)
    if len(characters) < _ENOUGH_CHARACTERS or is_well_read:
        return codec
    return _non_latin(text) or codec


def _frequent_han(text: bytes, codec: str) -> int:
    return sum(char in _FREQUENT_HAN for char in text.decode(codec, errors="replace"))


def codec_labelled_single(text: bytes, codec: str) -> str:
    """Returns the codec of visible text that is labelled as one byte a character, which is another's where it reads badly.

    It reads badly where a twentieth of its bytes beyond ASCII are no letters of the label, where Cyrillic has other frequent
    letters than under another label, and where signs stand in the words of central Europe.
    """
    text = text[:SAMPLE]
    if codec in _OF_CENTRAL:
        return _central(text, codec)
    beyond = len(text) - len(text.translate(None, _BEYOND_ASCII))
    if beyond < _ENOUGH_CHARACTERS:
        return codec
    if text.decode(codec, errors="replace").count("\ufffd") * 20 > beyond:
        return legacy_codec(text)
    if codec in _CYRILLIC:
        best = max(_CYRILLIC, key=lambda cyrillic: _frequent(text, cyrillic))
        return best if _frequent(text, best) > _frequent(text, codec) + _CLEARLY else codec
    return codec


def _central(text: bytes, codec: str) -> str:
    """Returns which of the two encodings of central Europe a text is in that is labelled as either."""
    if any(0x80 <= byte <= 0x9F for byte in text):
        return "cp1250"
    return "iso8859-2" if _SIGN_IN_WORD.search(text) else codec


def _frequent(text: bytes, codec: str) -> float:
    """Returns the share of Russian's and Ukrainian's most frequent letters in the letters of a text."""
    letters = [char for char in text.decode(codec, errors="replace").lower() if "\u0430" <= char <= "\u045f"]
    return sum(char in _FREQUENT for char in letters) / max(len(letters), 1)


def _arabic(text: bytes) -> str | None:
    ascii_letters = sum(65 <= byte <= 90 or 97 <= byte <= 122 for byte in text)
    for codec in ("cp1256", "iso8859-6"):
        non_ascii = [char for char in text.decode(codec, errors="replace") if char > "\x7f" and not char.isspace()]
        arabic = sum("\u0600" <= char <= "\u06ff" for char in non_ascii)
        if (
            arabic > _ARABIC_SHARE * len(non_ascii)
            and arabic > ascii_letters
            and _reads_arabic(text.decode(codec, "replace"))
        ):
            return codec
    return None


def _reads_arabic(text: str) -> bool:
    """Returns whether the text has the Arabic article al-: a wrong codec gives Arabic letters, but no words."""
    return "\u0627\u0644" in text or len(text) < 100


def _non_latin(text: bytes) -> str | None:
    """Returns the codec under which most letters are of another script than Latin; None if there is none."""
    best = from_bytes(text).best()
    if best is None:
        return None
    letters = [char for char in str(best) if char.isalpha()]
    non_latin = sum(char > "\u0370" for char in letters)
    return best.encoding if non_latin > len(letters) / 2 else None


def _latin(text: bytes) -> str:
    text_language = language.detect(text.decode("cp1252", errors="replace")) or ""
    is_windows = any(0x80 <= byte <= 0x9F for byte in text)
    if text_language in _CENTRAL:
        is_windows = is_windows or (text_language == "pl" and _POLISH_WINDOWS in text)
        return "cp1250" if is_windows else "iso8859-2"
    if text_language in _TURKISH:
        return "cp1254"
    if text_language in _BALTIC:
        return "cp1257"
    return "cp1252"
