"""Sitemap indexes that lead back to themselves end, and what they list is bounded."""

from datetime import UTC, datetime, timedelta

import pytest

from services.parser.listing.child_sitemaps import DEFAULT_LIMITS, SitemapLimits
from services.parser.parse import parse
from shared.contracts import FetchRequested, Kind, Page, PageFetched, Reason
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
