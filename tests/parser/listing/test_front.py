"""Headlines of front pages, one kind of fault after the other."""

from datetime import UTC, datetime

import pytest

from services.parser.listing.front import front_headlines
from services.parser.page.document import Document
from services.parser.rules import site_rules

NOW = datetime(2026, 1, 1, tzinfo=UTC)
URL = "https://lindcourier.example/"
TITLES = (
    "Council lifts the old weir on the Lind",
    "Ferry fares to rise in the spring, company says",
    "Library shows photographs of the great flood",
    "Vote on the fish market hall is put off",
    "School roof turns into a small power station",
)


def headlines(body: str, head: str = "") -> list[tuple[str, str | None]]:
    document = Document(f'<html lang="en"><head>{head}</head><body>{body}</body></html>', URL)
    return [(headline.text, headline.block) for headline in front_headlines(document, site_rules.GENERIC, NOW)]


def texts(body: str) -> list[str]:
    return [text for text, _ in headlines(body)]


def stories(card: str = '<li><a href="/news/{number}">{title}</a></li>', titles: tuple[str, ...] = TITLES) -> str:
    return "".join(card.format(number=48_113 + number, title=title) for number, title in enumerate(titles))


@pytest.mark.parametrize(
    "name", ["hourlyTabContent", "more-ads", "sharebox", "navigation-news", "content-footer", "commented"]
)
def test_a_box_is_judged_by_its_links_before_its_name(name: str) -> None:
    menu = '<nav><a href="/sport/">Sport</a><a href="/culture/">Culture</a></nav>'
    assert texts(f'{menu}<main>{stories()}<p>More</p></main><div class="{name}"><ul>{stories()}</ul></div>') == list(
        TITLES
    )
    assert texts(
        f'{menu}<div class="{name}"><ul>{stories()}</ul></div><div><a href="/imprint">Imprint</a></div>'
    ) == list(TITLES)


def test_the_links_of_a_menu_are_no_headlines() -> None:
    menu = "".join(
        f'<li><a href="/{word.lower()}/">{word}</a></li>' for word in ("Local", "Sport", "Culture", "Opinion")
    )
    body = f'<nav><ul>{menu}</ul></nav><main><ul>{stories()}</ul></main><footer><ul>{menu}</ul><a href="/about">About us</a></footer>'
    assert texts(body) == list(TITLES)


@pytest.mark.parametrize(
    "card",
    [
        '<li><a href="/news/{number}">{title}</a></li>',
        '<li><a href="/view.php?ud=2026010{number}">{title}</a></li>',
        '<div class="card"><h3><a href="/a/b{number}Kx">{title}</a></h3></div>',
        '<div class="card"><div class="title"><a href="/a/{number}">{title}</a></div></div>',
        '<div class="card"><a href="/a/{number}"></a><h3>{title}</h3></div>',
    ],
    ids=["list", "number in the query", "identifier", "class of a title", "link over a card"],
)
def test_a_short_title_is_a_headline_among_its_siblings(card: str) -> None:
    titles = (*TITLES, "Strike over")
    assert texts(f"<main><section>{stories(card, titles)}</section></main>") == list(titles)


@pytest.mark.parametrize(
    "address",
    ["/story/41{n}", "/story/41{n}?from=front", "/{n_words}-at-harbour"],
    ids=["number", "number and query", "words"],
)
def test_titles_at_short_numbers_or_words_are_stories_though_the_most_read_stand_beside(address: str) -> None:
    titles = ("Weir lifted", "Ferry fares rise again", "Vote on the old fish market hall is put off", "School roof makes power now",
              "Library shows photographs of the great flood", "Rare whale seen off the cape")  # fmt: skip
    words = ("boat", "crew", "mole", "quay", "pier", "sail")
    rows = "".join(
        f'<li><a href="{address.format(n=n, n_words=words[n])}">{title}</a></li>' for n, title in enumerate(titles)
    )
    popular = "".join(
        f'<li><a href="/2025/04/{n}1/most-read-of-the-week">The most read story number {n}</a></li>' for n in range(2)
    )
    body = f'<main><ul>{rows}</ul></main><aside class="most-read"><ol>{popular}</ol></aside>'
    assert [text for text in texts(body) if text in titles] == list(titles)


