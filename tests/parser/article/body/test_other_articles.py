"""Of several articles on a page, the text is that of the one with the title."""

import pytest

from services.parser.article.body import other_articles
from services.parser.article.body.paragraphs import article_lines, declared_text
from services.parser.page.document import Document

NEWS = {
    "Sandmouth breakwater to be rebuilt": [
        f"The harbour authority said on {day} that the eastern breakwater, damaged in the storm, will be rebuilt in stages."
        for day in ("Monday", "Tuesday", "Wednesday", "Thursday")
    ],
    "Bus fares to rise in February": [
        f"Regional bus fares will rise by {number} per cent, the transport board decided, the first increase in three years."
        for number in ("two", "three", "four", "five", "six")
    ],
}
TITLES = list(NEWS)


def story(shape: str, title: str) -> str:
    prose = "".join(f"<p>{sentence}</p>" for sentence in NEWS[title])
    return shape.format(title=title, prose=prose, address=f"/2026/{title.replace(' ', '-').lower()}")


SHAPES = [
    "<article><h1>{title}</h1>{prose}</article>",
    "<div class=item><article><header><h1>{title}</h1></header><div class=body>{prose}</div></article></div>",
    "<section data-url={address}><h1>{title}</h1><div>{prose}</div></section>",
    "<div class=post><h2><a href={address}>{title}</a></h2>{prose}</div>",
]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("title", TITLES)
def test_the_article_with_the_title_is_read_wherever_it_stands(shape: str, title: str) -> None:
    html = f"<body><main>{''.join(story(shape, title) for title in TITLES)}</main>"
    document = Document(html, "https://post.example/2026/story")
    lines = list(article_lines(document.layout, declared_text(document), title))
    assert [line for line in lines if line != title] == NEWS[title]


def test_chapters_with_headings_of_the_first_order_are_one_article() -> None:
    html = (
        f"<body><main>{''.join(story('<section><h1>{title}</h1>{prose}</section>', title) for title in TITLES)}</main>"
    )
    document = Document(html, "https://post.example/2026/story")
    lines = set(article_lines(document.layout, declared_text(document), TITLES[0]))
    assert lines >= {sentence for sentences in NEWS.values() for sentence in sentences}


@pytest.mark.parametrize(
    "next_story",
    [
        '<article class="next"><h1>{title}</h1><div>{prose}</div></article>',
        '<div class="more"><article><h2><a href="{address}">{title}</a></h2>{prose}</article></div>',
    ],
    ids=["another class", "in a box of its own"],
)
def test_an_article_behind_the_one_with_the_title_is_another(next_story: str) -> None:
    first = story('<article class="story"><header><h1>{title}</h1></header>{prose}</article>', TITLES[0])
    document = Document(f"<body><main>{first}{story(next_story, TITLES[1])}</main>", "https://post.example/2026/story")
    lines = list(article_lines(document.layout, declared_text(document), TITLES[0]))
    assert [line for line in lines if line != TITLES[0]] == NEWS[TITLES[0]]


def test_stories_behind_a_title_without_text_are_read() -> None:
    links = "".join(f"<li><a href=/{number}>The harbour in {number}</a></li>" for number in range(1900, 1940))
    html = f"<body><main><article><h1>{TITLES[0]}</h1><ul>{links}</ul></article>{story(SHAPES[0], TITLES[1])}</main>"
    document = Document(html, "https://post.example/2026/story")
    assert other_articles.rows(document.layout, TITLES[0])
    assert set(article_lines(document.layout, declared_text(document), TITLES[0])) >= set(NEWS[TITLES[1]])
