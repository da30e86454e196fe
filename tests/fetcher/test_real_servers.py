"""What real servers declare of a body and what the body is: each situation byte for byte, from public reports."""

import gzip
import zlib

import brotli
import pytest

from shared.contracts import FetchRequested
from shared.errors import Drop
from tests.fetcher.hostile import hostile, ok, sends

PAGE = "<!doctype html><title>Der Hafen</title><p>Die Flut stieg über den Kai.".encode()
SITEMAP = b"<?xml version='1.0'?><urlset><url><loc>https://paper.example/1</loc></url></urlset>"
PICTURE = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"


def fetch(make, pages, body: bytes, *headers: bytes, path: str = "page"):
    """The page that a server's bytes make: its content, or the reason of its end."""
    with hostile(sends(ok(body, *headers))) as server:
        try:
            [message] = make(obey_robots=False).fetch(FetchRequested(url=server.url + path))
        except Drop as drop:
            return drop.reason.value
        return pages.get(message.page.key), message.page.media_type, message.page.charset


@pytest.mark.parametrize(
    ("headers", "media_type", "charset"),
    [([b"Content-Type: application/octet-stream"], "application/octet-stream", None),
     ([b"Content-Type: binary/octet-stream"], "binary/octet-stream", None),
     ([b"Content-Type: application/force-download"], "application/force-download", None),
     ([], None, None),
     ([b"Content-Type:"], None, None),
     ([b"Content-Type: html"], None, None),
     ([b"Content-Type: text/html charset=utf-8"], "text/html", "utf-8"),
     ([b"Content-Type: text/html;charset=utf-8;charset=utf-8"], "text/html", "utf-8"),
     ([b"Content-Type: text/html; charset=utf-8", b"Content-Type: text/html"], "text/html", "utf-8"),
     ([b"Content-Type: text/html", b"Content-Type: text/html; charset=UTF-8"], "text/html", "utf-8"),
     ([b"Content-Type: text/plain, text/html"], "text/html", None),
     ([b"Content-Type: Content-Type: text/html; charset=utf-8"], None, "utf-8"),
     ([b"Content-Type: text/html; charset='utf-8'"], "text/html", "utf-8")],
)  # fmt: skip
def test_the_content_decides_and_the_declared_type_helps(
    make, pages, headers: list[bytes], media_type: str | None, charset: str | None
) -> None:
    assert fetch(make, pages, PAGE, *headers) == (PAGE, media_type, charset)


@pytest.mark.parametrize(
    "headers",
    [[b"Content-Encoding: aws-chunked"], [b"Content-Encoding: utf-8"], [b"Content-Encoding: none"], [b"Content-Encoding:"],
     [b"Content-Encoding: identity"], [b"Content-Encoding: gzip"], [b"Content-Encoding: deflate"],
     [b"Content-Encoding: br"], [b"Content-Encoding: zstd"], [b"Content-Encoding: gzip", b"Content-Encoding: gzip"],
     [b"Content-Encoding: gzip, br"]],
)  # fmt: skip
def test_a_plain_body_is_read_whatever_encoding_it_declares(make, pages, headers: list[bytes]) -> None:
    assert fetch(make, pages, PAGE, b"Content-Type: text/html", *headers)[0] == PAGE


@pytest.mark.parametrize(
    ("body", "encoding"),
    [(gzip.compress(PAGE, mtime=0), b"gzip, aws-chunked"), (gzip.compress(PAGE, mtime=0), b"utf-8, gzip"), (zlib.compress(PAGE), b"deflate"),
     (zlib.compress(PAGE)[2:-4], b"deflate"), (brotli.compress(PAGE), b"br"), (gzip.compress(gzip.compress(PAGE, mtime=0), mtime=0), b"gzip, gzip"),
     (gzip.compress(PAGE, mtime=0), b" GZip ")],
)  # fmt: skip
def test_an_encoding_among_other_words_is_undone(make, pages, body: bytes, encoding: bytes) -> None:
    assert fetch(make, pages, body, b"Content-Encoding: " + encoding)[0] == PAGE


@pytest.mark.parametrize(
    "headers",
    [[b"Content-Type: application/octet-stream"], [b"Content-Type: binary/octet-stream"], [b"Content-Type: application/x-gzip"],
     [b"Content-Type: application/gzip"], [b"Content-Type: text/xml"], []],
)  # fmt: skip
def test_a_gzipped_sitemap_is_kept_as_it_is_for_the_parser(make, pages, headers: list[bytes]) -> None:
    packed = gzip.compress(SITEMAP, mtime=0)
    assert fetch(make, pages, packed, *headers, path="sitemap.xml.gz")[0] == packed
    assert fetch(make, pages, packed, *headers, b"Content-Encoding: gzip", path="sitemap.xml.gz")[0] == SITEMAP


@pytest.mark.parametrize(
    ("body", "headers", "reason"),
    [(PICTURE, [b"Content-Type: application/octet-stream"], "not-text"), (PICTURE, [], "not-text"),
     (b"%PDF-1.7", [b"Content-Type: application/octet-stream"], "not-text"),
     (b"PK\x03\x04", [b"Content-Type: application/x-unknown"], "not-text"),
     (PAGE, [b"Content-Type: video/mp4"], "not-text"),
     (PAGE, [b"Content-Type: application/vnd.ms-excel"], "not-text"),
     (PICTURE, [b"Content-Type: text/html", b"Content-Encoding: gzip"], "bad-encoding")],
)  # fmt: skip
def test_what_is_no_text_ends_by_name(make, pages, body: bytes, headers: list[bytes], reason: str) -> None:
    assert fetch(make, pages, body, *headers) == reason


@pytest.mark.parametrize(
    "location", [b"/fish market/ice cream.html", b" /fish%20market/ice cream.html ", b"fish market/ice\tcream.html"]
)
def test_spaces_in_a_location_are_encoded(make, location: bytes) -> None:
    moved = b"HTTP/1.1 302 Found\r\nLocation: " + location + b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    with hostile(sends(moved), sends(ok(PAGE))) as server:
        [message] = make(obey_robots=False).fetch(FetchRequested(url=server.url))
    cream = "icecream" if b"\t" in location else "ice%20cream"
    assert message.page.final_url == f"{server.url}fish%20market/{cream}.html"
