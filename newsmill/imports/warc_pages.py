"""The page in a record of a WARC or ARC file of unknown origin. Every size is limited, and nothing raises.

What a record says in Newsmill's own header is not believed, because anybody can write it: an imported page has the
address, the date and the headers of its record.
"""

import zlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import brotli
import zstandard
from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import ChunkedDataException, ChunkedDataReader
from warcio.exceptions import ArchiveLoadFailed

from shared.pages import Http, Raw

BODY_BYTES = 20_000_000
WARC_HEAD_BYTES = 65_536
HTTP_HEAD_BYTES = 262_144
REASON_CHARACTERS = 20
FIRST_DATE = datetime(1990, 1, 1, tzinfo=UTC)
HEAD_END = b"\r\n\r\n"


class WarcPage(NamedTuple):
    """A page as a record has it: address, time of the download, decoded body and headers."""

    url: str
    date: datetime
    raw: Raw


class Unpacked(NamedTuple):
    """A body after decompression, at most one byte more than BODY_BYTES, and whether its end was reached."""

    body: bytes
    complete: bool


def read_page(data: bytes) -> WarcPage | str:
    """Returns the page in the bytes of a record, or in a word why there is none."""
    if not _heads_are_short(data):
        return "head-too-large"
    try:
        entry = next(ArchiveIterator(BytesIO(data), arc2warc=True), None)
        return "torn" if entry is None else _read(entry)
    except (ArchiveLoadFailed, EOFError, zlib.error, OSError, ValueError, AttributeError):
        # The last three: heads without the lines that warcio expects.
        return "torn"


def _heads_are_short(data: bytes) -> bool:
    """Whether the record's own head and the HTTP head after it end within their limits."""
    end = data.find(HEAD_END, 0, WARC_HEAD_BYTES)
    if end < 0:
        return len(data) < WARC_HEAD_BYTES
    start = end + len(HEAD_END)
    return len(data) - start < HTTP_HEAD_BYTES or data.find(HEAD_END, start, start + HTTP_HEAD_BYTES) >= 0


def _read(entry: Any) -> WarcPage | str:
    if entry.rec_type != "response":
        return str(entry.rec_type or "no-type")[:REASON_CHARACTERS]
    url = (entry.rec_headers.get_header("WARC-Target-URI") or "").strip("<>")
    if entry.http_headers is None or urlsplit(url).scheme not in ("http", "https"):
        return "not-http"
    status = str(entry.http_headers.get_statuscode())
    if status != "200":
        return f"http-{status}" if status.isdecimal() and len(status) == 3 else "bad-status"
    body = _body(entry)
    if isinstance(body, str):
        return body
    http = Http((), 200, "OK", tuple((name, value) for name, value in entry.http_headers.headers))
    return WarcPage(url, _date(entry), Raw(body, http))


def _body(entry: Any) -> bytes | str:
    """Returns the decoded body of a response, or in a word why it cannot be had whole."""
    payload: bytes | None = entry.raw_stream.read()
    if entry.http_headers.get_header("Transfer-Encoding"):
        payload = _without_chunks(payload or b"")
    if payload is None or entry.rec_headers.get_header("WARC-Truncated"):
        return "truncated"
    coding = (entry.http_headers.get_header("Content-Encoding") or "").strip().lower()
    if coding in ("", "identity"):
        declared = entry.http_headers.get_header("Content-Length") or ""
        return "truncated" if declared.isdecimal() and len(payload) < int(declared[:15]) else payload
    return _unpack(payload, coding)


def _without_chunks(payload: bytes) -> bytes | None:
    """Returns a body without the marks of chunked coding (RFC 9112, 7.1); None where it is cut off.

    A body that does not begin with such a mark is returned as it is: many archives store it after decoding.
    """
    length = payload[:20].partition(b"\r\n")[0].partition(b";")[0]
    try:
        int(length, 16)
        body: bytes = ChunkedDataReader(BytesIO(payload), raise_exceptions=True).read()
    except ValueError:
        return payload
    except ChunkedDataException:
        return None
    return body


def _unpack(payload: bytes, coding: str) -> bytes | str:
    if coding not in DECODERS:
        return "encoding-unknown"
    try:
        unpacked = DECODERS[coding](payload)
    except (zlib.error, brotli.error, zstandard.ZstdError):
        # Archives keep the header of a coding that they have undone.
        return payload if payload.lstrip()[:1] in b"<{" else "encoding-broken"
    if len(unpacked.body) > BODY_BYTES:
        return "too-large"
    return unpacked.body if unpacked.complete else "truncated"


def _gunzip(payload: bytes) -> Unpacked:
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    return Unpacked(unpacker.decompress(payload, BODY_BYTES + 1), unpacker.eof)


def _inflate(payload: bytes) -> Unpacked:
    """Reads the zlib format, or the raw deflate that some servers send for it (RFC 9110, 8.4.1.2)."""
    is_zlib = len(payload) > 1 and payload[0] & 0x0F == 8 and int.from_bytes(payload[:2], "big") % 31 == 0
    unpacker = zlib.decompressobj(zlib.MAX_WBITS if is_zlib else -zlib.MAX_WBITS)
    return Unpacked(unpacker.decompress(payload, BODY_BYTES + 1), unpacker.eof)


def _unbrotli(payload: bytes) -> Unpacked:
    unpacker = brotli.Decompressor()
    blocks, length = [unpacker.process(payload, output_buffer_limit=BODY_BYTES + 1)], 0
    while blocks[-1] and (length := length + len(blocks[-1])) <= BODY_BYTES and not unpacker.can_accept_more_data():
        blocks.append(unpacker.process(b"", output_buffer_limit=BODY_BYTES + 1 - length))
    return Unpacked(b"".join(blocks), unpacker.is_finished())


def _unzstd(payload: bytes) -> Unpacked:
    with zstandard.ZstdDecompressor().stream_reader(payload) as reader:
        return Unpacked(reader.read(BODY_BYTES + 1), complete=True)


DECODERS: Mapping[str, Callable[[bytes], Unpacked]] = {
    "gzip": _gunzip, "x-gzip": _gunzip, "deflate": _inflate, "br": _unbrotli, "zstd": _unzstd,
}  # fmt: skip


def _date(entry: Any) -> datetime:
    """Returns when a record was fetched; now where its date is none, of the future, or older than the web."""
    now = datetime.now(UTC)
    try:
        date = datetime.fromisoformat(entry.rec_headers.get_header("WARC-Date") or "").astimezone(UTC)
    except (ValueError, OverflowError):
        return now
    return date if FIRST_DATE <= date <= now else now
