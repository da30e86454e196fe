"""By-lines and the authors that they name. All names here are invented."""

import json
from datetime import UTC, datetime

import pytest

from services.parser.article.authors import authors as module
from services.parser.article.authors import byline
from services.parser.article.authors.authors import authors
from services.parser.article.publication import publication_line
from services.parser.page.document import Document
from services.parser.rules.site_rules import GENERIC

PAGE = "https://harbourpost.example/2024/03/05/a"
NOW = datetime(2026, 3, 5, 12, 30, tzinfo=UTC)


def names(html: str, of: str = "Ferry returns") -> tuple[str, ...]:
    return tuple(
        candidate.value for candidate in authors(Document(html, PAGE), GENERIC, of, frozenset({"harbour post"}))
    )


@pytest.mark.parametrize(
    "line",
    ["Publié dans L'écho le 27 - 04 - 2015", "نشر في L'écho يوم 27 - 04 - 2015",
     "Published in L'écho on 27 - 04 - 2015", "Publicado en L'écho el 27 - 04 - 2015"],
)  # fmt: skip
def test_the_publication_line_in_four_languages(line):
    assert publication_line.published_in(line, NOW) == ("L'écho", "2015-04-27", line)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("By Mina Okafor and Tom Reuss", ("Mina Okafor", "Tom Reuss")),
        ("Par Lucie Ferrand, Ali Ben Salah", ("Lucie Ferrand", "Ali Ben Salah")),
        ("بقلم: سمير العطار", ("سمير العطار",)),
        ("admin", ()),
        ("The Harbour Post", ()),
        ("https://facebook.example/author", ()),
    ],
)
def test_authors_are_people(raw, expected):
    assert byline.people(raw, frozenset({"the harbour post"})) == expected


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
        ("[포트엘윅=하버포스트] 신하나·김두리 기자 = ", ("신하나", "김두리")),
        ("記者林海／港城報導", ("林海",)),
        ("港口日报记者 林海 王小港", ("林海", "王小港")),
        ("文／林海", ("林海",)),
        ("港報快訊／林海港", ("林海港",)),
        ("責任編輯：林海", ()),
        ("港城報導", ()),
        ("山田港子記者", ("山田港子",)),
        ("執筆：山田港子", ("山田港子",)),
        ("Penulis: Mina Okafor", ("Mina Okafor",)),
        ("Oleh Mina Okafor dan Tom Reuss", ("Mina Okafor", "Tom Reuss")),
        ("Tác giả: Mina Okafor", ("Mina Okafor",)),
        ("โดย สมชาย ใจดี", ("สมชาย ใจดี",)),
        ("मीना ओकाफोर", ("मीना ओकाफोर",)),
        ("लेखक: मीना ओकाफोर", ("मीना ओकाफोर",)),
        ("מאת: דנה לוי ויוסי כהן", ("דנה לוי", "יוסי כהן")),
        ("كتب: سمير العطار ومنى الحداد", ("سمير العطار", "منى الحداد")),
        ("بقلم: سمير وليد", ("سمير وليد",)),
        ("بقلم: سمير علي وائل", ("سمير علي وائل",)),
        ("نویسنده: مینا کریمی", ("مینا کریمی",)),
        ("Автор: Мина Окафор и Том Ройс", ("Мина Окафор", "Том Ройс")),
        ("Írta: Okafor Mina", ("Okafor Mina",)),
        ("By Mina Okafor | Email the author | Follow on Twitter", ("Mina Okafor",)),
        ("Mina Okafor in Port Elwick and Tom Reuss in Hadley", ("Mina Okafor", "Tom Reuss")),
        ("By Mina Okafor December 2, 2025 Updated today", ("Mina Okafor",)),
        ("ByMina Okafor", ("Mina Okafor",)),
        ("View all posts by Mina Okafor", ("Mina Okafor",)),
        ("Alle Artikel von Mina Okafor", ("Mina Okafor",)),
        ("von Mina", ("Mina",)),
        ("Di Hartley", ("Di Hartley",)),
        ("Associated Press", ()),
        ("Updated 5 March 2024", ()),
        ("By Thuy Le", ("Thuy Le",)),
        ("Jan De", ("Jan De",)),
        ("Aus Port Elwick berichtet Mina Okafor", ("Mina Okafor",)),
        ("Aus Hadley berichten Mina Okafor und Tom Reuss", ("Mina Okafor", "Tom Reuss")),
        ("Par Mina Okafor avec Tom Reuss", ("Mina Okafor", "Tom Reuss")),
        ("Par Mina Okafor (avec AFP)", ("Mina Okafor",)),
        ("Mina Okafor. Corresponsal en Elwick", ("Mina Okafor",)),
        ("สมชาย ใจดี ผู้สื่อข่าว", ("สมชาย ใจดี",)),
        ("القاهرة: سمير العطار ومنى الحداد", ("سمير العطار", "منى الحداد")),
        ("كتبت: منى الحداد من القاهرة", ("منى الحداد",)),
        ("سمير العطار - القاهرة", ("سمير العطار",)),
        ("بيروت – سمير العطار", ("سمير العطار",)),
        ("سمير العطار، القاهرة", ("سمير العطار",)),
        ("Theo Reuters", ("Reuters",)),
        ("لندن: «البريد» سمير العطار", ("سمير العطار",)),
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


