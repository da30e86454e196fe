"""Text beside a picture in a box of its own is its caption, whatever element it is."""

import pytest
from selectolax.lexbor import LexborHTMLParser

from services.parser.article.body import captions
from services.parser.article.body.paragraphs import article_lines, declared_text
from services.parser.page.blocks import read_layout
from services.parser.page.document import Document

SENTENCE = "The harbour authority of Elwick said that the breakwater will be rebuilt, as {} told the council on Thursday, and that ferries run."
PROSE = [SENTENCE.format(name) for name in ("Ada", "Bo", "Cleo", "Dag", "Eva", "Finn")]
CAPTION = "The breakwater of Elwick on Thursday morning, after the storm had passed and the ferries had been called back to the quay."


def lines(box: str) -> list[str]:
    prose = [f"<p>{sentence}</p>" for sentence in PROSE]
    html = f"<body><article><h1>Breakwater</h1>{''.join(prose[:3])}{box}{''.join(prose[3:])}</article>"
    document = Document(html, "https://harbourpost.example/2026/10/breakwater")
    return list(article_lines(document.layout, declared_text(document), "Breakwater"))


@pytest.mark.parametrize(
    "box",
    ["<div class='wp-caption alignnone'><img src=/a.jpg width=600><p class=wp-caption-text>{}</p></div>", "<div class='picBox full'><a href=/a><img src=/a.jpg></a><p>{}</p></div>",
     "<div class=article-photo><div><img src=/a.jpg></div><div><p>{}</p></div></div>", "<div class=bild-rechts><img src=/a.jpg><span>{}</span></div>",
     "<div class=foto-nota><img src=/a.jpg><p>{}</p></div>", "<div class=photo><p>{}</p><img src=/a.jpg></div>"],
    ids=["wordpress", "box", "nested", "german", "spanish", "above"],
)  # fmt: skip
def test_a_paragraph_alone_with_a_picture_is_its_caption(box: str) -> None:
    assert lines(box.format(CAPTION)) == PROSE


@pytest.mark.parametrize(
    "box",
    ["<div class=bildung><img src=/a.jpg><p>{}</p></div>", "<div class=section><img src=/a.jpg><p>{}</p></div>", "<div class=photo-of-the-day><p>{}</p></div>",
     "<div class=photo-story><img src=/a.jpg><p>{0}</p><p>{0}</p></div>", "<article class=photo><img src=/a.jpg><p>{}</p></article>"],
    ids=["education", "no name", "no picture", "two paragraphs", "article"],
)  # fmt: skip
def test_a_paragraph_in_another_box_is_none(box: str) -> None:
    page = read_layout(LexborHTMLParser(f"<body><p>{PROSE[0]}</p>{box.format(CAPTION)}").body)
    assert captions.rows(page, {*range(len(page.blocks))}) == set()
