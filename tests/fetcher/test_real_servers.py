"""What real servers declare of a body and what the body is: each situation byte for byte, from public reports."""

import gzip
import zlib
from datetime import UTC, datetime, timedelta

import brotli
import pytest
from requests import Response

from services.fetcher.answer.status import retry_after
from shared.contracts import FetchRequested
from shared.errors import Drop, TryLater
from tests.fetcher.hostile import floods, hostile, ok, sends

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
     ([b"Content-Type: Content-Type: text/html; charset=utf-8"], "text/html", "utf-8"),
     ([b"Content-Type: text/html; charset='utf-8'"], "text/html", "utf-8"),
     ([b"Content-Type: text/html;charset=UTF-8;text/html"], "text/html", "utf-8"),
     ([b"Content-Type: text/html: charset=utf-8"], "text/html", "utf-8"),
     ([b"Content-Type: ; charset=utf-8"], None, "utf-8"),
     ([b"Content-Type: application/octet-stream; charset=utf-8"], "application/octet-stream", "utf-8"),
     ([b"Content-Type: httpd/unix-directory"], "httpd/unix-directory", None),
     ([b"Content-Type: */*"], None, None),
     ([b"Content-Type: \xff\xfe"], None, None)],
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
     [b"Content-Encoding: gzip, br"], [b"Content-Encoding: binary"], [b"Content-Encoding: chunked"], [b"Content-Encoding: text/html"],
     [b"Content-Encoding: iso-8859-1"], [b"Content-Encoding: compress"], [b"Content-Encoding: *"], [b"Content-Encoding: ,"],
     [b"Content-Encoding: aws-chunked, gzip"]],
)  # fmt: skip
def test_a_plain_body_is_read_whatever_encoding_it_declares(make, pages, headers: list[bytes]) -> None:
    assert fetch(make, pages, PAGE, b"Content-Type: text/html", *headers)[0] == PAGE


@pytest.mark.parametrize(
    ("body", "encoding"),
    [(gzip.compress(PAGE, mtime=0), b"gzip, aws-chunked"), (gzip.compress(PAGE, mtime=0), b"utf-8, gzip"), (zlib.compress(PAGE), b"deflate"),
     (zlib.compress(PAGE)[2:-4], b"deflate"), (brotli.compress(PAGE), b"br"), (gzip.compress(gzip.compress(PAGE, mtime=0), mtime=0), b"gzip, gzip"),
     (gzip.compress(PAGE, mtime=0), b" GZip "), (gzip.compress(PAGE, mtime=0), b"gzip;q=1.0"), (gzip.compress(PAGE, mtime=0), b"x-gzip, none"),
     (zlib.compress(PAGE), b"x-deflate"), (gzip.compress(PAGE, mtime=0) + b"\0\0\r\n", b"gzip")],
)  # fmt: skip
def test_an_encoding_among_other_words_is_undone(make, pages, body: bytes, encoding: bytes) -> None:
    assert fetch(make, pages, body, b"Content-Encoding: " + encoding)[0] == PAGE


@pytest.mark.parametrize(
    ("body", "encoding"),
    [(gzip.compress(PAGE, mtime=0), b"gzip, gzip"), (gzip.compress(PAGE, mtime=0), b"deflate"), (gzip.compress(PAGE, mtime=0), b"br"),
     (zlib.compress(PAGE), b"gzip"), (zlib.compress(PAGE, 9), b"x-gzip")],
)  # fmt: skip
def test_a_body_that_is_packed_otherwise_than_declared_is_unpacked(make, pages, body: bytes, encoding: bytes) -> None:
    assert fetch(make, pages, body, b"Content-Type: text/html", b"Content-Encoding: " + encoding)[0] == PAGE


@pytest.mark.parametrize("encoding", [b"gzip", b"gzip, gzip"])
def test_a_body_that_is_damaged_ends_by_name_whatever_it_declares(make, pages, encoding: bytes) -> None:
    damaged = gzip.compress(PAGE, mtime=0)[:-8] + bytes(8)
    assert fetch(make, pages, damaged, b"Content-Encoding: " + encoding) == "bad-encoding"


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
     (PICTURE, [b"Content-Type: video/mp4"], "not-text"),
     (b"PK\x03\x04", [b"Content-Type: application/vnd.ms-excel", b"Content-Encoding: gzip"], "not-text"),
     (b"<?xml version='1.0'?>\n<!-- a quay --><svg:svg xmlns:svg='http://www.w3.org/2000/svg'/>", [b"Content-Type: image/svg+xml"], "not-text"),
     (b"", [b"Content-Type: image/png"], "not-text"),
     (PICTURE, [b"Content-Type: text/html", b"Content-Encoding: gzip"], "bad-encoding")],
)  # fmt: skip
def test_what_is_no_text_ends_by_name(make, pages, body: bytes, headers: list[bytes], reason: str) -> None:
    assert fetch(make, pages, body, *headers) == reason


def final_url(make, head: bytes) -> str:
    """Returns the path to which a redirect led, whose head has these lines besides the status."""
    moved = b"HTTP/1.1 302 Found\r\n" + head + b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    with hostile(sends(moved), sends(ok(PAGE))) as server:
        [message] = make(obey_robots=False).fetch(FetchRequested(url=server.url + "town/start"))
    return str(message.page.final_url.removeprefix(server.url))