@pytest.mark.parametrize(
    "name",
    ["Christopher Null", "Louisa Story", "Oliver Guest", "Mina Press", "dana boyde", "Di Hartley", "Rafael de Image", "Oleh Penko", "Par Lindh", "Von der Aue",
     "Maria do Carmo de Souza e Silva", "سمير عبد الرحمن بن عبد العزيز السعدون"],
)  # fmt: skip
def test_who_is_declared_a_person_may_be_called_like_a_role(name: str) -> None:
    data = json.dumps(
        {"@type": "NewsArticle", "headline": "Ferry returns", "author": {"@type": "Person", "name": name}}
    )
    html = f'<script type="application/ld+json">{data}</script><h1>Ferry returns</h1><p>By {name}</p><p>Share Post</p>'
    assert names(html) == (name,)


def test_the_employer_of_a_declared_person_is_no_part_of_the_name() -> None:
    assert byline.declared_people("Mina Okafor for Harbour Post") == ("Mina Okafor",)


def test_a_name_in_capitals_is_the_same_person() -> None:
    people = [{"@type": "Person", "name": name} for name in ("Mina Okafor", "MINA OKAFOR")]
    article = json.dumps({"@type": "NewsArticle", "headline": "Ferry returns", "author": people})
    assert names(f'<script type="application/ld+json">{article}</script>') == ("Mina Okafor",)


def test_the_place_beside_a_declared_name_is_no_part_of_it() -> None:
    assert byline.declared_people("سمير أبو العلا - القاهرة") == ("سمير أبو العلا",)


def test_a_declared_author_may_be_a_reference() -> None:
    person = {"@type": "Person", "@id": "#p", "name": "Mina Okafor"}
    data = json.dumps(
        {"@graph": [{"@type": "NewsArticle", "headline": "Ferry returns", "author": {"@id": "#p"}}, person]}
    )
    assert names(f'<script type="application/ld+json">{data}</script><h1>Ferry returns</h1>') == ("Mina Okafor",)


def test_a_by_line_does_not_take_the_line_after_it() -> None:
    assert names("<h1>Ferry returns</h1><p>By Suharyono</p><p>Port Elwick</p>") == ("Suharyono",)


@pytest.mark.parametrize(
    "html",
    [
        "<h1>Ferry returns</h1><p>Published March 5, 2024 by Mina Okafor</p>",
        '<meta name="twitter:label1" content="Written by"><meta name="twitter:data1" content="Mina Okafor"><h1>Ferry returns</h1>',
        '<h1>Ferry returns</h1><p>The ferry.</p><footer><div class="news-author">Mina Okafor</div></footer>',
        "<h1>Ferry returns</h1><p><span>By</span><span>Mina Okafor</span></p>",
    ],
)
def test_other_places_that_name_the_author(html: str) -> None:
    assert names(html) == ("Mina Okafor",)


def test_a_reporter_in_brackets_begins_a_chinese_article() -> None:
    page = "<h1>渡輪復航</h1><p>〔記者林海／港城報導〕渡輪今天復航，港務局說。</p>"
    assert names(page, of="渡輪復航") == ("林海",)


