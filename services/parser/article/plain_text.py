"""Plain text: pages of which only the text was kept, as in the archive of a crawl.

The layout is a ticker with headlines on one line, separated by runs of spaces; furniture; the title; the line with
newspaper and date; and the body with a paragraph on each line.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice

from services.parser.article.publication.publication_line import Publication, published_in
from services.parser.page import language
from services.parser.page.words import word_count
from services.parser.rules.site_rules import is_furniture
from shared.contracts import Article, Candidate, Headline

_BETWEEN_HEADLINES = re.compile(r"[ \t\u00a0]{4,}")
# A line with fewer gaps is a sentence with a stray gap.
_TICKER_GAPS = 2
# Without a publication line, an article has at least this many characters after its title.
_LEAST_BODY = 280
_LONGEST_TITLE = 250
_MOST = 2_000
# Pages of plain text have a few hundred lines.
_MOST_LINES = 50_000


def read(text: str, now: datetime) -> tuple[Article | None, tuple[Headline, ...]]:
    """Returns the article of a plain text page, if there is one, and the headlines of its ticker."""
    lines = [line.rstrip() for line in text.splitlines()[:_MOST_LINES]]
    ticker = [line for line in lines if _is_ticker(line)]
    text_lines = [single for line in lines if not _is_ticker(line) and (single := " ".join(line.split()))]
    article = _article([line for line in text_lines if not is_furniture(line)], now)
    return article, _headlines(ticker, article.language if article else None)


def _is_ticker(line: str) -> bool:
    return len(_BETWEEN_HEADLINES.findall(line.strip())) >= _TICKER_GAPS


def _headlines(lines: Iterable[str], page_language: str | None) -> tuple[Headline, ...]:
    texts = (" ".join(part.split()) for line in lines for part in _BETWEEN_HEADLINES.split(line))
    headlines = islice(filter(None, texts), _MOST)
    return tuple(_headline(text, position, page_language) for position, text in enumerate(headlines))


def _headline(text: str, position: int, page_language: str | None) -> Headline:
    text_language = language.detect(text, page_language)
    return Headline(
        text=text,
        position=position,
        block="ticker",
        language=text_language,
        direction=language.direction(text_language),
    )


def _article(lines: Sequence[str], now: datetime) -> Article | None:
    publications = ((row, published_in(line, now)) for row, line in enumerate(lines) if row)
    row, publication = next(((row, line) for row, line in publications if line), (1, None))
    title = lines[row - 1] if lines else ""
    body = lines[row + 1 :] if publication else lines[row:]
    if not body or len(title) > _LONGEST_TITLE:
        return None
    if publication is None and sum(map(len, body)) < _LEAST_BODY:
        return None
    return _built(title, body, publication)


def _built(title: str, body: Sequence[str], publication: Publication | None) -> Article:
    text_language = language.detect(" ".join(body))
    evidence = {"title": (Candidate(value=title, source="line before the body", confidence=0.8),)}
    if publication:
        evidence["publisher"] = (Candidate(value=publication.publisher, source=publication.line),)
    if publication and publication.date:
        evidence["published_at"] = (Candidate(value=publication.date, source=publication.line),)
    return Article(
        title=title,
        text="\n".join(body),
        publisher=publication.publisher if publication else None,
        published_at=publication.date if publication else None,
        language=text_language,
        direction=language.direction(text_language),
        word_count=sum(map(word_count, body)),
        evidence=evidence,
    )
