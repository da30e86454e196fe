"""The body of an answer, decompressed as far as its Content-Encoding is true."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from io import BytesIO
from itertools import chain

from isal import isal_zlib
from requests import Response
from urllib3 import HTTPResponse
from urllib3.exceptions import DecodeError, InvalidChunkLength

from services.fetcher.wire.metered import WIRE_MARGIN
from services.fetcher.wire.sniffing import BEGINNING, compression_of, looks_like_text

CHUNK = 65_536
# Servers also send aws-chunked, utf-8, none and other words that are no compression: they change no byte.
COMPRESSIONS = frozenset({"gzip", "deflate", "br", "zstd"})
# Of isal and zlib: a gzip header and the largest window.
GZIP = 31


def body(answer: Response, limit: int, chunks: Iterable[bytes] | None = None) -> bytes:
    """Returns the decoded body, or a little more than its first `limit` bytes if it is longer.

    `chunks` are those of peek(), which has begun to read it. A body that is not what its Content-Encoding says is read as what it begins like: plain text, gzip or zlib.

    Raises:
        DecodeError: it is damaged.
        InvalidChunkLength: a chunk has a negative length.
    """
    compressions = content_encodings(answer.headers.get("Content-Encoding", ""))
    raw = _first(chunks or _stream(answer), limit + WIRE_MARGIN if compressions else limit)
    if not compressions or not raw:
        return raw
    if compressions == ["gzip"] and (content := _gunzipped(raw, limit)) is not None:
        return content
    try:
        return _first(_decompressed(raw, compressions), limit)
    except DecodeError:
        if looks_like_text(raw):
            return raw
        if (compression := compression_of(raw)) is None or compressions == [compression]:
            raise
        return _first(_decompressed(raw, [compression]), limit)


def peek(answer: Response) -> tuple[bytes, Iterable[bytes]]:
    """Returns the beginning of a body, decoded as far as it is what it says, and the chunks of all of it as they come."""
    chunks, compressions = _stream(answer), content_encodings(answer.headers.get("Content-Encoding", ""))
    raw = beginning = _first(chunks, BEGINNING)
    if compressions and raw:
        with suppress(DecodeError):
            beginning = _first(_decompressed(raw, compressions), BEGINNING)
    return beginning, chain([raw], chunks)


def content_encodings(header: str) -> list[str]:
    """Returns the compressions that a Content-Encoding header names, in order: of `x-gzip; q=1` gzip."""
    names = (token.partition(";")[0].strip().lower().removeprefix("x-") for token in header.split(","))
    return [name for name in names if name in COMPRESSIONS]


def _stream(answer: Response) -> Iterator[bytes]:
    """Yields the body as it comes; urllib3 does not notice that a chunk's length is negative until it reads so many bytes."""
    try:
        yield from answer.raw.stream(CHUNK, decode_content=False)
    except ValueError as error:
        raise InvalidChunkLength(answer.raw, str(error).encode()) from None


def _decompressed(raw: bytes, compressions: list[str]) -> Iterable[bytes]:
    headers = {"Content-Encoding": ", ".join(compressions)}
    return HTTPResponse(BytesIO(raw), headers, preload_content=False).stream(CHUNK, decode_content=True)


def _gunzipped(raw: bytes, limit: int) -> bytes | None:
    """Returns what a gzip file of one whole member holds, which is nearly every page; None of one that is damaged or longer.

    In two fifths of the CPU that urllib3 and zlib take, which decide of all others.
    """
    unpacker = isal_zlib.decompressobj(wbits=GZIP)
    try:
        content: bytes = unpacker.decompress(raw, limit + 1)
    except isal_zlib.error:  # type: ignore[misc] # its stubs take it for an instance
        return None
    return content if unpacker.eof and not unpacker.unused_data and len(content) <= limit else None


def _first(chunks: Iterable[bytes], limit: int) -> bytes:
    content = bytearray()
    for chunk in chunks:
        content += chunk
        if len(content) > limit:
            break
    return bytes(content)
