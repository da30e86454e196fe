"""`newsmill replay`: kept pages read once more by today's parser, and what would change of what is stored."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from multiprocessing import get_context
from typing import Any, NamedTuple, cast
from uuid import uuid4

from sqlalchemy import Engine, func, select
from sqlmodel import Session, col

from services.parser.article.body import forest
from services.parser.bounds import bounded
from services.parser.page import language
from services.parser.parse import read
from services.parser.rules import site_rules
from services.storage.archive.files import Archive
from services.storage.archive.warc import Record
from shared.contracts import Article, Origin, Page, PageFetched
from shared.database.models import Article as Row
from shared.database.models import Source, Visit
from shared.errors import Reject
from shared.urls import fingerprint

# The fields that are compared, as the article and as its row have them.
FIELDS = {
    "title": "title", "subtitle": "subtitle", "text": "text", "authors": "authors", "published_at": "published",
    "modified_at": "modified", "publisher": "publisher", "site": "site", "section": "section", "tags": "tags",
    "language": "language", "lead_image": "lead_image", "origin_url": "origin_url", "paywalled": "paywalled",
    "live_blog": "live_blog",
}  # fmt: skip
BATCH = 40
PAGE_SECONDS = 10


class Wanted(NamedTuple):
    """Which kept pages: fetched in a time, of a source, one URL, or whose article lacks a field."""

    since: datetime | None = None
    until: datetime | None = None
    source: str | None = None
    url: str | None = None
    missing: str | None = None
    limit: int | None = None


class Kept(NamedTuple):
    """A kept page, and the article that it is in the database; None where none was read from it."""

    visit: Visit
    record: Record
    stored: Row | None


@dataclass
class Report:
    """What today's parser makes of kept pages: how many, and for each field how many are the same, new, gone, changed."""

    pages: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    fields: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    examples: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))

    def record(self) -> dict[str, Any]:
        """As a JSON document."""
        return {
            "pages": self.pages, "outcomes": dict(self.outcomes),
            "fields": {name: dict(counts) for name, counts in self.fields.items()}, "examples": dict(self.examples),
        }  # fmt: skip

    def lines(self) -> Iterator[str]:
        """The same for a person."""
        yield f"{self.pages} pages: " + ", ".join(f"{number} {name}" for name, number in self.outcomes.most_common())
        for name in FIELDS:
            if counts := self.fields.get(name):
                yield f"  {name:<14} " + ", ".join(
                    f"{counts[what]} {what}" for what in ("same", "new", "changed", "gone") if counts[what]
                )
            for example in self.examples.get(name, ()):
                yield f"      {example['url']}: {json.dumps(example['old'], ensure_ascii=False)} -> {json.dumps(example['new'], ensure_ascii=False)}"


def kept_pages(engine: Engine, archive: Archive, wanted: Wanted) -> Iterator[Kept]:
    """The newest kept copy of each page wanted, the oldest visits first."""
    with Session(engine) as session:
        for visit in session.scalars(_query(wanted).execution_options(yield_per=500)):
            record = archive.read(visit.kept or "")
            if record is not None:
                stored = session.get(Row, visit.article_id) if visit.article_id else None
                yield Kept(visit, record, stored)


def replay(
    kept: Iterable[Kept], update: Callable[[Kept], None] | None, examples: int, moved: Callable[[int], None]
) -> Report:
    """Reads kept pages again and reports; `update` is given those whose article differs."""
    report, pages, readers = Report(), iter(kept), Readers()
    while batch := list(islice(pages, BATCH)):
        for one, found in zip(batch, readers.read(batch), strict=True):
            if _compare(report, one, found, examples) and update is not None:
                update(one)
        moved(len(batch))
    readers.close()
    return report


def message(one: Kept) -> PageFetched:
    """What has a kept page parsed and stored once more, a visit of its own; the page's key is its trace."""
    trace_id = uuid4().hex
    page = page_of(one).model_copy(update={"key": trace_id})
    return PageFetched(
        trace_id=trace_id, cause=one.visit.trace_id, source_id=one.visit.source_id, origin=Origin.BACKFILL,
        via="replay", priority=0, page=page, follow=False, reparsed=True,
    )  # fmt: skip


