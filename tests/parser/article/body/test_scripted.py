"""An article that a page shows by script is read from its scripts, if it is the one with the title."""

import json
from datetime import UTC, datetime
from html import escape

import pytest

from services.parser.parse import read
from shared.contracts import Kind

TITLE = "Sandmouth breakwater will be rebuilt before the winter"
PROSE = [
    f"The harbour authority of Sandmouth said on Monday that the breakwater will be rebuilt, as {name} told the council, and that ferries run."
    for name in ("Ada", "Bo", "Cleo", "Dag", "Eva", "Finn")
]
HTML = "".join(f"<p>{sentence}</p>" for sentence in PROSE)
COOKIES = (
    "We and our partners store and read information on your device, to measure and to show you what you may like. " * 8
)
STATE = {"page": {"id": 7, "cookie": {"text": COOKIES}, "article": {"headline": TITLE, "contentHtml": HTML}}}
ELEMENTS = {"elements": [{"type": "text", "content": sentence} for sentence in PROSE]}
RELATED = {"related": [{"title": f"Story {number}", "description": sentence} for number, sentence in enumerate(PROSE)]}


def flight(data: object) -> str:
    return f"self.__stream.push([1, {json.dumps('5:' + json.dumps(data))}])"


FIELD = {"Article:7": {"headline": TITLE, 'body({"format":"HTML"})': HTML}}
MARKDOWN = {"title": TITLE, "markdown": "\n\n".join(PROSE)}
PAGE = escape(json.dumps({"component": "Article", "article": {"title": TITLE, "body": HTML}}))


def text_of(content: str) -> str:
    html = f"<html><head><title>{TITLE}</title><meta property=og:title content='{TITLE}'></head><body><div id=app></div>{content}</body>"
    article = read(
        html.encode(), "https://post.example/2026/breakwater", Kind.ARTICLE, None, datetime(2026, 1, 1, tzinfo=UTC)
    ).article
    return article.text if article else ""


@pytest.mark.parametrize(
    "content",
    [
        f"<script type=application/json>{json.dumps(STATE)}</script>",
        f"<script>window.__STATE__ = {json.dumps(STATE)};</script>",
        f"<script>window.__STATE__={json.dumps(ELEMENTS)}</script>",
        f"<script>{flight(STATE)}</script>",
        f"<script>push([1, {json.dumps(HTML)}])</script>",
        f"<script>window.__STATE__={json.dumps({'paragraphs': PROSE, 'tags': ['harbour', 'council']})}</script>",
        f"<script>window.__STATE__={json.dumps(MARKDOWN)}</script>",
        f"<script>window.__STATE__={json.dumps(FIELD)}</script>",
        f'<div id=page data-page="{PAGE}"></div>',
        f'<article-view props="{PAGE}"></article-view>',
        f"<script type=text/template>{HTML}</script>",
        f"<noscript>{HTML}</noscript>",
        f"<p>Loading the story …</p><script>window.__STATE__ = {json.dumps(STATE)};</script>",
    ],
    ids=[
        "data",
        "assigned",
        "a list of elements",
        "JSON in JSON",
        "HTML alone",
        "an array",
        "Markdown",
        "a field with arguments",
        "an attribute",
        "an island",
        "a template",
        "noscript",
        "a line before",
    ],
)
def test_an_article_in_the_scripts_is_read(content: str) -> None:
    assert text_of(content).split("\n") == PROSE


@pytest.mark.parametrize(
    "content",
    [
        f"<script type=application/json>{json.dumps({'consent': {'body': COOKIES}})}</script>",
        f"<script type=application/json>{json.dumps(RELATED)}</script>",
        f"<script>function text() {{ return 'breakwater sandmouth rebuilt winter' }} {'x = {{a: 1}};' * 100}</script>",
    ],
    ids=["consent", "summaries of other stories", "code"],
)
def test_other_data_is_no_article(content: str) -> None:
    assert text_of(content) == ""


def test_visible_text_is_better() -> None:
    assert (
        text_of(
            f"<article><h1>{TITLE}</h1>{HTML}</article><script>x = {json.dumps({'body': HTML + HTML})}</script>"
        ).split("\n")
        == PROSE
    )


@pytest.mark.parametrize(
    "body",
    ["\n\n".join(PROSE), HTML, "<br>".join(PROSE), escape(HTML)],
    ids=["text", "HTML", "line breaks", "escaped HTML"],
)
def test_the_body_that_structured_data_declares_is_read_by_its_paragraphs(body: str) -> None:
    data = {"@type": "NewsArticle", "headline": TITLE, "articleBody": body}
    assert text_of(f"<script type=application/ld+json>{json.dumps(data)}</script>").split("\n") == PROSE
