from hashlib import sha256

import pytest

from shared.contracts import Access, FetchRequested, Reason
from shared.errors import Drop, TryLater


def fetch(fetcher, url: str):
    return fetcher.fetch(FetchRequested(url=url))


@pytest.mark.parametrize(
    ("rules", "path", "allowed"),
    [("User-agent: *\nDisallow: /", "/page", False),
     ("User-agent: *\nDisallow:", "/page", True),
     ("User-agent: *\nDisallow: /p\nAllow: /page", "/page", True),
     ("User-agent: newsmill\nDisallow: /page\n\nUser-agent: *\nAllow: /", "/page", False),
     ("User-agent: other\nDisallow: /", "/page", True),
     ("User-agent: *\nDisallow: /*.html$", "/page.html", False),
     ("\ufeffUser-agent: *\nDisallow: /page", "/page", False),
     ("User-agent: other\nUser-agent: Newsmill # us\nDisallow: /page\n\nUser-agent: *\nAllow: /", "/page", False),
     ("User-agent: other\nDisallow: /page\n\nUser-agent: third\nDisallow: /", "/page", True),
     ("useragent newsmill*\nDisallow: /page", "/page", False),
     ("<html>not robots</html>", "/page", True),
     ("", "/page", True)],
)  # fmt: skip
def test_rules(make, site, rules: str, path: str, allowed: bool) -> None:
    site.answers["/robots.txt"] = (200, {}, rules.encode())
    url = site.page(path=path)
    if allowed:
        assert fetch(make(), url)
    else:
        with pytest.raises(Drop) as caught:
            fetch(make(), url)
        assert caught.value.reason is Reason.ROBOTS
        assert site.paths() == ["/robots.txt"]


@pytest.mark.parametrize(
    ("status", "allowed"), [(404, True), (403, True), (401, True), (500, False), (503, False), (429, False)]
)
def test_a_missing_robots_txt_allows_and_a_broken_one_forbids(make, site, status: int, allowed: bool) -> None:
    site.answers["/robots.txt"] = (status, {}, b"")
    url = site.page()
    if allowed:
        assert fetch(make(), url)
    else:
        with pytest.raises(TryLater) as caught:
            fetch(make(), url)
        assert (caught.value.reason, caught.value.counts) == (Reason.ROBOTS_UNREACHABLE, True)


def test_it_is_fetched_once_for_all_fetchers(make, site) -> None:
    url = site.page()
    fetch(make(), url)
    fetch(make(), url)
    assert site.paths() == ["/robots.txt", "/page", "/page"]


def test_its_redirects_are_followed(make, site) -> None:
    site.answers["/robots.txt"] = (301, {"Location": "/r.txt"}, b"")
    site.answers["/r.txt"] = (200, {}, b"User-agent: *\nDisallow: /")
    with pytest.raises(Drop):
        fetch(make(), site.page())


def test_only_its_first_part_is_read(make, site) -> None:
    site.answers["/robots.txt"] = (200, {}, b"User-agent: *\n" + b"#" * 600_000 + b"\nDisallow: /")
    assert fetch(make(), site.page())


def test_crawl_delay_sets_the_interval(make, site) -> None:
    site.answers["/robots.txt"] = (200, {}, b"User-agent: *\nCrawl-delay: 7.5")
    url = site.page()
    with pytest.raises(TryLater) as caught:
        fetch(make(), url)
    assert 7 < caught.value.seconds <= 7.5
    assert site.paths() == ["/robots.txt"]


def test_it_takes_a_turn_like_any_page_and_so_do_its_redirects(make, site, redis) -> None:
    site.answers["/robots.txt"] = (301, {"Location": "/r.txt"}, b"")
    site.answers["/r.txt"] = (200, {}, b"User-agent: *\nAllow: /")
    request, paths = FetchRequested(url=site.page()), []
    for _ in range(2):
        with pytest.raises(TryLater) as caught:
            make(host_interval=60).fetch(request)
        paths.append(site.paths()[-1])
        assert (caught.value.host, caught.value.first, caught.value.counts) == ("127.0.0.1", True, False)
        redis.hset("newsmill:host:127.0.0.1", "last", 1)
    assert make(host_interval=60).fetch(request)
    assert [*paths, site.paths()[-1]] == ["/robots.txt", "/r.txt", "/page"]


