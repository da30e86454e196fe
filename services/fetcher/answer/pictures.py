"""Images: an image's hash, size and pixels are kept, never its bytes."""

import struct
from hashlib import sha256

from requests import Response

from services.fetcher.answer.status import media_type
from shared.contracts import FetchRequested, ImageFetched, Reason
from shared.errors import Drop

# The markers of a JPEG's frames, which hold the size (ITU T.81, table B.1).
_FRAME_MARKERS = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})


def image_of(request: FetchRequested, final_url: str, answer: Response, content: bytes) -> ImageFetched:
    """Returns the record of an image that was downloaded.

    Raises:
        Drop: NOT_IMAGE: the answer holds something else.
    """
    declared_type = media_type(answer) or ""
    if not declared_type.startswith("image/"):
        raise Drop(Reason.NOT_IMAGE, f"media type {declared_type or 'none'}")
    width, height = pixels(content) or (None, None)
    return ImageFetched(
        **request.envelope(), url=request.url, final_url=final_url, content_hash=sha256(content).hexdigest(),
        size=len(content), media_type=declared_type[:64], width=width, height=height,
    )  # fmt: skip


def pixels(content: bytes) -> tuple[int, int] | None:
    """Returns width and height as a PNG, GIF, JPEG or WebP file says; None for other files, and for one that is cut off."""
    try:
        if content.startswith(b"\x89PNG\r\n\x1a\n"):
            return struct.unpack(">II", content[16:24])
        if content.startswith((b"GIF87a", b"GIF89a")):
            return struct.unpack("<HH", content[6:10])
        if content.startswith(b"\xff\xd8"):
            return _jpeg(content)
        if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
            return _webp(content)
    except (struct.error, IndexError):
        return None
    return None


def _jpeg(content: bytes) -> tuple[int, int] | None:
    position = 2
    while content[position] == 0xFF:
        marker = content[position + 1]
        if marker in _FRAME_MARKERS:
            height, width = struct.unpack(">HH", content[position + 5 : position + 9])
            return width, height
        position += 2 + struct.unpack(">H", content[position + 2 : position + 4])[0]
    return None


def _webp(content: bytes) -> tuple[int, int] | None:
    """Reads the three forms of the container (RFC 9649, §2)."""
    form = content[12:16]
    if form == b"VP8X":
        return int.from_bytes(content[24:27], "little") + 1, int.from_bytes(content[27:30], "little") + 1
    if form == b"VP8L":
        bits = int.from_bytes(content[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if form == b"VP8 ":
        width, height = struct.unpack("<HH", content[26:30])
        return width & 0x3FFF, height & 0x3FFF
    return None
