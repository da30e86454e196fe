"""Sitemaps as sites write them; each entry stands for itself."""

from datetime import UTC, datetime
from itertools import zip_longest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.parser.parse import PageContent, read
from shared.contracts import Kind, Reason
from shared.errors import Drop

NOW = datetime(2026, 1, 1, tzinfo=UTC)
HOST = "https://news.example"
QUAY = f"<url><loc>{HOST}/quay</loc></url>"
NEWS = "<news:news><news:publication_date>2025-11-04T08:00:00Z</news:publication_date><news:title>A quay reopens</news:title></news:news>"


def content(entries: str, root: str = "urlset", declarations: str = "") -> PageContent:
    return read(f"<{root} {declarations}>{entries}</{root}>".encode(), f"{HOST}/map.xml", None, None, NOW)


def urls(entries: str, **options: str) -> list[str | None]:
    return [headline.url for headline in content(entries, **options).headlines]


@pytest.mark.parametrize(
    "picture",
    [
        "<image:image><image:loc>https://cdn.example/a.jpg</image:loc><image:title>IMG_1</image:title></image:image>",
        "<video:video><video:title>Film</video:title><video:publication_date>2020-01-01</video:publication_date></video:video>",
        "<pic:image xmlns:pic='http://www.google.com/schemas/sitemap-image/1.1'><pic:loc>/a.jpg</pic:loc></pic:image>",
        "<image xmlns='http://www.google.com/schemas/sitemap-image/1.1'><loc>/a.jpg</loc><title>IMG_1</title></image>",
    ],
)
@pytest.mark.parametrize("is_first", [True, False])
def test_pictures_and_films_are_no_pages(picture: str, is_first: bool) -> None:
    location = f"<loc>{HOST}/quay</loc>{NEWS}"
    [headline] = content(f"<url>{picture + location if is_first else location + picture}</url>").headlines
    assert (headline.url, headline.text, headline.published_at) == (
        f"{HOST}/quay", "A quay reopens", "2025-11-04T08:00:00+00:00",
    )  # fmt: skip


def test_news_is_told_by_its_namespace_whatever_the_prefix() -> None:
    declarations = (
        "xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' xmlns:n='http://www.google.com/schemas/sitemap-news/0.9'"
    )
    [headline] = content(
        f"<url><loc>{HOST}/quay</loc>{NEWS.replace('news:', 'n:')}</url>", declarations=declarations
    ).headlines
    assert headline.text == "A quay reopens"


def test_the_sitemap_s_own_namespace_may_have_a_prefix() -> None:
    declarations = "xmlns:s='http://www.sitemaps.org/schemas/sitemap/0.9'"
    assert urls(f"<s:url><s:loc>{HOST}/quay</s:loc></s:url>", root="s:urlset", declarations=declarations) == [
        f"{HOST}/quay"
    ]


@pytest.mark.parametrize(
    ("location", "path"),
    [
        ("/story?id=41&cat=7", "/story?id=41&cat=7"),
        ("/story?id=41&copy=2", "/story?id=41&copy=2"),
        ("/story?id=41&amp;cat=7", "/story?id=41&cat=7"),
        ("/a<b", "/a%3Cb"),
        ("/caf&eacute;", "/caf%C3%A9"),
        ("<![CDATA[/story?id=41&cat=7]]>", "/story?id=41&cat=7"),
        ("/harbour bridge", "/harbour%20bridge"),
        ("\n  /quay\n", "/quay"),
    ],
)
def test_an_address_is_read_as_it_was_meant(location: str, path: str) -> None:
    later = f"<url><loc>{HOST}/later?id=43&amp;cat=7</loc></url>"
    assert urls(f"<url><loc>{location}</loc></url>{later}") == [f"{HOST}{path}", f"{HOST}/later?id=43&cat=7"]


@pytest.mark.parametrize(
    "broken",
    [
        "<url><loc>/a</url>",
        "<url><loc>/a",
        "<url><loc>/a</loc>",
        "<url><loc></loc></url>",
        "<url></loc></url>",
        "<url><b><i></b></i></url>",
        "<url x='1' x='2'></url>",
        "<url><![CDATA[</url>",
        "<url><!-- </url>",
        "<url>&#xD800;&nothing;& <<< >>></url>",
        "<url/>",
    ],
)
def test_a_broken_entry_costs_no_entry_but_itself(broken: str) -> None:
    assert [url for url in urls(QUAY + broken + QUAY.replace("quay", "ferry")) if url != f"{HOST}/a"] == [
        f"{HOST}/quay",
        f"{HOST}/ferry",
    ]