def test_who_finds_it_being_asked_for_waits_for_the_host_and_holds_nothing(make, site) -> None:
    fetcher = make()
    url = site.page()
    with fetcher._robots.inquiry(url), pytest.raises(TryLater) as caught:
        fetch(fetcher, url)
    assert (caught.value.reason, caught.value.host, caught.value.counts) == (Reason.HOST_BUSY, "127.0.0.1", False)
    assert not site.paths()


def test_redirects_without_end_are_no_rules(make, site) -> None:
    for n in range(9):
        site.answers["/robots.txt" if n == 0 else f"/{n}"] = (302, {"Location": f"/{n + 1}"}, b"")
    assert fetch(make(), site.page())
    assert len(site.paths()) == 7


def test_the_sitemaps_that_it_lists_are_fetched_with_a_source_that_wants_them(make, site) -> None:
    sitemaps = f"Sitemap: {site.url}/archive.xml\nSitemap: {site.url}/news.xml"
    site.answers["/robots.txt"] = (200, {}, sitemaps.encode())
    request = FetchRequested(url=site.page(), source_id=7, access=Access(sitemaps=True, proxy=None))
    [_, sitemap, archive] = make().fetch(request)
    assert (sitemap.url, sitemap.kind, sitemap.cause, sitemap.source_id, sitemap.via) == (
        f"{site.url}/news.xml", "sitemap", request.trace_id, 7, "sitemap",
    )  # fmt: skip
    assert archive.url == f"{site.url}/archive.xml"
    assert not sitemap.access.sitemaps
    assert make().fetch(request)[1].trace_id == sitemap.trace_id
    assert len(make().fetch(FetchRequested(url=site.page()))) == 1


@pytest.mark.parametrize("answer", [(304, {}, b""), (200, {}, b"<p>news</p>")])
def test_the_sitemaps_that_it_lists_are_fetched_though_the_page_of_their_source_has_not_changed(
    make, site, answer
) -> None:
    site.answers["/robots.txt"] = (200, {}, b"Sitemap: /news.xml")
    site.answers["/page"] = answer
    asked = {"url": site.url + "/page", "etag": '"1"', "body_hash": sha256(b"<p>news</p>").hexdigest()}
    with pytest.raises(Drop) as end:
        make().fetch(FetchRequested(**asked, access=Access(sitemaps=True)))
    assert (end.value.reason, [sitemap.url for sitemap in end.value.messages]) == (
        Reason.NOT_MODIFIED,
        [site.url + "/news.xml"],
    )
    with pytest.raises(Drop) as end:
        make().fetch(FetchRequested(**asked))
    assert end.value.messages == []


@pytest.mark.parametrize(
    "line",
    ["Sitemap: /aktuell.xml", "Sitemap: aktuell.xml", "Sitemap: //{host}/aktuell.xml", "Sitemap: {host}/aktuell.xml", "sitemap:/aktuell.xml",
     "SITEMAP : ./aktuell.xml", "\ufeffSitemap: /aktuell.xml", "User-agent: *\rDisallow:\rSitemap: /aktuell.xml\r", "Sitemap: /aktuell.xml # news",
     "Sitemap http://{host}/aktuell.xml", "Sitemap: <http://{host}/aktuell.xml>", 'Sitemap: "/aktuell.xml"', "Sitemap: /aktuell.xml\nSitemap: /aktuell.xml",
     "Sitemap: ftp://{host}/old.xml\nSitemap: /aktuell.xml", "User-agent: other\nDisallow: /\nSitemap: /aktuell.xml"],
)  # fmt: skip
def test_a_sitemap_may_be_listed_without_scheme_or_host(make, site, line: str) -> None:
    host = site.url.removeprefix("http://")
    site.answers["/robots.txt"] = (200, {}, f"{line.format(host=host)}\nSitemap:".encode())
    [_, sitemap] = make().fetch(FetchRequested(url=site.page(), access=Access(sitemaps=True)))
    assert sitemap.url == f"{site.url}/aktuell.xml"


def test_a_source_whose_links_are_not_followed_follows_none_of_its_sitemaps(make, site) -> None:
    site.answers["/robots.txt"] = (200, {}, b"Sitemap: /news.xml")
    [_, sitemap] = make().fetch(FetchRequested(url=site.page(), follow=False, access=Access(sitemaps=True)))
    assert sitemap.follow is False


def test_it_may_be_ignored_by_who_owns_the_site(make, site) -> None:
    site.answers["/robots.txt"] = (200, {}, b"User-agent: *\nDisallow: /")
    assert fetch(make(obey_robots=False), site.page())
