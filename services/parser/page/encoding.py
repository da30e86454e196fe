"""From bytes to text, for whatever a server calls them. Never fails: what cannot be decoded is replaced.

The order is that of the WHATWG encoding standard (BOM, transport, document), with the two mistakes that pages
make most corrected: UTF-8 that says it is Latin-1, and a label nobody knows.
"""

import codecs
import gzip
import io
import re
import zlib

from services.parser.page.legacy_encodings import legacy_codec
from shared.contracts import Reason
from shared.errors import Drop

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_DECLARED = re.compile(
    rb"""<(?:\?xml|meta)[^>]{0,200}?(?:encoding|charset)\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE
)
_MAGIC = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"PK\x03\x04", b"RIFF", b"OggS", b"wOF", b"\x7fELF", b"ID3")
# Browsers read these labels as the Windows supersets; so were the pages written.
_SUPERSETS = {"iso8859-1": "cp1252", "ascii": "cp1252", "iso8859-9": "cp1254", "gb2312": "gb18030", "gbk": "gb18030"}
_ASCII_WITHIN = frozenset({"utf-8", "utf-8-sig", "cp1252", "cp1251", "cp1256"})
_CONTROL_BYTES = bytes({*range(32)} - {*b"\t\n\r"})
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def unpack(body: bytes, limit: int) -> bytes:
    """The body itself, unzipped if it is a gzip file (`sitemap.xml.gz`).

    Raises:
        Drop: it is damaged, or larger than `limit` bytes.
    """
    if body[:2] != b"\x1f\x8b":
        return body
    try:
        # One byte more than allowed tells whether there is more.
        with gzip.GzipFile(fileobj=io.BytesIO(body)) as file:
            unpacked = file.read(limit + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise Drop(Reason.UNREADABLE, f"damaged gzip: {error}") from None
    if len(unpacked) > limit:
        raise Drop(Reason.TOO_LARGE, f"more than {limit} bytes when unzipped")
    return unpacked


def decode(body: bytes, charset: str | None = None) -> str:
    """The text of a page, without a byte order mark or control characters.

    Args:
        body: as downloaded.
        charset: what the Content-Type header says.

    Raises:
        Drop: it is no text at all (an image, a PDF).
    """
    codec, why = charset_of(body, charset)
    if why != "bom" and not_text(body):
        raise Drop(Reason.NOT_TEXT, f"begins with {body[:8]!r}")
    if codec in _ASCII_WITHIN:
        # In these a control's byte is never part of another letter: taking it out of the bytes is the faster.
        return body.translate(None, _CONTROL_BYTES).decode(codec, errors="replace").removeprefix("\ufeff")
    return _CONTROLS.sub("", body.decode(codec, errors="replace").removeprefix("\ufeff"))


def not_text(body: bytes) -> bool:
    """Whether these bytes are a picture, an archive or a program."""
    head = body[:1024]
    if head.startswith(_MAGIC):
        return True
    controls = sum(byte < 9 or 13 < byte < 27 for byte in head)
    return controls * 10 > len(head) > 0


def charset_of(body: bytes, charset: str | None = None) -> tuple[str, str]:
    """Python's codec for a body, and why it: `bom`, `utf-8`, `header`, `document` or `detected`.

    Args:
        body: as downloaded.
        charset: what the Content-Type header says.
    """
    for mark, codec in _BOMS:
        if body.startswith(mark):
            return codec, "bom"
    if _is_utf8(body):
        return "utf-8", "utf-8"
    found = _DECLARED.search(body[:4096])
    labels = {"header": charset, "document": found[1].decode("ascii", "replace") if found else None}
    for why, label in labels.items():
        # What says UTF-8 but is not for the most part is legacy text with a wrong label.
        if (declared := _codec(label)) and (declared != "utf-8" or _mostly_utf8(body)):
            return declared, why
    return "utf-8" if _mostly_utf8(body) else legacy_codec(_visible(body)), "detected"


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _mostly_utf8(body: bytes) -> bool:
    """A few broken bytes in UTF-8 (a title cut in mid-character) do not make it Latin-1."""
    text = body[:200_000].decode("utf-8", errors="replace")
    beyond = sum(char > "\x7f" for char in text)
    return text.count("\ufffd") * 5 < beyond


def _codec(label: str | None) -> str | None:
    """Python's text codec of a label, widened as browsers do; None where there is none."""
    try:
        info = codecs.lookup((label or "").strip().strip("\"'"))
    except (LookupError, ValueError):
        return None
    if not getattr(info, "_is_text_encoding", True) or info.name in {"idna", "punycode", "undefined"}:
        return None
    return _SUPERSETS.get(info.name, info.name)


def _visible(body: bytes) -> bytes:
    return re.sub(
        rb"<(?:script|style)\b.*?</(?:script|style)|<[^>]*>", b" ", body[:200_000], flags=re.DOTALL | re.IGNORECASE
    )
