"""Gzip files (`sitemap.xml.gz`), read as far as they can be: damaged, cut off, or with bytes after their end."""

import contextlib
import zlib

from shared.contracts import Reason
from shared.errors import Drop

_MAGIC = b"\x1f\x8b"
_PIECE = 4_096
# Programs that zip in parallel write a member for each 64 KB.
_MOST_MEMBERS = 1_000
# A program zips a sitemap, and the server that is asked for `sitemap.xml.gz` does it again.
_MOST_LAYERS = 3


def unzipped(body: bytes, limit: int) -> bytes:
    """Returns the body, unzipped if it is a gzip file (RFC 1952), and again if what it holds is one.

    Of a file that is damaged or cut off, what comes before the damage is returned; bytes after the end are left out.

    Raises:
        Drop: nothing can be unzipped, or it is larger than `limit` bytes.
    """
    for _ in range(_MOST_LAYERS):
        # A script of the server may have printed a line end before.
        if not (zipped := body.lstrip()).startswith(_MAGIC):
            break
        body = _unzipped(zipped, limit)
    return body


def _unzipped(body: bytes, limit: int) -> bytes:
    content, remaining = bytearray(), memoryview(body)
    for _ in range(_MOST_MEMBERS):
        # One byte more than allowed shows whether the file is larger.
        member, length = _member(remaining, limit + 1 - len(content))
        content += member
        remaining = remaining[length:]
        if len(content) > limit:
            raise Drop(Reason.TOO_LARGE, f"more than {limit} bytes when unzipped")
        if remaining[:2] != _MAGIC:
            break
    if not content:
        raise Drop(Reason.UNREADABLE, "damaged gzip: nothing can be unzipped")
    return bytes(content)


def _member(body: memoryview, limit: int) -> tuple[bytearray, int]:
    """Returns at most `limit` bytes of the first member of a gzip file, and the member's length in the file."""
    unzip = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    content = bytearray()
    for start in range(0, len(body), _PIECE):
        before, piece = unzip.copy(), body[start : start + _PIECE]
        try:
            content += unzip.decompress(piece, limit - len(content))
        except zlib.error:
            # zlib keeps back all of a piece in which it meets damage.
            return content + _before_damage(before, piece, limit - len(content)), len(body)
        if unzip.eof:
            return content, start + len(piece) - len(unzip.unused_data)
        if len(content) >= limit:
            break
    return content, len(body)


def _before_damage(unzip: "zlib._Decompress", piece: memoryview, limit: int) -> bytearray:
    content = bytearray()
    with contextlib.suppress(zlib.error):
        for place in range(len(piece)):
            if len(content) < limit:
                content += unzip.decompress(piece[place : place + 1], limit - len(content))
    return content
