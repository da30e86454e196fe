"""Sitemaps that a robots.txt or an index lists are requested conditionally once their last copy is stored."""

import gzip
from typing import Any

import pytest

from services.fetcher.listed_sitemaps import KEY, SECONDS
from shared.contracts import FetchRequested, Kind, Origin, PageFetched, Reason
from shared.errors import Drop
from shared.later import Later

PAGES = b"<?xml version='1.0'?>\n<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><url/></urlset>"
INDEX = b"<sitemapindex><sitemap/></sitemapindex>"


def request(url: str, trace: str, **fields: Any) -> FetchRequested:
    listed = {"kind": Kind.SITEMAP, "source_id": 7, "cause": "robots"}
    return FetchRequested(url=url, trace_id=trace, **listed | fields)


def conditions(site: Any) -> list[str | None]:
    """Returns the If-None-Match header of each request for a sitemap."""
    return [headers.get("if-none-match") for path, headers in site.received if path != "/robots.txt"]


@pytest.mark.parametrize("body", [PAGES, gzip.compress(PAGES, mtime=0), PAGES.replace(b"urlset", b"sm:urlset")])
def test_a_sitemap_whose_last_copy_is_stored_is_requested_conditionally(make, site, redis, body: bytes) -> None:
    url = site.page(body, Content_Type="application/xml", ETag='"1"')
    [first] = make().fetch(request(url, "a"))
    assert isinstance(first, PageFetched)
    with pytest.raises(Drop) as end:
        make().fetch(request(url, "b"))
    assert end.value.reason is Reason.NOT_MODIFIED
    assert conditions(site) == [None, '"1"']
    [key] = redis.keys(KEY + "*")
    assert 0 < redis.ttl(key) <= SECONDS


def test_a_copy_that_is_not_yet_stored_does_not_count(make, site, redis) -> None:
    url = site.page(PAGES, ETag='"1"')
    Later(redis).hold([request(url, "a")])
    for trace in ("a", "a", "b"):
        assert len(make().fetch(request(url, trace))) == 1
    assert conditions(site) == [None] * 3


@pytest.mark.parametrize(
    ("body", "fields"),
    [(INDEX, {}), (gzip.compress(INDEX, mtime=0), {}), (b"https://news.example/a\n", {}), (b"\x1f\x8b\x08 <urlset>", {}),
     (PAGES, {"origin": Origin.BACKFILL}), (PAGES, {"full": True}), (PAGES, {"cause": None}), (PAGES, {"kind": None})],
)  # fmt: skip
def test_what_is_no_listed_sitemap_of_pages_is_requested_as_it_was_asked_for(
    make, site, redis, body: bytes, fields: dict[str, Any]
) -> None:
    url = site.page(body, ETag='"1"')
    for trace in ("a", "b"):
        assert len(make().fetch(request(url, trace, **fields))) == 1
    assert conditions(site) == [None, None]
    assert redis.keys(KEY + "*") == []


def test_each_source_reads_a_sitemap_for_itself(make, site) -> None:
    url = site.page(PAGES, ETag='"1"')
    for trace, fields in (("a", {}), ("b", {"source_id": 8}), ("c", {"follow": False})):
        assert len(make().fetch(request(url, trace, **fields))) == 1
