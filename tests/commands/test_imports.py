"""Files of others to import: each record by itself, within limits, and what is wrong with it named."""

import gzip
import multiprocessing
import time
import zlib
from collections.abc import Callable, Iterable
from io import BytesIO
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st
from redis import Redis
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from newsmill.commands.import_pages import summary
from newsmill.imports.importer import STATES, Importer
from newsmill.imports.items import Item, address_of, read_items
from newsmill.imports.warc_pages import FIRST_DATE
from newsmill.imports.warc_records import record_spans
from shared.contracts import Message, PageFetched
from shared.pages import MemoryPages
from shared.settings import Settings
from shared.worker.pressure import Pressure

pytestmark = pytest.mark.hostile
BODY = b"<p>The council of Harbourtown votes on the quay.</p>"


def record(
    number: int, body: bytes = BODY, headers: Iterable[tuple[str, str]] = (), *, packed: bool = True, **warc: str
) -> bytes:
    stream = BytesIO()
    head = StatusAndHeaders("200 OK", [("Content-Type", "text/html"), *headers], protocol="HTTP/1.1")
    named = {name.replace("_", "-"): value for name, value in warc.items()}
    writer = WARCWriter(stream, gzip=packed)
    writer.write_record(
        writer.create_warc_record(
            f"https://paper.example/{number}", "response", payload=BytesIO(body), length=len(body), http_headers=head,
            warc_headers_dict=named,
        )
    )  # fmt: skip
    return stream.getvalue()


def read(folder: Path, content: bytes, name: str = "news.warc.gz") -> list[Item]:
    (folder / name).write_bytes(content)
    return list(read_items(folder / name))


def outcomes(items: list[Item]) -> list[str]:
    return [item.skipped or item.url.rsplit("/", 1)[-1] for item in items]


MEMBERS = [record(number, BODY * (number + 1)) for number in range(4)]
PLAIN = [record(number, BODY * (number + 1), packed=False) for number in range(4)]


@given(st.data())
@pytest.mark.parametrize(("records", "name"), [(MEMBERS, "a.warc.gz"), (PLAIN, "a.warc")], ids=["packed", "plain"])
def test_damage_to_one_record_costs_no_other_and_raises_nothing(
    tmp_path_factory: pytest.TempPathFactory, records: list[bytes], name: str, data: st.DataObject
) -> None:
    victim = data.draw(st.integers(0, 3), "record")
    original = records[victim]
    place = data.draw(st.integers(0, len(original) - 1), "place")
    length = data.draw(st.integers(0, 40), "bytes replaced")
    damage = data.draw(st.binary(max_size=40), "by")
    mutated = original[:place] + damage + original[place + length :]
    items = read(tmp_path_factory.mktemp("warc"), b"".join([*records[:victim], mutated, *records[victim + 1 :]]), name)
    undamaged = {str(number) for number in range(4)} - {str(victim)}
    if name.endswith(".gz"):
        assert undamaged <= set(outcomes(items))
    else:
        # Without compression a wrong length may swallow the record behind it.
        assert undamaged - {str(victim + 1)} <= set(outcomes(items)) or b"ength" in original[place - 20 : place + 60]
    places = [item.end for item in items]
    assert places == sorted(places)


@given(st.binary(max_size=400))
def test_any_bytes_are_read_to_their_end(content: bytes) -> None:
    for prefix in (b"", b"\x1f\x8b\x08", b"WARC/1.0\r\nContent-Length: 5\r\n\r\n"):
        spans = list(record_spans(BytesIO(prefix + content)))
        assert not spans or spans[-1].end == len(prefix + content)


@pytest.mark.parametrize("name", ["news.warc.gz", "news.warc"])
def test_a_file_that_is_cut_off_says_where(tmp_path: Path, name: str) -> None:
    records = MEMBERS if name.endswith("gz") else PLAIN
    items = read(tmp_path, b"".join(records)[:-30], name)
    assert outcomes(items) == ["0", "1", "2", "torn"]
    assert items[-1].start == len(b"".join(records[:3]))


