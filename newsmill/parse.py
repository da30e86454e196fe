"""`newsmill parse`: reads pages from files, without Redis or a database."""

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from services.parser.parse import PageContent, read
from shared.contracts import Kind
from shared.errors import Reject

# Where a page stands that nobody gave a URL: relative links of it lead nowhere.
NOWHERE = "http://unknown.invalid/page"


def parse_file(path: Path, url: str | None, kind: Kind | None) -> dict[str, Any]:
    """{"kind", "article", "headlines"} of a page in a file, which may be gzipped.

    Raises:
        OSError: the file cannot be read.
        Reject: nothing can be made of it; its text names why.
    """
    return _record(read(path.read_bytes(), url or NOWHERE, kind, None, datetime.now(UTC)))


def parse_lines(lines: Iterable[str]) -> Iterator[str]:
    """A JSON line with the result for each line {"id", "path", "url", "kind"?}, in order.

    A line that is wrong, or a file that cannot be read, gives an "error"; the others go on.
    """
    for line in lines:
        if line.strip():
            started = perf_counter()
            result = _answer(line)
            yield json.dumps(result | {"ms": round(1000 * (perf_counter() - started), 2)}, ensure_ascii=False)


def _answer(line: str) -> dict[str, Any]:
    empty: dict[str, Any] = {"id": None, "kind": None, "article": None, "headlines": []}
    try:
        asked = json.loads(line)
        empty["id"] = asked["id"]
        kind = Kind(asked["kind"]) if asked.get("kind") else None
        return empty | parse_file(Path(asked["path"]), asked.get("url"), kind)
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
