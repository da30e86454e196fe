"""Unpacking by isal against unpacking by zlib."""

import gzip

from hypothesis import example, given
from hypothesis import strategies as st
from urllib3.exceptions import DecodeError

from services.fetcher.wire.decoding import _decompressed, _first, _gunzipped

LIMIT = 5_000


@given(
    content=st.one_of(st.binary(max_size=300), st.integers(0, 2 * LIMIT).map(bytes)),
    place=st.integers(0, 400),
    flip=st.integers(0, 255),
    end=st.one_of(st.none(), st.integers(0, 400)),
    more=st.binary(max_size=30),
)
# A wrong sum of the content, and a wrong length of it.
@example(b"news", -8, 1, None, b"")
@example(b"news", -4, 1, None, b"")
@example(b"news", 0, 0, None, gzip.compress(b"more"))
def test_what_isal_unpacks_zlib_unpacks_alike(
    content: bytes, place: int, flip: int, end: int | None, more: bytes
) -> None:
    packed = bytearray(gzip.compress(content, mtime=0))
    packed[place % len(packed)] ^= flip
    raw = bytes(packed[:end]) + more
    unpacked = _gunzipped(raw, LIMIT)
    if raw == gzip.compress(content, mtime=0) and len(content) <= LIMIT:
        assert unpacked == content
    if unpacked is not None:
        assert unpacked == _by_zlib(raw)


def _by_zlib(raw: bytes) -> bytes | None:
    try:
        return _first(_decompressed(raw, ["gzip"]), LIMIT)
    except DecodeError:
        return None
