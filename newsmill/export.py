"""Articles and headlines as JSON Lines or CSV, in batches: memory stays flat however many there are."""

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Literal, TextIO

from sqlalchemy import Engine
from sqlmodel import Session

from services.reader import queries, records
from shared.database.models import Article, Headline

BATCH = 500
# A spreadsheet takes a cell that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

What = Literal["articles", "headlines"]
Format = Literal["jsonl", "csv"]
Record = dict[str, Any]


def export(engine: Engine, what: What, format: Format, since: datetime | None, out: TextIO) -> int:  # noqa: A002 - as the option is called
    """Writes what is stored, oldest first, and returns how many rows.

    Args:
        engine: of the database.
        what: articles or headlines.
        format: JSON Lines, or CSV with a header row (without an article's evidence, which is no table).
        since: leaves out what was published, or where no date is known first seen, before this time.
        out: where to; for CSV opened with newline="".
    """
    write = _csv(out, what) if format == "csv" else _jsonl(out)
    number = 0
    for record in _records(engine, what, since):
        write(record)
        number += 1
    return number


def _records(engine: Engine, what: What, since: datetime | None) -> Iterator[Record]:
    last = 0
    while True:
        # A session a batch, so that nothing read stays in memory and no transaction stays open while we write.
        with Session(engine) as session:
            batch = _articles(session, last, since) if what == "articles" else _headlines(session, last, since)
        if not batch:
            return
        yield from batch
        last = batch[-1]["id"]


def _articles(session: Session, last: int, since: datetime | None) -> list[Record]:
    rows = queries.rows_after(session, Article, last, since, BATCH)
    images = queries.images_of(session, rows)
    shown = [records.article(row, images[row.id or 0]) for row in rows]
    return _with_source(session, [one.model_dump(mode="json") for one in shown])


def _headlines(session: Session, last: int, since: datetime | None) -> list[Record]:
    rows = queries.rows_after(session, Headline, last, since, BATCH)
    return _with_source(session, [records.headline(row).model_dump(mode="json") for row in rows])


def _with_source(session: Session, batch: list[Record]) -> list[Record]:
    """Adds the source's name."""
    names = {source.id: source.name for source in queries.sources(session)} if batch else {}
    return [record | {"source": names.get(record["source_id"])} for record in batch]


def _jsonl(out: TextIO) -> Callable[[Record], None]:
    def write(record: Record) -> None:
        out.write(json.dumps(record, ensure_ascii=False) + "\n")

    return write


def _csv(out: TextIO, what: What) -> Callable[[Record], None]:
    model = records.StoredArticle if what == "articles" else records.StoredHeadline
    columns = [name for name in (*model.model_fields, "source") if name != "evidence"]
    table = csv.writer(out)
    table.writerow(columns)

    def write(record: Record) -> None:
        table.writerow([_safe(_cell(record[name])) for name in columns])

    return write


def _cell(value: object) -> str:
    """A value as text: lists joined, an image as its URL, an earlier wording as its text."""
    if isinstance(value, list):
        return "; ".join(map(_cell, value))
    if isinstance(value, Mapping):
        return str(value.get("url") or value.get("text") or "")
    if value is None:
        return ""
    return json.dumps(value) if isinstance(value, bool) else str(value)


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