def page_of(one: Kept) -> Page:
    """The page as it was when it was downloaded."""
    record, visit = one.record, one.visit
    return record.page or Page(url=visit.url, final_url=record.url, key="", fetched_at=record.date)


def _query(wanted: Wanted) -> Any:
    newest = select(func.max(col(Visit.id))).where(col(Visit.kept).is_not(None)).group_by(col(Visit.page_key))
    query = select(Visit).where(col(Visit.id).in_(newest)).order_by(col(Visit.id))
    if wanted.since:
        query = query.where(col(Visit.fetched_at) >= wanted.since)
    if wanted.until:
        query = query.where(col(Visit.fetched_at) < wanted.until)
    if wanted.url:
        query = query.where(col(Visit.page_key) == fingerprint(wanted.url))
    if wanted.source:
        number = int(wanted.source) if wanted.source.isdecimal() else -1
        named = select(col(Source.id)).where((col(Source.name) == wanted.source) | (col(Source.id) == number))
        query = query.where(col(Visit.source_id).in_(named))
    if wanted.missing:
        query = query.join(Row, col(Row.id) == col(Visit.article_id)).where(_lacks(wanted.missing))
    return query.limit(wanted.limit) if wanted.limit else query


def _lacks(name: str) -> Any:
    if name not in FIELDS:
        raise ValueError(f"--where {name}=missing: one of {', '.join(FIELDS)}")
    column = getattr(Row, FIELDS[name])
    return col(column) == [] if name in ("authors", "tags") else func.coalesce(col(column), "") == ""


class Readers:
    """Processes that read pages with today's parser; a page that kills its process is alone in it the second time."""

    def __init__(self) -> None:
        # Read before the processes fork, which share what is read.
        site_rules.load()
        forest.load("forest")
        language.load()
        self._pool = _pool()

    def read(self, batch: list[Kept]) -> list[Article | str]:
        """The article of each page, or in a word why there is none."""
        given = [(one.record.raw.body, page_of(one)) for one in batch]
        try:
            return list(self._pool.map(_read, given, chunksize=5))
        except BrokenProcessPool:
            self._pool = _pool()
            return [_alone(one) for one in given]

    def close(self) -> None:
        self._pool.shutdown()


def _alone(given: tuple[bytes, Page]) -> Article | str:
    try:
        with _pool(1) as pool:
            return pool.submit(_read, given).result()
    except BrokenProcessPool:
        return "killed its parser"


def _pool(processes: int | None = None) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(processes, mp_context=get_context("fork"))


def _read(given: tuple[bytes, Page]) -> Article | str:
    body, page = given

    def whole(_: None) -> Any:
        return (read(body, page.final_url, None, page.charset, page.fetched_at).article,)

    try:
        [found] = bounded(whole, PAGE_SECONDS)(None)
    except (Reject, ValueError, MemoryError) as error:
        return str(error)[:80]
    return cast("Article | None", found) or "no article"


def _compare(report: Report, one: Kept, found: Article | str, examples: int) -> bool:
    """Enters a page into the report; whether it differs from what is stored."""
    report.pages += 1
    if isinstance(found, str):
        report.outcomes[found if one.stored is None else f"article lost: {found}"] += 1
        return False
    if one.stored is None:
        report.outcomes["article gained"] += 1
        return True
    differs = False
    for name, column in FIELDS.items():
        old, new = _plain(getattr(one.stored, column)), _plain(getattr(found, name))
        what = _difference(old, new)
        report.fields[name][what] += 1
        if what != "same":
            differs = True
            if len(report.examples[name]) < examples:
                report.examples[name].append({"url": one.visit.url, "old": _short(old), "new": _short(new)})
    report.outcomes["differs" if differs else "the same"] += 1
    return differs


def _difference(old: Any, new: Any) -> str:
    if (old or None) == (new or None):
        return "same"
    if not old:
        return "new"
    return "changed" if new else "gone"


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _short(value: Any) -> Any:
    return value[:120] if isinstance(value, str) else value