def test_a_card_named_like_a_share_bar_is_a_story_among_its_siblings() -> None:
    titles = (*TITLES, "Strike over")
    cards = "".join(
        f'<div class="share-card"><h4><a href="/a/b{n}K">{title}</a></h4><a href="/a/b{n}K#comments">{n} comments</a></div>'
        for n, title in enumerate(titles)
    )
    assert texts(f"<main><section>{cards}</section></main>") == list(titles)


def test_titles_of_sections_are_no_headlines() -> None:
    sections = '<h2><a href="/local/life-and-style">Life and style</a></h2>'
    body = f'<nav><a href="/local/life-and-style">Life and style</a></nav><main>{sections}<ul>{stories()}</ul></main>'
    assert texts(body) == list(TITLES)


@pytest.mark.parametrize(
    "href",
    [
        "/audio/the-weir-on-the-lind-in-the-news.mp3",
        "/pictures/the-weir-on-the-lind-in-the-news.jpg",
        "/r/http://shop.example/garden-chairs-at-half-the-price",
        "/out?to=https%3A%2F%2Fshop.example%2Fgarden-chairs-at-half-the-price",
        "https://ads12.network.example/garden-chairs-at-half-the-price",
    ],
)
def test_files_redirects_and_advertisements_are_no_headlines(href: str) -> None:
    assert texts(
        f'<main><ul>{stories()}</ul><p><a href="{href}">The weir on the Lind in the news again</a></p></main>'
    ) == list(TITLES)


def test_no_link_has_a_heading_that_other_stories_stand_under() -> None:
    cards = "".join(
        f'<article><a href="/news/{48_113 + number}">{title}</a><div><a href="/forum/{number + 700}">{number} comments</a></div></article>'
        for number, title in enumerate(TITLES)
    )
    assert texts(f"<main><div><h1>All news of the Lind valley and of the coast</h1>{cards}</div></main>") == list(
        TITLES
    )


@pytest.mark.parametrize(
    ("tag", "count", "is_kept"), [("ol", 2, False), ("ol", 3, True), ("ul", 4, False), ("ul", 5, True)]
)
def test_a_list_of_the_most_read_is_marked_and_a_short_one_is_dropped(tag: str, count: int, is_kept: bool) -> None:
    old = "".join(
        f'<li><a href="/2025/0{number}/lamp-lighter-retires">Lamp lighter number {number} retires</a></li>'
        for number in range(1, count + 1)
    )
    body = f'<main><ul>{stories()}</ul></main><aside class="sidebar"><div class="most-read"><{tag}>{old}</{tag}></div></aside>'
    assert [text for text, block in headlines(body) if block == "popular"] == [
        f"Lamp lighter number {number} retires" for number in range(1, count + 1) if is_kept
    ]


@pytest.mark.parametrize(
    "attributes",
    [
        'class="hot-news"', 'class="tin-doc-nhieu"', 'class="best-read"', 'aria-label="Most read"', 'aria-label="Top 5"', 'aria-label="Meistgelesen"', 'aria-label="Самое читаемое"', 'class="top-read"',
        'class="box top10_reads"', 'id="TopViewed"', 'id="lo-mas-visto"', 'class="box-piu-visti"', 'class="les-plus-consultes"', 'class="cele-mai-citite"',
    ],
)  # fmt: skip
def test_a_list_of_the_most_read_is_known_by_its_name_or_label(attributes: str) -> None:
    old = "".join(
        f'<li><a href="/2025/0{number}/lamp-lighter-retires">Lamp lighter number {number} retires</a></li>'
        for number in range(1, 6)
    )
    for tag in ("section", "div"):
        body = f"<main><ul>{stories()}</ul></main><{tag} {attributes}><ol>{old}</ol></{tag}>"
        assert [block for _, block in headlines(body)][-5:] == ["popular"] * 5


