"""Messages in, messages out; and whatever the bytes, never anything but a result or a Reject."""

import contextlib
import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from services.parser.listing.child_sitemaps import SitemapLimits
from services.parser.parse import MISSING, parse, read
from shared.contracts import ArticleParsed, FetchRequested, HeadlinesParsed, Kind, Page, PageFetched, Reason
from shared.errors import Drop, Reject
from shared.pages import MemoryPages

NOW = datetime(2026, 1, 1, tzinfo=UTC)
GOLDEN = Path(__file__).parent / "golden"
INDEX = b"""<?xml version="1.0"?><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<sitemap><loc>https://a.example/1.xml</loc><lastmod>2025-01-01</lastmod></sitemap>
<sitemap><loc>https://a.example/3.xml</loc><lastmod>2025-03-01</lastmod></sitemap>
<sitemap><loc>https://a.example/2.xml</loc><lastmod>2025-02-01</lastmod></sitemap></sitemapindex>"""


def handle(body, url="https://a.example/x", **fields):
    pages = MemoryPages()
    page = Page(url=url, final_url=url, key=pages.put(body), fetched_at=NOW)
    return list(parse(PageFetched(page=page, trace_id="t1", **fields), pages, child_sitemaps=SitemapLimits(2)))


def reason(body, **fields):
    with pytest.raises(Drop) as caught:
        handle(body, **fields)
    return caught.value.reason


def golden(case):
    return next((GOLDEN / case).glob("page.*")).read_bytes()


def test_an_article_page_gives_its_article_and_the_headlines_beside_it():
    article, headlines = handle(golden("aggregator-fr"), "https://www.maghress.com/fr/courrierducap/4711", follow=False)
    assert isinstance(article, ArticleParsed)
    assert article.article.publisher == "Le Courrier du Cap"
    assert isinstance(headlines, HeadlinesParsed)
    assert (headlines.kind, headlines.follow, len(headlines.headlines)) == (Kind.ARTICLE, False, 4)
    assert {article.trace_id, headlines.trace_id} == {"t1"}


def test_an_article_page_without_a_ticker_gives_the_article_alone():
    (message,) = handle(golden("og-es"))
    assert isinstance(message, ArticleParsed)


def test_a_ticker_alone_is_a_text_listing():
    (message,) = handle(b"Un titre de quatre mots    Deux titres de quatre mots    Trois titres de la une")
    assert (message.kind, [headline.position for headline in message.headlines]) == (Kind.TEXT, [0, 1, 2])


def test_a_sitemap_index_asks_for_its_newest_and_for_the_same_traces_each_time():
    first, second = handle(INDEX), handle(INDEX)
    fetches = [message for message in first if isinstance(message, FetchRequested)]
    assert [message.url for message in fetches] == ["https://a.example/3.xml", "https://a.example/2.xml"]
    assert all((message.kind, message.cause) == (Kind.SITEMAP, "t1") for message in fetches)
    assert [message.trace_id for message in fetches] == [
        message.trace_id for message in second if isinstance(message, FetchRequested)
    ]
    assert len({"t1", *(message.trace_id for message in fetches)}) == 3


def test_a_zipped_sitemap_is_read():
    content = read(gzip.compress(golden("news-sitemap")), "https://harbourpost.example/s.xml.gz", None, None, NOW)
    assert (content.kind, len(content.headlines)) == (Kind.SITEMAP, 2)


def test_an_entity_is_not_resolved():
    body = golden("news-sitemap").replace(b"<news:title>River", b"<news:title>&secret;River")
    content = read(body, "https://harbourpost.example/s.xml", None, None, NOW)
    assert "root:" not in repr(content)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), Reason.NOT_TEXT),
        (b"%PDF-1.7 ...", Reason.NOT_TEXT),
        (b"", Reason.NO_CONTENT),
        (b"<html><body></body></html>", Reason.NO_CONTENT),
        (b"\x1f\x8bnot gzip at all", Reason.UNREADABLE),
        (b'{"items": [', Reason.UNREADABLE),
    ],
)
def test_what_holds_nothing_ends_by_name(body, expected):
    assert reason(body) is expected


def test_a_page_gone_from_the_store_is_fetched_once_more_and_not_twice():
    page = Page(url="https://a.example/", final_url="https://a.example/", key="gone", fetched_at=NOW)
    first = PageFetched(page=page, follow=False)
    [again] = parse(first, MemoryPages())
    assert isinstance(again, FetchRequested)
    assert (again.trace_id, again.url, again.follow) == (first.trace_id, page.url, False)
    with pytest.raises(Drop) as caught:
        parse(PageFetched(**again.envelope(), page=page), MemoryPages())
    assert caught.value.reason is Reason.PAGE_EXPIRED


def test_a_page_or_a_zip_of_one_may_not_be_larger_than_allowed():
    for body in (b"a" * 1001, gzip.compress(b"a" * 1001)):
        with pytest.raises(Drop) as caught:
            read(body, "https://a.example/", None, None, NOW, max_bytes=1000)
        assert caught.value.reason is Reason.TOO_LARGE


def test_a_missing_field_is_counted():
    before = MISSING.labels("publisher")._value.get()
    handle(golden("og-es"))
    assert MISSING.labels("publisher")._value.get() == before + 1


def test_deep_nesting_and_broken_structured_data_are_survived():
    deep = b"<div>" * 5000 + b"text" + b'<script type="application/ld+json">' + b"[" * 100_000 + b"</script>"
    for body in (deep, b'{"items": ' + b"[" * 100_000, b"<rss>" * 3000, b"<urlset>" + b"<url>" * 3000):
        with contextlib.suppress(Reject):
            handle(body)


FRAGMENTS = st.sampled_from(
    [b"<html>", b"<body>", b"<article>", b"<h1>Title of it</h1>", b"<p>" + b"word " * 60 + b"</p>", b"<a href='http://[bad'>four words and more</a>",
     b'<script type="application/ld+json">{"@type":"NewsArticle","headline":[1,{}],"author":{"name":[null]},"image":7,"publisher":[[]]}</script>',
     b'<script type="application/ld+json">{"@graph":[[{"@type":{}}]],"@type":["Article"],"datePublished":{"a":1},"keywords":[{}]}</script>',
     b"<meta property='og:title' content='&#x110000;'>", b"<meta charset='utf-7'>", b"<time datetime='99999-99-99'>", b"<base href='http://['>",
     b"<rss><channel><item><title>One</title><pubDate>Mon, 99 Foo</pubDate></item>", b"<feed>", b"<urlset><url><loc>http://a.example/a</loc></url>",
     b'{"items":[{"title":3,"url":[]}]}', b"<?xml version='1.0' encoding='x'?>", b"    ", b"\n", b"\x1f\x8b", b"\xff\xfe", b"\x00", "نشر في X يوم 99 - 99 - 2015\n".encode()]
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(body=st.one_of(st.binary(max_size=400), st.lists(st.one_of(FRAGMENTS, st.binary(max_size=20)), max_size=12).map(b"".join)),
       kind=st.sampled_from([None, *Kind]), url=st.sampled_from(["https://a.example/", "http://[bad", "https://www.maghress.com/fr/x/1", "no url"]),
       charset=st.sampled_from([None, "utf-8", "windows-1256", "base64", "\x00", "utf-16"]))  # fmt: skip
@example(
    body=b"<html><base href='http://['><a href='x'>four words and more</a>", kind=Kind.FRONT, url="no url", charset=None
)
def test_any_bytes_give_a_result_or_a_reject(body, kind, url, charset):
    with contextlib.suppress(Reject):
        read(body, url, kind, charset, NOW)
