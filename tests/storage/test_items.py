"""Which headlines are the same item, and what a feed says of an item beyond its title."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.storage.identity import items
from shared.contracts import Article as ParsedArticle
from shared.contracts import ArticleParsed, Headline, HeadlinesParsed, Kind, PageDropped, Reason
from shared.database.models import Headline as HeadlineRow
from shared.database.models import Page as PageRow
from shared.urls import fingerprint
from tests.storage.test_store import Bench, bench

__all__ = ["bench"]

FEED, SECOND_FEED = "https://news.example/feed", "https://news.example/sport.xml"
BLOG = "https://news.example/blog"


def feed(bench: Bench, *headlines: Headline, url: str = FEED, minutes: int = 0) -> HeadlinesParsed:
    return HeadlinesParsed(page=bench.page(url, minutes), kind=Kind.FEED, headlines=headlines)


def item(url: str, text: str = "Ferry returns", **fields: Any) -> Headline:
    return Headline(text=text, url=url, block="feed", **fields)


def pages(bench: Bench, prefix: str = "https://news.example/blog") -> list[str]:
    return [row.url for row in bench.rows(PageRow) if row.url.startswith(prefix)]


def test_items_that_are_places_on_one_page_are_several_headlines_and_one_page(bench: Bench) -> None:
    places = [item(f"{BLOG}#p{number}", f"Entry {number}", position=number) for number in (12, 13)]
    fetches = bench.store.handle(feed(bench, *places))
    assert [fetch.url for fetch in fetches] == [BLOG]
    assert pages(bench) == [BLOG]
    assert sorted((row.url, row.text, row.position) for row in bench.rows(HeadlineRow)) == [
        (f"{BLOG}#p12", "Entry 12", 12),
        (f"{BLOG}#p13", "Entry 13", 13),
    ]
    bench.store.handle(ArticleParsed(page=bench.page(BLOG, 5), article=ParsedArticle(title="Blog", text="Text")))
    assert all(row.article_id for row in bench.rows(HeadlineRow))
    bench.store.handle(feed(bench, *places, minutes=9))
    assert bench.count(HeadlineRow) == 2


def test_retries_of_a_page_go_on_while_one_of_its_places_is_shown(bench: Bench) -> None:
    bench.store.handle(feed(bench, item(f"{BLOG}#p12"), item(f"{BLOG}#p13")))
    bench.store.handle(PageDropped(url=BLOG, stage="fetch", reason=Reason.HTTP_404))
    bench.store.handle(feed(bench, item(f"{BLOG}#p13"), item("https://news.example/a"), minutes=5))
    [page] = [row for row in bench.rows(PageRow) if row.url == BLOG]
    assert page.retry_at is not None
    bench.store.handle(feed(bench, item("https://news.example/a"), minutes=6))
    [page] = [row for row in bench.rows(PageRow) if row.url == BLOG]
    assert page.retry_at is None


@pytest.mark.parametrize("schemes", [("http", "https"), ("https", "http")])
def test_http_and_https_of_one_address_are_one_headline_of_a_site_and_one_page(
    bench: Bench, schemes: tuple[str, str]
) -> None:
    first, second = (f"{scheme}://news.example/blog" for scheme in schemes)
    fetches = [
        *bench.store.handle(feed(bench, item(first))),
        *bench.store.handle(feed(bench, item(second), url=SECOND_FEED, minutes=5)),
    ]
    assert [fetch.url for fetch in fetches] == [first]
    [row] = bench.rows(HeadlineRow)
    assert row.url == first, "the listing that leads with it shows this address"
    bench.store.handle(ArticleParsed(page=bench.page(first, 6), article=ParsedArticle(title="Blog", text="Text")))
    assert bench.store.handle(feed(bench, item(second), url=SECOND_FEED, minutes=9)) == []
    assert bench.count(HeadlineRow) == 1


def test_both_schemes_in_one_batch_are_one_page(bench: Bench) -> None:
    urls = ("http://news.example/blog", "https://news.example/blog")
    fetches = bench.store.handle_batch([
        feed(bench, item(urls[0])), feed(bench, item(urls[1]), url=SECOND_FEED)
    ])  # fmt: skip
    assert [fetch.url for fetch in fetches] == [urls[0]]


def test_a_listing_that_turns_to_https_after_http_failed_is_followed(bench: Bench) -> None:
    bench.store.handle(feed(bench, item("http://news.example/blog")))
    bench.store.handle(PageDropped(url="http://news.example/blog", stage="fetch", reason=Reason.CONNECTION))
    [fetch] = bench.store.handle(feed(bench, item(BLOG), minutes=5))
    [row] = bench.rows(HeadlineRow)
    assert fetch.url == row.url == BLOG
    bench.store.handle(PageDropped(url=BLOG, stage="fetch", reason=Reason.HTTP_404, trace_id=fetch.trace_id))
    [page] = [page for page in bench.rows(PageRow) if page.url == BLOG]
    assert page.retry_at is not None, "the headline leads to the page of its present address"


def test_a_port_makes_another_address(bench: Bench) -> None:
    bench.store.handle(feed(bench, item("http://news.example:8080/a"), item("https://news.example:8080/a")))
    assert bench.count(HeadlineRow) == 2


def test_authors_and_tags_of_an_item_are_kept_until_newer_ones_come(bench: Bench) -> None:
    bench.store.handle(feed(bench, item(BLOG, authors=("Ada Lind",), tags=("Sea", "Ports"))))
    bench.store.handle(bench.listing(item(BLOG), minutes=5))
    [row] = bench.rows(HeadlineRow)
    assert (row.authors, row.tags) == (["Ada Lind"], ["Sea", "Ports"])
    bench.store.handle(feed(bench, item(BLOG, authors=("Ada Lind", "Bo Ek")), minutes=9))
    [row] = bench.rows(HeadlineRow)
    assert (row.authors, row.tags) == (["Ada Lind", "Bo Ek"], ["Sea", "Ports"])


URLS = st.builds(
    "{}://{}/{}{}".format, st.sampled_from(["http", "https"]), st.sampled_from(["a.example", "b.example"]),
    st.text("abc/", max_size=4), st.sampled_from(["", "?id=1"]),
)  # fmt: skip


@given(URLS, st.text("ab1", max_size=3), st.text("ab1", max_size=3))
def test_an_item_is_its_page_whatever_the_scheme_and_its_place_on_it(url: str, first: str, second: str) -> None:
    https = "https" + url[url.index(":") :]
    assert items.key(url) == items.key(https) == fingerprint(https)
    assert (items.key(f"{url}#{first}") == items.key(f"{https}#{second}")) == (first == second)


def test_an_address_that_no_page_can_have_has_a_key() -> None:
    assert items.key("http://") != items.key("https://")