def test_the_name_of_a_custom_element_tells_what_is_in_it() -> None:
    old = "".join(
        f'<li><a href="/2025/0{n}/lamp-lighter-retires">Lamp lighter {n} retires</a></li>' for n in range(1, 6)
    )
    body = f"<main><ul>{stories()}</ul></main><most-read-list><ul>{old}</ul></most-read-list>"
    assert [block for _, block in headlines(body)][-5:] == ["popular"] * 5


@pytest.mark.parametrize(
    "inside",
    [
        '<span class="card__kicker">Rivers</span><span class="card__title">{title}</span><span class="card__time">14:20</span>',
        '<h3><div class="kicker">Rivers</div><span class="headline-text">{title}</span></h3>',
        '<span class="a">Rivers</span><span class="b">{title}</span>',
        "{title}<time>14:20</time>",
        '{title}<span class="icon-watch"> Watch</span>',
        '<img alt="A man at a river"><h3>{title}</h3>',
    ],
)
def test_a_title_is_without_kicker_time_and_icon(inside: str) -> None:
    assert texts(stories('<li><a href="/news/{number}">' + inside + "</a></li>")) == list(TITLES)


def test_a_title_that_was_cut_is_completed() -> None:
    cards = (
        '<li><a href="/news/48113" title="Council lifts the old weir on the Lind">Council lifts the old weir…</a></li>'
    )
    assert texts(f"<ul>{cards}</ul>") == [TITLES[0]]


@pytest.mark.parametrize("attributes", ['aria-label="{title}"', 'title="{title}"'])
def test_a_link_without_words_has_the_title_of_an_attribute(attributes: str) -> None:
    assert texts(stories('<div><a href="/news/{number}" ' + attributes + "></a></div>")) == list(TITLES)


def test_the_siblings_of_a_story_do_not_speak_for_another_site() -> None:
    advertisement = '<li><a href="https://pharmacy.example/48999">Cold remedies at half price</a></li>'
    assert texts(f"<main><ul>{stories()}{advertisement}</ul></main>") == list(TITLES)


def test_a_page_that_declares_no_language_has_that_of_its_headlines() -> None:
    document = Document(
        f"<body><main><ul>{stories(titles=(*TITLES, 'Lindale 28-47 Northern Dragons'))}</ul></main></body>", URL
    )
    assert {headline.language for headline in front_headlines(document, site_rules.GENERIC, NOW)} == {"en"}


MENUS = {
    "th": (("ท้องถิ่น", "วัฒนธรรม"), ("สะพานท่าเรือจะสร้างใหม่เป็นสองระยะ", "ค่าโดยสารเรือขึ้นในฤดูฝน", "หอสมุดแสดงภาพน้ำท่วม", "เลิกนัดหยุดงาน")),
    "ko": (("지역", "스포츠"), ("린드강 다리 두 단계로 다시 짓는다", "여객선 요금 내년 인상", "도서관서 홍수 사진전", "파업 끝나")),
    "ja": (("ライフスタイル", "スポーツ"), ("リンド川の橋、二段階で再建へ", "フェリー運賃値上げ", "図書館で洪水の写真展", "ストライキ終結")),
    "en": (("Sport", "Culture"), ("Bridge over the Lind to be rebuilt", "Ferry fares rise", "Flood photographs in the library", "Strike over")),
}  # fmt: skip
CARDS = (
    "<div><a href='{url}'><div>{kicker}</div><div>{title}</div><div>14:2{number} <span>{number} comments</span></div></a></div>",
    "<div><a href='{url}'><span class='a'>{kicker}</span><span class='b'>{title}</span></a></div>",
)
ADDRESSES = ("/news/783450{number}", "/a/b9K{number}", "/article/912{number}/", "/view.php?no=4811{number}")


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("card", CARDS, ids=["lines", "spans"])
@pytest.mark.parametrize("language", MENUS)
def test_the_name_of_a_section_is_no_title_of_a_card_in_any_script(language: str, card: str, address: str) -> None:
    sections, titles = MENUS[language]
    menu = "".join(f"<a href='/{number}/'>{section}</a>" for number, section in enumerate(sections))
    cards = "".join(
        card.format(url=address.format(number=number), kicker=sections[number % 2], title=title, number=number)
        for number, title in enumerate(titles)
    )
    assert texts(f"<nav>{menu}</nav><main>{cards}</main><footer><a href='/about'>About us</a></footer>") == list(titles)


