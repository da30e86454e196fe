"""What bytes are by their beginning, after the WHATWG MIME Sniffing standard."""

# Its resource header (§5) and binary data bytes (§3).
BEGINNING = 1_445
_BINARY = bytes({*range(0x20)} - {*b"\t\n\f\r\x1b"})
# A byte order mark makes any bytes text; these begin like text and are none.
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_DOCUMENT_MARKS = (b"%PDF-", b"%!PS-Adobe-", b"{\\rtf")


def looks_like_text(content: bytes) -> bool:
    """Whether bytes begin like text of any kind: HTML, XML, JSON or plain."""
    beginning = content[:BEGINNING]
    if beginning.startswith(_UTF_16_MARKS):
        return True
    return not beginning.startswith(_DOCUMENT_MARKS) and beginning.translate(None, _BINARY) == beginning


def is_gzip(content: bytes) -> bool:
    """Whether bytes are a gzip file."""
    return content.startswith(b"\x1f\x8b\x08")


def compression_of(content: bytes) -> str | None:
    """Returns the content coding whose header bytes begin with: `gzip`, or `deflate` for zlib (RFC 1950 §2.2)."""
    if is_gzip(content):
        return "gzip"
    is_zlib = content[:1] == b"\x78" and int.from_bytes(content[:2]) % 31 == 0
    return "deflate" if is_zlib else None
