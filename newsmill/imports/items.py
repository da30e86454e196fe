"""What can be imported: WARC files, folders of saved pages, lists of URLs, each as a row of items."""

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser

from newsmill.imports.warc_pages import read_page
from newsmill.imports.warc_records import Span, record_spans
from shared.errors import SettingsError
from shared.pages import Raw

# The note that a browser leaves in a page which it saves, and the address that a page declares.
SAVED_FROM = re.compile(rb"<!-- saved from url=\(\d{1,6}\)(\S{1,8192}) -->")
DECLARATIONS = (('link[rel~="canonical" i]', "href"), ('meta[property="og:url" i]', "content"))
HEAD_BYTES = 65_536
PAGE_BYTES = 20_000_000
# Longer than any URL that is accepted; a longer line is skipped in pieces, each of which is no URL.
LINE_BYTES = 65_536
PAGE_SUFFIXES = (".html", ".htm", ".xhtml", ".xml", ".txt")
# Records of a WARC file that are about the crawl and no pages.
NOT_PAGES = ("warcinfo", "request", "metadata", "blank")


class Item(NamedTuple):
    """A page or URL to import, or why there is none. `start` and `end` are its place in the file or folder."""

    start: int
    end: int
    url: str = ""
    raw: Raw | None = None
    date: datetime | None = None
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
        for span in record_spans(stream, start):
            item = _warc_item(span)
            if item.skipped not in NOT_PAGES:
                yield item


def _warc_item(span: Span) -> Item:
    if span.problem is not None:
        return Item(span.start, span.end, skipped=span.problem)
    if not span.data:
        return Item(span.start, span.end, skipped="blank")
    page = read_page(span.data)
    if isinstance(page, str):
        return Item(span.start, span.end, skipped=page)
    return Item(span.start, span.end, page.url, page.raw, page.date)


def _folder(path: Path, start: int) -> Iterator[Item]:
    root = path.resolve()
    for place, file in enumerate(_saved_pages(path)[start:], start):
        yield _saved_page(root, file, place)


def _saved_page(root: Path, file: Path, place: int) -> Item:
    skipped = _problem(root, file)
    if skipped is not None:
        return Item(place, place + 1, skipped=skipped)
    body = file.read_bytes()
    url = address_of(body)
    date = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    return Item(place, place + 1, url, Raw(body), date) if url else Item(place, place + 1, skipped="no-url")


def _problem(root: Path, file: Path) -> str | None:
    """Returns why a file is not read, in a word; None where it can be."""
    if not file.resolve().is_relative_to(root):
        return "link-out-of-folder"
    if file.stat().st_size > PAGE_BYTES:
        return "too-large"
    return None if os.access(file, os.R_OK) else "unreadable"


def _url_list(path: Path, start: int) -> Iterator[Item]:
    with path.open("rb") as stream:
        stream.seek(start)
        while line := stream.readline(LINE_BYTES):
            end = stream.tell()
            url = line.decode(errors="replace").strip()
            if url and not url.startswith("#"):
                yield Item(end - len(line), end, url)


def _saved_pages(path: Path) -> list[Path]:
    return sorted(file for file in path.rglob("*") if file.suffix.lower() in PAGE_SUFFIXES and file.is_file())


def address_of(body: bytes) -> str | None:
    """Returns where a saved page was: as the browser noted, else as the page declares. Reads the beginning only."""
    head = body[:HEAD_BYTES]
    if match := SAVED_FROM.search(head):
        return match[1].decode(errors="replace")
    tree = LexborHTMLParser(head)
    for selector, attribute in DECLARATIONS:
        node = tree.css_first(selector)
        if node is not None and (address := node.attributes.get(attribute)):
            return address
    return None
