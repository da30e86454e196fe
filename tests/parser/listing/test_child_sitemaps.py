"""Sitemap indexes that lead back to themselves end, and what they list is bounded."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.parser.listing.child_sitemaps import DEFAULT_LIMITS, SitemapLimits
from services.parser.parse import parse
from shared.contracts import FetchRequested, HeadlinesParsed, Kind, Origin, Page, PageFetched, Reason
from shared.errors import Drop
from shared.pages import MemoryPages

INDEX, NEWS, OLD = (f"https://news.example/{name}.xml" for name in ("index", "news", "old"))
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


def index(*locations: str, modified: str = "") -> bytes:
    entries = "".join(
        f"<sitemap><loc>{url}</loc>{f'<lastmod>{modified}</lastmod>' if modified else ''}</sitemap>"
        for url in locations
    )
    return f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</sitemapindex>'.encode()


class Web:
    """A site of sitemaps: what lies at each URL, and where some of them redirect."""

    def __init__(self, bodies: dict[str, bytes], redirects: dict[str, str] | None = None) -> None:
        self.bodies = bodies
        self.redirects = redirects or {}
        self.fetched: list[str] = []
        self.ends: list[Reason] = []

    def run(self, start: str, limits: SitemapLimits = DEFAULT_LIMITS) -> None:
        """Fetches and parses until nothing follows; at most a hundred pages."""
        requests = [FetchRequested(url=start, kind=Kind.SITEMAP)]
        while requests and len(self.fetched) < 100:
            request = requests.pop(0)
            self.fetched.append(request.url)
            try:
                followed = self._parse(request, limits)
            except Drop as end:
                self.ends.append(end.reason)
                continue
            requests += [message for message in followed if isinstance(message, FetchRequested)]

    def _parse(self, request: FetchRequested, limits: SitemapLimits) -> list[object]:
        pages = MemoryPages()
        url = self.redirects.get(request.url, request.url)
        page = Page(url=request.url, final_url=url, key=pages.put(self.bodies[url]), fetched_at=NOW)
        message = PageFetched(**request.envelope(), page=page, kind=request.kind, ancestors=request.ancestors)
        return list(parse(message, pages, child_sitemaps=limits))


def test_an_index_that_lists_itself_is_fetched_once() -> None:
    web = Web({INDEX: index(INDEX)})
    web.run(INDEX)
    assert web.fetched == [INDEX]


def test_a_ring_of_two_ends_where_it_began() -> None:
    web = Web({INDEX: index(NEWS), NEWS: index(INDEX)})
    web.run(INDEX)
    assert web.fetched == [INDEX, NEWS]


def test_a_child_that_redirects_back_to_its_index_ends_by_name() -> None:
    web = Web({INDEX: index(NEWS)}, {NEWS: INDEX})
    web.run(INDEX)
    assert (web.fetched, web.ends) == ([INDEX, NEWS], [Reason.CYCLE])


def test_an_index_that_redirects_and_lists_its_old_address_ends_by_name() -> None:
    web = Web({NEWS: index(INDEX)}, {INDEX: NEWS})
    web.run(INDEX)
    assert (web.fetched, web.ends) == ([INDEX, INDEX], [Reason.CYCLE])


@pytest.mark.parametrize("depth", [0, 1, 3])
def test_indexes_that_list_ever_new_indexes_are_followed_to_a_depth(depth: int) -> None:
    web = Web({f"https://news.example/{n}.xml": index(f"https://news.example/{n + 1}.xml") for n in range(50)})
    web.run("https://news.example/0.xml", SitemapLimits(depth=depth))
    assert len(web.fetched) == depth + 1


def test_a_loop_does_not_take_the_place_of_a_sitemap_that_can_be_fetched() -> None:
    web = Web({INDEX: index(INDEX, NEWS), NEWS: index()})
    web.run(INDEX, SitemapLimits(number=1))
    assert web.fetched == [INDEX, NEWS]


@pytest.mark.parametrize(("modified", "fetched"), [("2026-04-30", 2), ("2026-03-01", 1), ("", 2), ("yesterday", 2)])
def test_a_sitemap_that_has_not_changed_for_long_is_not_fetched(modified: str, fetched: int) -> None:
    web = Web({INDEX: index(OLD, modified=modified), OLD: index()})
    web.run(INDEX, SitemapLimits(max_age=timedelta(days=30)))
    assert len(web.fetched) == fetched


def test_an_empty_location_is_nothing() -> None:
    web = Web({INDEX: index("", NEWS), NEWS: index()})
    web.run(INDEX)
    assert web.fetched == [INDEX, NEWS]


def urlset(*pages: tuple[str, str]) -> bytes:
    entries = "".join(f"<url><loc>https://news.example/{path}</loc>{texts}</url>" for path, texts in pages)
    return f'<urlset xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">{entries}</urlset>'.encode()


def paths(body: bytes, limits: SitemapLimits = DEFAULT_LIMITS, **fields: Any) -> list[str]:
    pages = MemoryPages()
    page = Page(url=INDEX, final_url=INDEX, key=pages.put(body), fetched_at=NOW)
    [message] = parse(PageFetched(page=page, **fields), pages, child_sitemaps=limits)
    assert isinstance(message, HeadlinesParsed)
    return [(headline.url or "").rpartition("/")[2] for headline in message.headlines]


DATED = urlset(
    ("old", "<lastmod>2025-01-01</lastmod>"),
    ("2026/04/29/by-its-address", ""),
    ("new", "<lastmod>2026-04-30T10:00:00Z</lastmod><changefreq>never</changefreq>"),
    ("2019/04/29/old-address", ""),
    ("undated", ""),
)


def test_pages_that_have_not_changed_for_long_are_not_taken() -> None:
    assert paths(DATED, SitemapLimits(max_age=timedelta(days=30))) == ["by-its-address", "new", "undated"]


def test_the_newest_pages_are_taken_and_without_dates_the_last() -> None:
    assert paths(DATED, SitemapLimits(pages=2)) == ["by-its-address", "new"]
    assert paths(urlset(("a", ""), ("b", ""), ("c", "")), SitemapLimits(pages=2)) == ["b", "c"]


def test_a_backfill_takes_old_pages_too() -> None:
    limits = SitemapLimits(max_age=timedelta(days=30), pages=1)
    assert len(paths(DATED, limits, origin=Origin.BACKFILL)) == 5


def test_of_a_sitemap_that_robots_txt_lists_news_is_taken_whatever_its_name() -> None:
    news = "<news:news><news:publication_date>2026-04-30</news:publication_date><news:title>A quay reopens</news:title></news:news>"
    body = urlset(("about", "<lastmod>2026-04-30</lastmod>"), ("quay", news))
    assert paths(body, via="sitemap") == ["quay"]
    assert paths(body) == ["about", "quay"]


def test_an_index_without_dates_is_followed_from_its_end() -> None:
    web = Web({INDEX: index(OLD, NEWS), OLD: index(), NEWS: index()})
    web.run(INDEX, SitemapLimits(number=1))
    assert web.fetched == [INDEX, NEWS]


@pytest.mark.parametrize(("body", "validators"), [
    (index(NEWS), ("", "", "")),
    (b"<urlset><url><loc>https://news.example/a</loc></url></urlset>", ('"1"', "Fri", "ab")),
])  # fmt: skip
def test_an_index_is_read_each_time_since_its_sitemaps_may_change_while_it_stays_the_same(
    body: bytes, validators: tuple[str, ...]
) -> None:
    pages = MemoryPages()
    page = Page(
        url=INDEX, final_url=INDEX, key=pages.put(body), fetched_at=NOW, etag='"1"', last_modified="Fri", body_hash="ab"
    )
    [listing, *_] = parse(PageFetched(page=page, kind=Kind.SITEMAP), pages)
    assert isinstance(listing, HeadlinesParsed)
    assert (listing.page.etag, listing.page.last_modified, listing.page.body_hash) == validators
