"""What can be imported: WARC files, folders of saved pages, lists of URLs, each as a row of items."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from services.storage.archive import warc
from shared.contracts import Page
from shared.errors import SettingsError
from shared.pages import Raw

# The note that a browser leaves in a page which it saves; the address that a page declares.
SAVED_FROM = re.compile(rb"<!-- saved from url=\(\d+\)(\S+) -->")
DECLARED = re.compile(
    rb"""<link[^>]+rel=["']canonical["'][^>]+href=["']([^"']+)|<meta[^>]+property=["']og:url["'][^>]+content=["']([^"']+)""",
    re.IGNORECASE,
)
HEAD_BYTES = 65_536
PAGE_SUFFIXES = (".html", ".htm", ".xhtml", ".xml", ".txt")
# Records of a WARC file that are about the crawl and no pages.
NOT_PAGES = ("warcinfo", "request", "metadata")


class Item(NamedTuple):
    """A page or URL to import, or why there is none. `end` is the place in the file behind it."""

    end: int
    url: str = ""
    raw: Raw | None = None
    date: datetime | None = None
    page: Page | None = None
    skipped: str | None = None


def read_items(path: Path, start: int = 0) -> Iterator[Item]:
    """Yields what a file or folder holds from a place in it on.

    Raises:
        SettingsError: it is nothing that can be imported.
    """
    if path.is_dir():
        return _folder(path, start)
    if path.suffix in (".warc", ".arc") or path.name.endswith((".warc.gz", ".arc.gz")):
        return _warc(path, start)
    if path.suffix == ".txt":
        return _url_list(path, start)
    raise SettingsError(f"{path}: a .warc, .warc.gz, a folder of saved pages, or a .txt with a URL a line")


def size(path: Path) -> int:
    """Returns the place at the end: bytes of a file, pages of a folder."""
    return len(_saved_pages(path)) if path.is_dir() else path.stat().st_size


def _warc(path: Path, start: int) -> Iterator[Item]:
    with path.open("rb") as stream:
        stream.seek(start)
        for record in warc.records(stream):
            end = path.stat().st_size if record.end is None else record.end
            if isinstance(record, warc.Skipped):
                if record.reason not in NOT_PAGES:
                    yield Item(end, skipped=record.reason)
            else:
                yield Item(end, record.url, record.raw, record.date, record.page)


def _folder(path: Path, start: int) -> Iterator[Item]:
    for place, file in enumerate(_saved_pages(path)[start:], start + 1):
        body = file.read_bytes()
        url = _address(body)
        date = datetime.fromtimestamp(file.stat().st_mtime, UTC)
        yield Item(place, url, Raw(body), date) if url else Item(place, skipped="no-url")


def _url_list(path: Path, start: int) -> Iterator[Item]:
    with path.open("rb") as stream:
        stream.seek(start)
        while line := stream.readline():
            url = line.decode(errors="replace").strip()
            if url and not url.startswith("#"):
                yield Item(stream.tell(), url)


def _saved_pages(path: Path) -> list[Path]:
    return sorted(file for file in path.rglob("*") if file.suffix.lower() in PAGE_SUFFIXES and file.is_file())


def _address(body: bytes) -> str | None:
    """Returns where a saved page was: as the browser noted, else as the page declares."""
    head = body[:HEAD_BYTES]
    match = SAVED_FROM.search(head) or DECLARED.search(head)
    return next(group for group in match.groups() if group).decode(errors="replace") if match else None
