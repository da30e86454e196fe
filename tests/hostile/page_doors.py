"""The doors for pages and listings, whatever they are and however they are encoded."""

import contextlib
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from services.parser.discovery.handler import parse_and_discover
from services.parser.parse import parse
from shared.contracts import LOOK, FetchRequested, HeadlinesParsed, Inspection, Kind, Page, PageFetched, PageSeen, Role
from shared.discovery.channels import KINDS
from shared.errors import NewsmillError
from shared.pages import MemoryPages
from shared.urls import check
from tests.hostile.door import Door, travels, with_option
from tests.hostile.words import HTML_WORDS, JSON_WORDS, XML_WORDS

NOW = datetime(2026, 1, 1, tzinfo=UTC)
URL = "https://news.example/2024/01/02/a-story"
GOLDEN = Path(__file__).parents[1] / "parser/golden"
INDEX = b"<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><sitemap><loc>/a.xml</loc><lastmod>2026-01-01</lastmod></sitemap></sitemapindex>"
CHARSETS = (
    None,
    "utf-8",
    "utf-16",
    "cp1252",
    "shift_jis",
    "gb18030",
    "iso-2022-jp",
    "utf-7",
    "unicode_escape",
    "hex",
    "x-user-defined",
    "\0",
)


def golden(*names: str) -> tuple[bytes, ...]:
    """Returns the golden pages of these folders; without names, of all."""
    folders = [GOLDEN / name for name in names] or sorted(GOLDEN.iterdir())
    return tuple(path.read_bytes() for folder in folders for path in folder.glob("page.*"))


def holds(body: bytes, kind: Kind | None, charset: str | None = None) -> None:
    """A page ends in messages that travel and lead to the web only, or in a refusal."""
    pages = MemoryPages()
    page = Page(url=URL, final_url=URL, key=pages.put(body), charset=charset, fetched_at=NOW)
    with contextlib.suppress(NewsmillError):
        for message in parse(PageFetched(page=page, kind=kind, follow=True), pages, max_bytes=1_000_000):
            travels(message)
            headlines = message.headlines if isinstance(message, HeadlinesParsed) else ()
            assert [headline.position for headline in headlines] == list(range(len(headlines)))
            assert {urlsplit(headline.url).scheme for headline in headlines if headline.url} <= {"http", "https"}
            assert not isinstance(message, FetchRequested) or check(message.url)


def take_look(data: bytes) -> None:
    """A page of a look at a site says what it is, in one message, and leads to few pages of the web."""
    roles = (None, *Role)
    role, body = with_option(data, roles)
    pages = MemoryPages()
    page = Page(url=URL, final_url=URL, key=pages.put(body), fetched_at=NOW)
    inspection = Inspection(site_key="0" * 32, role=role, samples=5)
    request = PageFetched(page=page, kind=KINDS[role] if role else Kind.FRONT, via=LOOK, inspection=inspection)
    with contextlib.suppress(NewsmillError):
        messages = list(parse_and_discover(request, pages, max_bytes=1_000_000))
        assert [type(message) for message in messages].count(PageSeen) == 1
        assert len(messages) <= 10
        for message in messages:
            travels(message)
            assert not isinstance(message, FetchRequested) or check(message.url)


def take_home_page(data: bytes) -> None:
    """A home page that is looked at for the channels of its site."""
    pages = MemoryPages()
    page = Page(url=URL, final_url=URL, key=pages.put(data), fetched_at=NOW)
    request = PageFetched(page=page, kind=Kind.FRONT, inspection=Inspection(site_key="0" * 32, samples=0))
    with contextlib.suppress(NewsmillError):
        for message in parse_and_discover(request, pages, max_bytes=1_000_000):
            travels(message)
            assert not isinstance(message, FetchRequested) or check(message.url)


def take_page(data: bytes) -> None:
    kind, body = with_option(data, (None, Kind.ARTICLE, Kind.FRONT, Kind.TEXT))
    holds(body, kind)


def take_charset(data: bytes) -> None:
    charset, body = with_option(data, CHARSETS)
    holds(body, None, charset)


ENCODED_PAGES = tuple(
    bytes([number]) + page for number, page in enumerate(golden("rss", "text-fr", "front-ja", "app-shell"))
)

PAGE_DOORS = {
    "page": Door(take_page, tuple(b"\0" + page for page in golden()), HTML_WORDS, 100_000),
    "feed": Door(lambda data: holds(data, Kind.FEED), golden("rss", "atom"), XML_WORDS, 20_000),
    "sitemap": Door(lambda data: holds(data, Kind.SITEMAP), (*golden("news-sitemap"), INDEX), XML_WORDS, 20_000),
    "json-feed": Door(lambda data: holds(data, None), golden("jsonfeed"), JSON_WORDS, 20_000),
    "look": Door(
        take_look, tuple(b"\0" + page for page in golden("front-ja", "rss", "news-sitemap")), HTML_WORDS, 20_000
    ),
    "home-page": Door(take_home_page, golden("front-ja"), HTML_WORDS, 20_000),
    "charset": Door(take_charset, ENCODED_PAGES, HTML_WORDS, 20_000),
}
