import pytest

from shared.contracts import FetchRequested, Reason
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
    fetcher = make()
    fetch(fetcher, url)
    with pytest.raises(TryLater) as caught:
        fetch(fetcher, url)
    assert 7 < caught.value.seconds <= 7.5


def test_it_may_be_ignored_by_who_owns_the_site(make, site) -> None:
    site.answers["/robots.txt"] = (200, {}, b"User-agent: *\nDisallow: /")
    assert fetch(make(obey_robots=False), site.page())
