"""Laws of the entries of feeds and sitemaps: each is read as if it were alone, and yields no address that it does not hold."""

import re
from datetime import UTC, datetime
from html import unescape
from urllib.parse import unquote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.parser.listing import xml_entries
from services.parser.parse import read
from shared.errors import Drop

HOST = "https://news.example"
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
WORDS = st.text("abc", min_size=1, max_size=3)
MARKS = st.sampled_from(
    ["&", "<", ">", "&amp;", "&lt;", "&nbsp;", "&x=1", "<b>", "</b>", "<i/>", "</url>", "</item>", "<m:x>", "</m:x>",
     "<!-- c -->", "<![CDATA[&<]]>", "]]>", '"', " ", "é", "%20", "?id=1", "<a href='x'>"]
)  # fmt: skip
TEXTS = st.lists(WORDS | MARKS, max_size=5).map("".join)
ENTRIES = st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=8)


def sitemap(entries: list[tuple[str, str]]) -> str:
    pages = (f"<url><loc>{HOST}/{path}</loc><m:title>{title}</m:title></url>" for path, title in entries)
    return f"<urlset>{''.join(pages)}</urlset>"


def feed(entries: list[tuple[str, str]]) -> str:
    items = (f"<item><link>{HOST}/{path}</link><title>{title} x</title></item>" for path, title in entries)
    return f"<rss><channel>{''.join(items)}</channel></rss>"


def readings(text: str) -> list[str]:
    """Returns a text as it stands and without tags, comments and the marks of sections, its references resolved.

    What the end of a section joins may look like a tag, so this goes on until there is none.
    """
    remaining = unquote(unescape(re.sub(r"<!--.*?-->|<!\[CDATA\[|\]\]>|</?[\w:]+(?: href='x')?/?>", "", text)))
    return [text] if remaining == text else [text, *readings(remaining)]


def texts(xml: str) -> list[list[tuple[str, str]]]:
    listing = xml_entries.read(xml)
    assert listing is not None
    return [
        [(xml_entries.name_of(child, entry), xml_entries.text_of(child)) for child in entry]
        for _, entry in listing.entries
    ]


@given(ENTRIES)
@settings(deadline=None)
def test_each_entry_is_read_as_if_it_were_alone(entries: list[tuple[str, str]]) -> None:
    assert texts(sitemap(entries)) == [entry for pair in entries for entry in texts(sitemap([pair]))]


@pytest.mark.parametrize("listing", [sitemap, feed])
@example([("<![CDATA[&<]]>a><m:x>a", "")])
@example([("<![CDATA[&<]]>", "a>")])
@example([("</b><b>", "")])
@settings(deadline=None)  # the first detection of a language reads its model
@given(ENTRIES)
def test_no_address_is_read_that_does_not_stand_in_the_listing(listing, entries: list[tuple[str, str]]) -> None:
    body = listing(entries)
    written = [unquote(unescape(body)), *readings(body)]
    try:
        headlines = read(body.encode(), HOST, None, None, NOW).headlines
    except Drop:
        return
    for headline in headlines:
        address = unquote(headline.url or "").rstrip("/ ")
        assert any(reading in text for reading in readings(address) for text in written), (address, body)


@pytest.mark.parametrize(
    "mess", ["a &amp; b", "a & b", "a < b", "a <3 b<c d", "<?a b?>a < b", "<b>a", "&nbsp;a", "<![CDATA[a", "</b>"]
)
def test_a_hundred_thousand_characters_of_broken_entries_are_all_read(mess: str) -> None:
    entries = [(f"{number}", mess) for number in range(2_000)]
    body = sitemap(entries)
    assert len(body) > 2 * xml_entries._CHUNK
    paths = [
        (headline.url or "").removeprefix(HOST + "/")
        for headline in read(body.encode(), HOST, None, None, NOW).headlines
    ]
    assert paths == [path for path, _ in entries]


def addresses(body: str) -> list[str | None]:
    return [headline.url for headline in read(body.encode(), HOST, None, None, NOW).headlines]


@pytest.mark.parametrize(
    "body",
    ["<RSS><CHANNEL><ITEM><TITLE>Quay</TITLE><LINK>{}</LINK></ITEM></CHANNEL></RSS>",
     "<URLSET><URL><LOC>{}</LOC></URL></URLSET>",
     "<rss><channel><item><title><![CDATA[Quay</title><link>{}</link></item></channel></rss>",
     "<feed><entry><title>Quay</title><link type='application/json' href='/a.json'/><link type='text/html' href='{}'/></entry></feed>",
     "<feed><entry><title>Quay</title><link rel='http://www.iana.org/assignments/relation/alternate' href='{}'/></entry></feed>"],
)  # fmt: skip
def test_an_entry_is_read_in_capitals_with_an_open_section_and_by_its_link_to_a_page(body: str) -> None:
    assert addresses(body.format(f"{HOST}/quay")) == [f"{HOST}/quay"]


@pytest.mark.parametrize("listing", [sitemap, feed])
def test_an_address_that_was_escaped_twice_is_read_as_it_was_meant(listing) -> None:
    assert addresses(listing([("a?id=1&amp;amp;n=2", "Quay")])) == [f"{HOST}/a?id=1&n=2"]
