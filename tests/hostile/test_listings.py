"""Feeds, sitemaps and JSON Feeds by an attacker: each ends in headlines that can be sent on, or in a named refusal."""

import contextlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import strategies as st

from services.parser.parse import read
from shared.contracts import HeadlinesParsed, Kind, Page, decode, encode
from shared.errors import Reject
from tests.hostile.fuzzing import fuzz, mangled

pytestmark = pytest.mark.hostile

NOW = datetime(2026, 1, 1, tzinfo=UTC)
URL = "https://news.example/listing"
PAGE = Page(url=URL, final_url=URL, key="", fetched_at=NOW)
GOLDEN = Path(__file__).parents[1] / "parser/golden"
FEEDS, SITEMAPS, JSON_FEEDS = (
    [path.read_text() for name in names for path in (GOLDEN / name).glob("page.*")]
    for names in (("rss", "atom"), ("news-sitemap",), ("jsonfeed",))
)
INDEX = "<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><sitemap><loc>/a.xml</loc><lastmod>2026-01-01</lastmod></sitemap></sitemapindex>"
XML_WORDS = (
    "<item>", "</item>", "<item/>", "<entry>", "<url>", "</url>", "<sitemap>", "<loc>", "</loc>", "<link>", "<guid>", "<title>", "</title>",
    "<description>", "<content:encoded>", "<![CDATA[", "]]>", "<!--", "-->", "<?xml version='1.0' encoding='utf-7'?>", "<!DOCTYPE r [",
    "<!ENTITY a 'b'>", "&a;", "&#0;", "&#xD800;", "&#99999999;", "&nbsp;", "&", "xmlns:x='", " xml:base='javascript:'", "\x00", "\ufffe", "\ud7ff",
    "http://[", "//", "javascript:alert(1)", "data:text/html,", "file:///etc/passwd", "-999999999999", "0000-00-00", "2026-02-31T25:61:61Z",
    "Mon, 99 Foo 99999 99:99:99 +9999", "<enclosure url='x' type='image/png'/>", "<media:thumbnail url='//[::1'/>", "<rss>", "</rss>", "<feed>",
)  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | st.sampled_from(XML_WORDS),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(max_size=10), children, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(
    ("id", "url", "external_url", "title", "summary", "content_text", "content_html", "date_published", "image", "authors")
)  # fmt: skip


def holds(body: bytes, kind: Kind | None) -> None:
    """What is read can be sent and read back, leads to the web only, and is in order; or it is refused by name."""
    with contextlib.suppress(Reject):
        content = read(body, URL, kind, None, NOW)
        message = HeadlinesParsed(page=PAGE, kind=content.kind, headlines=content.headlines)
        assert decode(json.loads(json.dumps(encode(message)))) == message
        assert [headline.position for headline in content.headlines] == list(range(len(content.headlines)))
        urls = [
            *(child.url for child in content.sitemaps),
            *(headline.url for headline in content.headlines if headline.url),
        ]
        assert {urlsplit(url).scheme for url in urls} <= {"http", "https"}


@fuzz(text=mangled(FEEDS, XML_WORDS))
def test_any_feed_is_read_or_refused(text: str) -> None:
    holds(text.encode("utf-8", "surrogatepass"), Kind.FEED)


@fuzz(text=mangled([*SITEMAPS, INDEX], XML_WORDS))
def test_any_sitemap_is_read_or_refused(text: str) -> None:
    holds(text.encode("utf-8", "surrogatepass"), Kind.SITEMAP)


@fuzz(
    text=mangled(JSON_FEEDS, ['"', "[", "]", "{", "}", ",", ":", "\\", "\\ud800", "1e999", "NaN", "null", '"items":['])
)
def test_any_text_like_a_json_feed_is_read_or_refused(text: str) -> None:
    holds(text.encode("utf-8", "surrogatepass"), None)


@fuzz(items=st.lists(st.dictionaries(NAMES, VALUES) | VALUES, max_size=5), more=st.dictionaries(st.sampled_from(("home_page_url", "language", "title")), VALUES))  # fmt: skip
def test_any_values_in_a_json_feed_are_read_or_refused(items: list[Any], more: dict[str, Any]) -> None:
    document = {"version": "https://jsonfeed.org/version/1.1", "items": items, **more}
    holds(json.dumps(document).encode(), None)


@fuzz(
    text=mangled([*FEEDS, *SITEMAPS], XML_WORDS),
    encoding=st.sampled_from(("utf-8", "utf-16", "utf-16-be", "utf-32", "cp1256", "shift_jis")),
)
def test_any_bytes_in_any_encoding_are_read_or_refused(text: str, encoding: str) -> None:
    holds(text.encode(encoding, "replace"), None)
