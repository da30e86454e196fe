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
    """One page. `share` is `work`, `opened` or `check`: by its site, so that no site is in two."""

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
    def share(self) -> str:
        return share(self.site)


def share(site: str) -> str:
    """Returns the share of the corpus that a site is in: half of the sites are `work`, a quarter `opened`, a quarter `check`.

    `opened` was measured only, as `check` longer, until what `work` could teach was learned.
    """
    first, second, *_ = hashlib.md5(site.encode(), usedforsecurity=False).digest()
    if not first & 1:
        return "work"
    return "opened" if second & 1 else "check"


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