def test_one_bad_head_does_not_lose_the_rest_of_the_file(tmp_path: Path) -> None:
    bad = gzip.compress(b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: many\r\n\r\nx\r\n\r\n")
    assert outcomes(read(tmp_path, MEMBERS[0] + bad + MEMBERS[1])) == ["0", "torn", "1"]
    plain = PLAIN[0] + b"WARC/1.0\r\nContent-Length: 99999999999\r\n\r\n" + PLAIN[1]
    assert outcomes(read(tmp_path, plain, "news.warc")) == ["0", "torn", "1"]


@pytest.mark.parametrize(
    "date",
    [
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-23:59",
        "1889-05-05T00:00:00Z",
        "2999-01-01T00:00:00Z",
        "never",
        "",
    ],
)
def test_a_date_out_of_range_is_replaced(tmp_path: Path, date: str) -> None:
    [item] = read(tmp_path, record(1, WARC_Date=date))
    assert item.date is not None
    assert item.date >= FIRST_DATE
    assert item.date.year < 2900


@pytest.mark.parametrize(
    "page", ["[]", "[" * 30_000, '{"url": "file:///etc/passwd", "final_url": "file:///etc/passwd"}', "{", '"x"']
)
def test_what_a_record_says_in_our_own_header_is_not_believed(tmp_path: Path, page: str) -> None:
    [item] = read(tmp_path, record(1, Newsmill_Page=page))
    assert item.url == "https://paper.example/1"
    assert item.raw is not None
    assert "passwd" not in str(item)


def test_an_address_that_is_not_of_the_web_is_no_page(tmp_path: Path) -> None:
    forged = gzip.compress(PLAIN[1].replace(b"https://paper.example/1", b"file:///etc/passwd12345"))
    assert outcomes(read(tmp_path, forged)) in (["not-http"], ["torn"])


CODED = {
    "gzip": gzip.compress(BODY),
    "deflate": zlib.compress(BODY),
    "br": brotli.compress(BODY),
}


@pytest.mark.parametrize("coding", CODED)
def test_a_coded_body_is_decoded_and_a_cut_one_is_named(tmp_path: Path, coding: str) -> None:
    headers = [("Content-Encoding", coding)]
    [item] = read(tmp_path, record(1, CODED[coding], headers))
    assert item.raw is not None
    assert item.raw.body == BODY
    assert outcomes(read(tmp_path, record(1, CODED[coding][:-12], headers))) == ["truncated"]
    [kept] = read(tmp_path, record(1, BODY, headers))
    assert kept.raw is not None
    assert kept.raw.body == BODY, "an archive may keep the header of a coding that it has undone"


def test_chunks_are_joined_and_a_missing_one_is_named(tmp_path: Path) -> None:
    chunked = [("Transfer-Encoding", "chunked")]
    body = b"5\r\n<p>A \r\n8\r\nquay</p>\r\n0\r\n\r\n"
    [item] = read(tmp_path, record(1, body, chunked))
    assert item.raw is not None
    assert item.raw.body == b"<p>A quay</p>"
    assert outcomes(read(tmp_path, record(1, body[:14], chunked))) == ["truncated"]
    assert outcomes(read(tmp_path, record(1, BODY, chunked))) == ["1"]


def test_a_body_shorter_than_declared_is_no_whole_page(tmp_path: Path) -> None:
    assert outcomes(read(tmp_path, record(1, BODY, [("Content-Length", "100000")]))) == ["truncated"]
    assert outcomes(read(tmp_path, record(1, BODY, [("Content-Encoding", "rot13")]))) == ["encoding-unknown"]


BOMB = gzip.compress(bytes(60_000_000))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (BOMB, "too-large"),
        (record(1, BOMB, [("Content-Encoding", "gzip")]), "too-large"),
        (record(1, brotli.compress(bytes(60_000_000), quality=1), [("Content-Encoding", "br")]), "too-large"),
        (record(1, BODY, [("X-Long", "x" * 1_000_000)]), "head-too-large"),
        (record(1, BODY, [(f"X-{number}", "x") for number in range(100_000)]), "head-too-large"),
        (gzip.compress(b"WARC/1.0\r\n" + b"X: y\r\n" * 1_000_000, mtime=0), "torn"),
    ],
    ids=["member", "gzip body", "brotli body", "long header", "many headers", "endless head"],
)
def test_what_is_too_large_costs_little_and_is_named(tmp_path: Path, content: bytes, reason: str) -> None:
    started = time.process_time()
    assert outcomes(read(tmp_path, content + MEMBERS[2]))[-1] == "2"
    assert outcomes(read(tmp_path, content))[0] == reason
    assert time.process_time() - started < 5


PART = bytes(1_000_000)


def bomb(packer: Any, megabytes: int = 200) -> bytes:
    """Zeros, packed."""
    process = getattr(packer, "process", None) or packer.compress
    end = getattr(packer, "finish", None) or packer.flush
    return b"".join([*(process(PART) for _ in range(megabytes)), end()])


