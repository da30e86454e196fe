"""An article of hundreds of paragraphs is read to its end, and no further."""

import pytest

from services.parser.article.body.paragraphs import article_lines, declared_text
from services.parser.page.document import Document

ANSWER = "The harbour authority of Elwick said that the breakwater will be rebuilt, {} said in answer {}, and that it would cost more than it did."
SPEAKERS = ("Ada", "Bo", "Cleo", "Dag", "Eva")
OTHER = "<aside class=related><h3>Related</h3>{}</aside><footer><p>© 2026 Harbour Post</p></footer>".format(
    "".join(f"<p><a href=/r{number}>Another story of the harbour and its people</a></p>" for number in range(6))
)


def lines(body: str) -> list[str]:
    html = (
        f"<html lang=en><body><div id=page><h1>Breakwater</h1><div class=text>{body}</div></div>{OTHER}</body></html>"
    )
    document = Document(html, "https://harbourpost.example/2026/10/breakwater")
    return list(article_lines(document.layout, declared_text(document), "Breakwater"))


@pytest.mark.parametrize(
    "shape",
    [
        "<p>{}</p>",
        "<div class=entry><div class=entry-text><p>{}</p></div></div>",
        "<section><h3>At noon</h3><p>{}</p></section>",
        "<div>{}</div>",
    ],
    ids=["transcript", "entries", "live report", "div"],
)
@pytest.mark.parametrize("paragraphs", [120, 300, 900])
def test_a_long_article_is_read_to_its_end(shape: str, paragraphs: int) -> None:
    told = [ANSWER.format(SPEAKERS[number % 5], number) for number in range(paragraphs)]
    body = lines("".join(shape.format(text) for text in told))
    assert [line for line in body if line not in ("Breakwater", "At noon")] == told


def test_short_answers_in_a_long_talk_are_text() -> None:
    told = [
        text
        for number in range(200)
        for text in (ANSWER.format(SPEAKERS[number % 5], number), f"Finn: And then, in {number}?")
    ]
    assert lines("".join(f"<p>{text}</p>" for text in told)) == told