def test_the_newspaper_of_the_host_signs_only_where_nobody_else_does() -> None:
    assert names('<meta name="author" content="Harbourpost"><h1>Ferry returns</h1><p>By Mina Okafor</p>') == (
        "Mina Okafor",
    )
    assert names('<meta name="author" content="Harbourpost"><h1>Ferry returns</h1>') == ("Harbourpost",)


def test_an_organization_signs_where_nobody_else_does() -> None:
    data = '{"@type":"NewsArticle","headline":"Ferry returns","author":{"@type":"Organization","name":"Coast News Agency"}}'
    assert names(f'<script type="application/ld+json">{data}</script><h1>Ferry returns</h1>') == ("Coast News Agency",)
    assert names('<meta name="author" content="admin"><h1>Ferry returns</h1>') == ()


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<h1>Ferry returns</h1><p>1. Januar 2026 von Mina Okafor Ein Kommentar</p>", ("Mina Okafor",)),
        ("<h1>Ferry returns</h1><p>By Mina O.</p>", ("Mina O.",)),
        ("<h1>Ferry returns</h1><p>Autorin: Mina Okafor, Projektleiterin des Vereins der Freunde der Schifffahrt in Elwick</p>", ("Mina Okafor",)),
        ("<h1>Ferry returns</h1>" + "<p>The ferry sails again.</p>" * 20 + "<p>Von:</p><p>Mina Okafor</p>", ("Mina Okafor",)),
        ("<meta name=author value='Mina Okafor'><h1>Ferry returns</h1>", ("Mina Okafor",)),
    ],
)  # fmt: skip
def test_authors_with_comments_initials_labels_and_names_on_the_next_line(html: str, expected: tuple[str, ...]) -> None:
    assert names(html) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Mina OkaforSenior Reporter", ("Mina Okafor",)),
        ("Mina OkaforContact author", ("Mina Okafor",)),
        ("By Mina Okafor @minaok", ("Mina Okafor",)),
        ("Mina Okafor with agencies", ("Mina Okafor",)),
        ("Mina Okafor avec AFP", ("Mina Okafor",)),
        ("By Mina Okafor Special to the Gazette", ("Mina Okafor",)),
        ("Words by Mina Okafor Photos by Tom Reuss", ("Mina Okafor",)),
        ("By Mina Okafor Edited by Tom Reuss", ("Mina Okafor",)),
        ("Analysis by Mina Okafor", ("Mina Okafor",)),
        ("Reporting by Mina Okafor and Tom Reuss; Editing by Ana Lund", ("Mina Okafor", "Tom Reuss")),
        ("Por Mina Okafor — Porto", ("Mina Okafor",)),
        ("desk@gazette.example (Mina Okafor)", ("Mina Okafor",)),
        ("Von Miller", ("Von Miller",)),
        ("Von Mina Okafor", ("Mina Okafor",)),
        ("Jerome Okafor Jr.", ("Jerome Okafor Jr.",)),
        ("Fiona McStaffer", ("Fiona McStaffer",)),
        ("Mina Okafor (à Elwick) et Tom Reuss (à Moorbeck)", ("Mina Okafor", "Tom Reuss")),
        ("di Mina Okafor, nostra inviata a Elwick", ("Mina Okafor",)),
        ("Mina Okafor y Tom Reuss, en Elwick", ("Mina Okafor", "Tom Reuss")),
        ("By HPN reporter Mina Okafor", ("Mina Okafor",)),
        ("From our correspondent Mina Okafor in Elwick", ("Mina Okafor",)),
        ("Photos by Tom Reuss. Story by Mina Okafor.", ("Mina Okafor",)),
        ("Texto de Mina Okafor e fotos de Tom Reuss", ("Mina Okafor",)),
        ("Article rédigé par Mina Okafor", ("Mina Okafor",)),
        ("記者 王小明／港城", ("王小明",)),
    ],
)
def test_what_stands_beside_a_name_is_no_part_of_it(line: str, expected: tuple[str, ...]) -> None:
    assert byline.people(line) == expected


