"""By-lines and the authors that they name. All names here are invented."""

from datetime import UTC, datetime

import pytest

from services.parser.article import byline
from services.parser.article.authors import authors
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
    assert byline.published_in(line, NOW) == ("L'écho", "2015-04-27", line)


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
        ("Updated 5 March 2024", ()),
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


def test_an_organization_signs_where_nobody_else_does() -> None:
    data = '{"@type":"NewsArticle","headline":"Ferry returns","author":{"@type":"Organization","name":"Coast News Agency"}}'
    assert names(f'<script type="application/ld+json">{data}</script><h1>Ferry returns</h1>') == ("Coast News Agency",)
    assert names('<meta name="author" content="admin"><h1>Ferry returns</h1>') == ()
