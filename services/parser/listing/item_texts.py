"""The full texts that a feed gives with its items: `content:encoded` of RSS, `content` of Atom, `content_html` and
`content_text` of JSON Feed. Each is read as the body of a page, into an article of the same paragraphs."""

import re
from collections.abc import Iterable, Iterator
from html import escape
from typing import NamedTuple

from services.parser.article.body.paragraphs import paragraphs
from services.parser.page import language
from services.parser.page.document import Document
from services.parser.page.trim import trim
from services.parser.page.words import word_count
from services.parser.rules import site_rules
from shared.contracts import Article, Candidate, Headline, ItemTexts

# A shorter text is a teaser, not an article.
LEAST_CHARS = 600
# Longer contents are left out, and so are all after this many characters or items: a feed costs a bounded time.
MOST_CHARS, MOST_CHARS_OF_FEED, MOST_ITEMS = 200_000, 1_000_000, 100
# Ends of texts that go on elsewhere.
_CUT_OFF = re.compile(r"(?:\[?(?:…|\.\.\.|&hellip;)\]?|\b(?:read|continue) (?:more|reading)\W*)\s*$", re.IGNORECASE)


class Content(NamedTuple):
    """What a feed says of an item beyond its headline; `html` is its full text, empty if there is none."""

    html: str = ""
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


def read(items: Iterable[tuple[Headline, Content]]) -> ItemTexts:
    """Returns the articles that items with a full text hold, by the items' URLs."""
    articles: dict[str, Article] = {}
    remaining = MOST_CHARS_OF_FEED
    for headline, content in items:
        if not headline.url or not LEAST_CHARS <= len(content.html) <= min(MOST_CHARS, remaining):
            continue
        remaining -= len(content.html)
        if article := _article(headline, headline.url, content):
            articles[headline.url] = article
        if len(articles) == MOST_ITEMS:
            break
    return ItemTexts(articles=articles)


def _article(headline: Headline, url: str, content: Content) -> Article | None:
    """Returns an item's article; None if its text is too short, or only the beginning of one."""
    page = f"<!doctype html><body><article><h1>{escape(headline.text)}</h1>{content.html}</article></body>"
    lines = paragraphs(
        Document(trim(page, few_tags=0), url), site_rules.GENERIC, headline.text, frozenset(content.authors)
    )
    text = "\n".join(lines)
    if len(text) < LEAST_CHARS or _CUT_OFF.search(text[-80:]):
        return None
    text_language = language.detect(text, headline.language)
    return Article(
        title=headline.text,
        text=text,
        authors=content.authors,
        published_at=headline.published_at,
        tags=content.tags,
        language=text_language,
        direction=language.direction(text_language),
        lead_image=headline.image,
        word_count=word_count(text),
        evidence={"title": (Candidate(value=headline.text, source="item of the feed"),)},
        text_from="feed",
    )


def as_html(text: str) -> str:
    """Returns a plain text as HTML with a paragraph a line."""
    return "".join(_paragraphs(text[: MOST_CHARS + 1]))


def _paragraphs(text: str) -> Iterator[str]:
    for line in text.splitlines():
        if line.strip():
            yield f"<p>{escape(line)}</p>"
