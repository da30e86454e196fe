"""By-lines in lines that elements divide, and by-lines that differ from what a page declares. All names are invented."""

import pytest

from services.parser.article.authors.authors import authors
from services.parser.page.document import Document
from services.parser.rules.site_rules import GENERIC

TITLE = "Ferry returns"


def names(html: str) -> tuple[str, ...]:
    document = Document(f"<h1>{TITLE}</h1>{html}", "https://harbourpost.example/2024/03/05/a")
    return tuple(candidate.value for candidate in authors(document, GENERIC, TITLE, frozenset({"harbour post"})))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("<span>09 मार्च 2026, 02:26 PM</span><span>द्वारा: मीना शर्मा</span>", "मीना शर्मा"),
        ("<span>9 มี.ค. 2569 14:26</span><span>โดย สมชาย ใจดี</span>", "สมชาย ใจดี"),
        ("<span>05/03/2024</span><span>Penulis: Rina Wulandari</span><span>Editor: Budi Hartono</span>", "Rina Wulandari"),
        ("<span>05/03/2024</span><span>Tác giả: Nguyễn Thị Hoa</span>", "Nguyễn Thị Hoa"),
        ("<span>2026.10.09 14:26</span><span>김철수 기자</span>", "김철수"),
        ("<span>05.03.2024</span><span>ដោយ៖ សុខ វណ្ណា</span>", "សុខ វណ្ណា"),
        ("<span>05.03.2024</span><span>ရေးသားသူ - မောင်မောင်ဦး</span>", "မောင်မောင်ဦး"),
        ("<span>March 5, 2024</span><span>By</span><a href='/x'>Mina Okafor</a><span>5 min read</span>", "Mina Okafor"),
        ("<span class='screen-reader-text'>| By </span><span>Mina Okafor</span> | <time>March 5, 2024</time>", "Mina Okafor"),
        ("<i class='icon'></i><span class='sr-only'>Autor</span><a href='/members/okafor.8/'>Mina Okafor</a>", "Mina Okafor"),
        ("<strong>Autorin/Autor</strong> Mina Okafor", "Mina Okafor"),
        ("<strong>Auteur·e</strong> : Mina Okafor", "Mina Okafor"),
        ("<b>Autor(a)</b>: Mina Okafor", "Mina Okafor"),
        ("<span>مصنف, سارہ خان</span>", "سارہ خان"),
        ("<span><span>5 March 2024</span><span>By Mina Okafor</span></span>", "Mina Okafor"),
    ],
    ids=["Hindi", "Thai", "Indonesian", "Vietnamese", "Korean", "Khmer", "Burmese", "label and link", "label for screen readers",
         "label of a forum", "German pair", "French point", "Spanish brackets", "Urdu comma", "a wrapper"],
)  # fmt: skip
def test_elements_divide_a_line_that_has_no_spaces(line: str, expected: str) -> None:
    assert names(f"<div>{line}</div>") == (expected,)


@pytest.mark.parametrize(
    "line",
    [
        "<a href='/book'>Tides of Elwick</a> <span>by Kofi Marr, 1921.</span>",
        "<span>5 March 2024</span><span>By</span><span>Harbour Post</span><span>with</span><span>updates</span>",
        "<span>By: डिजिटल डेस्क, नई दिल्ली</span>",
        "<span class=author>স্টাফ রিপোর্টার, ঢাকা</span>",
        "<span class=author>செய்திப்பிரிவு</span>",
        "<span class=author>ویب ڈیسک</span>",
    ],
    ids=[
        "the author of a book",
        "the outlet and a joiner",
        "Hindi desk",
        "Bengali reporter",
        "Tamil desk",
        "Urdu desk",
    ],
)
def test_these_lines_name_nobody(line: str) -> None:
    assert names(f"<div>{line}</div>") == ()


@pytest.mark.parametrize("name", ["অনলাইন ডেস্ক", "港城時報 編輯部", "온라인뉴스팀"], ids=["bn", "zh", "ko"])
def test_a_newsroom_declared_as_a_person_is_none(name: str) -> None:
    assert (
        names(
            f'<script type="application/ld+json">{{"@type":"NewsArticle","author":{{"@type":"Person","name":"{name}"}}}}</script>'
        )
        == ()
    )


