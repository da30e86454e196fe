"""What stands between the paragraphs of an article and is the page's, in many languages."""

import pytest
from selectolax.lexbor import LexborHTMLParser

from services.parser.article.body import furniture, furniture_boxes
from services.parser.page.blocks import read_layout
from services.parser.page.layout import Block


def block(html: str) -> Block:
    return read_layout(LexborHTMLParser(f"<p>{html}</p>").body).blocks[0]


@pytest.mark.parametrize(
    "line",
    ["Advertisement", "- ADVERTISEMENT -", "Publicité", "إعلان", "Anzeige", "广告", "[広告]", "광고", "विज्ञापन", "जाहिरात", "ప్రకటన", "რეკლამა", "โฆษณา", "Реклама", "Continua dopo la pubblicità", "Pubblicità - continua a leggere di seguito", "Реклама. Продолжение ниже", "Quảng cáo – đọc tiếp bên dưới",
     "פרסומת", "Advertisement - story continues below", "Advertisement · Scroll to continue", "Story continues after ad", "廣告 (請繼續閱讀本文)", "责任编辑：王小明", "（责任编辑：李四）", "Read also:", "Lire aussi", "Listen to this article", "▲ 機廠夜景。（圖／港報）", "Artikel anhören", "기사 듣기",
     '[{"id": "5e97", "type": "story"' + ', "x": 1' * 20 + "}]"],
)  # fmt: skip
def test_labels_of_adverts_references_and_editors_are_no_text(line: str) -> None:
    assert furniture.is_label(line)


@pytest.mark.parametrize(
    "line",
    ["(Reuters)", "dpa/afp", "aja/PAP", "© 2026 AFP", "Quelle: dpa", "Fonte: Ansa", "【编辑:李四】", "(Reporting by Mary Stone; Editing by John Pike)",
     "Tags: harbour, council, Ada Stone", "Schlagwörter: Hafen, Rat", "Etiquetas: puerto", "标签：港口", "Table of Contents", "In diesem Artikel", "目次",
     "Photo: Ann Field", "Crédits photos : Ann Champ", "写真：共同通信", "Фото: Анна Поле", "(Photo by Ann Field/Getty Images)", "Stones lie in the channel. Photo: Ann Field", "Steine im Kanal. (Foto: Ann Feld)", "4 minute read", "3 min de lecture", "iStock.com", "تصوير: آن"],
)  # fmt: skip
def test_marks_of_agencies_credits_and_rights_are_no_text(line: str) -> None:
    assert furniture.is_label(line)


@pytest.mark.parametrize(
    "line",
    ["Copyright law will change in spring, the minister said.", "AFP journalists went on strike on Monday.", "The source: a spring in the hills above the town, where the river begins, says Ada.",
     "Advertisement revenue fell by a tenth.", "The ferry returns.", "Die Anzeige wurde gestern erstattet.", "他编辑了这本书，责任编辑是王。",
     "Tags: they are sewn into each coat, says Ada.", "She took the photo: it shows the harbour. Nobody bought it.", "The 4 minute read was longer than he thought.", "Category five is the strongest.", "Werbung für den Hafen gab es kaum.", "La publicidad continúa siendo cara.", "…", "***"],
)  # fmt: skip
def test_sentences_about_adverts_are_text(line: str) -> None:
    assert not furniture.is_label(line)


@pytest.mark.parametrize(
    "line",
    ["mit dpa", "(mit dpa)", "red/dpa/lsw", "rs/kh (afp, dpa, rtr)", "dpa-infocom", "With files from The Canadian Press", "—With Associated Press",
     "(With inputs from PTI)", "Com informações da Reuters", "Con información de EFE", "Con informazioni di Reuters", "Avec AFP", "Le Courrier avec AFP", "Met Belga",
     "/ritzau/", "Kilde: Ritzau", "(서울=연합뉴스)", "［時事通信社］", "Ada Stone, dpa", "RIPRODUZIONE RISERVATA", "（完）", "Ada Stone and Bo Lind contributed to this report."],
)  # fmt: skip
def test_what_stands_for_an_agency_at_the_end_is_no_text(line: str) -> None:
    assert furniture.is_label(line)


@pytest.mark.parametrize(
    "line",
    ["Dinner with Sid", "The harbour and Reuters do not agree on the wall.", "Headquarters: Pittsburgh, PA", "East / West", "Ada Stone contributed to the wall."],
)  # fmt: skip
def test_what_only_sounds_like_the_mark_of_an_agency_is_text(line: str) -> None:
    assert not furniture.is_label(line)


@pytest.mark.parametrize(
    "line",
    ["Reuters/Ada Stone", "Ada Stone | AFP", "Getty Images / Bo Lind", "dpa / Cleo Feld / Hafenpost"],
)  # fmt: skip
def test_an_agency_and_its_photographer_are_no_text(line: str) -> None:
    assert furniture.is_label(line)


@pytest.mark.parametrize(
    "line",
    ["East Quay / West Quay", "The ferry left at 5/6 on Monday.", "AFP / the agency that first wrote of it last week"],
)  # fmt: skip
def test_words_divided_by_a_stroke_are_text(line: str) -> None:
    assert not furniture.is_label(line)