@pytest.mark.parametrize(
    "author",
    [
        {"@list": [{"@type": "Person", "name": "Mina Okafor"}]},
        {"@type": "Person", "name": "", "alternateName": "Mina Okafor"},
        {"name": [{"@value": "Mina Okafor", "@language": "en"}, {"@value": "Мина Окафор", "@language": "ru"}]},
        {"@type": "Person", "name": "Mina Okafor - Transport Editor"},
    ],
    ids=["a list of JSON-LD", "another name", "a name in two languages", "a role behind a dash"],
)
def test_a_declared_author_in_a_rarer_shape(author: dict[str, object]) -> None:
    article = json.dumps({"@type": "NewsArticle", "headline": "Ferry returns", "author": author})
    assert names(f'<script type="application/ld+json">{article}</script>') == ("Mina Okafor",)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("By Political Editor Mina Okafor", ("Mina Okafor",)),
        ("Von unserer Korrespondentin Mina Okafor", ("Mina Okafor",)),
        ("dal nostro inviato Mina Okafor", ("Mina Okafor",)),
        ("Door onze redacteur Mina Okafor", ("Mina Okafor",)),
        ("Laporan wartawan Mina Okafor", ("Mina Okafor",)),
        ("Журналист: Мина Окафор", ("Мина Окафор",)),
        ("Mina Okafor Health Correspondent", ("Mina Okafor",)),
        ("By Mina Okafor of the Gazette", ("Mina Okafor",)),
        ("By Mina Okafor, Elwick Harbour Institute", ("Mina Okafor",)),
        ("By Mina Okafor, Science Writer, and Tom Reuss", ("Mina Okafor", "Tom Reuss")),
        ("By Mina Okafor, PhD and Tom Reuss, MPH", ("Mina Okafor", "Tom Reuss")),
        ("By Mina Okafor, Tom Reuss, and Ana Lund", ("Mina Okafor", "Tom Reuss", "Ana Lund")),
        ("By Mina Okafor and Tom Reuss, Associated Press", ("Mina Okafor", "Tom Reuss")),
        ("By Mina Okafor with Tom Reuss", ("Mina Okafor", "Tom Reuss")),
        ("By Mina de la Cruz and Tom Reuss", ("Mina de la Cruz", "Tom Reuss")),
        ("By Jerome Okafor, Jr.", ("Jerome Okafor, Jr.",)),
        ("Mina OkaforTom Reuss", ("Mina Okafor", "Tom Reuss")),
        ("Fiona MacDonald", ("Fiona MacDonald",)),
        ("Pewarta: Mina Okafor Editor: Tom Reuss", ("Mina Okafor",)),
        ("Eine Analyse von Mina Okafor", ("Mina Okafor",)),
        ("Una crónica de Mina Okafor", ("Mina Okafor",)),
        ("Guest post by Mina Okafor", ("Mina Okafor",)),
        ("Contributors: Mina Okafor, Tom Reuss", ("Mina Okafor", "Tom Reuss")),
        ("Autorius: Mina Okafor", ("Mina Okafor",)),
        ("Egilea: Mina Okafor", ("Mina Okafor",)),
        ("రచయిత: మీనా రావు", ("మీనా రావు",)),
        ("김철수 문화전문기자", ("김철수",)),
        ("글=김철수 기자", ("김철수",)),
        ("워싱턴=김철수 특파원", ("김철수",)),
        ("입력 2026.10.09. 14:26 김철수 기자", ("김철수",)),
        ("엘윅 김철수 특파원", ("김철수",)),
        ("【山田太郎】", ("山田太郎",)),
        ("聞き手・山田太郎", ("山田太郎",)),
        ("文＝山田太郎", ("山田太郎",)),
        ("本报记者王小明", ("王小明",)),
        ("新华社记者王小明、李丽", ("王小明", "李丽")),
        ("来源：港口日报 作者：王小明", ("王小明",)),
        ("港报记者王小明报道", ("王小明",)),
    ],
)
def test_by_lines_have_roles_employers_and_labels(line: str, expected: tuple[str, ...]) -> None:
    assert byline.people(line) == expected


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<h1>Ferry returns</h1><p class="byline">By Mina Okafor<br>Tom Reuss</p>', ("Mina Okafor", "Tom Reuss")),
        ('<h1>Ferry returns</h1><p class="byline">By Mina Okafor<br>Harbour Post</p>', ("Mina Okafor",)),
        (f'<h1>Ferry returns</h1><p class="byline">By Mina Okafor<br>Port Elwick</p><p>{"In Port Elwick the ferry sails. " * 6}</p>', ("Mina Okafor",)),
        ("<h1>Ferry returns</h1><p>Mina Okafor | Senior Writer | March 5, 2024</p>", ("Mina Okafor",)),
        ('<h1>Ferry returns</h1><div><span class="authorname-txt">Mina Okafor</span></div>', ("Mina Okafor",)),
        ('<meta name="author" content="The Harbour Post"><h1>Ferry returns</h1><a rel="author">Mina Okafor</a>', ("Mina Okafor",)),
        ('<meta name="dc.creator" content="Centre for Harbour Research"><h1>Ferry returns</h1>', ("Centre for Harbour Research",)),
        ('<h1>Ferry returns</h1><span class="author vcard"><a rel="author">Harbour Post</a></span>', ("Harbour Post",)),
        ('<h1>Ferry returns</h1><div class="comments"><p class="author">Tom Troll</p></div>', ()),
        ("<h1>Ferry returns</h1>" + "<p>The ferry sails.</p>" * 20 + "<nav><ul><li>By Brand<li>By Colour Scheme</ul></nav>", ()),
    ],
    ids=["names on two lines", "outlet on the next line", "place on the next line", "beside a role", "an unknown class", "outlet in the metadata",
         "body in the metadata", "a journal called after its author", "who comments", "menus"],
)  # fmt: skip
def test_who_signs_and_who_does_not(html: str, expected: tuple[str, ...]) -> None:
    assert names(html) == expected


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>来源：港口日报作者：王小明责任编辑：李丽</p>", ("王小明",)),
        ("<p>2026-10-09 港報 記者王小明／港口報導</p>", ("王小明",)),
        ("<p>（中央社記者王小明港口9日電）港務局週四表示，防波堤將重建。</p>", ("王小明",)),
        ("<div><em>作者</em><em>王小明</em></div>", ("王小明",)),
        ("<p>作者丨王小明</p>", ("王小明",)),
        ("<p>文／山田太郎　写真／鈴木花子</p>", ("山田太郎",)),
        ("<dl><dt>著者</dt><dd>山田太郎</dd></dl>", ("山田太郎",)),
        ("<p>（山田太郎記者）</p>", ("山田太郎",)),
        ("<p>(엘윅=항구뉴스) 김철수 기자 = 항만청은 방파제를 재건한다.</p>", ("김철수",)),
        ("<p>[항구일보 김철수 기자] 항만청은 방파제를 재건한다.</p>", ("김철수",)),
        ("<p>/김철수 기자 chul@post.example</p>", ("김철수",)),
        ("<p>기자명 김철수</p>", ("김철수",)),
        ("<p>Nguyễn Văn An - 09/10/2026 14:26</p>", ("Nguyễn Văn An",)),
        ("<p>Port Elwick - 09/10/2026 14:26</p>", ()),
        ('<p class="author">Mina Okafor - harbourNews</p>', ("Mina Okafor",)),
        ('<p class="author">নিজস্ব প্রতিবেদক</p>', ()),
        ("<p>मीना शर्मा द्वारा</p><p class=byline>मीना शर्मा द्वारा</p>", ("मीना शर्मा",)),
        ("<p>(מינה לוי)</p>", ("מינה לוי",)),
        ("<p>(The end)</p>", ()),
    ],
)
def test_by_lines_of_asian_and_other_pages(html: str, expected: tuple[str, ...]) -> None:
    assert names(f"<h1>渡輪復航 Ferry returns</h1>{html}", of="渡輪復航 Ferry returns") == expected


@pytest.mark.parametrize("doctype", ["<!doctype html>", ""], ids=["standards", "quirks"])
@pytest.mark.parametrize("attributes", [
    'itemprop="author"', 'rel="nofollow author"', 'class="byline-name"', 'class="author-name"', 'class="Author"', 'class="by byline"',
    'class="article-author"', 'class="post-author"', 'class="entry-author"', 'class="my-autor"', 'class="auteurs"', 'class="writers"',
    'class="contributors"', 'class="la-firma"', 'class="date"',
])  # fmt: skip
def test_where_anything_is_marked_as_the_author_the_quick_search_sees_it(doctype: str, attributes: str) -> None:
    tree = Document(f'{doctype}<body><p {attributes}><a itemprop="name">Mina Okafor</a></p>', PAGE).tree
    is_seen = tree.css_first(module._ANY_VISIBLE) is not None
    assert is_seen == ("date" not in attributes)
    assert is_seen or not any(tree.css(selector) for selector in module._VISIBLE)