# A window of 128 MB, which an unpacker has to keep.
WIDE_WINDOW = zstandard.ZstdCompressionParameters(window_log=27)
BOMBS: dict[str, Callable[[], bytes]] = {
    "a member of a gigabyte": lambda: bomb(zlib.compressobj(wbits=31), 1000),
    "gzip": lambda: record(1, bomb(zlib.compressobj(wbits=31)), [("Content-Encoding", "gzip")]),
    "deflate": lambda: record(1, bomb(zlib.compressobj()), [("Content-Encoding", "deflate")]),
    "br": lambda: record(1, bomb(brotli.Compressor(quality=1)), [("Content-Encoding", "br")]),
    "zstd": lambda: record(1, bomb(zstandard.ZstdCompressor(compression_params=WIDE_WINDOW).compressobj()), [("Content-Encoding", "zstd")]),
    "many pages": lambda: record(1, gzip.compress(BODY * 100_000), [("Content-Encoding", "gzip")]) * 100,
}  # fmt: skip
MOST_MEGABYTES = 150


def send_peak(path: Path, sender: Connection) -> None:
    """Reads a file, and sends how many megabytes this process grew by at most."""
    Path("/proc/self/clear_refs").write_text("5")
    before = peak_megabytes()
    for _ in read_items(path):
        pass
    sender.send(peak_megabytes() - before)


def peak_megabytes() -> float:
    """The most memory that this process has had since its `clear_refs` (proc(5))."""
    return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) / 1024


@pytest.mark.parametrize("name", BOMBS)
def test_a_megabyte_that_unpacks_to_a_gigabyte_takes_little_memory(tmp_path: Path, name: str) -> None:
    path = tmp_path / "news.warc.gz"
    path.write_bytes(BOMBS[name]())
    assert path.stat().st_size < 3_000_000
    receiver, sender = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("spawn").Process(target=send_peak, args=(path, sender))
    process.start()
    assert receiver.recv() < MOST_MEGABYTES
    process.join()


def test_many_false_beginnings_cost_in_proportion_to_the_file(tmp_path: Path) -> None:
    started = time.process_time()
    read(tmp_path, (b"\x1f\x8b\x08\0\0\0\0\0\0\x03" + b"\x01\xff\xff\0\0") * 20_000)
    read(tmp_path, b"\nWARC/1.0" * 100_000, "news.warc")
    assert time.process_time() - started < 20


@pytest.mark.parametrize(
    "unit", [b"<link rel=canonical href=", b'<link rel="x"', b"<meta property='og:url' ", b"<!-- saved from url=(1)x"]
)
def test_the_address_of_a_saved_page_is_found_in_linear_time(unit: bytes) -> None:
    started = time.process_time()
    address_of(unit * (1_000_000 // len(unit)))
    assert time.process_time() - started < 1


def test_the_address_of_a_saved_page_is_the_browser_s_note_or_the_page_s_own() -> None:
    note, link = (
        b"<!-- saved from url=(0026)https://a.example/noted -->",
        b"<link href='https://a.example/own' rel='canonical'>",
    )
    meta = b"<meta content='https://a.example/og' property='og:url'>"
    assert address_of(note + link) == "https://a.example/noted"
    assert address_of(meta + link) == "https://a.example/own"
    assert address_of(meta) == "https://a.example/og"
    assert address_of(BODY) is None


def test_links_do_not_lead_out_of_an_imported_folder(tmp_path: Path) -> None:
    saved = tmp_path / "saved"
    saved.mkdir()
    (tmp_path / "private.html").write_bytes(b"<link rel=canonical href=https://a.example/private>secret")
    (saved / "page.html").write_bytes(b"<link rel=canonical href=https://a.example/page>news")
    (saved / "link.html").symlink_to(tmp_path / "private.html")
    (saved / "up").symlink_to(tmp_path)
    assert outcomes(list(read_items(saved))) == ["link-out-of-folder", "page"]


def test_the_summary_counts_what_was_skipped_and_says_where_and_what_helps(tmp_path: Path, redis: Redis) -> None:
    path = tmp_path / "news.warc.gz"
    path.write_bytes(MEMBERS[0] + MEMBERS[1][:-20] + b"".join(MEMBERS[2:]))
    sent: list[Message] = []

    def send(messages: Iterable[Message], *, at_once: bool = False) -> None:
        sent.extend(messages)

    # What is no number says nothing of how far the file has been read.
    redis.hset(STATES, f"{path.name}:{path.stat().st_size}", "elsewhere")
    tally = Importer(redis, MemoryPages(), send, Pressure(redis, Settings())).run(path)
    assert [message.page.url for message in sent if isinstance(message, PageFetched)] == [
        f"https://paper.example/{number}" for number in (0, 2, 3)
    ]
    assert tally.damaged == [{"at": len(MEMBERS[0]), "reason": "torn"}]
    text = summary({"file": "saved", "sent": 3, "skipped": {"torn": 1, "no-url": 2}, "damaged": tally.damaged})
    assert f"torn at {len(MEMBERS[0])}" in text
    assert "no-url: a saved page needs its address: a `saved from url` comment" in text