@pytest.mark.parametrize(
    "heading", ["Most read", "Lo más leído", "Meistgelesen", "الأكثر قراءة", "人気記事", "많이 본 뉴스", "Terpopuler"]
)
def test_the_most_read_are_known_by_their_heading(heading: str) -> None:
    old = "".join(
        f'<li><a href="/2025/0{number}/lamp-lighter-retires">Lamp lighter {number} retires</a></li>'
        for number in range(1, 6)
    )
    body = (
        f'<main><ul>{stories()}</ul></main><div class="w3"><div class="h"><h3>{heading}</h3></div><ol>{old}</ol></div>'
    )
    assert [text for text, block in headlines(body) if block == "popular"] == [
        f"Lamp lighter {number} retires" for number in range(1, 6)
    ]


@pytest.mark.parametrize(
    ("heading", "is_kept"), [("Most read", False), ("Les plus lus", False), ("많이 본 뉴스", False), ("Trending", True)]
)
@pytest.mark.parametrize("mark", ["<h3>{}</h3>", "<div class=hd>{}</div>", "<div class=hd><p>{}</p></div>"])
def test_two_stories_under_a_certain_heading_are_the_most_read(heading: str, is_kept: bool, mark: str) -> None:
    old = "".join(
        f'<li><a href="/2025/0{n}/lamp-lighter-retires">Lamp lighter number {n} retires</a></li>' for n in (1, 2)
    )
    body = f"<main><ul>{stories()}</ul></main><div class=w3>{mark.format(heading)}<ol>{old}</ol></div>"
    assert ("Lamp lighter number 1 retires" in texts(body)) == is_kept


@pytest.mark.parametrize(
    "link", ["<b>{}</b> <span>{}</span>", "<span>{}</span><span>{}</span>", "<em>{}</em> <strong>{}</strong>"]
)
def test_a_kicker_of_several_stories_in_an_element_of_its_own_is_no_part_of_a_title(link: str) -> None:
    titles = [f"Lamp lighter number {n} of the old town retires" for n in range(1, 6)]
    cards = "".join(
        f'<div><a href="/2025/0{n}/lamp-lighter-retires">{link.format("Harbour", title)}</a></div>'
        for n, title in enumerate(titles, 1)
    )
    assert texts(f"<main>{cards}</main>") == titles


def test_a_row_of_titles_at_numbered_addresses_is_stories_where_the_page_has_no_others() -> None:
    titles = [f"Lamp lighter number {n} of the old town retires" for n in range(6)]
    cards = "".join(
        f'<div class=t><a href="/artikel{n}5012,3.html">{title}</a></div>' for n, title in enumerate(titles)
    )
    assert texts(f"<main>{cards}</main>") == titles


def test_a_short_title_above_its_summary_is_the_title() -> None:
    cards = "".join(
        f'<div><a href="/2025/0{n}/lamp-lighter-retires"><p>Lamp {n}</p><p>The old lamp lighter of the harbour retires.</p></a></div>'
        for n in range(1, 6)
    )
    assert texts(f"<main>{cards}</main>") == [f"Lamp {n}" for n in range(1, 6)]


def test_a_menu_of_numbered_addresses_is_no_row_of_titles() -> None:
    menu = "".join(f'<a href="/list.php?id=101{number}">Part {number}</a>' for number in range(8))
    assert texts(f"<div>{menu}</div><main><ul>{stories()}</ul></main>") == list(TITLES)
