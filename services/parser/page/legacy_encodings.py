"""Which of the encodings before UTF-8 a text is in that does not say.

Scripts of their own (Cyrillic, Greek, Hebrew, Chinese …) show in the frequency of their letters, which
charset-normalizer knows. Latin ones differ in a few letters only: there the language tells, which is plain from the
ASCII letters alone.
"""

from charset_normalizer import from_bytes

from services.parser.page import language

SAMPLE = 20_000
# Share of letters that must be Arabic for bytes beyond ASCII to be Windows-1256: Latin text read so gives few.
_ARABIC_SHARE = 0.6
_CENTRAL = frozenset("pl cs sk hu ro hr sl sq bs".split())
_TURKISH = frozenset("tr az ku".split())
_BALTIC = frozenset("lt lv et".split())


def legacy_codec(text: bytes) -> str:
    """The codec of visible text that is no UTF-8; Windows-1252 when nothing tells."""
    text = text[:SAMPLE]
    return _arabic(text) or _own_script(text) or _latin(text)


def _arabic(text: bytes) -> str | None:
    ascii_letters = sum(65 <= byte <= 90 or 97 <= byte <= 122 for byte in text)
    for codec in ("cp1256", "iso8859-6"):
        beyond = [char for char in text.decode(codec, errors="replace") if char > "\x7f" and not char.isspace()]
        arabic = sum("\u0600" <= char <= "\u06ff" for char in beyond)
        if (
            arabic > _ARABIC_SHARE * len(beyond)
            and arabic > ascii_letters
            and _reads_arabic(text.decode(codec, "replace"))
        ):
            return codec
    return None


def _reads_arabic(text: str) -> bool:
    """Whether the article al- stands where it does: wrong tables give Arabic letters, and no words."""
    return "\u0627\u0644" in text or len(text) < 100


def _own_script(text: bytes) -> str | None:
    """The codec under which most letters are of another script than Latin."""
    best = from_bytes(text).best()
    if best is None:
        return None
    letters = [char for char in str(best) if char.isalpha()]
    others = sum(char > "\u0370" for char in letters)
    return best.encoding if others > len(letters) / 2 else None


def _latin(text: bytes) -> str:
    spoken = language.detect(text.decode("cp1252", errors="replace")) or ""
    windows = any(0x80 <= byte <= 0x9F for byte in text)
    if spoken in _CENTRAL:
        return "cp1250" if windows else "iso8859-2"
    if spoken in _TURKISH:
        return "cp1254"
    if spoken in _BALTIC:
        return "cp1257"
    return "cp1252"
