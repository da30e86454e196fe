"""What can be read of a gzip file is."""

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.parser.page.unzip import unzipped
from shared.contracts import Reason
from shared.errors import Drop

TEXT = b"".join(b"<url><loc>https://news.example/%d</loc></url>\n" % number for number in range(5_000))
ZIPPED = gzip.compress(TEXT, mtime=0)


def test_bytes_after_the_end_are_left_out() -> None:
    assert unzipped(ZIPPED + b"\x00\x00\r\n", 10**6) == TEXT


def test_files_one_after_another_are_one_text() -> None:
    assert unzipped(gzip.compress(b"one ") + gzip.compress(b"two") + b"\n", 10) == b"one two"


def test_what_was_zipped_twice_is_unzipped_twice_and_within_the_limit() -> None:
    assert unzipped(gzip.compress(ZIPPED), 10**6) == TEXT
    assert unzipped(gzip.compress(gzip.compress(ZIPPED)[:-3]), 10**6) == TEXT
    with pytest.raises(Drop) as end:
        unzipped(gzip.compress(ZIPPED), len(TEXT) - 1)
    assert end.value.reason is Reason.TOO_LARGE


def test_white_space_before_the_file_is_left_out() -> None:
    assert unzipped(b"\r\n" + ZIPPED, 10**6) == TEXT


def test_a_wrong_checksum_costs_nothing() -> None:
    assert unzipped(ZIPPED[:-8] + b"\x01" * 8, 10**6) == TEXT


@given(st.integers(200, len(ZIPPED) - 9))
def test_a_file_that_is_cut_off_is_read_up_to_the_cut(length: int) -> None:
    content = unzipped(ZIPPED[:length], 10**6)
    assert TEXT.startswith(content)
    assert len(content) > length


@given(st.integers(2_000, len(ZIPPED) - 9))
def test_damage_costs_what_follows_it(place: int) -> None:
    damaged = bytearray(ZIPPED)
    damaged[place] ^= 0xFF
    assert unzipped(bytes(damaged), 10**7)[:2_000] == TEXT[:2_000]


def test_a_file_of_nothing_but_its_mark_is_refused() -> None:
    with pytest.raises(Drop) as caught:
        unzipped(b"\x1f\x8bno gzip", 100)
    assert caught.value.reason is Reason.UNREADABLE


def test_a_bomb_is_refused_and_not_unzipped() -> None:
    bomb = zlib.compressobj(wbits=31)
    body = b"".join(bomb.compress(bytes(10**6)) for _ in range(20)) + bomb.flush()
    with pytest.raises(Drop) as caught:
        unzipped(body, 1_000)
    assert caught.value.reason is Reason.TOO_LARGE


def test_a_hundred_thousand_files_in_one_end_soon() -> None:
    assert len(unzipped(gzip.compress(b"a") * 100_000, 10**6)) == 1_000
