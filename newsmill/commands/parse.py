"""`newsmill parse`: the parser on files, without Redis or a database."""

import gzip
import json
import sys
import zlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any

import typer

from newsmill.output import counted
from services.parser.parse import PageContent, read
from shared.contracts import Kind
from shared.errors import Reject, SettingsError

app = typer.Typer(add_completion=False)

# The address of a page without a URL: its relative links lead nowhere.
NOWHERE = "http://unknown.invalid/page"


@app.command()
def parse(
    file: Annotated[
        Path | None, typer.Argument(help="A page on this disk, which may be gzipped.", exists=True, dir_okay=False)
    ] = None,
    url: Annotated[str | None, typer.Option(help="The URL it came from.")] = None,
    kind: Annotated[Kind | None, typer.Option(help="What it is; decided from its bytes when not given.")] = None,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help="Read {id, path, url, kind?} lines from standard input.")
    ] = False,
) -> None:
    """Print what the parser reads from a page. The result is JSON."""
    if jsonl:
        for line in parse_lines(counted(sys.stdin, "pages")):
            typer.echo(line)
    elif file is None:
        raise typer.BadParameter("a FILE, or --jsonl with lines on standard input")
    else:
        try:
            record = parse_file(file, url, kind)
        except Reject as error:
            raise SettingsError(f"{file}: {error}") from None
        typer.echo(json.dumps(record, ensure_ascii=False, indent=2))


def parse_file(path: Path, url: str | None, kind: Kind | None) -> dict[str, Any]:
    """Returns {"kind", "article", "headlines"} of a page in a file, which may be gzipped.

    Raises:
        OSError: the file cannot be read.
        Reject: the bytes are no page that can be read; the text names why.
    """
    return _record(read(path.read_bytes(), url or NOWHERE, kind, None, datetime.now(UTC)))


def parse_lines(lines: Iterable[str]) -> Iterator[str]:
    """Yields a JSON line with the result for each line {"id", "path", "url", "kind"?}, in order.

    A line that is wrong, or a file that cannot be read, gives an "error"; the lines after it are read.
    """
    for line in lines:
        if line.strip():
            started = perf_counter()
            result = _result(line)
            yield json.dumps(result | {"ms": round(1000 * (perf_counter() - started), 2)}, ensure_ascii=False)


def _result(line: str) -> dict[str, Any]:
    empty: dict[str, Any] = {"id": None, "kind": None, "article": None, "headlines": []}
    try:
        request = json.loads(line)
        empty["id"] = request["id"]
        kind = Kind(request["kind"]) if request.get("kind") else None
        return empty | parse_file(Path(request["path"]), request.get("url"), kind)
    except (Reject, OSError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        return empty | {"error": str(error)}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        return empty | {"error": f"{type(error).__name__}: {error}"}


def _record(content: PageContent) -> dict[str, Any]:
    return {
        "kind": content.kind.value,
        "article": content.article.record() if content.article else None,
        "headlines": [headline.model_dump(mode="json") for headline in content.headlines],
    }
