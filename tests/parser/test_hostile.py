"""Pages made to be dear or to break things: each ends in a result or a named end, within bounds."""

import contextlib
import multiprocessing
from datetime import UTC, datetime

import pytest

from services.parser import bounds
from services.parser.parse import read
from shared.contracts import Kind
from shared.errors import Reject

pytestmark = pytest.mark.hostile

NOW = datetime(2026, 1, 1, tzinfo=UTC)
URL = "https://news.example/"
STORY = b"<div><h3><a href='/2024/01/02/a-story-of-some-words-%d'>A story of some words number %d</a></h3></div>"
LAUGHS = b"".join(b'<!ENTITY l%d "%s">' % (n, (b"&l%d;" % (n - 1) if n else b"ha") * 10) for n in range(9))
PAGES = {
    "nested, closed": b"<html><body>" + b"<div>" * 100_000 + b"x" + b"</div>" * 100_000,
    "nested lists": b"<ul><li>" * 50_000,
    "nested spans": b"<html><body><p>" + b"<span>" * 100_000 + b"deep",
    "one line": b"<html><body><p>" + b"word " * 1_900_000,
    "paragraphs": b"<html><body>" + b"<p>word word word, and more. " * 270_000,
    "links": b"<html><body>" + b"".join(STORY % (n, n) for n in range(50_000)),
    "zero bytes": b"<html><body>" + b"<p>wo\x00rd, " * 200_000,
    "broken UTF-8": b"<html><body>" + b"<p>w\xff\xfe\xc3\x28rd, word " * 100_000,
    "nested JSON": b'<script type="application/ld+json">' + b'{"@graph":[' * 100_000 + b"</script><p>text",
    "headings": b"<title>aa bb cc</title>" + b"<h1>some words here</h1>" * 100_000,
    "one class": b'<div class="' + b"a b-c " * 500_000 + b'">text</div>',
    "ticker": b"a    " * 1_000_000,
    "entities": b'<?xml version="1.0"?><!DOCTYPE x [' + LAUGHS + b"]><rss><channel><item><title>&l8;</title></item></channel></rss>",
    "entities in a sitemap": b'<?xml version="1.0"?><!DOCTYPE x [' + LAUGHS + b"]><urlset><url><loc>http://a/&l8;</loc></url></urlset>",
}  # fmt: skip
CPU_SECONDS, MEGABYTES = 60, 1024


def read_bounded(name: str) -> None:
    """As the parser's children do it; exits otherwise than with 0 where a bound is met or anything but a Reject comes."""

    def handle(body: bytes) -> tuple[()]:
        for kind in (None, Kind.ARTICLE, Kind.FRONT):
            with contextlib.suppress(Reject):
                assert len(read(body, URL, kind, None, NOW).headlines) <= 2_000
        return ()

    bounds.limit_memory(MEGABYTES)
    bounds.bounded(handle, CPU_SECONDS)(PAGES[name])


@pytest.mark.parametrize("name", PAGES)
def test_a_hostile_page_is_read_within_bounds_or_refused(name: str) -> None:
    process = multiprocessing.get_context("spawn").Process(target=read_bounded, args=(name,))
    process.start()
    process.join(300)
    assert process.exitcode == 0


def test_what_nests_too_deep_is_read_as_if_it_nested_less() -> None:
    prose = (
        b"<h1>Ferry returns</h1>" + b"<p>The ferry returned to the harbour in the morning, the council said.</p>" * 5
    )
    body = b"<html><body>" + b"<div>" * 20_000 + b"x" + b"</div>" * 20_000 + prose
    content = read(body, URL, Kind.ARTICLE, None, NOW)
    assert content.article is not None
    assert "The ferry returned to the harbour" in content.article.text


def test_paragraphs_and_items_left_open_do_not_nest() -> None:
    body = (
        b"<html><body><h1>Many points were made</h1><ul>"
        + b"<li>A point that was made at length, and noted down. " * 20_000
    )
    assert read(body, URL, Kind.ARTICLE, None, NOW).article is not None


@pytest.mark.parametrize(
    "root",
    [
        "<rss><channel><item><title>&x;</title></item></channel></rss>",
        "<urlset><url><loc>http://a/&x;</loc></url></urlset>",
    ],
)
def test_no_file_is_read_for_an_entity(root: str) -> None:
    body = f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>{root}'
    with contextlib.suppress(Reject):
        assert "root:" not in repr(read(body.encode(), URL, None, None, NOW))
