"""The records of a WARC file of unknown origin, cut apart so that a damaged one costs no other.

A compressed file has a gzip member a record (WARC 1.1, annex D). After a record that is torn, reading goes on at the next
beginning of one. Memory is bounded by RECORD_BYTES, time by the size of the file.
"""

import os
import re
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import BinaryIO, NamedTuple

RECORD_BYTES = 24_000_000
HEAD_BYTES = 65_536
BLOCK_BYTES = 65_536
UNPACKED_BLOCK_BYTES = 1_048_576
# What may be read in vain, in bytes, before damaged places are no longer searched for beginnings.
WASTE_BYTES = 64_000_000

GZIP = b"\x1f\x8b\x08"
WARC = b"WARC/"
BEGINNING = re.compile(re.escape(GZIP) + rb"|(?<=\n)WARC/[01]\.")
CONTENT_LENGTH = re.compile(rb"^content-length:[ \t]{0,8}(\d{1,15})[ \t]{0,8}\r?$", re.IGNORECASE | re.MULTILINE)


class Span(NamedTuple):
    """A part of a file from `start` to `end`: the bytes of a record, or the problem with it in a word.

    `read_to` is how far a torn record was read in vain. A span without data and problem is blank.
    """

    start: int
    end: int
    data: bytes = b""
    problem: str | None = None
    read_to: int = 0


def record_spans(stream: BinaryIO, start: int = 0) -> Iterator[Span]:
    """Yields the records of a file from a place in it on, each with its bytes as they were before compression.

    Args:
        stream: a file that can seek.
        start: a place where a record begins.
    """
    size = stream.seek(0, os.SEEK_END)
    place, wasted = start, 0
    while place < size:
        stream.seek(place)
        is_gzip = stream.read(len(GZIP)) == GZIP
        span = _gzip_member(stream, place) if is_gzip else _plain_record(stream, place, size)
        if span.problem == "torn":
            wasted += span.read_to - span.start
            search_from = span.start + 1 if wasted < WASTE_BYTES else max(span.start + 1, span.read_to)
            span = span._replace(end=_next_beginning(stream, search_from, size))
        yield from _records_of_member(span) if is_gzip and span.data.startswith(WARC) else (span,)
        place = span.end


def _records_of_member(member: Span) -> Iterator[Span]:
    """Yields the records in a gzip member, usually one, each at the member's place."""
    for span in record_spans(BytesIO(member.data)):
        yield span._replace(start=member.start, end=member.end)


def _gzip_member(stream: BinaryIO, place: int) -> Span:
    stream.seek(place)
    unpacker, blocks, length = zlib.decompressobj(zlib.MAX_WBITS | 16), list[bytes](), 0
    while not unpacker.eof:
        packed = unpacker.unconsumed_tail or stream.read(BLOCK_BYTES)
        try:
            block = unpacker.decompress(packed, UNPACKED_BLOCK_BYTES)
        except zlib.error:
            return Span(place, place, problem="torn", read_to=stream.tell())
        if not packed and not block and not unpacker.eof:
            return Span(place, place, problem="torn", read_to=stream.tell())
        length += len(block)
        if length <= RECORD_BYTES:
            blocks.append(block)
    end = stream.tell() - len(unpacker.unused_data)
    return Span(place, end, b"".join(blocks)) if length <= RECORD_BYTES else Span(place, end, problem="too-large")


def _plain_record(stream: BinaryIO, place: int, size: int) -> Span:
    stream.seek(place)
    head = stream.read(HEAD_BYTES)
    text = head.lstrip(b"\r\n")
    if not text:
        return Span(place, place + len(head))
    start = place + len(head) - len(text)
    head_end = text.find(b"\r\n\r\n") + 4
    length = CONTENT_LENGTH.search(text[:head_end])
    torn = Span(start, start, problem="torn", read_to=place + len(head))
    if not text.startswith(WARC) or head_end < 4 or length is None:
        return torn
    end = start + head_end + int(length[1])
    if end > size:
        return torn
    if end - start > RECORD_BYTES:
        return Span(place, end, problem="too-large")
    stream.seek(start)
    return Span(place, end, stream.read(end - start))


def _next_beginning(stream: BinaryIO, place: int, size: int) -> int:
    """Returns the first place from `place` on where a record may begin; the size of the file where there is none."""
    stream.seek(place - 1)
    overlap = b""
    while block := stream.read(BLOCK_BYTES):
        window = overlap + block
        window_start = stream.tell() - len(window)
        # The byte before `place` is there for the look-behind only.
        match = BEGINNING.search(window, max(0, place - window_start))
        if match is not None:
            return window_start + match.start()
        overlap = window[-16:]
    return size