@pytest.mark.parametrize(
    ("location", "path"),
    [(b"/fish market/ice cream.html", "fish%20market/ice%20cream.html"),
     (b" /fish%20market/ice cream.html ", "fish%20market/ice%20cream.html"),
     (b"/fish market/ice\tcream.html", "fish%20market/icecream.html"),
     ("/straße/ö.html?q=ä".encode(), "stra%C3%9Fe/%C3%B6.html?q=%C3%A4"),
     ("/straße/ö.html".encode("latin-1"), "stra%DFe/%F6.html"),
     (b"news/1.html", "town/news/1.html"), (b"../1.html", "1.html"), (b"?page=2", "town/start?page=2"),
     (b"/1.html#part", "1.html"), (b"/1.html\r\nLocation: /2.html", "1.html"), (b"/1.html\r\nLocation: /1.html", "1.html")],
)  # fmt: skip
def test_a_location_leads_where_browsers_go(make, location: bytes, path: str) -> None:
    assert final_url(make, b"Location: " + location) == path


@pytest.mark.parametrize(
    "location", [b"", b"#part", b"start", b"javascript:open()", b"mailto:desk@news.example", b"/a\x01b"]
)
def test_a_location_that_leads_nowhere_ends_by_name(make, location: bytes) -> None:
    with pytest.raises(Drop) as end:
        final_url(make, b"Location: " + location)
    assert end.value.reason == "redirects"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("90", 90), ("90.5", 90.5), ('"90"', 90), ("90 seconds", 90), ("90, 30", 90), ("90s", 90), ("+90", 90), ("2 minutes", 120), ("2m", 120),
     ("1h", 3600), ("%s", 600), ("%a, %d %b %Y %H:%M:%S GMT", 600), ("%A, %d-%b-%y %H:%M:%S GMT", 600),
     ("%a %b %e %H:%M:%S %Y", 600), ("%Y-%m-%dT%H:%M:%SZ", 600)],
)  # fmt: skip
def test_a_time_to_wait_is_read_in_every_form_that_servers_send(value: str, seconds: float) -> None:
    answer = Response()
    answer.headers["Retry-After"] = (datetime.now(UTC) + timedelta(minutes=10)).strftime(value)
    assert retry_after(answer) == pytest.approx(seconds, abs=30 if seconds == 600 else 0.001)


@pytest.mark.parametrize(
    "value", ["soon", "-1", "", "Thu, 99 Foo 2026", "1" * 500, "2026-99-99", "9 " * 9 + "x", "9 moons", "1000000000"]
)
def test_a_time_to_wait_that_cannot_be_read_is_none_or_at_most_a_day(value: str) -> None:
    answer = Response()
    answer.headers["Retry-After"] = value
    assert (retry_after(answer) or 0) <= 9


@pytest.mark.parametrize("status", [b"100 Continue", b"102 Processing", b"103 Early Hints", b"199 What Else"])
def test_what_comes_before_the_answer_is_passed_over(make, pages, status: bytes) -> None:
    early = b"HTTP/1.1 " + status + b"\r\nLink: </style.css>; rel=preload\r\n\r\n"
    with hostile(sends(early * 2, ok(PAGE))) as server:
        [message] = make(obey_robots=False).fetch(FetchRequested(url=server.url))
    assert pages.get(message.page.key) == PAGE


def test_heads_before_the_answer_without_end_are_cut_off(make) -> None:
    with hostile(floods(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 99)) as server, pytest.raises(TryLater) as end:
        make(obey_robots=False).fetch(FetchRequested(url=server.url))
    assert end.value.reason == "bad-answer"


FEED = b"<?xml version='1.0'?><rss version='2.0'><channel><item><title>Flood</title></item></channel></rss>"


@pytest.mark.parametrize("media_type", ["image/svg+xml", "video/mp2t", "application/zip", "application/vnd.ms-excel", "application/pdf"])  # fmt: skip
@pytest.mark.parametrize(
    ("sent", "encoding", "content"),
    [pytest.param(FEED, None, FEED, id="feed"),
     pytest.param(b"\xef\xbb\xbf\n" + FEED, None, b"\xef\xbb\xbf\n" + FEED, id="byte order mark"),
     pytest.param("\ufeff<rss/>".encode("utf-16-le"), None, "\ufeff<rss/>".encode("utf-16-le"), id="UTF-16"),
     pytest.param(b'{"version": "https://jsonfeed.org/version/1.1"}', None, b'{"version": "https://jsonfeed.org/version/1.1"}', id="JSON"),
     pytest.param(gzip.compress(FEED, mtime=0), None, gzip.compress(FEED, mtime=0), id="gzip file"),
     pytest.param(gzip.compress(FEED, mtime=0), b"gzip", FEED, id="gzip in transit"),
     pytest.param(brotli.compress(FEED * 9_000), b"br", FEED * 9_000, id="long and brotli"),
     pytest.param(FEED, b"gzip", FEED, id="not packed as declared"),
     pytest.param(PAGE, None, PAGE, id="page")],
)  # fmt: skip
def test_a_listing_is_read_whatever_it_is_declared_as(
    make, pages, media_type: str, sent: bytes, encoding: bytes | None, content: bytes
) -> None:
    headers = [b"Content-Type: " + media_type.encode(), *([b"Content-Encoding: " + encoding] if encoding else [])]
    assert fetch(make, pages, sent, *headers)[:2] == (content, media_type)


def test_of_a_film_only_the_beginning_is_read(make) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\n\r\n"
    with hostile(floods(head, PICTURE * 1_000)) as server, pytest.raises(Drop) as end:
        make(obey_robots=False).fetch(FetchRequested(url=server.url + "film"))
    assert end.value.reason.value == "not-text"
