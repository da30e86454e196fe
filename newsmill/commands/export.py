"""`newsmill export`: articles and headlines as JSON Lines, CSV or Parquet, in batches that keep memory flat."""

import csv
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, TextIO

import typer
from sqlalchemy import ColumnElement, Engine, func, select
from sqlmodel import Session, col

from newsmill.exports.changes import ChangedArticles, read_place, write_place
from newsmill.options import DataFolder, with_zone
from newsmill.output import echo, progress_bar
from newsmill.running_system import find_system
from services.reader.api import records
from services.reader.queries import news
from shared.database.models import Article, Headline
from shared.errors import SettingsError

app = typer.Typer(add_completion=False)

BATCH = 500
# A spreadsheet takes a cell that begins so for a formula (OWASP, CSV injection), the wide ones of Japanese keyboards too.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")

Table = Literal["articles", "headlines"]
Format = Literal["jsonl", "csv", "parquet"]
Record = dict[str, Any]


class Span(NamedTuple):
    """The time of the rows to export: stored at or after one moment, published at or after the other; None is no limit.

    A headline counts as stored, and without a date as published, when it was first seen.
    """

    stored_since: datetime | None = None
    published_since: datetime | None = None


@app.command()
def export(
    table: Annotated[Table, typer.Argument(help="What to export.", metavar="articles|headlines")],
    *,
    file_format: Annotated[
        Format, typer.Option("--format", help="JSON Lines, CSV with a header row, or Parquet (extra `parquet`).")
    ] = "jsonl",
    stored_since: Annotated[
        datetime | None,
        typer.Option("--stored-since", "--since", help="Stored at or after this time; UTC when it names no zone."),
    ] = None,
    published_since: Annotated[
        datetime | None,
        typer.Option(
            help="Published, or where no date is known first seen, at or after this time; UTC when it names no zone."
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="A file; standard output when not given.", dir_okay=False)] = None,
    state: Annotated[
        Path | None,
        typer.Option(
            help="A file that keeps how far the last export got: only articles stored or changed since are written.",
            dir_okay=False,
        ),
    ] = None,
    data: DataFolder = None,
) -> None:
    """Write the stored articles or headlines as JSON Lines, CSV or Parquet. The oldest come first."""
    engine = find_system(data).engine()
    span = Span(with_zone(stored_since), with_zone(published_since))
    if state is None:
        rows = _write(_shown(engine, table, span), table, file_format, out)
    elif table != "articles":
        raise SettingsError("--state is for articles: headlines have no order of changes; give --stored-since")
    else:
        changes = ChangedArticles(engine, read_place(state), _conditions_of(span), _article_records)
        rows = _write(changes, table, file_format, out)
        # Afterwards: what is interrupted is exported again, and nothing left out.
        write_place(state, changes.place)
    if out is not None:
        echo(f"{rows} {table} in {out}", err=True)


def _write(rows: Iterable[Record], table: Table, file_format: Format, out: Path | None) -> int:
    """Writes records to a file or standard output and returns how many there were."""
    if file_format == "parquet":
        if out is None:
            raise SettingsError("--format parquet needs --out FILE: its end is written first when all is known")
        return _write_parquet(rows, table, out)
    if out is None:
        return _write_text(rows, table, file_format, sys.stdout)
    with out.open("w", encoding="utf-8", newline="") as stream:
        return _write_text(rows, table, file_format, stream)


def _write_parquet(rows: Iterable[Record], table: Table, out: Path) -> int:
    try:
        from newsmill.exports import parquet  # noqa: PLC0415 - an extra
    except ImportError:
        raise SettingsError("--format parquet needs the extra `parquet`: pip install newsmill[parquet]") from None
    return parquet.write(rows, records.StoredArticle if table == "articles" else records.StoredHeadline, out)


def _conditions_of(span: Span) -> news.Filter:
    return news.Filter(stored_since=span.stored_since, since=span.published_since, limit=BATCH)


