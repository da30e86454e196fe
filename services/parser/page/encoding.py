"""From bytes to text. Decoding never fails: bytes that cannot be decoded are replaced.

The order is that of the WHATWG encoding standard: byte order mark, transport, document. The frequent mistakes of pages
are corrected: UTF-8 under any other label, other text labelled UTF-8, text of other scripts and languages labelled
Latin-1, UTF-16 without a mark, and unknown labels.
"""

import codecs
import re

from services.parser.page.charset_labels import codec_of, escaped_japanese, unmarked_utf16
from services.parser.page.legacy_encodings import (
    codec_labelled_east_asian,
    codec_labelled_latin,
    codec_labelled_single,
    legacy_codec,
)
from shared.contracts import Reason
from shared.errors import Drop

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_DECLARATION = re.compile(
    rb"""<(?:\?xml|meta)[^>]{0,200}?(?:encoding|charset)\s*+=\s*+["']?+\s*+([\w.:-]{2,40})""", re.IGNORECASE
)
_MAGIC = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"PK\x03\x04", b"RIFF", b"OggS", b"wOF", b"\x7fELF", b"ID3")
_LATIN = "cp1252"
# By Python's names of the standard's codecs.
_EAST_ASIAN = frozenset({"cp932", "euc_jp", "gb18030", "big5hkscs", "cp949"})
_ASCII_SUPERSETS = frozenset({"utf-8", "utf-8-sig", "cp1252", "cp1251", "cp1256"})
# An element that does not end reaches to the end of the page, so that no byte is looked at twice.
_NO_TEXT = re.compile(rb"<(?:script|style)\b.*?(?:</(?:script|style)|\Z)|<[^>]*+>?", re.DOTALL | re.IGNORECASE)
# Escape and its neighbours are in texts of old encodings.
_BINARY = bytes({*range(9), *range(14, 27)})
_CONTROL_BYTES = bytes({*range(32)} - {*b"\t\n\r"})
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def decode(body: bytes, charset: str | None = None) -> str:
    """Returns the text of a page, without a byte order mark or control characters.

    Args:
        body: as downloaded.
        charset: of the Content-Type header.

    Raises:
        Drop: it is not text (an image, a PDF).
    """
    if (text := _plain_utf8(body)) is not None:
        return text
    codec, _ = charset_of(body, charset)
    if not codec.startswith("utf-16") and not_text(body):
        raise Drop(Reason.NOT_TEXT, f"begins with {body[:8]!r}")
    if codec in _ASCII_SUPERSETS:
        # In these encodings the byte of a control character is never part of a letter, so it can be removed from the bytes, which is faster.
        return body.translate(None, _CONTROL_BYTES).decode(codec, errors="replace").removeprefix("\ufeff")
    return _CONTROLS.sub("", body.decode(codec, errors="replace").removeprefix("\ufeff"))


def _plain_utf8(body: bytes) -> str | None:
    """Returns the text of a body in UTF-8 without control characters, as most are: decoded once, and not searched for other encodings."""
    if len(body.translate(None, _CONTROL_BYTES)) < len(body) or body.startswith(_MAGIC):
        return None
    try:
        return body.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError:
        return None


def not_text(body: bytes) -> bool:
    """Returns whether these bytes are a picture, an archive or a program."""
    head = body[:1024]
    if head.startswith(_MAGIC):
        return True
    controls = len(head) - len(head.translate(None, _BINARY))
    return controls * 10 > len(head) > 0


def charset_of(body: bytes, charset: str | None = None) -> tuple[str, str]:
    """Returns Python's codec for a body, and where that follows from: `bom`, `utf-8`, `header`, `document` or `detected`.

    Args:
        body: as downloaded.
        charset: of the Content-Type header.
    """
    for mark, codec in _BOMS:
        if body.startswith(mark):
            return codec, "bom"
    if codec_in_bytes := unmarked_utf16(body) or escaped_japanese(body):
        return codec_in_bytes, "detected"
    if _is_utf8(body):
        return "utf-8", "utf-8"
    return ("utf-8", "detected") if _mostly_utf8(body) else _legacy(body, charset)


def _legacy(body: bytes, charset: str | None) -> tuple[str, str]:
    """Returns the codec of a body that is neither UTF-8 nor UTF-16, and where that follows from."""
    declaration = _DECLARATION.search(body[:4096])
    labels = {"header": charset, "document": declaration[1].decode("ascii", "replace") if declaration else None}
    for origin, label in labels.items():
        declared = codec_of(label)
        if declared == _LATIN:
            codec = codec_labelled_latin(_visible(body))
            return codec, origin if codec == _LATIN else "detected"
        if declared in _EAST_ASIAN:
            codec = codec_labelled_east_asian(_visible(body), declared)
            return codec, origin if codec == declared else "detected"
        if declared and not declared.startswith("utf-"):
            codec = codec_labelled_single(_visible(body), declared)
            return codec, origin if codec == declared else "detected"
    return legacy_codec(_visible(body)), "detected"


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _mostly_utf8(body: bytes) -> bool:
    """Returns whether a body is UTF-8 with a few broken bytes, such as a title cut within a character."""
    text = body[:200_000].decode("utf-8", errors="replace")
    non_ascii = sum(char > "\x7f" for char in text)
    return text.count("\ufffd") * 5 < non_ascii


def _visible(body: bytes) -> bytes:
    return _NO_TEXT.sub(b" ", body[:200_000])
