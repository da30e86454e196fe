"""Parts of reading an article: blocks, features, titles, dates, by-lines, stories. All news here is invented."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from services.parser.article import byline, dates
from services.parser.article.authors import authors
from services.parser.article.body import forest, paragraphs
from services.parser.article.body.features import DeclaredText, features
from services.parser.article.images import image_url
from services.parser.article.titles import candidates
from services.parser.listing import story_links
from services.parser.page.blocks import read_layout
from services.parser.page.class_words import BIT, in_names
from services.parser.page.document import Document
from services.parser.rules.site_rules import GENERIC

NOW = datetime(2026, 3, 5, 12, 30, tzinfo=UTC)
PAGE = "https://harbourpost.example/2024/03/05/a"


def document(html: str, url: str = PAGE) -> Document:
    return Document(html, url)


def title(html: str) -> str:
    return candidates(document(html), GENERIC)[0].value


def names(html: str, of: str = "Ferry returns") -> tuple[str, ...]:
    return tuple(one.value for one in authors(document(html), GENERIC, of, frozenset({"harbour post"})))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Il y a 2 heures", "2026-03-05T10:30:00+00:00"),
        ("3 hours ago", "2026-03-05T09:30:00+00:00"),
        ("vor 20 Minuten", "2026-03-05T12:10:00+00:00"),
        ("منذ ساعتين", "2026-03-05T10:30:00+00:00"),
        ("hace 2 días", "2026-03-03"),
        ("2 weeks ago", "2026-02-19"),
        ("5 марта 2024, 10:15", "2024-03-05T10:15:00"),
        ("5. mars 2024", "2024-03-05"),
        ("5 Mart 2024", "2024-03-05"),
        ("5 marca 2024 r.", "2024-03-05"),
        ("Accepted 2024 Mar 5", "2024-03-05"),
        ("05.03.24", "2024-03-05"),
        ("2024年3月5日 18時", "2024-03-05"),
        ("2024. 3. 5.", "2024-03-05"),
        ("12:40 - 05/03/2024", "2024-03-05T12:40:00"),
        ("5 كانون الثاني 2024", "2024-01-05"),
        ("99999999999999999999 hours ago", None),
        ("32. März 2024", None),
    ],
)
def test_dates_in_the_ways_of_many_newspapers(text: str, expected: str | None) -> None:
    assert dates.read(text, NOW) == expected


def test_an_american_page_puts_the_month_first() -> None:
    assert dates.read("9/3/2025", NOW, month_first=True) == "2025-09-03"
    assert dates.read("9/3/2025", NOW) == "2025-03-09"
    assert document('<html lang="en-US">').month_first
    assert not document('<html lang="en-GB">').month_first
    assert not document('<html lang="en">', "https://post.example.co.uk/a").month_first


@pytest.mark.parametrize(
    ("found", "exact"),
    [
        (["2024-03-05", "2024-03-05T06:30:00+01:00"], "2024-03-05T06:30:00+01:00"),
        (["2024-03-05", "2024-03-06T06:30:00+01:00"], "2024-03-05"),
        (["2024-03-05T02:41:00+00:00", "2024-03-04T22:41:00"], "2024-03-04T22:41:00-04:00"),
        (["2024-03-05T02:41:00+00:00", "2024-03-04T21:41:20-05:00"], "2024-03-04T21:41:00-05:00"),
        (["2024-03-05T02:41:00+00:00", "2024-03-01T09:12:00"], "2024-03-05T02:41:00+00:00"),
        (["2024-03-05"], "2024-03-05"),
    ],
)
def test_a_date_is_as_exact_as_the_page_knows_it(found: list[str], exact: str) -> None:
    assert dates.most_exact(found) == exact


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<title>Ferry returns | Local</title><meta property=og:title content='Ferry comes back'><h1>Ferry returns</h1>", "Ferry returns"),
        ("<meta property=og:title content='Ferry returns after ten …'><h1>Ferry returns after ten years</h1>", "Ferry returns after ten years"),
        ("<h1>The Harbour Post</h1><meta property=og:site_name content='The Harbour Post'><meta property=og:title content='Ferry returns to port'>", "Ferry returns to port"),
        ("<h1>Menu</h1><h1>Ferry returns to port</h1><h1>Newsletter</h1><title>Ferry returns to port - Harbour Post</title>", "Ferry returns to port"),
        ("<h1><span>Transport</span> Ferry returns to port</h1><meta property=og:title content='Ferry returns to port'>", "Ferry returns to port"),
        ("<h1>{{ page.title }}</h1><title>Ferry returns to port</title>", "Ferry returns to port"),
        ('<h1>Boat back</h1><script type="application/ld+json">{"@type":"NewsArticle","headline":"Ferry returns &amp; stays"}</script>', "Ferry returns & stays"),
    ],
)  # fmt: skip
def test_the_title_that_the_page_bears_out(html: str, expected: str) -> None:
    assert title(html) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("By Mina Okafor, Staff Writer", ("Mina Okafor",)),
        ("Mina Okafor, Tom Reuss und Ana Lund", ("Mina Okafor", "Tom Reuss", "Ana Lund")),
        ("Text: Jette Brandt, Moorbeck", ("Jette Brandt",)),
        ("Okafor, Mina", ("Mina Okafor",)),
        ("Mina Okafor, MD, PhD", ("Mina Okafor",)),
        ("Por Rocío Albar | 3 de marzo de 2024", ("Rocío Albar",)),
        ("Par la rédaction", ()),
        ("mina.okafor@harbourpost.example", ()),
        ("Department of Roads and Harbours", ("Department of Roads and Harbours",)),
        ("Mina Okafor on March 5, 2024", ("Mina Okafor",)),
        ("신하나 기자", ("신하나",)),
        ("Updated 5 March 2024", ()),
    ],
)
def test_by_lines_name_people(raw: str, expected: tuple[str, ...]) -> None:
    assert byline.people(raw) == expected


def test_the_author_stands_by_the_title_when_the_data_names_a_handle() -> None:
    html = (
        '<meta name="author" content="webteam7"><article><h1>Ferry returns</h1><div class="byline">By Mina Okafor</div>'
        "<p>The ferry returned.</p></article><ol class=comments><li><span rel=author>Tom Troll</span></li></ol>"
    )
    assert names(html) == ("Mina Okafor",)
    assert names("<h1>Ferry returns</h1><p>By</p><p>Mina Okafor</p>") == ("Mina Okafor",)


def test_an_organization_signs_where_nobody_else_does() -> None:
    data = '{"@type":"NewsArticle","headline":"Ferry returns","author":{"@type":"Organization","name":"Coast News Agency"}}'
    assert names(f'<script type="application/ld+json">{data}</script><h1>Ferry returns</h1>') == ("Coast News Agency",)
    assert names('<meta name="author" content="admin"><h1>Ferry returns</h1>') == ()


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        ("Council lifts the old weir on the Lind", "/2024/06/13/council-lifts-the-old-weir", True),
        ("البلدية تبدأ ترميم السوق القديم بعد عامين من الحريق", "/news/81190", True),
        ("旧税関を市民図書館に 北浜市が発表し来春に着工へ", "/shakai/20240510-1.html", True),
        ("Terms and conditions of use of this site", "/terms", False),
        ("Sport", "/sport", False),
        ("Ida Marsh", "/author/ida-marsh", False),
        ("Subscribe to our newsletter for free today", "/newsletter/subscribe", False),
        ("Share on Facebook", "/share?u=1", False),
        ("Rivers", "/topic/rivers", False),
    ],
)
def test_what_leads_to_a_story(text: str, path: str, expected: bool) -> None:
    assert (
        story_links.is_story(text, f"https://veldhavencourier.example{path}", "https://veldhavencourier.example/")
        is expected
    )


def test_a_picture_that_loads_late_is_found() -> None:
    def first(html: str) -> str:
        return image_url(LexborHTMLParser(html).css_first("img"))

    assert first('<img src="data:image/gif;base64,R0" data-src="/a.jpg">') == "/a.jpg"
    assert first('<img src="/spacer.gif" srcset="/s.jpg 300w, /l.jpg 900w">') == "/l.jpg"
    assert first('<img src="/blank.gif">') == ""


def test_class_names_are_read_as_words() -> None:
    assert in_names("article__share-bar") & BIT["share"]
    assert in_names("relatedStories") & BIT["related"]
    assert not in_names("shadow-lg adrift") & (BIT["ad"] | BIT["share"])


TAGS = st.sampled_from("div p span a b ul li table tr td h1 h2 article section figure br script x-card".split())
HTML = st.recursive(
    st.text(max_size=80), lambda inner: st.builds(lambda tag, parts: f"<{tag} class=story href=/a-b>{''.join(parts)}</{tag}>", TAGS, st.lists(inner, max_size=5)), max_leaves=40
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(HTML)
def test_blocks_hold_the_pages_text_in_order_and_each_box_follows_its_own(html: str) -> None:
    page = read_layout(LexborHTMLParser(f"<body>{html}").body)
    assert all(box.parent < number for number, box in enumerate(page.boxes) if number)
    assert all(0 < one.box < len(page.boxes) for one in page.blocks)
    assert all(one.text and one.link_chars <= len(one.text) and one.bold_chars <= len(one.text) for one in page.blocks)
    assert all(link.row <= len(page.blocks) for link in page.links)
    if page.blocks:
        found = features(page, DeclaredText(("A title",), "A description", ""))
        assert {len(column) for column in found.values()} == {len(page.blocks)}
        likely = forest.load("forest").likelihood(found, np.arange(len(page.blocks)))
        assert ((likely >= 0) & (likely <= 1)).all()
        assert set(paragraphs.article_lines(page, DeclaredText())) <= {one.text for one in page.blocks}


def test_a_sentence_with_links_and_emphasis_is_one_block_and_breaks_divide() -> None:
    page = read_layout(
        LexborHTMLParser("<p>One <b>bold</b> <a href=/x>link</a>, <i>so</i>.<br>Still.<br><br>Two.</p>").body
    )
    assert [one.text for one in page.blocks] == ["One bold link, so. Still.", "Two."]
    assert (page.blocks[0].link_chars, page.blocks[0].bold_chars, page.blocks[0].inline_elements) == (4, 4, 1)
