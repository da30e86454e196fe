"""Lists, tables and columns are taken whole or left whole."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.parser.article.body.paragraphs import article_lines, declared_text
from services.parser.page.document import Document

SENTENCE = (
    "The harbour authority of Elwick said that the breakwater will be rebuilt and that ferries will run all winter, {}."
)
PROSE = [
    f"<p>{SENTENCE.format(f'as {name} told the council on Thursday')}</p>"
    for name in ("Ada", "Bo", "Cleo", "Dag", "Eva", "Finn")
]


def lines(middle: str, language: str = "en", prose: list[str] = PROSE) -> list[str]:
    html = f"<html lang={language}><body><article><h1>Breakwater</h1><div class=article-body>{''.join(prose[:3])}{middle}{''.join(prose[3:])}</div></article>"
    document = Document(html, "https://harbourpost.example/2026/10/breakwater")
    return list(article_lines(document.layout, declared_text(document)))


@pytest.mark.parametrize("wrap", ["{}", "<div class=scroll>{}</div>", "<figure>{}</figure>"])
def test_a_table_of_figures_is_read_by_rows_with_tabs(wrap: str) -> None:
    table = "<table><tr><th>Stage</th><th>Cost</th></tr><tr><td>Wall</td><td>11.2 million</td></tr><tr><td>Crest</td><td>9</td></tr></table>"
    body = lines(wrap.format(table))
    assert body[3:6] == ["Stage\tCost", "Wall\t11.2 million", "Crest\t9"]
    assert len(body) == 9


cells = st.lists(st.text("abc 12", min_size=1).filter(str.strip), min_size=2, max_size=4)


@settings(max_examples=30, deadline=None)
@given(st.lists(cells, min_size=2, max_size=6))
def test_every_cell_of_a_table_is_in_the_text_or_none_and_the_text_around_it_stays(rows: list[list[str]]) -> None:
    table = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    expected = ["\t".join(" ".join(cell.split()) for cell in row) for row in rows]
    body = lines(f"<table>{table}</table>")
    assert body[3:-3] == expected


def test_a_list_of_links_that_a_line_introduces_is_text_and_one_of_other_stories_is_not() -> None:
    entries = [f"Document number {number} about the wall" for number in range(5)]
    items = "".join(f"<li><a href=/d{number}.pdf>{entry}</a></li>" for number, entry in enumerate(entries))
    introduction = "The council published these documents:"
    assert lines(f"<p>{introduction}</p><ul>{items}</ul>")[3:9] == [introduction, *entries]
    assert not {*entries} & {*lines(f"<p>Read also:</p><ul>{items}</ul>")}


@pytest.mark.parametrize("before", [0, 3])
@pytest.mark.parametrize("time", ["", "<span class=at>21:10</span>"])
def test_the_headings_of_a_live_report_are_text_and_those_of_other_stories_are_not(time: str, before: int) -> None:
    titles = ("Power back", "Volunteers thanked", "Wall damaged")
    entries = "".join(
        f"<li class=stream__post><article><header><h3><span>{title}</span></h3>{time}</header><div>{text}</div></article></li>"
        for title, text in zip(titles, PROSE[3:], strict=True)
    )
    others = "".join(f"<div class=card><h3>{title} elsewhere</h3><p>Ada.</p></div>" for title in titles)
    body = lines(f"<ol>{entries}</ol>{others}", prose=PROSE[:before])
    assert {*titles} <= {*body}
    assert not [line for line in body if line.endswith("elsewhere")]


@pytest.mark.parametrize("heading", ["h2", "h3"])
def test_headings_of_a_guide_that_are_links_are_text_where_text_is_below_each(heading: str) -> None:
    products = ("Stone Head cleaner", "Elwick broom", "Pier brush")
    entries = "".join(
        f"<{heading}><a href=https://shop.example/{number}>{product}</a></{heading}>{text}"
        for number, (product, text) in enumerate(zip(products, PROSE[3:], strict=True))
    )
    assert [line for line in lines(entries, prose=PROSE[:3]) if line in products] == [*products]
    teasers = "".join(f"<{heading}><a href=/{product}>{product}</a></{heading}>" for product in products)
    assert not {*products} & {*lines("", prose=[*PROSE, teasers])}


@pytest.mark.parametrize(
    "text",
    [
        "https://harbour.example/plans",
        "plans@harbour.example",
        "www.harbour.example",
        "harbour.example/plans/2026",
        "The plans are in the town hall.",
    ],
)
def test_an_address_or_a_sentence_that_is_a_link_between_paragraphs_is_text(text: str) -> None:
    assert lines(f"<p><a href=https://harbour.example/plans>{text}</a></p>")[3] == text


@pytest.mark.parametrize(
    "text",
    [
        "Ferry fares to rise in spring",
        "Back to top",
        "Get our free guide to the harbour here!",
        "Read also: Ferry fares to rise.",
        "Sign up for our newsletter.",
    ],
)
def test_another_link_between_paragraphs_is_none(text: str) -> None:
    assert len(lines(f"<p><a href=/other>{text}</a></p>")) == len(PROSE)


CHINESE = ["上月风暴中受损的东防波堤将分两个阶段重建，施工期间渡轮照常运行，渔船也可以使用北侧航道。",
           "工程师检查后发现近九十米长的石块滑入航道，目前已经设置了一排临时浮标。", "镇上的店主对计划表示欢迎，但希望得到明确的日程。",
           "居民担心卡车往来，议会承诺实行单行道，并把车速限制在每小时二十公里。", "第二阶段取决于地区议会三月表决的一笔贷款。", "这项计划将于下月公布。"]  # fmt: skip


@pytest.mark.parametrize("shape", ["<p>{}</p>", "<div>{}</div>", "{}<br><br>"])
def test_a_column_in_a_script_without_spaces_keeps_its_last_paragraph(shape: str) -> None:
    assert lines("", "zh", [shape.format(text) for text in CHINESE]) == CHINESE


@pytest.mark.parametrize("shape", ["<p>{}</p>", "<div>{}</div>", "<p><span>{}</span></p>"], ids=["p", "div", "span"])
@pytest.mark.parametrize(
    "texts",
    [[CHINESE[0], CHINESE[1], "工程下月开始。"],
     ["港湾局は木曜日、防波堤を来年の春までに再建し、フェリーは冬の間も通常どおり運航すると市議会に報告した。", "局長によると、工事費は約十一億円で、半分は県が負担し、残りは港の収入でまかなう。", "工事は来月始まる。"],
     ["การท่าเรือแจ้งสภาเทศบาลเมื่อวันพฤหัสบดีว่าเขื่อนกันคลื่นจะสร้างใหม่ให้แล้วเสร็จก่อนฤดูใบไม้ผลิปีหน้า และเรือข้ามฟากจะวิ่งตลอดฤดูหนาว",
      "ผู้อำนวยการกล่าวว่าค่าก่อสร้างประมาณสิบเอ็ดล้านบาท ครึ่งหนึ่งรัฐบาลจังหวัดเป็นผู้จ่าย ส่วนที่เหลือมาจากรายได้ของท่าเรือ", "งานจะเริ่มเดือนหน้า"]],
    ids=["zh", "ja", "th"],
)  # fmt: skip
def test_a_report_of_three_paragraphs_without_spaces_keeps_the_short_last_one(texts: list[str], shape: str) -> None:
    assert lines("", prose=[shape.format(text) for text in texts]) == texts


SHORT = ["港口昨日重新開放。", "首班渡輪於清晨五點半駛出。", "碼頭上站滿了前來觀看的居民。", "一位長者說，他等了整整一年。", "第二期工程將於明年三月開始。", "學校門前的道路暫時改為單行道。"]  # fmt: skip


def test_short_paragraphs_in_a_script_without_spaces_are_all_kept() -> None:
    linked = [f"<p>{text}<a href=/tag/x>港口</a></p>" for text in SHORT]
    assert lines("", "zh-TW", linked) == [f"{text}港口" for text in SHORT]


def test_a_list_with_links_between_paragraphs_is_read_whole() -> None:
    entries = [
        "Stone Head quarry sends the granite, as it did a hundred years ago.",
        "Elwick Barges carries it across the bay in spring.",
    ]
    linked = "".join(f"<li><a href=/x>{entry[:13]}</a>{entry[13:]}</li>" for entry in entries)
    assert lines(f"<ul>{linked}</ul>")[3:5] == entries


ENTRIES = ["Two cranes from the old yard", "Sixty barges of granite", "A crew of forty"]


@pytest.mark.parametrize(
    "box",
    [
        "<ul>{}</ul>".format("".join(f"<li><div><div>{entry}</div></div></li>" for entry in ENTRIES)),
        "<blockquote class=wp-block-quote>{}</blockquote>".format("".join(f"<p>{entry}</p>" for entry in ENTRIES)),
        "<dl>{}</dl>".format("".join(f"<dt>{entry}</dt><dd>{entry} again.</dd>" for entry in ENTRIES)),
        "<div class=accordion><h3>What comes?</h3><div>{}</div></div>".format("".join(f"<p>{entry}</p>" for entry in ENTRIES)),
    ],
    ids=["list", "quotation", "definitions", "accordion"],
)  # fmt: skip
def test_what_is_set_apart_between_two_paragraphs_is_text(box: str) -> None:
    body = lines(box)
    assert [entry for entry in ENTRIES if entry in body] == ENTRIES
    assert len(body) >= len(PROSE) + len(ENTRIES)


@pytest.mark.parametrize(
    "box",
    [
        "<ul>" + "".join(f"<li><a href=/story-{n}>{entry}</a></li>" for n, entry in enumerate(ENTRIES)) + "</ul>",
        "<aside class=related><ul><li>Seals are back</li><li>Bell is stolen</li></ul></aside>",
    ],
    ids=["links", "related"],
)
def test_a_list_of_the_page_between_two_paragraphs_is_none(box: str) -> None:
    assert len(lines(box)) == len(PROSE)


def test_a_post_of_a_network_and_a_list_at_the_end_are_text() -> None:
    post = f"<div><blockquote class=twitter-tweet><p>{ENTRIES[0]}.</p>— Ada (@ada) <a href=/1>May 3, 2026</a></blockquote></div>"
    assert f"{ENTRIES[0]}." in lines(post)
    closing = "<ol>" + "".join(f"<li>{entry}</li>" for entry in ENTRIES) + "</ol>"
    assert lines("", prose=[*PROSE, closing])[-3:] == ENTRIES


def test_a_table_of_figures_in_a_table_for_layout_is_read_by_rows() -> None:
    table = "<table><tr><td>East quay</td><td>11.2 million</td></tr><tr><td>West quay</td><td>19.4 million</td></tr></table>"
    html = f"<html lang=en><body><table><tr><td><h1>Breakwater</h1>{''.join(PROSE[:3])}{table}{''.join(PROSE[3:])}</td></tr></table>"
    document = Document(html, "https://harbourpost.example/2026/10/breakwater")
    body = list(article_lines(document.layout, declared_text(document)))
    assert body[3:5] == ["East quay\t11.2 million", "West quay\t19.4 million"]


def test_a_table_with_a_caption_and_a_cell_over_two_lines_is_read_by_rows() -> None:
    table = "<table><caption>The costs</caption><tr><td rowspan=2>Wall</td><td>11.2 million</td></tr><tr><td>19.4 million</td></tr></table>"
    assert lines(table)[3:6] == ["The costs", "Wall\t11.2 million", "19.4 million"]


def test_an_entry_of_a_list_between_two_of_the_article_is_its_text() -> None:
    entries = [
        "When does it start?",
        "In January, when the herring boats are laid up.",
        "Who pays?",
        "The region, with a loan.",
    ]
    body = "".join(
        f"<dt>{question}</dt><dd>{answer}</dd>" for question, answer in zip(entries[::2], entries[1::2], strict=True)
    )
    assert lines(f"<h2>Questions</h2><dl>{body}</dl>")[4:8] == entries