@pytest.mark.parametrize(
    ("declared", "printed", "expected"),
    [
        ("Tom Reuss", "By: Mina Okafor", "Mina Okafor"),
        ("Tom Reuss", "<span>5 March 2024</span><span>By Mina Okafor</span>", "Mina Okafor"),
        ("Elwick Media Group", "By Mina Okafor", "Mina Okafor"),
        ("王小明", "本报记者 陈思远", "陈思远"),
        ("Mina A. Okafor", "By Mina Okafor", "Mina A. Okafor"),
        ("Mina Okafor", "By The Harbour Desk", "Mina Okafor"),
        ("Mina Okafor", "By Institute of Harbour Research", "Mina Okafor"),
        ("Mina Okafor", "Port Elwick, 5 March 2024", "Mina Okafor"),
    ],
    ids=[
        "who entered it",
        "a divided line",
        "the company",
        "the editor",
        "the longer name",
        "a desk",
        "an institute",
        "no by-line",
    ],
)
def test_a_by_line_by_the_title_names_the_writer_and_the_metadata_who_entered_the_text(
    declared: str, printed: str, expected: str
) -> None:
    assert names(f'<meta name="author" content="{declared}"><p>{printed}</p>') == (expected,)


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("/about/editors/mina-okafor/", ("Mina Okafor",)),
        ("/firmas/mina-okafor", ("Mina Okafor",)),
        ("/author/redaktion/", ()),
        ("/authors/", ()),
        ("https://bsky.app/profile/mina.example", ()),
    ],
)
def test_a_link_to_an_author_leads_to_one_person_of_this_site(href: str, expected: tuple[str, ...]) -> None:
    filler = "<p>The ferry sails again.</p>" * 20
    assert names(f'{filler}<p><a href="{href}">Mina Okafor</a></p>') == expected


_TEXT = "<p>The harbour office expects few passengers before summer, and more of them later.</p>" * 10


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<div><span>Mina Okafor&nbsp;|</span><span>05.03.2024 - updated 06.03.2024</span></div>", ("Mina Okafor",)),
        ("<div>05.03.2024 - Mina Okafor</div>", ("Mina Okafor",)),
        ("<div>05.03.2024 - Harbour Office</div>", ()),
        ("<div>05.03.2024 | PAID CONTENT</div>", ()),
        ("<div>Tidal Charts | 05.03.2024</div><ul><li><a href='/tidal-charts'>Tidal Charts</a></li></ul>", ()),
        ("<div><a href='/p/2'>Mina Okafor</a><span>@minaokafor</span></div>", ("Mina Okafor",)),
        ("<p>The ferry in 2023. <span>Tom Reuss</span> <span>treuss@harbourpost.example</span></p>", ()),
    ],
    ids=["name and date", "date and name", "a subject of the text", "capitals", "a section in the menu", "an account", "photographer"],
)  # fmt: skip
def test_a_name_beside_a_date_or_an_account_is_the_authors(html: str, expected: tuple[str, ...]) -> None:
    assert names(html + _TEXT) == expected


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>This post was originally written by Mina Okafor, MD, of Elwick.</p>", ("Mina Okafor",)),
        ("<p>Dieser Gastbeitrag stammt von Mina Okafor.</p>", ("Mina Okafor",)),
        ("<p>Cet article a été rédigé par Lucie Ferrand.</p>", ("Lucie Ferrand",)),
        ("<p>Este artículo fue escrito por Ana Lund.</p>", ("Ana Lund",)),
        (_TEXT + "<p>(Reporting by Mina Okafor; Editing by Tom Reuss)</p>", ("Mina Okafor",)),
        (_TEXT + "<p>Mina Okafor is a reporter for the Harbour Post.</p>", ("Mina Okafor",)),
        (_TEXT + "<p>Mina Okafor ist freie Journalistin.</p>", ("Mina Okafor",)),
        (_TEXT + "<p>Okafor asked at the harbour first.</p><p>Mina Okafor is a reporter for the Harbour Post.</p>", ()),
        (_TEXT + "<p>港務局說。</p><p>市は来月、計画を公表する。（山田太郎、鈴木花子）</p>", ("山田太郎", "鈴木花子")),
        (_TEXT + "<p>市は来月、計画を公表する。（港町支局）</p>", ()),
        (_TEXT + "<p>渡轮下月起恢复运行。（林小燕）</p>", ("林小燕",)),
        (_TEXT + "<p>渡轮下月起恢复运行。(本报记者 王小明 通讯员 李丽)</p>", ("王小明", "李丽")),
        (_TEXT + "<p>“渡轮回来了。”（文/林小燕 图/王小明）</p>", ("林小燕",)),
        (_TEXT + "<p>渡轮停在码头。（王小明 摄）</p>", ()),
        (_TEXT + "<p>渡轮下月起恢复运行。（完）</p><p>票价上涨。（江苏）</p>", ()),
    ],
    ids=["English", "German", "French", "Spanish", "agency", "note on the reporter", "German note", "a reporter is the subject",
         "Japanese brackets", "a bureau in brackets", "Chinese brackets", "a reporter in brackets", "text and picture", "a photographer", "an end and a place"],
)  # fmt: skip
def test_sentences_and_closing_lines_say_who_wrote_an_article(html: str, expected: tuple[str, ...]) -> None:
    assert names(html) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("记者 李　明 王　强", ("李明", "王强")),
        ("作者：阿依古丽·买买提", ("阿依古丽·买买提",)),
        ("作者：[英] 玛丽·史密斯", ("玛丽·史密斯",)),
        ("采写：港城日报记者 郑凯 实习生 冯雪", ("郑凯", "冯雪")),
        ("港城日报记者罗一鸣 摄影报道", ("罗一鸣",)),
        ("本報記者 黃國倫 攝影報道", ("黃國倫",)),
        ("地方中心／謝明哲報導", ("謝明哲",)),
        ("專欄作家：廖天琪", ("廖天琪",)),
        ("文／图 蒋欣", ("蒋欣",)),
        ("نامہ نگار: زاہد حسین", ("زاہد حسین",)),
        ("Author/s: Mina Okafor", ("Mina Okafor",)),
        ("ライター：中村 健一", ("中村 健一",)),
        ("執筆者　加藤 真理子、池田 剛志", ("加藤 真理子", "池田 剛志")),
        ("編集委員・石川裕子", ("石川裕子",)),
        ("港支局　清水翔", ("清水翔",)),
        ("글·사진 정하늘 기자", ("정하늘",)),
        ("강지우·윤서준 기자", ("강지우", "윤서준")),
        ("서민준 | 항구대학교 교수", ("서민준",)),
        ("শিরিন সুলতানা, বিশেষ প্রতিনিধি", ("শিরিন সুলতানা",)),
        ("विकास गुप्ता द्वारा", ("विकास गुप्ता",)),
        ("Lê Văn Tám (Báo Biển)", ("Lê Văn Tám",)),
        ("Bài, ảnh: Phạm Quỳnh", ("Phạm Quỳnh",)),
        ("Ein Interview von Mina Okafor mit Tom Reuss", ("Mina Okafor",)),
    ],
)
def test_by_lines_of_asia_with_more_than_a_name(line: str, expected: tuple[str, ...]) -> None:
    assert names(f"<p>{line}</p>") == expected