def test_a_sitemap_that_is_cut_off_is_read_up_to_the_cut() -> None:
    body = f"<urlset>{QUAY}<url><loc>{HOST}/fer".encode()
    assert [headline.url for headline in read(body, HOST, None, None, NOW).headlines] == [f"{HOST}/quay"]


@pytest.mark.parametrize("body", ["<urlset/>", "<urlset></urlset>", "<sitemapindex>\n</sitemapindex>", '<urlset xmlns="x"></urlset>'])  # fmt: skip
def test_an_empty_sitemap_is_one(body: str) -> None:
    sitemap = read(body.encode(), HOST, None, None, NOW)
    assert (sitemap.kind, sitemap.headlines) == (Kind.SITEMAP, ())


def test_a_sitemap_that_breaks_off_before_its_first_entry_is_refused() -> None:
    with pytest.raises(Drop) as caught:
        read(b"<?xml version='1.0'?><urlset><url><loc>", HOST, None, None, NOW)
    assert caught.value.reason is Reason.UNREADABLE


@pytest.mark.parametrize("kind", [Kind.SITEMAP, None])
def test_a_sitemap_may_be_a_text_with_a_url_a_line(kind: Kind | None) -> None:
    sitemap = read(
        f"\ufeff{HOST}/quay\r\n\r\n{HOST}/ferry?a=1&b=2\r\n".encode(), f"{HOST}/sitemap.txt", kind, None, NOW
    )
    assert sitemap.kind is Kind.SITEMAP
    assert [headline.url for headline in sitemap.headlines] == [f"{HOST}/quay", f"{HOST}/ferry?a=1&b=2"]


@pytest.mark.parametrize(
    "text",
    [f"{HOST}/quay\r{HOST}/harbour%20bridge\r", f"# our pages\n{HOST}/quay\n{HOST}/harbour%20bridge", f"{HOST}/quay\n{HOST}/harbour bridge\n",
     f"  {HOST}/quay \n\n\t{HOST}/harbour%20bridge\nnothing"],
    ids=["carriage returns", "a comment", "a space", "other lines"],
)  # fmt: skip
def test_a_text_that_is_said_to_be_a_sitemap_is_one(text: str) -> None:
    sitemap = read(text.encode(), f"{HOST}/sitemap.txt", Kind.SITEMAP, None, NOW)
    assert [headline.url for headline in sitemap.headlines] == [f"{HOST}/quay", f"{HOST}/harbour%20bridge"]


def test_a_text_that_names_a_url_is_no_sitemap() -> None:
    assert read(f"{HOST}/quay\nis where the ferry lands.".encode(), HOST, None, None, NOW).kind is Kind.TEXT


def test_what_a_program_printed_before_the_xml_is_left_out() -> None:
    body = f"<br />\n<b>Warning</b>: x in <b>/srv/map.php</b> on line <b>3</b><br />\n<?xml version='1.0'?><urlset>{QUAY}</urlset>"
    assert len(read(body.encode(), HOST, None, None, NOW).headlines) == 1


SLUGS = st.text("abcxyz", min_size=1, max_size=6)
FRAGMENTS = ["&", "<", ">", "<b>", "</b>", "</loc>", "<loc>", "&amp;", "&x;", '"', "a b"]
# What begins a section in one entry and ends it in another hides, by the rules of XML, what is between.
MESS = st.sampled_from([["<![CDATA[", "<!--"], ["]]>", "-->"]]).flatmap(
    lambda marks: st.lists(st.lists(st.sampled_from(FRAGMENTS + marks), max_size=6).map(" ".join), max_size=6)
)


@given(st.lists(SLUGS, min_size=6, max_size=6), MESS, st.sampled_from(["loc", "lastmod", "image:title"]))
def test_no_url_is_read_that_stands_not_in_the_sitemap_and_well_formed_entries_stay(
    slugs: list[str], messes: list[str], place: str
) -> None:
    def entry(slug: str, mess: str) -> str:
        return f"<url><loc>{HOST}/{slug}?id=1&amp;n=2</loc><{place}>{mess}</{place}></url>"

    well_formed = [f"<url><loc>{HOST}/{slug}?id=1&amp;n=2</loc></url>" for slug in slugs]
    mixed = [
        text
        for mess, right in zip_longest(messes, well_formed, fillvalue="")
        for text in (entry("broken", mess), right)
    ]
    addresses = [url for url in urls("".join(mixed)) if url and "/broken" not in url]
    assert [url for url in addresses if url.startswith(HOST) and url.endswith("?id=1&n=2")] == urls(
        "".join(well_formed)
    )
