"""What bytes are by their beginning, after the WHATWG MIME Sniffing standard."""

import re

# Its resource header (§5) and binary data bytes (§3).
BEGINNING = 1_445
_BINARY = bytes({*range(0x20)} - {*b"\t\n\f\r\x1b"})
# A byte order mark makes any bytes text; these begin like text and are none.
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_DOCUMENT_MARKS = (b"%PDF-", b"%!PS-Adobe-", b"{\\rtf")
_BEFORE_TEXT = b"\xef\xbb\xbf \t\r\n"
_ROOT = re.compile(rb"<([A-Za-z][\w:.-]*)")


def looks_like_text(content: bytes) -> bool:
    """Whether bytes begin like text of any kind: HTML, XML, JSON or plain."""
    beginning = content[:BEGINNING]
    if beginning.startswith(_UTF_16_MARKS):
        return True
    return not beginning.startswith(_DOCUMENT_MARKS) and beginning.translate(None, _BINARY) == beginning


def looks_like_listing(content: bytes) -> bool:
    """Whether bytes begin like markup that is no picture, like JSON, or like a gzip file: what a feed may be."""
    if is_gzip(content):
        return True
    beginning = content[:BEGINNING]
    text = beginning[2:].replace(b"\0", b"") if beginning.startswith(_UTF_16_MARKS) else beginning.lstrip(_BEFORE_TEXT)
    if not looks_like_text(content) or not text.startswith((b"<", b"{", b"[")):
        return False
    root = _ROOT.search(text)
    return root is None or root[1].lower().rpartition(b":")[2] != b"svg"


def is_gzip(content: bytes) -> bool:
    """Whether bytes are a gzip file."""
    return content.startswith(b"\x1f\x8b\x08")


def compression_of(content: bytes) -> str | None:
    """Returns the content coding whose header bytes begin with: `gzip`, or `deflate` for zlib (RFC 1950 §2.2)."""
    if is_gzip(content):
        return "gzip"
    is_zlib = content[:1] == b"\x78" and int.from_bytes(content[:2]) % 31 == 0
    return "deflate" if is_zlib else None
