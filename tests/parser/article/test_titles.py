"""The title that a page prints, its kicker, and the title for search engines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.parser.article.titles import headings
from services.parser.article.titles.titles import Titles, read
from services.parser.page.document import Document
from services.parser.page.elements import comparison_key
from services.parser.rules.site_rules import GENERIC

PAGE = "https://harbourpost.example/2024/03/05/a"


def titles(html: str) -> Titles:
    return read(Document(html, PAGE), GENERIC)


def title(html: str) -> str:
    return titles(html).title[0].value


def test_a_title_loses_the_name_of_the_site_and_nothing_else() -> None:
    assert (
        title("<title>Ferry returns - The Harbour Post</title><meta property=og:site_name content='The Harbour Post'>")
        == "Ferry returns"
    )
    assert title("<title>Minister - and party leader - resigns</title>") == "Minister - and party leader - resigns"


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<title>Ferry returns | Local</title><meta property=og:title content='Ferry comes back'><h1>Ferry returns</h1>", "Ferry returns"),
        ("<meta property=og:title content='Ferry returns after ten …'><h1>Ferry returns after ten years</h1>", "Ferry returns after ten years"),
        ("<h1>The Harbour Post</h1><meta property=og:site_name content='The Harbour Post'><meta property=og:title content='Ferry returns to port'>", "Ferry returns to port"),
        ("<h1>Menu</h1><h1>Ferry returns to port</h1><h1>Newsletter</h1><title>Ferry returns to port - Harbour Post</title>", "Ferry returns to port"),
        ("<h1><span>Transport</span> Ferry returns to port</h1><meta property=og:title content='Ferry returns to port'>", "Ferry returns to port"),
        ("<h1>Port : the drought threatens crops</h1><title>Port : the drought threatens crops - Port</title><meta property=og:site_name content=Port>", "Port : the drought threatens crops"),
        ("<h1>Port - Bridge: 0 - 0</h1><title>Port - Bridge: 0 - 0 - Port</title><meta property=og:site_name content=Port>", "Port - Bridge: 0 - 0"),
        ("<title>Port - Bridge 2:1 | Port</title><meta property=og:title content='Port - Bridge 2:1'><meta property=og:site_name content=Port>", "Port - Bridge 2:1"),
        ("<title>Port Elwick, 1953 – 2026 – Gazette</title><div class=headline>Port Elwick, 1953 – 2026</div><meta property=og:site_name content=Gazette>", "Port Elwick, 1953 – 2026"),
        ("<title>Port | Ferry returns to the harbour</title><meta property=og:site_name content=Port>", "Ferry returns to the harbour"),
        ("<h1><span>Transport</span><span>Ferry returns to port</span></h1><meta property=og:title content='Transport: Ferry returns to port'>", "Transport Ferry returns to port"),
        ("<h1><small>Transport</small>Ferry returns to port</h1><title>Transport: Ferry returns to port</title>", "Ferry returns to port"),
        ("<h1 class=logo>The post of the whole harbour since 1900</h1><meta property=og:title content='Ferry returns to port'>", "Ferry returns to port"),
        ("<h1><a href='/'>The post of the whole harbour</a></h1><meta property=og:title content='Ferry returns to port'>", "Ferry returns to port"),
        ("<dialog><h1>We value your privacy greatly</h1></dialog><title>Ferry returns to port</title>", "Ferry returns to port"),
        ("<h1>Datenschutz</h1><h1>Kontakt</h1><title>Die Fähre kehrt im Hafen zurück und dockt an</title>", "Die Fähre kehrt im Hafen zurück und dockt an"),
        ("<h1>£5</h1><h1>£50</h1><title>Ferry 500 returns to port</title>", "Ferry 500 returns to port"),
        ("<div>港务局宣布渡轮恢复运营</div><title>港务局宣布渡轮恢复运营-海港网</title>", "港务局宣布渡轮恢复运营"),
        ("<title>港务局宣布渡轮恢复运营 -- 海港报</title><meta property=og:site_name content=海港报>", "港务局宣布渡轮恢复运营"),
        ("<title>Ferry returns (Video - Post) - Post</title><meta property=og:site_name content=Post>", "Ferry returns (Video - Post)"),
        ("<h1>Ferry re\u00adturns\u2060 to port</h1>", "Ferry returns to port"),
        ("<title>The harbour - and those who left it - The Post</title><meta property=og:site_name content='The Post'>", "The harbour - and those who left it"),
        ("<title>Who pays? – The harbour plan | The Post</title><meta property=og:site_name content='The Post'>", "Who pays? – The harbour plan"),
        ("<title>Why 5 > 4 in the Elwick vote » The Post</title><meta property=og:site_name content='The Post'>", "Why 5 > 4 in the Elwick vote"),
        ("<title>Wer zahlt die Mole? - Regional - Laterne</title><meta property=og:site_name content=Laterne>", "Wer zahlt die Mole?"),
        ("<h1>{{ page.title }}</h1><title>Ferry returns to port</title>", "Ferry returns to port"),
        ('<h1>Ferry returns to the old port</h1><script type="application/ld+json">{"@type":"NewsArticle","headline":"Port: first ferry in ten years"}</script>', "Ferry returns to the old port"),
        ('<h1>Boat back</h1><script type="application/ld+json">{"@type":"NewsArticle","headline":"Ferry returns &amp; stays"}</script>', "Ferry returns & stays"),
        ("<h1>News</h1><h1>Ferry returns to port</h1><meta property=og:title content='Ferry returns to port'><title>News - The Post</title>", "Ferry returns to port"),
        ("<title>Grow a lemon tree at home | Illustrated guide</title><h1>Grow a lemon tree at home | Illustrated guide</h1>", "Grow a lemon tree at home | Illustrated guide"),
        ("<h1>港口 Up Post</h1><h2>港务局宣布渡轮恢复运营</h2><title>港务局宣布渡轮恢复运营 -- 港口 / 焦点</title><meta property=og:title content='港务局宣布渡轮恢复运营--港口'>", "港务局宣布渡轮恢复运营"),
    ],
)  # fmt: skip
def test_the_title_is_the_headline_that_the_page_prints(html: str, expected: str) -> None:
    assert title(html) == expected


@pytest.mark.parametrize(
    ("html", "kicker", "headline"),
    [
        ("<h1><span class=kicker>Transport</span> <span>Ferry returns to port</span></h1>", "Transport", "Ferry returns to port"),
        ("<h1><span class='article__topline'>Fähre:</span>Zurück im Hafen</h1>", "Fähre", "Zurück im Hafen"),
        ("<p class=eyebrow>Port Elwick</p><h1>Ferry returns to port</h1>", "Port Elwick", "Ferry returns to port"),
        ("<h1><span class=subtitle>Port Elwick</span> Ferry returns to port</h1>", "Port Elwick", "Ferry returns to port"),
        ("<h1><span class=page__roofline>Port Elwick</span> Ferry returns to port</h1>", "Port Elwick", "Ferry returns to port"),
        ("<h1>Ferry returns to port</h1><title>Transport: Ferry returns to port</title>", "Transport", "Ferry returns to port"),
        ("<h1>Elwick Ferry returns to port</h1><meta property=og:title content='Ferry returns to port'>", "Elwick", "Ferry returns to port"),
        ("<h1><span class=label>港口</span>渡轮恢复运营</h1>", "港口", "渡轮恢复运营"),
    ],
)  # fmt: skip
def test_a_kicker_is_neither_lost_nor_a_part_of_the_title(html: str, kicker: str, headline: str) -> None:
    page_titles = titles(html)
    assert (page_titles.kicker[0].value, page_titles.title[0].value) == (kicker, headline)


_PRINTED = "Ferry returns to the old port after ten years"
_ARCHIVED = "Old port: ferry returns after ten years of repair"


def _news(headline: str) -> str:
    return f'<script type="application/ld+json">{{"@type":"NewsArticle","headline":"{headline}"}}</script>'


@pytest.mark.parametrize(
    ("shared", "page_title", "expected"),
    [
        ("Ferry is back", f"{_ARCHIVED} | Harbour Post", _ARCHIVED),
        (_ARCHIVED, "Ferry is back | Harbour Post", _ARCHIVED),
        (_ARCHIVED, _PRINTED, _PRINTED),
        (_PRINTED, f"{_ARCHIVED} | News | Harbour Post", _PRINTED),
        (_ARCHIVED, f"{_ARCHIVED} | Harbour Post", _PRINTED),
        ("Ferry is back", _ARCHIVED, _PRINTED),
        (_PRINTED, _PRINTED, _PRINTED),
        ("", f"{_ARCHIVED} | Harbour Post", _PRINTED),
    ],
)
def test_the_headline_of_a_news_article_is_an_editors_where_title_and_og_title_differ(
    shared: str, page_title: str, expected: str
) -> None:
    metas = f'<title>{page_title}</title><meta property="og:title" content="{shared}">'
    name = '<meta property="og:site_name" content="Harbour Post">'
    assert title(f"{metas}{name}{_news(_ARCHIVED)}<h1>{_PRINTED}</h1>") == expected


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (f'<h1>Ferry returns to port</h1>{_news("After ten years: Ferry returns to port")}', "After ten years: Ferry returns to port"),
        ("<h1><span class=kicker>Transport</span> <span>Ferry returns</span></h1><meta property=og:title content='Transport: Ferry returns'>", "Transport: Ferry returns"),
        ("<h1>Ferry returns to port</h1><meta property=og:title content='Press release: Ferry returns to port'>", "Ferry returns to port"),
        ("<h1>Transport: Ferry returns to port</h1><meta property=og:title content='Ferry returns to port'>", "Transport: Ferry returns to port"),
    ],
)  # fmt: skip
def test_a_kicker_that_the_page_joins_by_a_colon_stays_in_the_title(html: str, expected: str) -> None:
    assert title(html) == expected


@pytest.mark.parametrize(
    "html",
    [
        "<h1>Ferry: back after ten years</h1>",
        "<h1 class=headline-label>Ferry returns to port</h1>",
        "<h1><small>Ferry returns</small></h1>",
        "<h1>Ferry returns to port</h1><title>Ferry returns to port - Local</title>",
    ],
)
def test_what_nothing_tells_apart_is_no_kicker(html: str) -> None:
    assert titles(html).kicker == ()


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("<title>Elwick ferry: when it sails again | The Harbour Post</title><meta property=og:site_name content='The Harbour Post'>", "Elwick ferry: when it sails again"),
        ('<script type="application/ld+json">{"@type":"Article","headline":"Ferry timetable"}</script>', "Ferry timetable"),
        ("<title>Ferry returns to …</title>", None),
        ("<title>Ferry returns to port</title>", None),
        ("<title>“Ferry” returns to port</title>", None),
    ],
)  # fmt: skip
def test_the_title_for_search_engines_is_kept_where_it_differs(head: str, expected: str | None) -> None:
    seo_titles = titles(f"{head}<h1>Ferry returns to port</h1>").seo_title
    assert (seo_titles[0].value if seo_titles else None) == expected


LONG = "<p>The ferry sails.</p>" * 8
OTHER = (
    "<title>All about the ferry and the port</title><meta property=og:title content='All about the ferry and the port'>"
)


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (f"{OTHER}<main style='opacity:0'><h1>The ferry returns to the port</h1>{LONG}</main>", "The ferry returns to the port"),
        (f"{OTHER}<div hidden id='S:0'><h1>The ferry returns to the port</h1></div>", "The ferry returns to the port"),
        (f"{OTHER}<div hidden>{LONG}<h1>The ferry returns to the port</h1></div>", "The ferry returns to the port"),
        (f"{OTHER}<div hidden><h1>The ferry and your privacy</h1></div>", "All about the ferry and the port"),
        ("<title>Ferry returns to port : Elwick Archive | Founded 2005</title><h1><a href='/'>Elwick Archive</a></h1><h2>Ferry returns to port</h2>", "Ferry returns to port"),
        ("<title>Ferry returns to port | Business | Post</title><h1>Business</h1><h2>Ferry returns to port</h2>", "Ferry returns to port"),
        ("<title>7 Ways to Sail an Old Ferry | Post</title><h2>Your cart</h2><h2>7 Ways to Help You Sail an Old Ferry</h2>", "7 Ways to Help You Sail an Old Ferry"),
        ("<title>7 Ways to Sail an Old Ferry</title><h2>25 thoughts on “7 Ways to Sail an Old Ferry”</h2>", "7 Ways to Sail an Old Ferry"),
        ("<title>🚢 Ferry returns to port</title><meta property=og:title content='Ferry returns to port'><h1>🚢 Ferry returns to port</h1>", "🚢 Ferry returns to port"),
    ],
    ids=["the page fades in", "streamed by React", "shown by a script", "a hidden question", "linked name of the site", "section", "other wording",
         "heading of comments", "a sign is no kicker"],
)  # fmt: skip
def test_the_heading_that_is_the_headline(html: str, expected: str) -> None:
    assert title(html) == expected


def test_an_only_heading_that_repeats_the_address_is_the_title() -> None:
    page = Document(
        "<title>Trips on the coast and in the hills</title><h1>Elwick-Westquarter</h1>", f"{PAGE}/elwickwestquarter.htm"
    )
    assert read(page, GENERIC).title[0].value == "Elwick-Westquarter"


@given(st.text(), st.text(min_size=1), st.text())
def test_a_line_that_is_a_part_of_a_title_may_be_in_its_key(before: str, line: str, after: str) -> None:
    assert not comparison_key(line) or headings._may_be_in(line, comparison_key(f"{before}{line}{after}"))
