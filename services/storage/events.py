"""Which events a batch makes, for the log."""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Row as ResultRow

from services.storage.tables.articles import StoredArticle
from services.storage.tables.event_log import Event
from services.storage.tables.ledger import End
from services.storage.tables.revisits import Gone
from shared.contracts import Message, PageDropped, now_utc


def of_articles(articles: Iterable[StoredArticle]) -> Iterator[Event]:
    """Yields `article.stored` and `article.updated`, and beside the latter the kinds of edits that have names:
    `article.retitled`, `article.corrected`, `article.stealth-edited` and `article.returned`."""
    for article in articles:
        yield from _of_kinds(article)
        if article.change == "unchanged":
            continue
        parsed, keys = article.message.article, article.candidate.keys
        data = _trace(article.message) | {
            "article_id": article.article_id, "version": article.version, "title": parsed.title,
            "language": parsed.language, "published_at": parsed.published_at,
            "text_from": parsed.text_from,
        } | ({"changes": article.changes} if article.changes else {})  # fmt: skip
        # The wording is part of the occasion, because a live blog's version has several, and the trace, because it may
        # come back to an earlier one.
        occasion = f"{article.article_id} {article.version} {keys.body[:16]} {article.message.trace_id}"
        yield Event(f"article.{article.change}", article.message.page.final_url, occasion, data, now_utc())


def of_gone(gone: Iterable[Gone]) -> Iterator[Event]:
    """Yields `article.gone`."""
    for article in gone:
        data = {"article_id": article.article_id, "gone_at": article.since.isoformat()}
        yield Event("article.gone", article.url, f"{article.article_id} {article.since.isoformat()}", data, now_utc())


def _of_kinds(article: StoredArticle) -> Iterator[Event]:
    message, changes = article.message, article.changes or {}
    data = _trace(message) | {
        "article_id": article.article_id, "version": article.version, "title": message.article.title, "changes": changes,
    }  # fmt: skip
    for kind in article.kinds:
        yield Event(f"article.{kind}", message.page.final_url, message.trace_id, data, now_utc())


def of_headlines(headlines: Iterable[ResultRow[Any]]) -> Iterator[Event]:
    """Yields `headline.seen` of headlines that were never seen before."""
    for headline in headlines:
        data = {
            "headline_id": headline.id, "text": headline.text, "site": headline.site, "language": headline.language,
        }  # fmt: skip
        subject = headline.url or headline.page_url
        yield Event("headline.seen", subject, f"{headline.site} {headline.key}", data, now_utc())


def of_drops(ends: Iterable[End]) -> Iterator[Event]:
    """Yields `page.dropped`."""
    for end in ends:
        if isinstance(end.message, PageDropped):
            data = _trace(end.message) | {"stage": end.stage, "reason": end.disposition, "detail": end.detail}
            yield Event("page.dropped", end.url, end.message.trace_id, data, now_utc())


def _trace(message: Message) -> dict[str, Any]:
    return {"trace_id": message.trace_id, "source_id": message.source_id, "origin": message.origin.value}