def write_rows(engine: Engine, table: Table, file_format: Format, span: Span, out: TextIO) -> int:
    """Writes what is stored, oldest first, and returns the number of rows.

    Args:
        engine: of the database.
        table: articles or headlines.
        file_format: JSON Lines, or CSV with a header row (without an article's evidence, which is no table).
        span: leaves out older rows.
        out: opened with newline="" for CSV.
    """
    return _write_text(_shown(engine, table, span), table, file_format, out)


def _write_text(rows: Iterable[Record], table: Table, file_format: Format, out: TextIO) -> int:
    write = _csv_writer(out, table) if file_format == "csv" else _jsonl_writer(out)
    number = 0
    for record in rows:
        write(record)
        number += 1
    return number


def _shown(engine: Engine, table: Table, span: Span) -> Iterator[Record]:
    """Yields records, oldest first, with a progress bar."""
    with progress_bar() as progress:
        bar = progress.add_task(table, total=_count(engine, table, span))
        for record in _records(engine, table, span):
            yield record
            progress.advance(bar)


def _count(engine: Engine, table: Table, span: Span) -> int:
    model = Article if table == "articles" else Headline
    with Session(engine) as session:
        return session.scalar(select(func.count()).select_from(model).where(*_conditions(model, span))) or 0


def _records(engine: Engine, table: Table, span: Span) -> Iterator[Record]:
    last_id = 0
    while True:
        # A session a batch, so that nothing read stays in memory and no transaction stays open while we write.
        with Session(engine) as session:
            batch = _articles(session, last_id, span) if table == "articles" else _headlines(session, last_id, span)
        if not batch:
            return
        yield from batch
        last_id = batch[-1]["id"]


def _articles(session: Session, last_id: int, span: Span) -> list[Record]:
    return _article_records(session, session.scalars(_batch(Article, last_id, span)).all())


def _article_records(session: Session, rows: Sequence[Article]) -> list[Record]:
    images = news.images_of(session, rows)
    articles = [records.article(row, images[row.id or 0]) for row in rows]
    return _with_source(session, [article.model_dump(mode="json") for article in articles])


def _headlines(session: Session, last_id: int, span: Span) -> list[Record]:
    rows = session.scalars(_batch(Headline, last_id, span)).all()
    return _with_source(session, [records.headline(row).model_dump(mode="json") for row in rows])


def _batch(model: type[Any], last_id: int, span: Span) -> Any:
    """Returns the query of the rows that follow an id."""
    conditions = [col(model.id) > last_id, *_conditions(model, span)]
    return select(model).where(*conditions).order_by(col(model.id)).limit(BATCH)


def _conditions(model: type[Any], span: Span) -> Sequence[ColumnElement[bool]]:
    stored_at = col(model.stored_at if model is Article else model.first_seen_at)
    published_at = func.coalesce(col(model.published_at), stored_at)
    limits = ((stored_at, span.stored_since), (published_at, span.published_since))
    return [column >= moment for column, moment in limits if moment is not None]


def _with_source(session: Session, batch: list[Record]) -> list[Record]:
    """Returns records with the name of their source."""
    names = {source.id: source.name for source in news.sources(session)} if batch else {}
    return [record | {"source": names.get(record["source_id"])} for record in batch]


def _jsonl_writer(out: TextIO) -> Callable[[Record], None]:
    def write(record: Record) -> None:
        out.write(json.dumps(record, ensure_ascii=False) + "\n")

    return write


def _csv_writer(out: TextIO, table: Table) -> Callable[[Record], None]:
    model = records.StoredArticle if table == "articles" else records.StoredHeadline
    fields = [name for name, field in model.model_fields.items() if not field.exclude]
    columns = [name for name in (*fields, "source") if name != "evidence"]
    rows = csv.writer(out)
    rows.writerow(columns)

    def write(record: Record) -> None:
        rows.writerow([_escaped(_cell(record[name])) for name in columns])

    return write


def _cell(value: object) -> str:
    """Returns a value as text: lists joined, an image as its URL, an earlier wording as its text."""
    if isinstance(value, list):
        return "; ".join(map(_cell, value))
    if isinstance(value, Mapping):
        return str(value.get("url") or value.get("text") or "")
    if value is None:
        return ""
    return json.dumps(value) if isinstance(value, bool) else str(value)


def _escaped(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
