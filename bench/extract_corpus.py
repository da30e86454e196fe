"""Pages with known answers: CORPUS/*/gold.jsonl, a line {"id", "path", "url", "gold"} a page, beside gzipped pages."""

import gzip
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Page:
    """One page. `half` is `work` or `check`: by its site, so that no site is in both."""

    collection: str
    id: str
    url: str
    raw: bytes
    gold: dict[str, Any]

    @property
    def html(self) -> str:
        return self.raw.decode("utf-8", errors="replace")

    @property
    def site(self) -> str:
        return (urlsplit(self.url).hostname or self.url).removeprefix("www.")

    @property
    def half(self) -> str:
        return half(self.site)


def half(site: str) -> str:
    return "check" if hashlib.md5(site.encode(), usedforsecurity=False).digest()[0] & 1 else "work"


def pages(corpus: Path, only: frozenset[str] = frozenset()) -> Iterator[Page]:
    """Every page of the corpus, or of the collections in `only`, in order."""
    for listing in sorted(corpus.glob("*/gold.jsonl")):
        if only and listing.parent.name not in only:
            continue
        for line in listing.read_bytes().splitlines():
            record = json.loads(line)
            if "gold" not in record:
                break  # a collection of front pages, which has a scorer of its own
            raw = gzip.decompress((listing.parent / record["path"]).read_bytes())
            yield Page(listing.parent.name, record["id"], record["url"], raw, record.get("gold", {}))
