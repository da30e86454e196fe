"""Plain text pages: a page of which only the words were kept, such as a crawl's archive.

The layout: a ticker of headlines on one line, separated by runs of spaces; then furniture; then a title, the line
that says where and when it was published, and the body, one paragraph a line.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice

from services.parser.article.byline import Publication, published_in
from services.parser.page import language
from services.parser.rules.site_rules import is_furniture, is_origin
from shared.contracts import Article, Candidate, Headline

_BETWEEN_HEADLINES = re.compile(r"[ \t\u00a0]{4,}")
# A line with this many gaps is a ticker, not a sentence with a stray gap.
_TICKER_GAPS = 2
# Without a publication line, this many characters in all must follow a title to make an article.
_LEAST_BODY = 280
_LONGEST_TITLE = 250
_MOST = 2_000


def read(text: str, now: datetime) -> tuple[Article | None, tuple[Headline, ...]]:
    """The article, if there is one, and the ticker's headlines of a plain text page."""
    lines = [line.rstrip() for line in text.splitlines()]
    ticker = [line for line in lines if _is_ticker(line)]
    rest = [clean for line in lines if not _is_ticker(line) and (clean := " ".join(line.split()))]
    article = _article([line for line in rest if not is_furniture(line) and not is_origin(line)], now)
    return article, _headlines(ticker, article.language if article else None)


def _is_ticker(line: str) -> bool:
    return len(_BETWEEN_HEADLINES.findall(line.strip())) >= _TICKER_GAPS


def _headlines(lines: Iterable[str], page_language: str | None) -> tuple[Headline, ...]:
    texts = (" ".join(part.split()) for line in lines for part in _BETWEEN_HEADLINES.split(line))
    shown = islice(filter(None, texts), _MOST)
    return tuple(headline(text, position, "ticker", page_language) for position, text in enumerate(shown))


def headline(text: str, position: int, block: str, page_language: str | None) -> Headline:
    """A headline of which only the words are known."""
    found = language.detect(text, page_language)
    return Headline(text=text, position=position, block=block, language=found, direction=language.direction(found))


def _article(lines: Sequence[str], now: datetime) -> Article | None:
    published, at = next(
        ((found, i) for i, line in enumerate(lines) if i and (found := published_in(line, now))), (None, 1)
    )
    title, body = (lines[at - 1], lines[at + 1 :]) if published else (lines[0] if lines else "", lines[1:])
    if not body or len(title) > _LONGEST_TITLE:
        return None
    if published is None and sum(map(len, body)) < _LEAST_BODY:
        return None
    return _built(title, body, published)


def _built(title: str, body: Sequence[str], published: Publication | None) -> Article:
    found = language.detect(" ".join(body))
    evidence = {"title": (Candidate(value=title, source="line before the body", confidence=0.8),)}
    if published:
        evidence["publisher"] = (Candidate(value=published.publisher, source=published.line),)
    if published and published.date:
        evidence["published_at"] = (Candidate(value=published.date, source=published.line),)
    return Article(
        title=title,
        text="\n".join(body),
        publisher=published.publisher if published else None,
        published_at=published.date if published else None,
        language=found,
        direction=language.direction(found),
        word_count=sum(len(line.split()) for line in body),
        evidence=evidence,
    )
