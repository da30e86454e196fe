"""What commands print: reports as lines or JSON on standard output, progress on standard error.

Much of it was written by others, and a terminal obeys what is hidden in a text: all of it passes `echo` or `visible`.
"""

import json
import logging
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import structlog
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

Report = Mapping[str, Any]

# Characters that a terminal takes for commands, as it does the beginnings of its escape sequences (ECMA-48).
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def visible(text: str) -> str:
    """Returns a text in which control characters are written as JSON writes them, so that no terminal obeys them."""
    return _CONTROL.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def echo(text: str, *, err: bool = False) -> None:
    """Prints a text and a line break. Control characters are visible; a JSON document means the same with them."""
    typer.echo(visible(text), err=err)


def log_to_standard_error() -> None:
    """Sends warnings and errors of the code that a command calls to standard error, apart from what it prints."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="%Y-%m-%d %H:%M:%S", utc=False),
            _visible_values,
            structlog.dev.ConsoleRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )


def _visible_values(_logger: Any, _method: str, event: Mapping[str, Any]) -> Mapping[str, Any]:
    return {key: visible(value) if isinstance(value, str) else value for key, value in event.items()}


def print_report(report: Report, lines: Callable[[Report], Iterable[str]], *, as_json: bool) -> None:
    """Prints a report as an indented JSON document or as lines."""
    if as_json:
        echo(json.dumps(report, ensure_ascii=False, indent=2))
        return
    for line in lines(report):
        echo(line)


def print_record(record: Report, line: str, *, as_json: bool, err: bool = False) -> None:
    """Prints a small result: a JSON document in one line, or a line of text, which may go to standard error."""
    if as_json:
        echo(json.dumps(record, ensure_ascii=False))
    else:
        echo(line, err=err)


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
