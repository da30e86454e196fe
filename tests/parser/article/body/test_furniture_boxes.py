"""Boxes of the page's own between and after an article's paragraphs are no text; what they stand among is."""

import pytest

from services.parser.article.body import furniture, furniture_boxes
from services.parser.article.body.furniture_words import keys
from services.parser.article.body.paragraphs import article_lines, declared_text
from services.parser.page.document import Document
from services.parser.page.elements import comparison_key

SENTENCE = "The harbour authority of Elwick said that the breakwater will be rebuilt, as {} told the council on Thursday, and that ferries run."
PROSE = [SENTENCE.format(name) for name in ("Ada", "Bo", "Cleo", "Dag", "Eva", "Finn")]
COMMENTS = ["I do not believe a word of it, they said the same about the pier in 1998.", "The lorries will be the death of that school road, and nobody cares.",
            "My grandfather carried sandbags in that flood, and the wall was never built well."]  # fmt: skip


def column(sentences: list[str]) -> str:
    return "".join(f"<p>{sentence}</p>" for sentence in sentences)


def lines(middle: str = "", end: str = "", authors: frozenset[str] = frozenset()) -> list[str]:
    html = (
        f"<body><main><article><h1>Breakwater</h1>{column(PROSE[:3])}{middle}{column(PROSE[3:])}{end}</article></main>"
    )
    document = Document(html, "https://harbourpost.example/2026/10/breakwater")
    return list(article_lines(document.layout, declared_text(document), "Breakwater", authors))


@pytest.mark.parametrize(
    "box",
    ["<div><h3>Morning Tide</h3><p>The most important news of the harbour every morning at seven, free of charge.</p><form><input type=email></form></div>",
     "<div><p>Jeden Morgen das Wichtigste aus dem Hafen in Ihr Postfach, kostenlos.</p><form><input type=email></form></div>",
     "<p><em>Independent news of the harbour costs money, so please give. <a href=/donate>Here is how</a>.</em></p>",
     "<p><a href=/n>Sign up for our newsletter</a> and never miss a story from the harbour of this town.</p>",
     "<p>Síguenos en <a href=https://w.example/>nuestro canal</a> y recibe las noticias del puerto cada mañana.</p>"],
)  # fmt: skip
def test_an_invitation_to_pay_or_to_subscribe_is_no_text(box: str) -> None:
    assert lines(middle=box) == PROSE
    assert lines(end=box) == PROSE


@pytest.mark.parametrize(
    "box",
    ["<div class=sr-only>Skip past the advertisement and go on with the story</div>", "<h2 class=visually-hidden>The article and its contents</h2>",
     "<p style='display: none'>This paragraph is shown to nobody and is no text.</p>", "<div hidden><p>This paragraph is shown to nobody and is no text.</p></div>"],
)  # fmt: skip
def test_a_short_box_that_the_page_hides_is_no_text(box: str) -> None:
    assert lines(middle=box) == PROSE


def test_a_long_box_that_waits_for_a_click_is_text() -> None:
    folded = [SENTENCE.format(name) for name in ("Gil", "Hal", "Ida")]
    assert lines(middle=f"<div style='display: none'>{column(folded)}</div>") == PROSE[:3] + folded + PROSE[3:]


def test_a_box_in_chinese_is_as_long_as_what_it_says() -> None:
    folded = ["局長對記者表示，延誤令人痛心，但這條路線如今足以服務兩個世代的乘客。", "票價在年底前維持停駛前的水準，之後一張區間票將比現在貴約五分之一。",
              "居民鬆了一口氣，許多人過去要轉兩班公車才能到醫院，單程就得一個多小時。"]  # fmt: skip
    assert lines(middle=f"<div hidden>{column(folded)}</div>") == PROSE[:3] + folded + PROSE[3:]


@pytest.mark.parametrize(
    "heading",
    ["3 Comments", "Responses", "Leserbriefe", "Réactions", "Opiniones de los lectores", "评论", "コメント", "تعليقات"],
)
def test_comments_under_any_heading_are_no_text(heading: str) -> None:
    written = "".join(f"<div><p><b>Reader</b> 2 hours ago</p><p>{comment}</p></div>" for comment in COMMENTS)
    assert lines(end=f"<div class=c9><h3>{heading}</h3>{written}</div>") == PROSE


def test_comments_after_a_numbered_heading_in_the_column_are_no_text() -> None:
    entries = "".join(f"<li><p>{comment}</p></li>" for comment in COMMENTS)
    assert lines(end=f"<h2>3 thoughts on “Breakwater”</h2><ol>{entries}</ol>") == PROSE


def test_comments_without_a_heading_are_known_by_their_reply_links() -> None:
    written = "".join(
        f"<div class=x><p><b>Reader</b></p><p>{comment}</p><a href=#r>Reply</a></div>" for comment in COMMENTS
    )
    assert lines(end=f"<div class=c9>{written}</div>") == PROSE


ABOUT = "Mary Stone is a reporter of the Harbour Post who has covered the sea since 2014 and lives with two cats."


@pytest.mark.parametrize(
    "box",
    [f"<section><h3>About the author</h3><p>{ABOUT}</p></section>", f"<div><h3>Über die Autorin</h3><p>{ABOUT}</p></div>",
     f"<div><p><a href=/a/mary>Mary Stone</a></p><p>{ABOUT}</p></div>",
     "<p>Mary Stone can be reached at <a href=mailto:m@harbourpost.example>m@harbourpost.example</a> by readers of this newspaper.</p>"],
)  # fmt: skip
def test_what_is_said_about_the_author_is_no_text(box: str) -> None:
    assert lines(end=box, authors=frozenset({"Mary Stone"})) == PROSE


