"""The canonical form of a URL: laws, and the spellings that are one page."""

from urllib.parse import urljoin

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.errors import BadUrl
from shared.urls import canonical, fetchable, fingerprint, join

parts = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), max_size=30)


@given(path=parts, query=parts, fragment=parts)
def test_canonical_is_idempotent(path: str, query: str, fragment: str) -> None:
    try:
        once = canonical(f"https://News.Example:443/{path}?{query}#{fragment}")
    except BadUrl:
        return
    assert canonical(once) == once
    assert canonical(fetchable(once)) == once


hosts = st.text(st.characters(exclude_categories=["Cc"]), min_size=1, max_size=12)


@given(host=hosts, path=st.text(max_size=30))
@example(host="é\u3002", path="")
@example(host="a.example", path="ج" * 600)
@example(host="a.example", path="%" * 1000)
@example(host="a.example", path="\ud800")
def test_whatever_the_host_canonical_is_idempotent_or_refuses(host: str, path: str) -> None:
    try:
        once = canonical(f"https://{host}/{path}")
    except BadUrl:
        return
    assert canonical(once) == once


@pytest.mark.parametrize(
    "spelling",
    [
        "HTTPS://News.Example/a/b", "https://news.example:443/a/b", "https://news.example/a/b#top",
        "https://news.example/a/b?utm_source=x&fbclid=1", "https://news.example/a/./c/../b", "https://news.example./a/b",
        "https://news.example/%61/b", "https://news.example/a/b;jsessionid=AF01",
    ],
)  # fmt: skip
def test_spellings_of_one_page(spelling: str) -> None:
    assert canonical(spelling) == "https://news.example/a/b"


def test_what_tells_pages_apart_is_kept() -> None:
    urls = (
        "https://a.example/x?id=1",
        "https://a.example/x?id=2",
        "http://a.example/x?id=1",
        "https://a.example/X?id=1",
    )
    assert len({fingerprint(url) for url in urls}) == 4


def test_unicode_hosts_and_paths_have_one_form() -> None:
    assert canonical("https://BÜCHER.example/é") == canonical("https://xn--bcher-kva.example/%c3%a9")


@pytest.mark.parametrize(
    "url",
    ["", "news.example/a", "ftp://a.example/", "https://user:secret@a.example/", "https:///a", "https://a.example/\r\nX: y",
     "https://a.example:99999/", "https://[::1", "https://a.example/" + "x" * 3000, "javascript:alert(1)"],
)  # fmt: skip
def test_what_cannot_be_fetched_is_refused_without_its_secrets(url: str) -> None:
    with pytest.raises(BadUrl) as refused:
        canonical(url)
    assert "secret" not in str(refused.value)


def test_links_that_lead_nowhere_are_none() -> None:
    assert join("https://a.example/x/", "../y") == "https://a.example/y"
    assert join("https://a.example/", "mailto:desk@a.example") is None
    assert join("https://a.example/", " /fish\n market/ice cream ") == "https://a.example/fish%20market/ice%20cream"
    assert join("https://a.example/", "//b c.example/") is None


LINKS = st.from_regex(r"(?:https?|HTTP)://[a-z.:-]{0,8}(?:/[a-zA-Z.%~ é;?#&=-]{0,6}){0,3}", fullmatch=True)


@given(LINKS)
@example("https://news.example/a/../b?id=1&x=%C3%A4")
@example("https://news.example/a.html?")
@example("http:///a")
def test_an_absolute_link_is_joined_as_any_link(link: str) -> None:
    try:
        expected = fetchable(urljoin("https://base.example/x/y", link.strip().replace(" ", "%20")))
    except ValueError:
        expected = None
    assert join("https://base.example/x/y", link) == expected


BASES = ("https://base.example/x/y?z#w", "http://Base.example:8080", "https://base.example:443/", "https://bücher.example/x", "https://[::1]/",
         "https://desk@base.example/", "file:///x", "//base.example/", "")  # fmt: skip
ROOTED = st.from_regex(r"/{1,2}(?:[a-z.%~ é;?&=-]{0,5}/){0,3}[a-z.%~ é;?#&=-]{0,6}", fullmatch=True)


@given(st.sampled_from(BASES), ROOTED)
@example("https://base.example/x", "/" + "a" * 2_020)
@example("https://base.example/x", "/" + "a" * 2_040)
def test_a_link_from_the_root_is_joined_as_any_link(base: str, link: str) -> None:
    try:
        expected = fetchable(urljoin(base, link.strip().replace(" ", "%20")))
    except ValueError:
        expected = None
    assert join(base, link) == expected
