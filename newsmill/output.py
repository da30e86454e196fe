"""What commands print: reports as lines or JSON on standard output, progress on standard error."""

import json
import logging
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import structlog
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

Report = Mapping[str, Any]


def log_to_standard_error() -> None:
    """Sends warnings and errors of the code that a command calls to standard error, apart from what it prints."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )


def print_report(report: Report, lines: Callable[[Report], Iterable[str]], *, as_json: bool) -> None:
    """Prints a report as an indented JSON document or as lines."""
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False, indent=2))
        return
    for line in lines(report):
        typer.echo(line)


def print_record(record: Report, line: str, *, as_json: bool, err: bool = False) -> None:
    """Prints a small result: a JSON document in one line, or a line of text, which may go to standard error."""
    if as_json:
        typer.echo(json.dumps(record, ensure_ascii=False))
    else:
        typer.echo(line, err=err)


def progress_bar() -> Progress:
    """Returns a progress display on standard error; it shows nothing unless that is a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, disable=not console.is_terminal, transient=True)


def counted(lines: Iterable[str], description: str) -> Iterator[str]:
    """Yields lines and shows their number as progress; how many there are is not known before."""
    with progress_bar() as progress:
        bar = progress.add_task(description, total=None)
        for line in lines:
            yield line
            progress.advance(bar)


def table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yields the rows of a table in lines, each column as wide as its widest cell."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield f"  {'  '.join(cells)}".rstrip()
