"""Whether a page without a feed's root is an article or a list of teasers."""

import pytest

from services.parser.kinds import kind_of_html
from services.parser.page.document import Document
from services.parser.rules import site_rules
from shared.contracts import Kind

SECTION = "https://lindcourier.example/politics/"
ARTICLE = "https://lindcourier.example/a"
SUMMARY = "The council wants to decide in the autumn, after it has heard the people who live along the river."
OG_ARTICLE = '<meta property="og:type" content="article">'
HAN = "林德港务局星期四表示，上月风暴中受损的东堤将分两期重建，施工期间渡轮照常运行，渔船改走北侧。"
KANA = "リンド港湾局は木曜日、先月の嵐で壊れた東の堤防を二期に分けて再建すると発表した。"


def kind(body: str, url: str, head: str = "") -> Kind:
    return kind_of_html(Document(f"<html><head>{head}</head><body>{body}</body></html>", url), site_rules.GENERIC)


def teasers(count: int, card: str) -> str:
    return "".join(f"<div>{card.format(number=number, summary=SUMMARY)}</div>" for number in range(count))


@pytest.mark.parametrize("count", [8, 14, 30])
@pytest.mark.parametrize(
    "card",
    [
        '<h2><a href="/politics/weir-{number}">The weir on the Lind, part {number}</a></h2><p>{summary}</p>',
        '<a href="/politics/weir-{number}"><h3>The weir on the Lind, part {number}</h3></a><p>{summary}</p>',
        '<a href="/politics/weir-{number}">The weir on the Lind, part {number}</a><p>{summary}</p>',
    ],
    ids=["link in a heading", "heading in a link", "no heading"],
)
@pytest.mark.parametrize("head", ["", OG_ARTICLE], ids=["undeclared", "declared an article"])
def test_a_section_page_whose_teasers_have_summaries_is_a_front_page(count: int, card: str, head: str) -> None:
    assert kind(f"<h1>Politics</h1>{teasers(count, card)}", SECTION, head) is Kind.FRONT


def test_titles_around_which_links_stand_make_a_front_page() -> None:
    cards = teasers(9, '<a href="/politics/weir-{number}"><h2>The weir on the Lind, part {number}</h2></a>')
    assert kind(f"<h1>Politics</h1>{cards}<p>{SUMMARY}</p>", SECTION) is Kind.FRONT


@pytest.mark.parametrize("paragraph", [HAN, KANA], ids=["Chinese", "Japanese"])
def test_an_article_of_short_paragraphs_without_an_alphabet_is_an_article(paragraph: str) -> None:
    assert kind(f"<h1>{paragraph[:12]}</h1>" + f"<p>{paragraph}</p>" * 4, ARTICLE) is Kind.ARTICLE


def test_an_article_with_teasers_below_it_is_an_article() -> None:
    related = teasers(
        12, '<h3><a href="/politics/weir-{number}">The weir on the Lind, part {number}</a></h3><p>{summary}</p>'
    )
    assert kind(f"<h1>The weir</h1>{f'<p>{SUMMARY} {SUMMARY}</p>' * 8}{related}", ARTICLE, OG_ARTICLE) is Kind.ARTICLE


def test_an_address_with_a_title_outweighs_teasers() -> None:
    listed = teasers(
        12, '<h3><a href="/shop/{number}">Number {number} of the books of the year</a></h3><p>{summary}</p>'
    )
    url = "https://lindcourier.example/books/the-twelve-books-of-the-year"
    assert kind(f"<h1>The books of the year</h1>{listed}", url, OG_ARTICLE) is Kind.ARTICLE


@pytest.mark.parametrize(
    ("site", "expected"), [("https://pier-{number}.example/", Kind.ARTICLE), ("/politics/weir-{number}", Kind.FRONT)]
)
def test_headings_that_lead_to_other_sites_are_those_of_an_article_about_places(site: str, expected: Kind) -> None:
    card = f'<h2><a href="{site}">The weir on the Lind, part {{number}}</a></h2><p>{{summary}}</p>'
    assert kind(f"<h1>Ten weirs to see this year</h1>{teasers(10, card)}", ARTICLE) is expected


@pytest.mark.parametrize(
    "paragraph",
    [SUMMARY, "항만청은 지난달 폭풍으로 부서진 동쪽 둑을 두 단계로 나누어 다시 짓기로 했다고 목요일 밝혔다."],
)
def test_prose_in_one_run_is_an_article_without_a_heading_of_the_first_rank(paragraph: str) -> None:
    prose = "".join(f"<div>{paragraph}</div>" for _ in range(5))
    links = "".join(f'<li><a href="/2026/1{number}/other">The other story</a></li>' for number in range(3))
    assert kind(f"<div><h2>The weir on the Lind</h2>{prose}</div><ul>{links}</ul>", ARTICLE) is Kind.ARTICLE
