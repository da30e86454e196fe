"""Text that a page prints twice is read once; what an author says again is the author's."""

import pytest

from services.parser.article.body.paragraphs import article_lines, declared_text
from services.parser.page.document import Document

NAMES = (
    "Ada",
    "Bo",
    "Cleo",
    "Dag",
    "Eva",
    "Finn",
    "Gil",
    "Hal",
    "Ida",
    "Jon",
    "Kim",
    "Liv",
    "Mia",
    "Nils",
    "Ole",
    "Pia",
    "Rut",
    "Siv",
)
PROSE = [
    f"The harbour authority said that the breakwater will be rebuilt, as {name} told the council, and that the ferries of the morning run."
    for name in NAMES
]


def lines(content: str) -> list[str]:
    document = Document(
        f"<body><main><article><h1>Breakwater</h1>{content}</article></main>", "https://post.example/2026/breakwater"
    )
    return list(article_lines(document.layout, declared_text(document), "Breakwater"))


def column(sentences: list[str]) -> str:
    return "".join(f"<p>{sentence}</p>" for sentence in sentences)


@pytest.mark.parametrize(
    "copy",
    [column(PROSE), column(PROSE[:6]), f"<div>{' '.join(PROSE)}</div>", f"<pre># Breakwater **{'** _'.join(PROSE)}</pre>"],
    ids=["all paragraphs", "a part", "one block", "markdown"],
)  # fmt: skip
def test_a_copy_of_the_article_is_left_out(copy: str) -> None:
    assert lines(column(PROSE) + copy) == PROSE


def test_a_paragraph_that_comes_again_is_text() -> None:
    refrain = [*PROSE[:9], PROSE[0], *PROSE[9:]]
    assert lines(column(refrain)) == refrain


def test_a_long_paragraph_that_quotes_a_line_of_others_is_text() -> None:
    long = "The council met for a day and a night and heard what everyone had to say of the wall. " * 30
    paragraphs = [*PROSE, f"{long}{PROSE[2]}"]
    assert lines(column(paragraphs)) == paragraphs