@pytest.mark.parametrize("heading", ["Reactions", "Discussion"])
def test_a_chapter_of_the_article_is_text_whatever_its_heading(heading: str) -> None:
    assert [line for line in lines(middle=f"<h2>{heading}</h2>") if line != heading] == PROSE


def test_a_box_named_after_a_newsletter_that_holds_the_article_is_its_text() -> None:
    html = f"<body><h1>Breakwater</h1><div class='rich-text newsletter-text'>{column(PROSE)}</div>"
    document = Document(html, "https://harbourpost.example/2026/10/breakwater")
    assert list(article_lines(document.layout, declared_text(document), "Breakwater")) == PROSE


@pytest.mark.parametrize(
    "heading", ["More stories", "Weitere Nachrichten", "Últimas noticias", "Другие новости", "相关新闻", "أخبار أخرى"]
)
def test_other_stories_under_their_heading_are_no_text(heading: str) -> None:
    cards = "".join(
        f"<article><h3><a href=/{n}>{name} speaks of the seals</a></h3><p>They are back in the harbour.</p></article>"
        for n, name in enumerate("Ada Bo Cleo".split())
    )
    assert lines(end=f"<section class=more><h2>{heading}</h2>{cards}</section>") == PROSE


OFFERS = ["Every story of the harbour on your telephone and at your desk.", "Letters from our columnists, each Saturday morning.",
          "Join the conversation of those who live by the sea.", "The printed page as it was set, with all its notices."]  # fmt: skip


@pytest.mark.parametrize(
    "heading",
    ["SUBSCRIBE TO UNLOCK MORE ARTICLES", "This article is reserved for subscribers", "Create an account or sign in to go on", "Sie möchten weiterlesen?",
     "Il vous reste 75 % de cet article à lire", "Este contenido es exclusivo para suscriptores", "Questo articolo è riservato agli abbonati", "本文为付费内容", "この記事は有料会員限定です"],
)  # fmt: skip
def test_a_wall_between_two_paragraphs_is_no_text(heading: str) -> None:
    offers = "".join(f"<li>{offer}</li>" for offer in OFFERS)
    assert (
        lines(middle=f"<section><div class=x7>{heading}</div><p>Read on with us.</p><ul>{offers}</ul></section>")
        == PROSE
    )


@pytest.mark.parametrize(
    "heading", ["You may also enjoy", "Das könnte dir auch gefallen", "También te puede gustar", "您可能感兴趣"]
)
def test_what_readers_may_like_is_no_text(heading: str) -> None:
    cards = "".join(
        f"<h4><a href=/{name}>{name} on seals</a></h4><p>{SENTENCE.format(name)}</p>" for name in ("Gil", "Hal")
    )
    assert lines(end=f"<div class=q4><h4>{heading}</h4>{cards}</div>") == PROSE


@pytest.mark.parametrize("language", ["en", "de", "zh"])
@pytest.mark.parametrize(
    "appeal",
    ["<p><a href=/s>Subscribe</a></p>", "<form><input type=email></form>", "<p><a href=/r>Reply</a></p>"],
    ids=["subscribe", "form", "reply"],
)
def test_a_short_report_keeps_its_text_beside_an_appeal_in_its_box(language: str, appeal: str) -> None:
    report = {
        "en": "A lorry overturned on the harbour road on Friday morning, and nobody was hurt, the police said; the road was open again at noon.",
        "de": "Auf der Hafenstraße ist am Freitagmorgen ein Lastwagen umgekippt; verletzt wurde niemand, und mittags war die Straße wieder frei.",
        "zh": "周五上午一辆卡车在港口公路侧翻，警方说没有人受伤，道路中午恢复通行。",
    }[language]
    html = f"<html lang={language}><body><div><h1>Lorry</h1><div class=text><p>{report}</p>{appeal}</div></div>"
    document = Document(html, "https://harbourpost.example/2026/10/lorry")
    assert report in list(article_lines(document.layout, declared_text(document), "Lorry"))


@pytest.mark.parametrize(
    "box",
    ["<section class=nl><h3>The Morning Tide</h3><p>The news of the harbour, every morning at seven.</p><label>Email</label><p>By signing up you agree to our terms.</p></section>",
     "<div><p>Jeden Morgen das Wichtigste aus dem Hafen.</p><p>Mit Ihrer Anmeldung stimmen Sie unseren Bedingungen zu.</p></div>",
     "<div class=audio-player><p>Read by an artificial voice. Length: 5 minutes and 12 seconds.</p></div>", "<div class=article-tools><span>Print this story for the neighbours</span></div>",
     "<p>Read this in: <a href=/es>Español</a> | <a href=/fr>Français</a></p>", "<div><p>after newsletter promotion</p></div>"],
    ids=["newsletter", "newsletter de", "audio", "tools", "languages", "skipped"],
)  # fmt: skip
def test_a_function_of_the_page_is_no_text_between_paragraphs_and_after_them(box: str) -> None:
    for body in (lines(middle=box), lines(end=box)):
        assert [line for line in body if not furniture.is_label(line)] == PROSE


def test_every_agreement_begins_with_the_letters_that_are_looked_for() -> None:
    beginnings = tuple(map(comparison_key, furniture_boxes._AGREES))
    assert all(phrase.startswith(beginnings) for phrase in keys("agreements"))