@pytest.mark.parametrize(
    "holder",
    [
        'name="copyright" content="Copyright (c) Elwick Media 2026"',
        'name="publisher" content="Elwick Media (www.media.example)"',
    ],
)
def test_who_holds_the_rights_is_no_author_where_a_person_is_linked(holder: str) -> None:
    head = f'<meta {holder}><meta name="author" content="Elwick Media (www.media.example)">'
    assert names(head + _TEXT + '<a href="/author/mina-okafor">Mina Okafor</a>') == ("Mina Okafor",)


def test_a_by_line_of_a_related_story_does_not_stand_for_the_declared_author() -> None:
    related = '<div class="related"><p>By Tom Reuss</p></div>'
    assert names(f'<meta name="author" content="Mina Okafor">{related}') == ("Mina Okafor",)


@pytest.mark.parametrize(
    ("opening", "expected"),
    [
        ("【パリ＝佐藤花子】市は", ("佐藤花子",)), ("【ロンドン＝山田太郎、佐藤花子】市は", ("山田太郎", "佐藤花子")), ("【ワシントン鈴木一生】市は", ("鈴木一生",)),
        ("【ニューヨーク＝共同】市は", ()), ("【ソウル聯合ニュース】市は", ()), ("港口网10月4日讯（记者陈智 整合）渡轮", ("陈智",)),
    ],
)  # fmt: skip
def test_a_report_from_elsewhere_opens_with_place_and_correspondent(opening: str, expected: tuple[str, ...]) -> None:
    assert names(f"<p>{opening}、港の渡し船が来月から戻ると発表した。</p>") == expected


@pytest.mark.parametrize(("writer", "editor"), [("Penulis", "Editor"), ("Reporter", "Editor"), ("Author", "Editor")])
def test_a_name_may_stand_above_its_label(writer: str, editor: str) -> None:
    html = f"<p>5 March 2024</p><p>Mina Okafor</p><p>{writer}</p><p>Tom Reuss</p><p>{editor}</p>"
    assert names(html) == ("Mina Okafor",)


def test_who_is_declared_as_the_editor_too_did_not_write_what_somebody_else_signs() -> None:
    head = (
        f'<script type="application/ld+json">{{"@type":"NewsArticle","headline":"{TITLE}","author":{{"@type":"Person","name":"Tom Reuss"}}}}</script>'
        '<meta name="content_editor" content="Tom Reuss">'
    )
    assert names(head + '<meta name="content_author" content="Mina Okafor">') == ("Mina Okafor",)
    assert names(head) == ("Tom Reuss",)


@pytest.mark.parametrize("word", ["Donnerstag", "Sunday", "Publiziert", "Link", "vendredi"])
def test_a_day_or_a_label_alone_is_no_author(word: str) -> None:
    assert names(f'<p class="author">{word}</p><p>5 March 2024</p>') == ()


def test_a_day_may_be_the_first_of_a_persons_names() -> None:
    assert names("<p>By Sunday Okafor</p>") == ("Sunday Okafor",)


def test_what_an_author_is_an_expert_of_is_no_further_author() -> None:
    line = "<p>By Mina Okafor, Home and Harbour Safety Expert</p>"
    assert names(line) == ("Mina Okafor",)
