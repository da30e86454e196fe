"""Kept pages: which of them are read again, and the message that has one stored once more."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple
from uuid import uuid4

from sqlalchemy import Engine, func, select
from sqlmodel import Session, col

from services.storage.archive.files import Archive
from services.storage.archive.warc import Record
from shared.contracts import Origin, Page, PageFetched
from shared.database.models import Article, Source, Visit
from shared.urls import fingerprint

# The fields that are compared: the article's name and the column's.
FIELDS = {
    "title": "title", "subtitle": "subtitle", "text": "text", "authors": "authors", "published_at": "published",
    "modified_at": "modified", "publisher": "publisher", "site": "site", "section": "section", "tags": "tags",
    "language": "language", "lead_image": "lead_image", "origin_url": "origin_url", "paywalled": "paywalled",
    "live_blog": "live_blog", "kicker": "kicker", "seo_title": "seo_title",
}  # fmt: skip


class Selection(NamedTuple):
    """Which kept pages: fetched within a time, of a source, of one URL, or whose article lacks a field."""

    since: datetime | None = None
    until: datetime | None = None
    source: str | None = None
    url: str | None = None
    missing: str | None = None
    limit: int | None = None


class KeptPage(NamedTuple):
    """A kept page, and the row of the article that was read from it; None where there is none."""

    visit: Visit
    record: Record
    stored: Article | None

    @property
    def page(self) -> Page:
        """The page as it was when it was downloaded."""
        return self.record.page or Page(
            url=self.visit.url, final_url=self.record.url, key="", fetched_at=self.record.date
        )

    def message(self) -> PageFetched:
        """Returns what has the page parsed and stored again as a new visit. The page's key is the new trace id."""
        trace_id = uuid4().hex
        return PageFetched(
            trace_id=trace_id, cause=self.visit.trace_id, source_id=self.visit.source_id, origin=Origin.BACKFILL,
            via="replay", priority=0, page=self.page.model_copy(update={"key": trace_id}), follow=False, reparsed=True,
        )  # fmt: skip


def kept_pages(engine: Engine, archive: Archive, selection: Selection) -> Iterator[KeptPage]:
    """Yields the newest kept copy of each selected page, the oldest visits first."""
    with Session(engine) as session:
        for visit in session.scalars(_query(selection).execution_options(yield_per=500)):
            record = archive.read(visit.kept or "")
            if record is not None:
                article = session.get(Article, visit.article_id) if visit.article_id else None
                yield KeptPage(visit, record, article)


def count_pages(engine: Engine, selection: Selection) -> int:
    """Returns the number of selected pages."""
    with Session(engine) as session:
        return session.scalar(select(func.count()).select_from(_query(selection).subquery())) or 0


def _query(selection: Selection) -> Any:
    newest = select(func.max(col(Visit.id))).where(col(Visit.kept).is_not(None)).group_by(col(Visit.page_key))
    query = select(Visit).where(col(Visit.id).in_(newest)).order_by(col(Visit.id))
    if selection.since:
        query = query.where(col(Visit.fetched_at) >= selection.since)
    if selection.until:
        query = query.where(col(Visit.fetched_at) < selection.until)
    if selection.url:
        query = query.where(col(Visit.page_key) == fingerprint(selection.url))
    if selection.source:
        number = int(selection.source) if selection.source.isdecimal() else -1
        named = select(col(Source.id)).where((col(Source.name) == selection.source) | (col(Source.id) == number))
        query = query.where(col(Visit.source_id).in_(named))
    if selection.missing:
        query = query.join(Article, col(Article.id) == col(Visit.article_id)).where(_lacks(selection.missing))
    return query.limit(selection.limit) if selection.limit else query


def _lacks(name: str) -> Any:
    if name not in FIELDS:
        raise ValueError(f"--where {name}=missing: one of {', '.join(FIELDS)}")
    column = getattr(Article, FIELDS[name])
    return col(column) == [] if name in ("authors", "tags") else func.coalesce(col(column), "") == ""
