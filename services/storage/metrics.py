"""How fresh articles are when they are stored, and how many pages brought nothing new."""

from collections.abc import Iterable
from datetime import datetime

from prometheus_client import Counter, Histogram

from services.storage.dates import instant
from services.storage.tables.articles import StoredArticle
from shared.contracts import now_utc

FRESHNESS = Histogram(
    "newsmill_article_freshness_seconds", "From published to stored, new articles.", ["origin"],
    buckets=(15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600, 86400),
)  # fmt: skip
LATENCY = Histogram(
    "newsmill_pipeline_latency_seconds", "From triggered to stored.", ["origin"],
    buckets=(0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600),
)  # fmt: skip
DUPLICATES = Counter("newsmill_duplicates_total", "Pages whose article was known, by how: url, title, body.", ["kind"])


def observe(articles: Iterable[StoredArticle]) -> None:
    """Measures the articles of a batch."""
    moment = now_utc()
    for article in articles:
        origin = article.message.origin.value
        LATENCY.labels(origin).observe(_seconds(article.message.triggered_at, moment))
        published = article.message.article.published_at or ""
        published_at = instant(published) if "T" in published else None  # a day is no measure of seconds
        if article.change == "stored" and published_at is not None:
            FRESHNESS.labels(origin).observe(_seconds(published_at, moment))
        if article.rung is not None and (article.change == "unchanged" or article.rung != "url"):
            DUPLICATES.labels(article.rung).inc()


def _seconds(start: datetime, end: datetime) -> float:
    """Returns the seconds between two instants; never negative, because publishers' clocks run ahead."""
    return max(0.0, (end - start).total_seconds())
