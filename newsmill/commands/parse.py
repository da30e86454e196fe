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

from newsmill.output import counted, echo
from services.parser.article.body import forest
from services.parser.bounds import BoundedChild, OutOfBounds
from services.parser.page import language
from services.parser.parse import PageContent, read
from services.parser.rules.rules_folder import load_rules
from services.parser.settings import ParserSettings
from shared.contracts import Kind
from shared.errors import Reject, SettingsError
from shared.settings import load

app = typer.Typer(add_completion=False)

# The address of a page without a URL: its relative links lead nowhere.
NOWHERE = "http://unknown.invalid/page"
_EMPTY: dict[str, Any] = {"id": None, "kind": None, "article": None, "headlines": []}


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
            echo(line)
    elif file is None:
        raise typer.BadParameter("a FILE, or --jsonl with lines on standard input")
    else:
        [result] = parse_lines([json.dumps({"id": None, "path": str(file), "url": url, "kind": kind})])
        record = json.loads(result)
        if "error" in record:
            raise SettingsError(f"{file}: {record['error']}")
        record = {name: record[name] for name in ("kind", "article", "headlines")}
        echo(json.dumps(record, ensure_ascii=False, indent=2))


def parse_file(path: Path, url: str | None, kind: Kind | None) -> dict[str, Any]:
    """Returns {"kind", "article", "headlines"} of a page in a file, which may be gzipped.

    Raises:
        OSError: the file cannot be read.
        Reject: the bytes are no page that can be read; the text names why.
    """
    return _record(read(path.read_bytes(), url or NOWHERE, kind, None, datetime.now(UTC)))


def parse_lines(lines: Iterable[str]) -> Iterator[str]:
    """Yields a JSON line with the result for each line {"id", "path", "url", "kind"?}, in order.

    A line that is wrong, a file that cannot be read, or a page that takes more CPU time or memory than the service allows
    gives an "error"; the lines after it are read.
    """
    settings = load(ParserSettings)
    # Loaded before the child forks, so that its successors share them.
    load_rules(settings.rules_folder)
    forest.load("forest")
    language.load()
    with BoundedChild(_result, settings.parse_page_seconds, settings.parse_memory_mb) as child:
        yield from _results(child, lines)


def _results(child: BoundedChild[str, dict[str, Any]], lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        if line.strip():
            started = perf_counter()
            try:
                result = child.call(line)
            except OutOfBounds as error:
                result = _EMPTY | {"id": json.loads(line)["id"], "error": str(error)}
            yield json.dumps(result | {"ms": round(1000 * (perf_counter() - started), 2)}, ensure_ascii=False)


def _result(line: str) -> dict[str, Any]:
    empty = _EMPTY
    try:
        request = json.loads(line)
        empty = _EMPTY | {"id": request["id"]}
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