@pytest.mark.parametrize(
    "line",
    ["We use cookies to make this site better for you and for those who pay for it. You can refuse them below at any time.",
     "Wir verwenden Cookies, um Inhalte und Anzeigen zu personalisieren.", "Nous utilisons des cookies pour mesurer l'audience de ce site.",
     "Utilizamos cookies propias y de terceros.", "请启用 JavaScript 以查看本页。",
     "Please enable JavaScript to view the comments.", "Externer Inhalt nicht verfügbar",
     "An dieser Stelle finden Sie einen externen Inhalt von Instagram, der den Artikel ergänzt.",
     "Deine Privatsphäre-Einstellungen verhindern das Laden und Anzeigen aller externen Inhalte.",
     "Ce contenu est bloqué car vous n'avez pas accepté les cookies.", "Para ver este contenido, acepta las cookies."],
)  # fmt: skip
def test_a_notice_on_cookies_scripts_or_blocked_content_is_no_text(line: str) -> None:
    assert furniture.is_label(line)


@pytest.mark.parametrize(
    "line",
    ["This post contains affiliate links. Read more in my disclosure.", "When you buy through our links, we may earn a commission.",
     "Dieser Beitrag enthält Werbung für einen Hafenverein.", "Cet article contient des liens affiliés.", "As an Amazon Associate I earn from what you buy."],
)  # fmt: skip
def test_what_an_author_declares_to_be_paid_for_is_no_text(line: str) -> None:
    assert furniture.is_label(line)


@pytest.mark.parametrize(
    "line",
    ["We use salt and patience, the fishermen of Elwick say.", "Cookies are sold at the pier.", "The broker took a commission of four per cent for each barge.",
     "Affiliate links must be marked from May on, the court has decided.", "JavaScript is taught at the school by the harbour."],
)  # fmt: skip
def test_a_sentence_on_cookies_or_commissions_is_text(line: str) -> None:
    assert not furniture.is_label(line)


@pytest.mark.parametrize(
    "html",
    ["<b>READ ALSO:</b> <a href=/f>Ferry fares to rise in spring</a>", "Baca juga: <a href=/f>Tarif feri naik musim semi</a>",
     "<a href=/f>اقرأ أيضًا: أسعار العبارات ترتفع في الربيع</a>", "延伸阅读：<a href=/f>渡轮票价明春上调</a>",
     "यह भी पढ़ें: <a href=/f>वसंत में नौका का किराया बढ़ेगा</a>", "&gt;&gt; <a href=/f>Library shows photographs of the flood of 1953 in May</a>",
     "<a href=/f>Lesen Sie auch: Fährpreise steigen im Frühjahr</a>", "+++ <a href=/f>Fährpreise steigen im Frühjahr</a> +++", "İlginizi çekebilir: <a href=/f>Feribot ücretleri baharda artacak</a>",
     "Loe ka: <a href=/f>Praamipiletid kallinevad kevadel</a>", "കൂടുതൽ വായിക്കുക: <a href=/f>കടത്തുകൂലി കൂടും വസന്തത്തിൽ</a>"],
)  # fmt: skip
def test_a_line_that_leads_to_another_story_is_a_reference(html: str) -> None:
    assert furniture.is_reference(block(html))


@pytest.mark.parametrize(
    "html",
    ["Read more books, the minister told <a href=/p>pupils</a>.", "Related: the port also needs a crane, says the harbour master.",
     "The <a href=/plan>plan of the council</a> is public."],
)  # fmt: skip
def test_a_sentence_with_a_link_is_no_reference(html: str) -> None:
    assert not furniture.is_reference(block(html))


PROSE = "".join(f"<p>{'The wall will be rebuilt. ' * 5}</p>" for _ in range(4))


@pytest.mark.parametrize(
    "box",
    ["<div class=x1><p>Our news costs money.</p><a href=/s>Support us</a></div>", "<div><p>Unsere Arbeit kostet.</p><p><a href=/s>Jetzt spenden</a></p></div>",
     "<div><h3>Rejoignez-nous</h3><p>Informer coûte cher.</p><a href=/s>Faire un don</a></div>", "<aside class=donation-banner><p>Our news costs money.</p></aside>",
     "<div><p>新闻需要您。</p><a href=/s>支持我们</a></div>"],
)  # fmt: skip
def test_a_small_box_that_asks_for_money_is_no_text_and_the_paragraphs_around_it_are(box: str) -> None:
    page = read_layout(LexborHTMLParser(f"<article><div class=text>{PROSE}{box}{PROSE}</div></article>").body)
    appeals = furniture_boxes.rows(page, {*range(len(page.blocks))}, frozenset())
    assert {row for row, block in enumerate(page.blocks) if not block.text.startswith("The wall")} == appeals


def test_an_appeal_in_the_column_of_text_takes_nothing_with_it() -> None:
    page = read_layout(LexborHTMLParser(f"<div class=text>{PROSE}<a href=/s>Support us</a>{PROSE}</div>").body)
    assert all(
        not page.blocks[row].text.startswith("The wall")
        for row in furniture_boxes.rows(page, {*range(len(page.blocks))}, frozenset())
    )
